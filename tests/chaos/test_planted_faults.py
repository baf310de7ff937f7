"""Faults planted in the log of a finished load: each is found by `verify` or by the history checker.

Half are planted as an accident would: rows dropped, swapped, doubled, edited. Half as somebody would who knows the format and
works out every hash anew: only the replay can find those. 40 in `make test`, 200 with `pytest -m long`.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine.engine import Engine
from tests.chaos.history import Histories, check

PACK = Path(__file__).parent / "pack"
Rows = list[dict[str, Any]]
MOVES = ("TokenPlaced", "NodeEntered", "NodeLeft", "JoinFired", "TokenEnded")


class Clock:
    def __init__(self) -> None:
        self.now = 1_772_442_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with eight orders, half of them at their end."""
    path, clock = tmp_path_factory.mktemp("planted") / "load.db", Clock()
    engine = Engine.open(
        f"sqlite:///{path}", PACK, clock=clock, services={"sink": lambda call, give, key: {"seen": key}}
    )
    for number in range(8):
        made = engine.create_record("order", {"number": f"n{number}"})
        clock.now += 400_000
        engine.drain()
        if number % 2:
            task = engine.tasks(record=f"order:{made['id']}")["items"][0]
            engine.complete(task["id"], "done", task["assignee"])
            engine.message("go_on", {"number": f"n{number}"})
    engine.close()
    verdict = check(f"sqlite:///{path}")
    assert (verdict.wrong, verdict.fitness) == ([], 1.0)
    assert verdict.steps > 30
    return path


# ---- by accident: rows of the table


def drop(rows: Rows, chance: Random) -> None:
    rows.pop(chance.randrange(len(rows)))


def swap(rows: Rows, chance: Random) -> None:
    one, other = chance.sample(rows, 2)
    one["events"], other["events"] = other["events"], one["events"]


def double(rows: Rows, chance: Random) -> None:
    row = chance.choice(rows)
    of_case = [other["seq"] for other in rows if other["case_id"] == row["case_id"]]
    rows.append({**row, "seq": max(of_case) + 1})


def edit(rows: Rows, chance: Random) -> None:
    row = chance.choice(rows)
    match chance.choice(["text", "at", "actor", "cause", "hash"]):
        case "text":
            place = chance.randrange(len(row["events"]))
            other = "x" if row["events"][place] != "x" else "y"
            row["events"] = row["events"][:place] + other + row["events"][place + 1 :]
        case "at":
            row["at"] += 1
        case "hash":
            row["hash"] = bytes([row["hash"][0] ^ 1]) + row["hash"][1:]
        case column:
            row[column] = (row[column] or "") + "x"


# ---- on purpose: events within a step, all hashes worked out anew


def moves(rows: Rows, chance: Random) -> tuple[dict[str, Any], list[dict[str, Any]], int]:
    row = chance.choice([row for row in rows if any(f'"{move}"' in row["events"] for move in MOVES)])
    events = json.loads(row["events"])
    return row, events, chance.choice([i for i, event in enumerate(events) if event["e"] in MOVES])


def drop_move(rows: Rows, chance: Random) -> None:
    row, events, at = moves(rows, chance)
    del events[at]
    row["events"] = json.dumps(events, separators=(",", ":"))


def double_move(rows: Rows, chance: Random) -> None:
    row, events, at = moves(rows, chance)
    events.insert(at, events[at])
    row["events"] = json.dumps(events, separators=(",", ":"))


def swap_moves(rows: Rows, chance: Random) -> None:
    """Cause and effect: a token is left before it is entered, entered before it is placed."""
    while True:
        row, events, at = moves(rows, chance)
        token = events[at].get("token")
        same = [
            i
            for i, e in enumerate(events)
            if i != at and e["e"] in MOVES and token is not None and e.get("token") == token
        ]
        if same:
            other = chance.choice(same)
            events[at], events[other] = events[other], events[at]
            row["events"] = json.dumps(events, separators=(",", ":"))
            return


