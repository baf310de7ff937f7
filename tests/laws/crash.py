"""A crash at every statement: the state is that of the last commit before it, and going on after a restart ends the same.

A script is a seeded list of things done to the chaos pack through one door. It is played once without a crash, counting statements and
noting the state after every commit. Then each of its things is done again from a copy of the database before it, once for every k: the
k-th statement and all after it fail, as if the process had died. The state must be that of the last commit before k; after a restart
the same thing is done again with its key, leases of calls run out, and the state must be as if nothing had happened. Restarting
before every thing changes nothing either.

(A little long: one harness for both databases.)
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from engine.engine import Engine
from engine.language.loader import load_one
from engine.language.source import Source
from engine.nodes import catalogue
from tests.chaos.history import check, connect

PACK = Path(__file__).resolve().parents[1] / "chaos" / "pack"
BEGIN = 1_772_442_000_000_000
MINUTE = 60_000_000
Thing = tuple[str, Any]


class Crash(BaseException):
    """The process is gone."""


@dataclass
class Count:
    scripts: int = 0
    things: int = 0
    crashes: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.scripts} scripts, {self.things} things done, {self.crashes} crashes: {len(self.wrong)} wrong"


class Files:
    """SQLite: a copy is a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, name: str) -> str:
        return f"sqlite:///{self.folder / name}.db"

    def copy(self, source: str, target: str) -> str:
        for path in self.folder.glob(f"{target}.db*"):
            path.unlink()
        old, new = (sqlite3.connect(self.folder / f"{name}.db") for name in (source, target))
        with closing(old), closing(new):
            old.backup(new)
        return self.url(target)


class Databases:
    """PostgreSQL: a copy is a database made from another as its template."""

    def __init__(self, server: str) -> None:
        import psycopg

        self.server = server
        self.connection = psycopg.connect(server, autocommit=True)
        self.connection.execute("ALTER SYSTEM SET fsync = off")  # a process dies here, not the machine
        self.connection.execute("SELECT pg_reload_conf()")
        self.made: set[str] = set()

    def url(self, name: str) -> str:
        from sqlalchemy import make_url

        if name not in self.made:
            self._fresh(name, "template0")
        return make_url(self.server).set(database=f"laws_{name}").render_as_string(hide_password=False)

    def copy(self, source: str, target: str) -> str:
        self._fresh(target, f"laws_{source}")
        return self.url(target)

    def _fresh(self, name: str, template: str) -> None:
        self.connection.execute(f"DROP DATABASE IF EXISTS laws_{name} WITH (FORCE)")
        self.connection.execute(f"CREATE DATABASE laws_{name} TEMPLATE {template}")
        self.made.add(name)

    def close(self) -> None:
        for name in self.made:
            self.connection.execute(f"DROP DATABASE IF EXISTS laws_{name} WITH (FORCE)")
        self.connection.close()


class Fault:
    """Counts the statements of an engine's writes, fails the k-th and all after it; notes the state after each commit."""

    def __init__(self, engine: Engine, k: int | None, look: Callable[[], str] | None = None) -> None:
        self.count, self.k, self.look = 0, k, look
        self.states: list[tuple[int, str]] = []
        self.committed = False
        self.raw: dict[int, Any] = {}
        store = engine.store
        run = store.dialect.run

        def one_by_one(connection: Any, runs: Any) -> list[int]:
            counts: list[int] = []
            self.hold(connection)
            for one in runs:
                self.tick()
                counts += run(connection, [one])
            return counts

        store.dialect.run = one_by_one  # type: ignore[method-assign]
        event.listen(store._write, "before_cursor_execute", lambda connection, *_: self.begun(connection))
        event.listen(store._write, "commit", lambda _: self.tick(commit=True))

    def hold(self, connection: Any) -> None:
        raw = connection.connection.driver_connection
        self.raw[id(raw)] = raw

    def die(self) -> None:
        """The connections break, as they do when the process is gone."""
        for raw in self.raw.values():
            with suppress(Exception):
                raw.rollback()
                raw.close()

    def begun(self, connection: Any) -> None:
        self.hold(connection)
        self.tick()

    def tick(self, commit: bool = False) -> None:
        self.note()
        if self.k is not None and self.count >= self.k:
            raise Crash
        self.count += 1
        self.committed = commit

    def note(self) -> None:
        """The state after a commit is looked at when the next statement comes."""
        if self.committed and self.look is not None:
            self.committed = False
            self.states.append((self.count, self.look()))


class Door:
    """One engine on one database at one moment of its own clock."""

    def __init__(self, url: str, at: int) -> None:
        self.now, self.url = at, url
        self.engine = Engine.open(
            url, PACK, clock=lambda: self.now, services={"sink": lambda call, give, key: {"seen": "yes"}}
        )

    def do(self, thing: Thing) -> None:
        what, of = thing
        match what:
            case "create":
                self.engine.create_record("order", {"number": of}, by="ann", key=f"create {of}")
            case "message":
                self.engine.message("go_on", {"number": of}, message_id=f"m {of}")
            case "task":
                for task in self.engine.tasks(limit=50)["items"]:
                    if task["record"]["label"] == of:
                        self.engine.complete(task["id"], "done", task["assignee"], key=f"task {of}")
            case "pass":
                self.now = of
                self.engine.drain()


def script(seed: int) -> list[Thing]:
    """Two orders at most, everything that can happen to them in any order, time passing between."""
    random, now = Random(seed), BEGIN
    things: list[Thing] = []
    for number in range(random.randint(1, 2)):
        things += [("create", f"n{number}")]
    later = [(what, f"n{number}") for number in range(len(things)) for what in ("message", "task")]
    random.shuffle(later)
    for thing in later:
        if random.random() < 0.6:
            now += random.choice([100_000, 1_000_000, 2_000_000])
            things.append(("pass", now))
        things.append(thing)
    return [*things, ("pass", now + 2_000_000), ("pass", now + 4_000_000)]


