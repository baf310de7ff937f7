"""Cases: lists, children, their history and values, incidents."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, func, select

from engine.runtime.store.prepared import Query
from engine.runtime.store.queries.conditions import fixed, limit
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import CaseRow, IncidentRow, StepRow
from engine.runtime.store.tables import cases, incidents, steps

PAGE = 50
LAST = 2**63 - 1


class Standing(NamedTuple):
    """How many cases of a workflow have a status."""

    workflow: str
    status: int
    n: int


class Running(NamedTuple):
    """How many cases run on a version of a workflow."""

    workflow: str
    definition_id: int
    n: int


_RUNNING = Query(
    select(cases.c.workflow, cases.c.definition_id, func.count())
    .where(cases.c.status == fixed(0))
    .group_by(cases.c.workflow, cases.c.definition_id)
    .order_by(cases.c.workflow, cases.c.definition_id),
    Running,
)
_LIST = Query(
    select(cases)
    .where(
        cases.c.workflow == bindparam("workflow"),
        cases.c.status == bindparam("status"),
        cases.c.id < bindparam("before"),
    )
    .order_by(cases.c.id.desc())
    .limit(limit()),
    CaseRow,
)
_OF_RECORD = Query(
    select(cases)
    .where(cases.c.record_form == bindparam("form"), cases.c.record_id == bindparam("record_id"))
    .order_by(cases.c.id)
    .limit(limit()),
    CaseRow,
)
_CHILDREN = Query(
    select(cases)
    .where(cases.c.parent_id == bindparam("parent_id"), cases.c.id > bindparam("after"))
    .order_by(cases.c.id)
    .limit(limit()),
    CaseRow,
)
_ACTIVE_CHILDREN = Query(
    select(cases)
    .where(cases.c.parent_id == bindparam("parent_id"), cases.c.status == fixed(0))
    .order_by(cases.c.id)
    .limit(limit()),
    CaseRow,
)
_BY_KEY = Query(
    select(cases).where(
        cases.c.workflow == bindparam("workflow"),
        cases.c.business_key == bindparam("business_key"),
        cases.c.status == fixed(0),
    ),
    CaseRow,
)
_STANDINGS = Query(
    select(cases.c.workflow, cases.c.status, func.count())
    .group_by(cases.c.workflow, cases.c.status)
    .order_by(cases.c.workflow, cases.c.status),
    Standing,
)
_TIMELINE = Query(
    select(steps)
    .where(steps.c.case_id == bindparam("case_id"), steps.c.seq > bindparam("after"))
    .order_by(steps.c.seq)
    .limit(limit()),
    StepRow,
)
_LAST_OF_KIND = Query(
    select(steps)
    .where(steps.c.case_id == bindparam("case_id"), steps.c.kind == bindparam("kind"))
    .order_by(steps.c.seq.desc())
    .limit(limit()),
    StepRow,
)
_OPEN_INCIDENTS = Query(
    select(incidents)
    .where(incidents.c.closed_at.is_(None), incidents.c.opened_at > bindparam("after"))
    .order_by(incidents.c.opened_at, incidents.c.id)
    .limit(limit()),
    IncidentRow,
)
_INCIDENTS_OF_CASE = Query(
    select(incidents).where(incidents.c.case_id == bindparam("case_id")).order_by(incidents.c.id), IncidentRow
)


def cases_of_workflow(
    reader: Reader, workflow: str, status: int = 0, before: int = LAST, limit: int = PAGE
) -> list[CaseRow]:
    """The newest first; `before`: the id of the last one seen."""
    return reader.all(_LIST, workflow=workflow, status=status, before=before, limit=limit)


def cases_of_record(reader: Reader, form: str, record_id: int, limit: int = 200) -> list[CaseRow]:
    """Every case about a record, the oldest first."""
    return reader.all(_OF_RECORD, form=form, record_id=record_id, limit=limit)


def children(reader: Reader, parent_id: int, after: int = 0, limit: int = PAGE) -> list[CaseRow]:
    return reader.all(_CHILDREN, parent_id=parent_id, after=after, limit=limit)


def active_children(reader: Reader, parent_id: int, limit: int = 1000) -> list[CaseRow]:
    return reader.all(_ACTIVE_CHILDREN, parent_id=parent_id, limit=limit)


def active_case_with_key(reader: Reader, workflow: str, business_key: str) -> CaseRow | None:
    return reader.one(_BY_KEY, workflow=workflow, business_key=business_key)


def standings(reader: Reader) -> list[Standing]:
    """Counts by workflow and status: a scan of an index, for reports."""
    return reader.all(_STANDINGS)


def running(reader: Reader) -> list[Running]:
    """Running cases by the version that they run on: a scan, for deployments."""
    return reader.all(_RUNNING)


def timeline(reader: Reader, case_id: int, after: int = 0, limit: int = 1000) -> list[StepRow]:
    """The history of a case from seq `after` + 1 on."""
    return reader.all(_TIMELINE, case_id=case_id, after=after, limit=limit)


def last_step_of_kind(reader: Reader, case_id: int, kind: str) -> StepRow | None:
    """The latest step of a case that began with this kind of event."""
    return reader.one(_LAST_OF_KIND, case_id=case_id, kind=kind, limit=1)


def open_incidents(reader: Reader, after: int = 0, limit: int = PAGE) -> list[IncidentRow]:
    """Incidents that nobody closed, the oldest first; `after`: opened later than this moment."""
    return reader.all(_OPEN_INCIDENTS, after=after, limit=limit)


def incidents_of_case(reader: Reader, case_id: int) -> list[IncidentRow]:
    return reader.all(_INCIDENTS_OF_CASE, case_id=case_id)
