"""Outgoing work: effects that wait, and jobs of the embedded queue with their leases (R36, R50)."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from engine.runtime.store.prepared import Query
from engine.runtime.store.queries.conditions import fixed, limit
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import EffectRow, JobRow
from engine.runtime.store.tables import effects, jobs

WAITING, RUNNING, DONE, DEAD = 0, 1, 2, 3
"""States of a job; effects know WAITING and DONE."""

_WAITING_EFFECTS = Query(
    select(effects)
    .where(effects.c.state == fixed(WAITING), effects.c.case_id > bindparam("after"))
    .order_by(effects.c.case_id, effects.c.seq, effects.c.n)
    .limit(limit()),
    EffectRow,
)
_OF_CASE = Query(
    select(effects).where(effects.c.case_id == bindparam("case_id")).order_by(effects.c.seq, effects.c.n), EffectRow
)
_WAITING_JOBS = Query(
    select(jobs)
    .where(jobs.c.state == fixed(WAITING))
    .order_by(jobs.c.id)
    .limit(limit())
    .with_for_update(key_share=True, skip_locked=True),
    JobRow,
)
_LOST_JOBS = Query(
    select(jobs)
    .where(jobs.c.state == fixed(RUNNING), jobs.c.locked_until < bindparam("now"))
    .order_by(jobs.c.locked_until)
    .limit(limit())
    .with_for_update(key_share=True, skip_locked=True),
    JobRow,
)


_ANY_WAITING = Query(select(jobs).where(jobs.c.state == fixed(WAITING)).limit(fixed(1)), JobRow)
_ANY_LOST = Query(
    select(jobs).where(jobs.c.state == fixed(RUNNING), jobs.c.locked_until < bindparam("now")).limit(fixed(1)), JobRow
)


def waiting_effects(reader: Reader, after: int = 0, limit: int = 200) -> list[EffectRow]:
    """Effects without an answer, by case; `after`: the case of the last one seen."""
    return reader.all(_WAITING_EFFECTS, after=after, limit=limit)


def effects_of_case(reader: Reader, case_id: int) -> list[EffectRow]:
    return reader.all(_OF_CASE, case_id=case_id)


def waiting_jobs_exist(reader: Reader, now: int) -> bool:
    """Whether a job can be taken: one waits, or a lease ran out."""
    return bool(reader.all(_ANY_WAITING) or reader.all(_ANY_LOST, now=now))


def waiting_jobs(reader: Reader, limit: int) -> list[JobRow]:
    """Jobs to run, the oldest first; locked on PostgreSQL, so that two workers do not take the same."""
    return reader.all(_WAITING_JOBS, limit=limit)


def lost_jobs(reader: Reader, now: int, limit: int = 100) -> list[JobRow]:
    """Jobs whose worker let the lease run out: it died, or hangs."""
    return reader.all(_LOST_JOBS, now=now, limit=limit)
