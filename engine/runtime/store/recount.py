"""Loads against what they count (R33): open tasks by assignee, open records by owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import func, select

from engine.runtime.store import tables
from engine.runtime.store.prepared import Query
from engine.runtime.store.queries.conditions import fixed
from engine.runtime.store.queries.records import records_of_form
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import LoadRow, RecordRow
from engine.runtime.store.tables.loads import OPEN_TASKS
from engine.runtime.store.transaction import Transaction

IsOpen = Callable[[RecordRow], bool]
"""A form's `open_if` over a stored record; the store does not know the language."""


class Difference(NamedTuple):
    """A load that does not count what is there."""

    member: str
    kind: str
    noted: int
    counted: int


class Held(NamedTuple):
    member: str
    n: int


_LOADS = Query(select(tables.loads), LoadRow)
_TASKS = Query(
    select(tables.tasks.c.assignee, func.count())
    .where(tables.tasks.c.state == fixed(0), tables.tasks.c.assignee.is_not(None))
    .group_by(tables.tasks.c.assignee),
    Held,
)


def differences(reader: Reader, forms: dict[str, IsOpen]) -> list[Difference]:
    """Loads of tasks and of these forms that are wrong. Loads of other kinds are not judged."""
    counted: Counter[tuple[str, str]] = Counter()
    for held in reader.all(_TASKS):
        counted[held.member, OPEN_TASKS] = held.n
    for form, is_open in forms.items():
        after = 0
        while page := records_of_form(reader, form, after, 1000):
            for record in page:
                if record.owner is not None and record.merged_into is None and is_open(record):
                    counted[record.owner, form] += 1
            after = page[-1].id
    judged = {OPEN_TASKS, *forms}
    noted = {(load.member, load.kind): load.n for load in reader.all(_LOADS) if load.kind in judged}
    return [
        Difference(member, kind, noted.get((member, kind), 0), counted[member, kind])
        for member, kind in sorted(noted.keys() | counted.keys())
        if noted.get((member, kind), 0) != counted[member, kind]
    ]


def repair(transaction: Transaction, wrong: list[Difference]) -> None:
    """Corrects the loads by their differences; relative, so changes made since the count are kept."""
    for difference in wrong:
        change = difference.counted - difference.noted
        transaction.batch.add_load(difference.member, difference.kind, change, transaction.now)
