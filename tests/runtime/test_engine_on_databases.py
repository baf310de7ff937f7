"""The door on every database: one event one transaction, strays refused, keys honoured, time passing, nothing broken."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from engine.engine import Engine, Refused

PACK = Path(__file__).resolve().parents[1] / "chaos" / "pack"
SECOND = 1_000_000


class Clock:
    def __init__(self) -> None:
        self.now = 1_772_442_000 * SECOND

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(database_url: str, clock: Clock) -> Iterator[Engine]:
    calls: list[str] = []

    def sink(call: str, give: Any, key: str) -> dict[str, str]:
        calls.append(key)
        return {"seen": key}

    opened = Engine.open(database_url, PACK, clock=clock, services={"sink": sink})
    opened.calls = calls  # type: ignore[attr-defined]
    yield opened
    assert opened.verify() == []
    opened.close()


def order(engine: Engine, number: str) -> tuple[str, dict[str, Any]]:
    """A new order; its id and its open task."""
    made = engine.create_record("order", {"number": number})
    engine.drain()  # on a slow machine the called case is opened only now
    task = engine.tasks(record=f"order:{made['id']}")["items"][0]
    return made["id"], task


def test_a_case_runs_to_its_end_by_people_time_messages_and_calls(engine: Engine, clock: Clock) -> None:
    id, task = order(engine, "A1")
    engine.complete(task["id"], "done", task["assignee"])
    engine.message("go_on", {"number": "A1"})
    clock.now += 2 * SECOND
    engine.drain()
    found = engine.record("order", id)
    assert found["fields"]["status"] == "done"
    assert sorted((case["workflow"], case["status"]) for case in found["cases"]) == [
        ("fulfil", "completed"),
        ("second_look", "completed"),
    ]
    assert found["fields"]["seen"] == engine.calls[0]  # type: ignore[attr-defined]


def test_a_second_press_is_refused_and_changes_nothing(engine: Engine) -> None:
    _, task = order(engine, "A2")
    engine.complete(task["id"], "done", task["assignee"])
    before = engine.timeline(task["case"])
    with pytest.raises(Refused) as refused:
        engine.complete(task["id"], "done", task["assignee"])
    assert (refused.value.code, refused.value.status) == ("late", 409)
    assert engine.timeline(task["case"]) == before


def test_a_task_of_somebody_else_is_refused(engine: Engine) -> None:
    _, task = order(engine, "A3")
    other = "ann" if task["assignee"] != "ann" else "bob"
    with pytest.raises(Refused) as refused:
        engine.complete(task["id"], "done", other)
    assert (refused.value.code, refused.value.status) == ("not-yours", 403)


def test_a_key_is_carried_out_once(engine: Engine) -> None:
    first = engine.create_record("order", {"number": "A4"}, by="ann", key="k")
    assert engine.create_record("order", {"number": "A4"}, by="ann", key="k") == first
    with pytest.raises(Refused) as refused:
        engine.create_record("order", {"number": "A5"}, by="ann", key="k")
    assert refused.value.status == 422


def test_a_message_waits_for_a_case_that_is_not_there_yet_and_counts_once(engine: Engine) -> None:
    engine.message("go_on", {"number": "A6"}, message_id="m1")
    assert engine.message("go_on", {"number": "A6"}, message_id="m1").get("repeated")
    _, task = order(engine, "A6")
    engine.drain()
    nodes = [token["node"] for token in engine.case(task["case"])["tokens"]]
    assert "hear" not in nodes
    taken = engine.message("go_on", {"number": "A6"}, message_id="m1")
    assert taken.get("repeated"), "a message that was taken would be kept once more"


def test_a_unique_value_is_taken_once_by_many_at_a_time(engine: Engine) -> None:
    def make(_: int) -> str:
        try:
            return str(engine.create_record("order", {"number": "A7"})["id"])
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(make, range(8)))
    assert sum(one.isdigit() for one in found) == 1
    assert all(one.isdigit() or one in ("unique", "number") for one in found)


def test_a_failing_rule_refuses_the_whole_event(engine: Engine) -> None:
    id, _ = order(engine, "A8")
    before = engine.record("order", id)
    with pytest.raises(Refused) as refused:
        engine.change_record("order", id, {"status": "done"})
    assert refused.value.code == "done_is_counted"
    assert engine.record("order", id) == before


def test_a_bad_row_of_many_stops_nothing(engine: Engine) -> None:
    rows = [{"number": f"B{i}"} if i != 3 else {"number": "B1", "nonsense": 1} for i in range(6)]
    found = engine.create_records("order", rows)
    assert [isinstance(one, Refused) for one in found] == [False, False, False, True, False, False]
    assert len(engine.cases(workflow="fulfil")["items"]) == 5


def test_after_downtime_what_was_due_fires_once(engine: Engine, clock: Clock) -> None:
    _, task = order(engine, "A9")
    clock.now += 3600 * SECOND
    engine.drain()
    entered = [i for i in engine.timeline(task["case"])["items"] if i["node"] == "make_parts"]
    assert len(entered) == 1
