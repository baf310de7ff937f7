"""The writes of every table, built once: its key, its checks, its insert, updates and delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter, itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Table, and_, bindparam, delete, func, insert, literal_column, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.engine import Dialect as Compiler

from engine.runtime.store import rows, tables
from engine.runtime.store.prepared import Prepared, Query

R = TypeVar("R", bound=tuple[Any, ...])


class Kept(Generic[R]):
    """How rows of one table are written.

    `checks`: columns that must still hold what was read when the row is updated; another writer's change is a Conflict.
    `narrow`: sets of columns that are often changed alone: an UPDATE that names no indexed column is cheaper (SQLite
    rewrites every index whose column is named), so the first set that covers the change is used, else all columns.
    """

    def __init__(
        self, table: Table, row: type[R], *, checks: Sequence[str] = (), narrow: Sequence[Sequence[str]] = ()
    ) -> None:
        self.table = table
        self.name = table.name
        self.row = row
        self.fields: tuple[str, ...] = row._fields  # type: ignore[attr-defined]
        if self.fields != tuple(column.name for column in table.columns):
            raise TypeError(f"{row.__name__} does not have the columns of {table.name}")
        key = [column.name for column in table.primary_key.columns]
        places = [self.fields.index(name) for name in key]
        get = itemgetter(*places)
        self.key_of: Callable[[R], tuple[Any, ...]] = get if len(places) > 1 else lambda row: (get(row),)
        self.key_names = tuple(key)
        self._insert_order: dict[str, Callable[[Any], Any]] = {}
        self._update_orders: dict[tuple[int, str], list[int]] = {}
        same = and_(*(table.c[name] == bindparam(f"key_{name}") for name in key))
        unmoved = and_(same, *(table.c[name] == bindparam(f"read_{name}") for name in checks))
        self.insert = Prepared(insert(table).values({name: bindparam(name) for name in self.fields}))
        self.delete = Prepared(delete(table).where(same))
        self.select: Query[R] = Query(select(table).where(same), row)
        self.select_locked: Query[R] = Query(select(table).where(same).with_for_update(key_share=True), row)
        rest = [name for name in self.fields if name not in key]
        self.updates: list[tuple[frozenset[str], Prepared]] = [
            (frozenset(names), Prepared(update(table).where(unmoved).values({name: bindparam(name) for name in names})))
            for names in [*narrow, rest]
            if names
        ]

    def update_for(self, base: R, now: R) -> Prepared | None:
        """The cheapest update that carries the change from `base` to `now`; None when nothing changed."""
        changed = [name for name, old, new in zip(self.fields, base, now, strict=True) if old != new]
        if not changed:
            return None
        return next(prepared for names, prepared in self.updates if names.issuperset(changed))

    def key_values(self, compiler: Compiler, key: tuple[Any, ...]) -> tuple[Any, ...]:
        """The parameters of the delete."""
        return tuple(key[self.key_names.index(name[4:])] for name in self.delete.names(compiler))

    def insert_values(self, compiler: Compiler, row: R) -> tuple[Any, ...]:
        """The parameters of the insert."""
        get = self._insert_order.get(compiler.name)
        if get is None:
            get = self._insert_order[compiler.name] = attrgetter(*self.insert.names(compiler))
        return get(row)

    def update_values(self, prepared: Prepared, compiler: Compiler, base: R, now: R) -> tuple[Any, ...]:
        """The parameters of an update: `key_x` and `read_x` are the row as read, `x` the row as it shall be."""
        both = (*base, *now)
        return tuple(both[place] for place in self._update_order(prepared, compiler))

    def _update_order(self, prepared: Prepared, compiler: Compiler) -> list[int]:
        order = self._update_orders.get((id(prepared), compiler.name))
        if order is None:
            places = {name: place + len(self.fields) for place, name in enumerate(self.fields)}
            for place, name in enumerate(self.fields):
                places[f"key_{name}"] = places[f"read_{name}"] = place
            order = [places[name] for name in prepared.names(compiler)]
            self._update_orders[id(prepared), compiler.name] = order
        return order


DEFINITIONS = Kept(tables.definitions, rows.DefinitionRow)
ACTIVE = Kept(tables.active, rows.ActiveRow, checks=["definition_id"])
DEPLOYMENTS = Kept(tables.deployments, rows.DeploymentRow)
TOKENS = Kept(tables.tokens, rows.TokenRow)
COMMANDS = Kept(tables.commands, rows.CommandRow)
CASES = Kept(tables.cases, rows.CaseRow, checks=["seq"], narrow=[["seq", "state", "head", "incidents", "last_at"]])
CURSORS = Kept(tables.cursors, rows.CursorRow, checks=["position"])
SERIALS = Kept(tables.serials, rows.SerialRow, checks=["position"])
RECORDS = Kept(
    tables.records,
    rows.RecordRow,
    checks=["version"],
    narrow=[["version", "data", "owner", "team", "merged_into", "changed_at"]],
)
RECORD_UNIQUE = Kept(tables.record_unique, rows.UniqueKeyRow, checks=["record_id"])
RECORD_KEYS = Kept(tables.record_keys, rows.RecordKeyRow)
RECORD_VERSIONS = Kept(tables.record_versions, rows.RecordVersionRow)
STEPS = Kept(tables.steps, rows.StepRow)
CASE_VALUES = Kept(tables.case_values, rows.CaseValueRow)
TASKS = Kept(
    tables.tasks,
    rows.TaskRow,
    checks=["version"],
    narrow=[["version", "priority", "title", "claimed_at"]],
)
CANDIDATES = Kept(tables.task_candidates, rows.CandidateRow)
TASK_PEOPLE = Kept(tables.task_people, rows.TaskPersonRow)
TIMERS = Kept(tables.timers, rows.TimerRow)
SUBSCRIPTIONS = Kept(tables.subscriptions, rows.SubscriptionRow)
MESSAGES = Kept(tables.messages, rows.MessageRow)
DELIVERIES = Kept(tables.deliveries, rows.DeliveryRow, checks=["attempts"])
EFFECTS = Kept(tables.effects, rows.EffectRow, checks=["state", "attempts"])
JOBS = Kept(tables.jobs, rows.JobRow, checks=["state", "attempts"])
INCIDENTS = Kept(tables.incidents, rows.IncidentRow)
ANCHORS = Kept(tables.anchors, rows.AnchorRow)
ARCHIVED = Kept(tables.archived, rows.ArchivedRow)

FLUSH_ORDER: tuple[Kept[Any], ...] = (
    COMMANDS,
    DEFINITIONS,
    ACTIVE,
    DEPLOYMENTS,
    CASES,
    CURSORS,
    SERIALS,
    RECORDS,
    RECORD_UNIQUE,
    RECORD_KEYS,
    RECORD_VERSIONS,
    ARCHIVED,
    STEPS,
    CASE_VALUES,
    TASKS,
    CANDIDATES,
    TASK_PEOPLE,
    TIMERS,
    SUBSCRIPTIONS,
    MESSAGES,
    DELIVERIES,
    EFFECTS,
    JOBS,
    INCIDENTS,
    ANCHORS,
    TOKENS,
)
"""One order for every transaction (R11): shared rows first, each table by key, so flushes do not
deadlock each other. Loads go before STEPS (batch.py). ARCHIVED precedes STEPS too: its row permits their deletion.
"""


class SetWrite(NamedTuple):
    """A write over many rows at once; how many it touches is not known beforehand."""

    table: Kept[Any]
    prepared: Prepared
    columns: tuple[str, ...]


def _clear(kept: Kept[Any], *columns: str) -> SetWrite:
    condition = and_(*(kept.table.c[name] == bindparam(name) for name in columns))
    return SetWrite(kept, Prepared(delete(kept.table).where(condition)), columns)


CLEAR_CASE: dict[str, SetWrite] = {
    kept.name: _clear(kept, "case_id")
    for kept in (STEPS, CASE_VALUES, TASKS, CANDIDATES, TASK_PEOPLE, TIMERS, SUBSCRIPTIONS, DELIVERIES, EFFECTS)
}
"""By table: everything of one case goes (R29)."""

CLEAR_AWAIT: dict[str, SetWrite] = {kept.name: _clear(kept, "case_id", "no") for kept in (TIMERS, SUBSCRIPTIONS)}
"""By table: what one awaited thing has there goes, whether it is there or not."""

CLEAR_TASK: dict[str, SetWrite] = {kept.name: _clear(kept, "case_id", "no") for kept in (CANDIDATES, TASK_PEOPLE)}
"""By table: everything of one task goes."""

CLEAR_RECORD: dict[str, SetWrite] = {kept.name: _clear(kept, "record_id") for kept in (RECORD_KEYS, RECORD_UNIQUE)}
"""By table: every key of one record goes."""

OPEN, DONE, WITHDRAWN = 0, 1, 2
"""States of a task."""

WITHDRAW_TASKS = SetWrite(
    TASKS,
    Prepared(
        update(tables.tasks)
        .where(tables.tasks.c.case_id == bindparam("key_case_id"), tables.tasks.c.state == literal_column("0"))
        .values(state=literal_column(str(WITHDRAWN)), closed_at=bindparam("closed_at"))
    ),
    ("key_case_id", "closed_at"),
)


def _add_load(name: str) -> Prepared:
    table = tables.loads
    upsert = (sqlite_dialect if name == "sqlite" else postgresql).insert(table)
    upsert = upsert.values({name: bindparam(name) for name in ("member", "kind", "n", "last_at")})
    later = func.max if name == "sqlite" else func.greatest
    return Prepared(
        upsert.on_conflict_do_update(
            index_elements=[table.c.member, table.c.kind],
            set_={"n": table.c.n + upsert.excluded.n, "last_at": later(table.c.last_at, upsert.excluded.last_at)},
            where=table.c.n <= bindparam("room"),
        )
    )


ADD_LOAD: dict[str, Prepared] = {name: _add_load(name) for name in ("sqlite", "postgresql")}
"""By dialect: adds to a load if it is at most `room` now (R33, R34); 0 rows: someone else took the place."""
