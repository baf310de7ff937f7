"""What a preview shows of clocks that end by themselves."""

from __future__ import annotations

import datetime as dt

from engine.language.kinds.workflow import Workflow
from engine.language.loader import load
from engine.language.source import Source
from engine.nodes import catalogue
from engine.play.previewing import Preview
from tests.check.test_fixtures import base

THRICE = """workflow: odd
case: order
second_start: refuse
start:
  begin: {every: last day of month at 18:00, times: 3, next: first}
nodes:
  first: {type: wait, every: day at 09:00, times: 2, next: end}
"""


def test_so_many_times_is_no_more() -> None:
    pack = load([*base().values(), Source("workflows/odd.yaml", THRICE)], catalogue())
    workflow = pack.get(Workflow, "odd")
    assert workflow is not None
    found = Preview(pack, workflow, dt.datetime(2026, 3, 27, 9, tzinfo=dt.UTC)).firings()
    assert [len(firing.moments) for firing in found] == [3, 2]