def edit_move(rows: Rows, chance: Random) -> None:
    row, events, at = moves(rows, chance)
    event = events[at]
    if event["e"] == "TokenPlaced":
        event["node"] = chance.choice([n for n in ("owner", "split", "do_it", "over", "hear") if n != event["node"]])
    elif event["e"] == "JoinFired":
        event["taken"] = event["taken"][1:]
    else:
        event["token"] += 1
    row["events"] = json.dumps(events, separators=(",", ":"))


def chained(rows: Rows, cases: dict[int, dict[str, Any]]) -> None:
    before: dict[int, bytes] = {}
    for row in sorted(rows, key=lambda row: (row["case_id"], row["seq"])):
        texts = ["-" if row[name] is None else "+" + row[name] for name in ("actor", "cause")]
        parts = [before.get(row["case_id"], bytes(32))]
        parts += [str(part).encode() for part in (row["case_id"], row["seq"], row["at"], row["kind"], *texts)]
        parts.append(hashlib.sha256(row["events"].encode()).digest())
        row["hash"] = hashlib.sha256(b"".join(b"%d:%b" % (len(part), part) for part in parts)).digest()
        before[row["case_id"]] = cases[row["case_id"]]["head"] = row["hash"]


PLANTS: list[tuple[Callable[[Rows, Random], None], bool]] = [
    (drop, False), (swap, False), (double, False), (edit, False),
    (drop_move, True), (double_move, True), (swap_moves, True), (edit_move, True),
]  # fmt: skip


def plant(path: Path, number: int) -> str:
    """Plants the fault of this number; what it is called."""
    how, hide = PLANTS[number % len(PLANTS)]
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        rows = [dict(row) for row in connection.execute("SELECT * FROM steps ORDER BY case_id, seq")]
        cases = {row["id"]: dict(row) for row in connection.execute("SELECT * FROM cases")}
        how(rows, Random(number))
        if hide:
            chained(rows, cases)
            for id, case in cases.items():
                connection.execute("UPDATE cases SET head = ? WHERE id = ?", (case["head"], id))
        guards = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for guard in guards:  # whoever can write the file can do that too
            connection.execute(f"DROP TRIGGER {guard['name']}")
        connection.execute("DELETE FROM steps")
        names = list(rows[0])
        marks = ", ".join(["?"] * len(names))
        statement = f"INSERT INTO steps ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
        connection.executemany(statement, [tuple(row[name] for name in names) for row in rows])
        connection.commit()
    return how.__name__


def found_by(path: Path, folder: Path, number: int) -> tuple[str, list[str]]:
    copy = folder / f"{number}.db"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    fault = plant(copy, number)
    found = ["history"] if check(f"sqlite:///{copy}").wrong else []
    engine = Engine.open(f"sqlite:///{copy}")
    try:
        found += ["verify"] if engine.verify() else []
    finally:
        engine.close()
        copy.unlink()
    return fault, found


@pytest.mark.parametrize("first", range(0, 40, 8))
def test_planted_faults_are_found(finished: Path, tmp_path: Path, first: int) -> None:
    for number in range(first, first + 8):
        fault, found = found_by(finished, tmp_path, number)
        assert "history" in found, f"fault {number} ({fault}) is found by {found}"
        hidden = PLANTS[number % len(PLANTS)][1]
        assert hidden or "verify" in found, f"fault {number} ({fault}) is found by {found}"


def test_a_database_that_went_back_is_found(finished: Path, tmp_path: Path) -> None:
    """Consistent in itself, so only who saw it before can tell."""
    path = tmp_path / "back.db"
    with closing(sqlite3.connect(finished)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    engine = Engine.open(f"sqlite:///{path}")
    task = engine.tasks()["items"][0]
    engine.complete(task["id"], "done", task["assignee"])
    engine.close()
    histories = Histories(f"sqlite:///{path}")
    assert histories.check().wrong == []
    assert histories.check().steps == 0, "what has not moved is judged again"
    with closing(sqlite3.connect(finished)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    assert check(f"sqlite:///{path}").wrong == []
    assert histories.check().wrong != []


@pytest.mark.long
def test_two_hundred_planted_faults_are_found(finished: Path, tmp_path: Path) -> None:
    missed = []
    for number in range(1000, 1200):
        fault, found = found_by(finished, tmp_path, number)
        missed += [] if found else [f"{number} ({fault})"]
    assert missed == []
