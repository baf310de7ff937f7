"""Starts by the clock: `every` comes back, and `times` is the most often that it does."""

from __future__ import annotations

import pytest

from engine.nodes import catalogue
from engine.play.stage import Stage
from engine.runtime.store.queries import records

MONDAY = 1_772_442_000_000_000
PACK = """\
pack: clockwork
language: en
also: []
currency: EUR
time_zone: UTC
calendar: office
"""
OFFICE = "calendar: office\ntime_zone: UTC\nhours: {mon: [09:00-17:00]}\n"
PEOPLE = (
    "organization: staff\nroles: {clerk: {title: Clerk}}\npeople: {tom: {name: Tom, roles: [clerk], manager: none}}\n"
)
TICK = "form: tick\nlabel: = what\nfields: {what: {type: text}}\n"
WORKFLOW = """\
workflow: ticking
data: {seen: {type: text}}
start:
  clock: {every: 2 seconds, %snext: tell}
nodes:
  tell: {type: create, records: {made: {form: tick, with: {what: tick}}}, next: end}
"""


@pytest.mark.parametrize(("times", "ticks"), [("", 7), ("times: 3, ", 3), ("times: 1, ", 1)])
def test_a_scheduled_start_comes_back_so_many_times(times: str, ticks: int) -> None:
    texts = {
        "pack.yaml": PACK,
        "calendars/office.yaml": OFFICE,
        "people/staff.yaml": PEOPLE,
        "forms/tick.yaml": TICK,
        "workflows/ticking.yaml": WORKFLOW % times,
    }
    stage = Stage(texts, catalogue(), MONDAY, None, {})
    try:
        stage.advance_to(MONDAY + 15_000_000)
        with stage.machine.store.read() as reader:
            assert len(records.newest_of_form(reader, "tick")) == ticks
    finally:
        stage.close()
