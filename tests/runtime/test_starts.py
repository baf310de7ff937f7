"""Starts by a schedule, a message and a signal: how often, and their `if`; on every database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.engine import Engine

CHAOS = Path(__file__).resolve().parents[1] / "chaos" / "pack"
DAY = 86_400_000_000
WORKFLOW = """
workflow: begun
second_start: allow
start: {first: {START, next: stay}}
nodes:
  stay: {type: user_task, offer: {role: worker}, deadline: none, next: end}
"""


class Clock:
    def __init__(self) -> None:
        self.now = 1_772_442_000_000_000
        """Monday 2026-03-02, 09:00 UTC."""

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(database_url: str, clock: Clock) -> Iterator[Engine]:
    opened = Engine.open(database_url, clock=clock)
    yield opened
    opened.close()


def deploy(engine: Engine, start: str) -> None:
    kept = ("pack.yaml", "calendars/always.yaml", "people/org.yaml", "messages/go_on.yaml")
    texts = {path: (CHAOS / path).read_text("utf-8") for path in kept}
    pack = engine.load(texts | {"workflows/begun.yaml": WORKFLOW.replace("START", start)})
    assert [one for one in pack.diagnostics if one.severity == "error"] == []
    engine._machine.deploy({path: source.text for path, source in pack.sources.items()}, None)


def begun(engine: Engine) -> int:
    engine.drain()
    return len(engine.cases(workflow="begun", limit=50)["items"])


def days(engine: Engine, clock: Clock, count: int) -> list[int]:
    """How many cases there are after each of so many days."""
    found = [begun(engine)]
    for _ in range(count):
        clock.now += DAY
        found.append(begun(engine))
    return found


def test_a_schedule_ends_after_its_times(engine: Engine, clock: Clock) -> None:
    deploy(engine, "every: day at 10:00, times: 3")
    assert days(engine, clock, 6) == [0, 1, 2, 3, 3, 3, 3]


def test_a_schedule_starts_only_if(engine: Engine, clock: Clock) -> None:
    deploy(engine, "every: day at 10:00, if: weekday_of(today()) == 3")
    assert days(engine, clock, 8) == [0, 0, 1, 1, 1, 1, 1, 1, 1]


def test_after_downtime_a_schedule_starts_once(engine: Engine, clock: Clock) -> None:
    deploy(engine, "every: day at 10:00")
    assert begun(engine) == 0
    clock.now += 10 * DAY
    assert begun(engine) == 1
    clock.now += DAY
    assert begun(engine) == 2


def test_a_message_starts_only_if(engine: Engine) -> None:
    deploy(engine, "message: go_on, if: message.number == 'yes'")
    engine.message("go_on", {"number": "no"})
    assert begun(engine) == 0
    engine.message("go_on", {"number": "yes"})
    assert begun(engine) == 1


@pytest.mark.parametrize(("condition", "cases"), [("year_of(today()) == 2026", 1), ("year_of(today()) == 2025", 0)])
def test_a_signal_starts_only_if(engine: Engine, condition: str, cases: int) -> None:
    deploy(engine, f"signal: red, if: {condition}")
    engine.signal("red")
    assert begun(engine) == cases
