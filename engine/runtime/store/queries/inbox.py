"""What is on a person's desk (R54): own tasks, tasks to take, done ones; paged by key, counts capped."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import and_, bindparam, func, select

from engine.runtime.store.prepared import Query
from engine.runtime.store.queries.conditions import after, fixed, limit
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import CandidateRow, TaskPersonRow, TaskRow
from engine.runtime.store.tables import task_candidates, task_people, tasks

PAGE = 50
COUNTED = 1000
"""Counts stop here; a list says "1000+"."""


class Place(NamedTuple):
    """Where a page ended; the next begins after it."""

    due_at: int
    case_id: int
    no: int


START = Place(-1, 0, 0)


class Count(NamedTuple):
    n: int


def place_of(task: TaskRow) -> Place:
    return Place(task.due_at, task.case_id, task.no)


_MINE = Query(
    select(tasks)
    .where(tasks.c.assignee == bindparam("person"), tasks.c.state == fixed(0), after(tasks, "due_at", "case_id", "no"))
    .order_by(tasks.c.due_at, tasks.c.case_id, tasks.c.no)
    .limit(limit()),
    TaskRow,
)
_OFFERED = Query(
    select(tasks)
    .join(task_candidates, and_(task_candidates.c.case_id == tasks.c.case_id, task_candidates.c.no == tasks.c.no))
    .where(
        task_candidates.c.subject == bindparam("subject"),
        after(task_candidates, "due_at", "case_id", "no"),
        tasks.c.state == fixed(0),
    )
    .order_by(task_candidates.c.due_at, task_candidates.c.case_id, task_candidates.c.no)
    .limit(limit()),
    TaskRow,
)
_DONE = Query(
    select(tasks)
    .where(tasks.c.assignee == bindparam("person"), tasks.c.state > fixed(0), tasks.c.closed_at < bindparam("before"))
    .order_by(tasks.c.closed_at.desc(), tasks.c.case_id.desc(), tasks.c.no.desc())
    .limit(limit()),
    TaskRow,
)
_COUNT_MINE = Query(
    select(func.count()).select_from(
        select(tasks.c.no)
        .where(tasks.c.assignee == bindparam("person"), tasks.c.state == fixed(0))
        .limit(fixed(COUNTED + 1))
        .subquery()
    ),
    Count,
)
_COUNT_OVERDUE = Query(
    select(func.count()).select_from(
        select(tasks.c.no)
        .where(tasks.c.assignee == bindparam("person"), tasks.c.state == fixed(0), tasks.c.due_at < bindparam("now"))
        .limit(fixed(COUNTED + 1))
        .subquery()
    ),
    Count,
)
_OF_CASE = Query(select(tasks).where(tasks.c.case_id == bindparam("case_id")).order_by(tasks.c.no), TaskRow)
_OF_RECORD = Query(
    select(tasks)
    .where(tasks.c.record_form == bindparam("form"), tasks.c.record_id == bindparam("record_id"))
    .order_by(tasks.c.case_id, tasks.c.no)
    .limit(limit()),
    TaskRow,
)
_CANDIDATES = Query(
    select(task_candidates)
    .where(task_candidates.c.case_id == bindparam("case_id"), task_candidates.c.no == bindparam("no"))
    .order_by(task_candidates.c.subject),
    CandidateRow,
)
_PEOPLE = Query(
    select(task_people)
    .where(task_people.c.case_id == bindparam("case_id"), task_people.c.no == bindparam("no"))
    .order_by(task_people.c.at, task_people.c.subject),
    TaskPersonRow,
)


def mine(reader: Reader, person: str, place: Place = START, limit: int = PAGE) -> list[TaskRow]:
    """Open tasks of a person, those due first at the top."""
    return reader.all(_MINE, person=person, **_after(place), limit=limit)


def claimable(reader: Reader, subjects: Iterable[str], place: Place = START, limit: int = PAGE) -> list[TaskRow]:
    """Open tasks that one of the subjects ('user:li_na', 'role:sales') may take; each task once.

    The top of each subject's list, merged: an `IN` over subjects would sort the whole queue of a role.
    """
    tops = [reader.all(_OFFERED, subject=subject, **_after(place), limit=limit) for subject in sorted(set(subjects))]
    page: list[TaskRow] = []
    for task in heapq.merge(*tops, key=place_of):
        if len(page) == limit:
            break
        if not page or place_of(page[-1]) != place_of(task):
            page.append(task)
    return page


def done(reader: Reader, person: str, before: int = 2**63 - 1, limit: int = PAGE) -> list[TaskRow]:
    """Closed tasks of a person, the latest first; `before`: closed earlier than this moment."""
    return reader.all(_DONE, person=person, before=before, limit=limit)


def count_mine(reader: Reader, person: str) -> int:
    """How many tasks are open for a person; COUNTED + 1 means more than COUNTED."""
    return reader.all(_COUNT_MINE, person=person)[0].n


def count_overdue(reader: Reader, person: str, now: int) -> int:
    return reader.all(_COUNT_OVERDUE, person=person, now=now)[0].n


def tasks_of_case(reader: Reader, case_id: int) -> list[TaskRow]:
    return reader.all(_OF_CASE, case_id=case_id)


def tasks_of_record(reader: Reader, form: str, record_id: int, limit: int = 200) -> list[TaskRow]:
    return reader.all(_OF_RECORD, form=form, record_id=record_id, limit=limit)


def candidates(reader: Reader, case_id: int, no: int) -> list[CandidateRow]:
    """Who may take the task; empty when nobody may (any more)."""
    return reader.all(_CANDIDATES, case_id=case_id, no=no)


def people(reader: Reader, case_id: int, no: int) -> list[TaskPersonRow]:
    return reader.all(_PEOPLE, case_id=case_id, no=no)


def _after(place: Place) -> dict[str, int]:
    return {"after_due_at": place.due_at, "after_case_id": place.case_id, "after_no": place.no}
