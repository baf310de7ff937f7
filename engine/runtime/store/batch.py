"""What a transaction will write, as data until its end (R21): per table and key the row as read and as it shall be.

Every change is also noted in one journal, so undoing an event is walking the journal back to its mark: no SAVEPOINT.
`flush` writes the net change of each row, one executemany per table and kind of write, in one fixed order, and compares
row counts with what must have been touched; anything else is a `Conflict`.
(A little long: undo is right only if every write goes through one journal.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import Connection

from engine.runtime.store import statements
from engine.runtime.store.dialect import Dialect, Run
from engine.runtime.store.errors import CannotUndo, Conflict
from engine.runtime.store.rows import SubscriptionRow, TaskRow
from engine.runtime.store.statements import FLUSH_ORDER, OPEN, WITHDRAWN, Kept, SetWrite

R = TypeVar("R", bound=tuple[Any, ...])
Key = tuple[Any, ...]


class _Sign:
    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


UNTOUCHED: Final = _Sign("UNTOUCHED")
"""What `get` gives for a row that this batch says nothing about: read it from the database."""

_THERE: Final = _Sign("THERE")
"""Stands for a row that is in the database but was not read."""

NO_CAP = 2**62


class Entry(NamedTuple):
    """One row: `base` as the database has it (None: not there), `now` as it shall be (None: gone)."""

    base: Any
    now: Any


class LoadChange(NamedTuple):
    """The sum of changes of one load; `room`: the load must be at most this much before them."""

    n: int
    room: int
    last_at: int


class Mark(NamedTuple):
    """A place to go back to: how often the batch had been flushed, and the length of the journal."""

    flushes: int
    length: int


class Batch:
    """The writes of one transaction. Not for several threads."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[Key, Entry]] = {kept.name: {} for kept in FLUSH_ORDER}
        self._loads: dict[tuple[str, str], LoadChange] = {}
        self._sets: dict[tuple[str, Key], SetWrite] = {}
        self._journal: list[tuple[dict[Any, Any], Any, Any]] = []
        self._flushed: list[int] = []
        self._written: dict[str, dict[Key, Any]] = {}
        self._listening: dict[tuple[int, str, str], list[Key]] = {}

    # -- one row

    def get(self, kept: Kept[R], key: Key) -> R | _Sign | None:
        """The row as this batch will leave it, None when it removes it, UNTOUCHED when it does not touch it."""
        entry = self._rows[kept.name].get(key)
        return UNTOUCHED if entry is None else entry.now

    def seen(self, kept: Kept[R], row: R) -> R | None:
        """A row just read from the database, as the set writes of this batch will leave it."""
        for (_, values), write in self._sets.items():
            if write is statements.WITHDRAW_TASKS and isinstance(row, TaskRow) and row.case_id == values[0]:
                if row.state == OPEN:
                    row = row._replace(state=WITHDRAWN, closed_at=values[1])
            elif write.table is kept and _matches(write, kept.key_of(row), row, values):
                return None
        return row

    def put(self, kept: Kept[R], row: R) -> R:
        """A row that is not there yet (or was removed in this batch); if it is, the flush is a Conflict."""
        key = kept.key_of(row)
        rows = self._rows[kept.name]
        entry = rows.get(key)
        if entry is not None and entry.now is not None:
            raise ValueError(f"{kept.name} {key} is there already")
        self._set(rows, key, Entry(None if entry is None else entry.base, row))
        self._index(row)
        return row

    def change(self, kept: Kept[R], read: R, now: R) -> R:
        """The row was `read` (from the database or this batch) and shall be `now`; the key stays."""
        key = kept.key_of(read)
        if kept.key_of(now) != key:
            raise ValueError(f"the key of {kept.name} {key} cannot change")
        rows = self._rows[kept.name]
        entry = rows.get(key)
        if entry is not None and entry.now != read:
            raise ValueError(f"{kept.name} {key} was changed in this batch since it was read")
        self._set(rows, key, Entry(read if entry is None else entry.base, now))
        self._index(now)
        return now

    def remove(self, kept: Kept[R], key: Key) -> None:
        """The row is there and shall go; if another transaction was first, the flush is a Conflict."""
        rows = self._rows[kept.name]
        entry = rows.get(key)
        if entry is not None and entry.now is None:
            raise ValueError(f"{kept.name} {key} was removed in this batch already")
        self._set(rows, key, Entry(_THERE if entry is None else entry.base, None))

    # -- many rows

    def clear(self, write: SetWrite, *values: Any) -> None:
        """Whatever rows of the table have these values goes, at most those of one case, task or record (R29)."""
        rows = self._rows[write.table.name]
        for key, (base, now) in list(rows.items()):
            there, here = _matches(write, key, base, values), _matches(write, key, now, values)
            if there or here:  # the set write covers what the database has
                self._set(rows, key, Entry(None if there else base, None if here else now))
        self._set(self._sets, (f"{write.table.name}:{','.join(write.columns)}", values), write)

    def withdraw_case(self, case_id: int, at: int) -> None:
        """Everything that the case opened is withdrawn: tasks are closed, what waits goes (R29)."""
        for name in ("task_candidates", "timers", "subscriptions"):
            self.clear(statements.CLEAR_CASE[name], case_id)
        rows = self._rows["tasks"]
        for key, entry in list(rows.items()):
            task: TaskRow | None = entry.now
            if task is not None and task.case_id == case_id and task.state == OPEN:
                self._set(rows, key, Entry(entry.base, task._replace(state=WITHDRAWN, closed_at=at)))
        self._set(self._sets, ("withdraw", (case_id, at)), statements.WITHDRAW_TASKS)

    def add_load(self, member: str, kind: str, n: int, at: int, cap: int | None = None) -> None:
        """Changes a load by `n`; with `cap`, the load must be below it before this change (R34)."""
        key = (member, kind)
        old = self._loads.get(key) or LoadChange(0, NO_CAP, 0)
        room = old.room if cap is None else min(old.room, cap - 1 - old.n)
        self._set(self._loads, key, LoadChange(old.n + n, room, max(old.last_at, at)))

    def load_change(self, member: str, kind: str) -> LoadChange | None:
        return self._loads.get((member, kind))

    # -- marks

    def mark(self) -> Mark:
        return Mark(len(self._flushed), len(self._journal))

    def truncate(self, mark: Mark) -> None:
        """Everything since the mark is undone. CannotUndo, and nothing changed, if some of it was flushed."""
        length = mark.length
        if mark.flushes < len(self._flushed):
            if self._flushed[mark.flushes] != mark.length or any(self._flushed[mark.flushes + 1 :]):
                raise CannotUndo("writes since the mark were flushed")
            length = 0
        while len(self._journal) > length:
            where, key, old = self._journal.pop()
            if old is None:
                del where[key]
            else:
                where[key] = old

    def pending(self, tables: Iterable[str] = ()) -> bool:
        """Whether something of these tables (of any, without names) is still unwritten."""
        if not self._journal:
            return False
        return not tables or any(
            self._rows.get(name)
            or (name == "loads" and self._loads)
            or any(write.table.name == name for write in self._sets.values())
            for name in tables
        )

    @property
    def wrote(self) -> bool:
        """Whether any flush wrote something."""
        return any(self._flushed)

    def rows(self, kept: Kept[R]) -> Iterator[R]:
        """The rows of this table that the batch puts or changes and has not flushed."""
        return (entry.now for entry in self._rows[kept.name].values() if entry.now is not None)

    def listening(self, kind: int, name: str, key: str) -> Iterator[SubscriptionRow]:
        """The subscriptions of this kind, name and key that the batch puts or changes and has not flushed."""
        rows = self._rows[statements.SUBSCRIPTIONS.name]
        for place in dict.fromkeys(self._listening.get((kind, name, key), ())):
            row = rows[place].now if place in rows else None  # what was undone stays in the index
            if row is not None and (row.kind, row.name, row.key) == (kind, name, key):
                yield row

    def _index(self, row: Any) -> None:
        if isinstance(row, SubscriptionRow):
            place = statements.SUBSCRIPTIONS.key_of(row)
            self._listening.setdefault((row.kind, row.name, row.key), []).append(place)

    def written(self, kept: Kept[R]) -> dict[Key, R | None]:
        """What the flushes so far wrote in this table: row by key, None for removed ones."""
        return self._written.get(kept.name, {})

    # -- the end

    def flush(self, connection: Connection, dialect: Dialect) -> None:
        """Writes everything; the batch is empty then. Conflict, or what the driver raises: the transaction is lost."""
        runs: list[Run] = []
        expected: list[int | None] = []
        set_in = {write.table.name for write in self._sets.values()}
        for kept in FLUSH_ORDER:
            if kept is statements.STEPS and self._loads:
                self._plan_loads(dialect, runs, expected)
            if self._rows[kept.name] or kept.name in set_in:
                self._plan(kept, dialect, runs, expected)
        counts = dialect.run(connection, runs) if runs else []
        for (prepared, rows), want, got in zip(runs, expected, counts, strict=True):
            if want is not None and got != want:
                text = prepared.sql(dialect.compiler)
                raise Conflict(f"{want} of {len(rows)} rows expected, {got} touched: {text[:60]}")
        self._flushed.append(len(self._journal))
        for kept in FLUSH_ORDER:
            rows_here = self._rows[kept.name]
            if rows_here:
                done = self._written.setdefault(kept.name, {})
                done.update({key: entry.now for key, entry in rows_here.items() if entry.base != entry.now})
                rows_here.clear()
        self._loads.clear()
        self._sets.clear()
        self._journal.clear()
        self._listening.clear()

    def _plan(self, kept: Kept[Any], dialect: Dialect, runs: list[Run], expected: list[int | None]) -> None:
        compiler = dialect.compiler
        deletes: list[Key] = []
        updates: dict[int, tuple[Any, list[tuple[Any, ...]]]] = {}
        inserts: list[Any] = []
        rows = self._rows[kept.name]
        for key in sorted(rows):
            base, now = rows[key]
            if now is None:
                if base is not None:
                    deletes.append(key)
            elif base is None:
                inserts.append(now)
            elif base is _THERE:
                if len(kept.fields) > len(kept.key_names):
                    deletes.append(key)
                    inserts.append(now)
            else:
                prepared = kept.update_for(base, now)
                if prepared is not None:
                    values = kept.update_values(prepared, compiler, base, now)
                    updates.setdefault(id(prepared), (prepared, []))[1].append(values)
        sets = [(values, write) for (_, values), write in self._sets.items() if write.table is kept]
        if deletes:
            runs.append((kept.delete, [kept.key_values(compiler, key) for key in deletes]))
            expected.append(len(deletes))
        for values, write in sorted(sets, key=lambda pair: pair[0]):
            given = dict(zip(write.columns, values, strict=True))
            runs.append((write.prepared, [write.prepared.bind(compiler, given)]))
            expected.append(None)
        for prepared, values_list in updates.values():
            runs.append((prepared, values_list))
            expected.append(len(values_list))
        if inserts:
            runs.append((kept.insert, [kept.insert_values(compiler, row) for row in inserts]))
            expected.append(len(inserts))

    def _plan_loads(self, dialect: Dialect, runs: list[Run], expected: list[int | None]) -> None:
        prepared = statements.ADD_LOAD[dialect.name]
        rows = []
        for (member, kind), change in sorted(self._loads.items()):
            if change.room < 0:
                raise Conflict(f"no room for {member} in {kind}")
            rows.append(
                prepared.bind(
                    dialect.compiler,
                    {"member": member, "kind": kind, "n": change.n, "last_at": change.last_at, "room": change.room},
                )
            )
        runs.append((prepared, rows))
        expected.append(len(rows))

    def _set(self, where: dict[Any, Any], key: Any, value: Any) -> None:
        self._journal.append((where, key, where.get(key)))
        where[key] = value


def _matches(write: SetWrite, key: Key, row: Any, values: Key) -> bool:
    """Whether the row is one of those the set write means; a row that was not read is judged by its key alone."""
    if row is None:
        return False
    kept = write.table
    by_name = dict(zip(kept.key_names, key, strict=True)) if row is _THERE else dict(zip(kept.fields, row, strict=True))
    return all(by_name.get(name) == value for name, value in zip(write.columns, values, strict=True))