def state(url: str, versions: bool = True) -> str:
    """What a database says, without ids and moments: orders, cases with their tokens and steps, tasks, what waits.

    `versions`: how many there are of records, which depends on what came together in one transaction.
    """
    with closing(connect(url)) as connection:
        cursor = connection.cursor()

        def rows(query: str) -> list[Any]:
            cursor.execute(query)
            return list(cursor.fetchall())

        names = {
            id: (form, json.loads(data).get("number", ""))
            for id, form, data in rows("SELECT id, form, data FROM records")
        }
        titles = {
            id: (workflow, *names.get(record, ("", "")))
            for id, workflow, record in rows("SELECT id, workflow, record_id FROM cases")
        }
        cases = []
        for id, status, text in rows("SELECT id, status, state FROM cases"):
            case = json.loads(text)
            tokens = sorted(
                (t["node"], t.get("state", ""), len(t.get("awaits", {}))) for t in case.get("tokens", {}).values()
            )
            steps = rows(f"SELECT kind FROM steps WHERE case_id = {int(id)} ORDER BY seq")  # noqa: S608
            cases.append((titles[id], status, tokens, sorted(kind for (kind,) in steps)))
        plain = {"parts", "order", "owner"}
        records = [
            (form, sorted((k, str(v)) for k, v in json.loads(data).items() if k not in plain))
            for form, data in rows("SELECT form, data FROM records")
        ]
        found: dict[str, Any] = {"cases": sorted(cases, key=str), "records": sorted(records, key=str)}
        found["tasks"] = sorted((str(titles[c]), n, s) for c, n, s in rows("SELECT case_id, node, state FROM tasks"))
        for table in ("timers", "subscriptions", "deliveries"):
            found[table] = sorted(str(titles.get(c)) for (c,) in rows(f"SELECT case_id FROM {table}"))  # noqa: S608
        for table in ("effects", "messages", "incidents", *(["record_versions"] if versions else [])):
            found[table] = rows(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608
    return json.dumps(found, default=list, ensure_ascii=False)


def moments(things: list[Thing]) -> Iterator[int]:
    """The clock before each thing."""
    now = BEGIN
    for what, of in things:
        yield now
        now = of if what == "pass" else now


def crash_everywhere(place: Files | Databases, seed: int, count: Count, only: int | None = None) -> None:
    """Plays the script of this seed; crashes at every statement of each of its things (`only`: of that one)."""
    with patch("engine.runtime.handling.INLINE_SECONDS", 600.0), patch("engine.runtime.packs.load_one", read_once):
        # a slow machine would commit in other places each time; reading the same definitions is most of a restart
        _crash_everywhere(place, seed, count, only)


@cache
def _read(path: str, text: str) -> tuple[Any, list[Any]]:
    return load_one(Source(path, text), catalogue())


def read_once(source: Source, _: Any) -> tuple[Any, list[Any]]:
    """A file to a definition, once a process: definitions never change."""
    return _read(source.path, source.text)


def _crash_everywhere(place: Files | Databases, seed: int, count: Count, only: int | None) -> None:
    count.scripts += 1
    things = script(seed)
    Door(place.url("live"), BEGIN).engine.close()
    straight = Door(place.copy("live", "straight"), BEGIN)
    for at, (thing, now) in enumerate(zip(things, moments(things), strict=True)):
        if only is not None and at > only:
            break
        place.copy("live", "before")
        straight.do(thing)
        door = Door(place.url("live"), now)  # restarted before every thing
        fault = Fault(door.engine, None, lambda: state(place.url("live")))
        was = state(door.url)
        door.do(thing)
        fault.note()
        door.engine.close()
        after = state(door.url)
        if after != state(straight.url):
            count.wrong.append(f"script {seed}, {thing}: restarted it is\n{after}\nand not\n{state(straight.url)}")
        if only is None or at == only:
            count.things += 1
            settled = later(Door(place.copy("live", "settled"), now), thing)
            for k in range(fault.count + 1):
                expected = ([was] + [seen for ticks, seen in fault.states if ticks <= k])[-1]
                count.crashes += 1
                count.wrong += [
                    f"script {seed}, {thing}, crash at {k} of {fault.count}: {w}"
                    for w in once(place, thing, now, k, expected, settled)
                ]
    straight.engine.close()


def later(door: Door, thing: Thing) -> str:
    """What it has come to when every lease has run out; nothing may be broken then."""
    for minutes in (10, 20):
        door.do(("pass", (thing[1] if thing[0] == "pass" else door.now) + minutes * MINUTE))
    broken = door.engine.verify()
    door.engine.close()
    return state(door.url, versions=False) if not broken else f"verify: {broken}"


def once(place: Files | Databases, thing: Thing, now: int, k: int, expected: str, settled: str) -> Iterator[str]:
    """One crash, one restart, the same thing again."""
    door = Door(place.copy("before", "crashed"), now)
    fault = Fault(door.engine, k)
    try:
        door.do(thing)
    except Crash:
        pass
    except Exception as error:
        yield f"the crash became {type(error).__name__}: {error}"
    finally:
        fault.die()
        with suppress(Crash, Exception):
            door.engine.close()
    found = state(door.url)
    if found != expected:
        yield f"half done:\n{found}\nand not\n{expected}"
    again = Door(door.url, now)
    again.do(thing)
    found = later(again, thing)
    if found != settled:
        yield f"done again it is\n{found}\nand not\n{settled}"
    yield from check(door.url).wrong
