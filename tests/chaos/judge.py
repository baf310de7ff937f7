"""Judges a database after a kill, independently of the engine's own checks where that is possible.

Nothing promised is lost, nothing is doubled, every history replays to its live case and through its definition's graph
(history.py, without the engine), and `verify` holds. A judge remembers how far it has judged: `look` goes on from there,
so that thousands of kills can each be judged; `look(full=True)` begins anew and asks `verify` too.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from engine.engine import Engine
from engine.interpreter.advance import replay
from engine.interpreter.instance import Instance
from engine.runtime import codec
from tests.chaos.history import Histories, connect
from tests.chaos.worker import read_journal

TASK_DONE = 1
CASE_OVER = 1
GONE_WITHIN = 30.0
"""Seconds that PostgreSQL has to see that a client is gone; a commit on its way may still arrive until then."""


class Judge:
    """One database under kills, and what it was before."""

    def __init__(self, database: str, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.steps = 0
        self._forget()

    def _forget(self) -> None:
        self.histories = Histories(self.database)
        self.folded: dict[int, Instance] = {}
        self.lines = 0

    def look(self, full: bool = False, at_the_end: bool = False) -> list[str]:
        """What is wrong, in words; empty when all is well. `at_the_end`: everything must be over too."""
        wait_for_the_dead(self.database)
        wrong = self._since()
        if not wrong and (full or at_the_end):
            self._forget()
            wrong = self._since()
            engine = Engine.open(self.database)
            try:
                wrong += [f"verify: {broken}" for broken in engine.verify()]
                wrong += [f"incident: {one}" for one in engine.incidents()["items"][:3]] if at_the_end else []
            finally:
                engine.close()
        if not wrong and at_the_end:
            wrong = self._ended()
        return wrong

    def _since(self) -> list[str]:
        history = self.histories.check()
        self.steps += history.steps
        wrong = [f"history: {misfit}" for misfit in history.wrong]
        wrong += [f"history: fitness {history.fitness}"] if history.fitness < 1 else []
        journal = read_journal(self.folder / "journal")
        with closing(connect(self.database)) as connection:
            self.cursor = connection.cursor()
            self.orders: dict[str, tuple[int, dict[str, Any]]] = {}
            for id, data in self._rows("SELECT id, data FROM records WHERE form = 'order'"):
                order = json.loads(data)
                wrong += [f"doubled: order {order['number']} is there twice"] if order["number"] in self.orders else []
                self.orders[order["number"]] = (id, order)
            wrong += self._promised(journal)
            wrong += self._cases()
            wrong += self._tasks(journal[self.lines :])
        self.lines = len(journal)
        return wrong

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        self.cursor.execute(query)
        return list(self.cursor.fetchall())

    def _promised(self, journal: list[dict[str, Any]]) -> list[str]:
        made = {line["number"]: line["id"] for line in journal if line["what"] == "made"}
        tried = {line["number"] for line in journal if line["what"] == "try"}
        there = {number: str(id) for number, (id, _) in self.orders.items()}
        return [
            *(f"lost: order {number}" for number in made if number not in there),
            *(f"doubled: order {n} was {made[n]}, is {there[n]}" for n in made if there.get(n, made[n]) != made[n]),
            *(f"nobody asked for order {number}" for number in there if number not in tried),
        ]

    def _cases(self) -> list[str]:
        """One case of each kind an order, and the fold of the recorded events is the live case (law 1)."""
        wrong, kinds = [], dict[int, Counter[str]]()
        query = "SELECT id, workflow, record_id, seq, state FROM cases WHERE record_form = 'order'"
        for id, workflow, record, seq, state in self._rows(query):
            kinds.setdefault(record, Counter())[workflow] += 1
            folded = self.folded.setdefault(id, Instance(id, workflow))
            if folded.seq != seq:
                query = f"SELECT events FROM steps WHERE case_id = {int(id)} AND seq > {folded.seq} ORDER BY seq"  # noqa: S608
                replay(folded, [codec.decode_events(events) for (events,) in self._rows(query)])
                live = codec.decode_case(state)
                folded.last_at = live.last_at
                if codec.encode(folded) != codec.encode(live):
                    wrong.append(f"case {id} does not replay")
        for number, (id, _) in self.orders.items():
            of = kinds.get(id, Counter[str]())
            if of["fulfil"] != 1 or of["second_look"] > 1:
                wrong.append(f"order {number} has cases {dict(of)}")
        return wrong

    def _tasks(self, journal: list[dict[str, Any]]) -> list[str]:
        wrong = []
        for line in journal:
            if line["what"] == "done":
                case, no = map(int, line["task"].split("."))
                found = self._rows(f"SELECT state, assignee FROM tasks WHERE case_id = {case} AND no = {no}")  # noqa: S608
                if found != [(TASK_DONE, line["by"])]:
                    wrong.append(f"lost: task {line['task']} was done by {line['by']}, is {found}")
        return wrong

    def _ended(self) -> list[str]:
        """Nothing is stuck: every case is over by its result, nothing waits, every call was made under one key."""
        wrong = []
        with closing(connect(self.database)) as connection:
            self.cursor = connection.cursor()
            for id, workflow, state in self._rows(f"SELECT id, workflow, state FROM cases WHERE status <> {CASE_OVER}"):  # noqa: S608
                wrong.append(f"stuck: {workflow} {id} stands at {state[:300]}")
            for table, where in (("timers", ""), ("deliveries", ""), ("effects", " WHERE state = 0")):
                left = self._rows(f"SELECT * FROM {table}{where}")  # noqa: S608
                wrong += [f"{table} are left over: {left[:3]}"] if left else []
        for number, (_, order) in self.orders.items():
            if order.get("status") != "done" or order.get("counted") != 2:
                wrong.append(f"order {number} is {order}")
        keys: dict[str, set[str]] = {}
        for call in read_journal(self.folder / "calls"):
            keys.setdefault(call["number"], set()).add(call["key"])
        wrong += [f"never called for order {number}" for number in self.orders if number not in keys]
        wrong += [f"called under {len(k)} keys for order {n}" for n, k in keys.items() if len(k) > 1]
        return wrong


def wait_for_the_dead(database: str) -> None:
    """PostgreSQL ends a killed client's sessions when it sees that they are gone: only then is its last word said."""
    if database.startswith("sqlite:"):
        return
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    until = time.monotonic() + GONE_WITHIN
    with closing(connect(database)) as connection:
        connection.autocommit = True
        while (left := connection.execute(others).fetchone()[0]) and time.monotonic() < until:
            time.sleep(0.005)
    if left:
        raise RuntimeError(f"{left} sessions of the killed process are still there")
