"""Lists and counts for people who look at everything: open tasks, done ones, cases, incidents, what is late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, func, or_, select

from engine.runtime.store.prepared import Among, Query
from engine.runtime.store.queries.conditions import after, fixed, limit
from engine.runtime.store.queries.due import ATTEMPTS
from engine.runtime.store.queries.inbox import COUNTED, PAGE, Count, Place
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import CaseRow, IncidentRow, TaskRow
from engine.runtime.store.tables import cases, deliveries, incidents, task_candidates, tasks, timers

FIRST = Place(2**63 - 1, 2**63 - 1, 2**31)
"""Before the newest."""


class Seen(NamedTuple):
    """How far behind the earliest of some rows is."""

    n: int
    earliest: int | None


def _capped(query: Select[tuple[int]]) -> Query[Count]:
    return Query(select(func.count()).select_from(query.limit(fixed(COUNTED + 1)).subquery()), Count)


def _before(table: Table, *names: str) -> ColumnElement[bool]:
    """Rows that come before the one with the values `before_<name>`: keyset paging from the newest on."""
    steps = []
    for place, name in enumerate(names):
        same = [table.c[earlier] == bindparam(f"before_{earlier}") for earlier in names[:place]]
        steps.append(and_(*same, table.c[name] < bindparam(f"before_{name}")))
    return and_(table.c[names[0]] <= bindparam(f"before_{names[0]}"), or_(*steps))


_OPEN_TASKS = Query(
    select(tasks)
    .where(tasks.c.state == fixed(0), after(tasks, "case_id", "no"))
    .order_by(tasks.c.case_id, tasks.c.no)
    .limit(limit()),
    TaskRow,
)
_COUNT_OPEN_TASKS = _capped(select(tasks.c.no).where(tasks.c.state == fixed(0)))
_COUNT_OFFERED: Among[Count] = Among(
    lambda subjects: select(func.count()).select_from(
        select(task_candidates.c.case_id, task_candidates.c.no)
        .where(task_candidates.c.subject.in_(subjects))
        .distinct()
        .limit(fixed(COUNTED + 1))
        .subquery()
    ),
    Count,
)
_DONE = Query(
    select(tasks)
    .where(
        tasks.c.assignee == bindparam("person"),
        tasks.c.state > fixed(0),
        _before(tasks, "closed_at", "case_id", "no"),
    )
    .order_by(tasks.c.closed_at.desc(), tasks.c.case_id.desc(), tasks.c.no.desc())
    .limit(limit()),
    TaskRow,
)
_COUNT_DONE = _capped(select(tasks.c.no).where(tasks.c.assignee == bindparam("person"), tasks.c.state > fixed(0)))
_CASES = Query(
    select(cases).where(cases.c.id < bindparam("before")).order_by(cases.c.id.desc()).limit(limit()), CaseRow
)
_INCIDENTS = Query(
    select(incidents).where(incidents.c.id < bindparam("before")).order_by(incidents.c.id.desc()).limit(limit()),
    IncidentRow,
)
_OPEN_INCIDENTS = Query(
    select(incidents)
    .where(incidents.c.closed_at.is_(None), after(incidents, "opened_at", "id"))
    .order_by(incidents.c.opened_at, incidents.c.id)
    .limit(limit()),
    IncidentRow,
)
_COUNT_INCIDENTS = _capped(select(incidents.c.id).where(incidents.c.closed_at.is_(None)))
_LATE_TIMERS = Query(
    select(func.count(), func.min(timers.c.due_at)).where(timers.c.due_at <= bindparam("before")), Seen
)
_COUNT_PARKED = _capped(select(deliveries.c.id).where(deliveries.c.attempts >= fixed(ATTEMPTS)))


def open_tasks(reader: Reader, after: tuple[int, int] = (0, 0), limit: int = PAGE) -> list[TaskRow]:
    """Every open task, those of the oldest cases first; `after`: (case, no) of the last one seen."""
    return reader.all(_OPEN_TASKS, after_case_id=after[0], after_no=after[1], limit=limit)


def count_open_tasks(reader: Reader) -> int:
    """COUNTED + 1 means more than COUNTED; so do all counts here."""
    return reader.all(_COUNT_OPEN_TASKS)[0].n


def count_offered(reader: Reader, subjects: Sequence[str]) -> int:
    """How many tasks one of the subjects may take."""
    return sum(count.n for count in reader.among(_COUNT_OFFERED, sorted(set(subjects)))) if subjects else 0


def done_tasks(reader: Reader, person: str, before: Place = FIRST, limit: int = PAGE) -> list[TaskRow]:
    """Closed tasks of a person, the latest first; `before`: (closed_at, case, no) of the last one seen."""
    return reader.all(
        _DONE, person=person, before_closed_at=before.due_at, before_case_id=before.case_id, before_no=before.no,
        limit=limit,
    )  # fmt: skip


def count_done(reader: Reader, person: str) -> int:
    return reader.all(_COUNT_DONE, person=person)[0].n


def all_cases(reader: Reader, before: int = 2**63 - 1, limit: int = PAGE) -> list[CaseRow]:
    """Cases of every workflow and status, the newest first; `before`: the id of the last one seen."""
    return reader.all(_CASES, before=before, limit=limit)


def all_incidents(reader: Reader, before: int = 2**63 - 1, limit: int = PAGE) -> list[IncidentRow]:
    """Incidents, closed ones too, the newest first."""
    return reader.all(_INCIDENTS, before=before, limit=limit)


def open_incidents(reader: Reader, after: tuple[int, int] = (0, 0), limit: int = PAGE) -> list[IncidentRow]:
    """Incidents that nobody closed, the oldest first; `after`: (opened_at, id) of the last one seen."""
    return reader.all(_OPEN_INCIDENTS, after_opened_at=after[0], after_id=after[1], limit=limit)


def count_open_incidents(reader: Reader) -> int:
    return reader.all(_COUNT_INCIDENTS)[0].n


def late_timers(reader: Reader, before: int) -> Seen:
    """Timers that were due at `before` or earlier and have not fired."""
    return reader.all(_LATE_TIMERS, before=before)[0]


def count_parked(reader: Reader) -> int:
    return reader.all(_COUNT_PARKED)[0].n
