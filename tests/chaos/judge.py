"""Judges a database after a kill, independently of the engine's own checks where that is possible.

Nothing promised is lost, nothing is doubled, every history replays to its live case and through its definition's graph
(history.py, without the engine), and `verify` holds.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from engine.engine import Engine
from engine.interpreter.advance import replay
from engine.interpreter.instance import Instance
from engine.runtime import codec
from engine.runtime.store.queries import cases as case_queries
from engine.runtime.store.queries import due, effects
from engine.runtime.store.queries import records as record_queries
from engine.runtime.store.rows import CaseRow
from tests.chaos.history import check
from tests.chaos.worker import read_journal


def judge(database: str, folder: Path, at_the_end: bool = False) -> list[str]:
    """What is wrong, in words; empty when all is well."""
    engine = Engine.open(database)
    try:
        history = check(database)
        wrong = [f"history: {misfit}" for misfit in history.wrong]
        wrong += [f"history: fitness {history.fitness}"] if history.fitness < 1 else []
        wrong += [f"verify: {broken}" for broken in engine.verify()]
        journal = read_journal(folder / "journal")
        with engine.store.read() as reader:
            orders = _orders(reader)
            wrong += _promised(journal, orders)
            wrong += _cases(reader, orders)
            wrong += _tasks(reader, journal)
            if at_the_end:
                wrong += _ended(engine, reader, orders, read_journal(folder / "calls"))
        return wrong
    finally:
        engine.close()


def _orders(reader: Any) -> dict[str, tuple[int, dict[str, Any]]]:
    found: dict[str, tuple[int, dict[str, Any]]] = {}
    after = 0
    while page := record_queries.records_of_form(reader, "order", after, 1000):
        for row in page:
            data = msgspec.json.decode(row.data)
            if data["number"] in found:
                raise AssertionError(f"order {data['number']} is there twice")
            found[data["number"]] = (row.id, data)
        after = page[-1].id
    return found


def _promised(journal: list[dict[str, Any]], orders: dict[str, Any]) -> list[str]:
    made = {line["number"]: line["id"] for line in journal if line["what"] == "made"}
    lost = [f"lost: order {number}" for number in made if number not in orders]
    other = [
        f"doubled: order {n} was {made[n]}, is {orders[n][0]}"
        for n in made
        if n in orders and str(orders[n][0]) != made[n]
    ]
    tried = {line["number"] for line in journal if line["what"] == "try"}
    return lost + other + [f"nobody asked for order {number}" for number in orders if number not in tried]


def _cases(reader: Any, orders: dict[str, tuple[int, dict[str, Any]]]) -> list[str]:
    wrong = []
    for number, (id, _) in orders.items():
        rows = case_queries.cases_of_record(reader, "order", id)
        kinds = Counter(row.workflow for row in rows)
        if kinds["fulfil"] != 1 or kinds["second_look"] > 1:
            wrong.append(f"order {number} has cases {dict(kinds)}")
        for row in rows:
            wrong += _replays(reader, row)
    return wrong


def _replays(reader: Any, row: CaseRow) -> list[str]:
    """The fold of the recorded events is the live case (law 1)."""
    steps = [codec.decode_events(step.events) for step in case_queries.timeline(reader, row.id)]
    folded = replay(Instance(row.id, row.workflow), steps)
    live = codec.decode_case(row.state)
    folded.last_at = live.last_at
    return [] if codec.encode(folded) == codec.encode(live) else [f"case {row.id} does not replay"]


def _tasks(reader: Any, journal: list[dict[str, Any]]) -> list[str]:
    from engine.runtime.store.statements import DONE, TASKS

    wrong = []
    for line in journal:
        if line["what"] == "done":
            case, no = line["task"].split(".")
            row = reader.row(TASKS, int(case), int(no))
            if row is None or row.state != DONE or row.assignee != line["by"]:
                wrong.append(f"lost: task {line['task']} was done by {line['by']}, is {row}")
    return wrong


def _ended(engine: Engine, reader: Any, orders: dict[str, Any], calls: list[dict[str, Any]]) -> list[str]:
    """Nothing is stuck: every case is over by its result, nothing waits, every call was made under one key."""
    wrong = []
    for number, (id, data) in orders.items():
        for row in case_queries.cases_of_record(reader, "order", id):
            if row.status != 1:
                wrong.append(f"stuck: {row.workflow} of order {number} stands at {row.state[:300]}")
        if data.get("status") != "done" or data.get("counted") != 2:
            wrong.append(f"order {number} is {data}")
    keys: dict[str, set[str]] = {}
    for call in calls:
        keys.setdefault(call["number"], set()).add(call["key"])
    wrong += [f"never called for order {number}" for number in orders if number not in keys]
    wrong += [f"called under {len(k)} keys for order {n}" for n, k in keys.items() if len(k) > 1]
    if due.earliest_timer(reader) is not None or due.earliest_delivery(reader) is not None:
        wrong.append("timers or deliveries are left over")
    if effects.waiting_effects(reader):
        wrong.append("effects are left over")
    if engine.incidents()["items"]:
        wrong.append(f"incidents: {engine.incidents()['items'][:3]}")
    return wrong
