"""What must be done now: due timers and ready deliveries, claimed so that no two sweepers get the same (R38, R10)."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, func, literal_column, select

from engine.runtime.store.prepared import Query
from engine.runtime.store.queries.conditions import fixed, limit
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import DeliveryRow, TimerRow
from engine.runtime.store.tables import cases, deliveries, timers

CLAIM = 200
DRAIN = 100
ATTEMPTS = 5
"""A delivery that failed so often is parked: its incident has the event."""


class Due(NamedTuple):
    earliest: int | None


_CLAIM_TIMERS = Query(
    select(timers)
    .join(cases, cases.c.id == timers.c.case_id)
    .where(timers.c.due_at <= bindparam("now"))
    .order_by(timers.c.due_at, timers.c.case_id, timers.c.no)
    .limit(limit())
    .with_for_update(key_share=True, skip_locked=True),
    TimerRow,
)
_EARLIEST_TIMER = Query(select(func.min(timers.c.due_at)), Due)
_TIMERS_OF_CASE = Query(
    select(timers).where(timers.c.case_id == bindparam("case_id")).order_by(timers.c.due_at, timers.c.no), TimerRow
)
_CLAIM_DELIVERIES = Query(
    select(deliveries)
    .where(deliveries.c.attempts < literal_column(str(ATTEMPTS)), deliveries.c.not_before <= bindparam("now"))
    .order_by(deliveries.c.not_before, deliveries.c.id)
    .limit(limit())
    .with_for_update(key_share=True, skip_locked=True),
    DeliveryRow,
)
_EARLIEST_DELIVERY = Query(
    select(func.min(deliveries.c.not_before)).where(deliveries.c.attempts < fixed(ATTEMPTS)), Due
)
_PARKED = Query(
    select(deliveries).where(deliveries.c.attempts >= fixed(ATTEMPTS)).order_by(deliveries.c.id).limit(limit()),
    DeliveryRow,
)


def claim_timers(reader: Reader, now: int, limit: int = CLAIM) -> list[TimerRow]:
    """Timers that are due, earliest first. On PostgreSQL they and their cases are locked; what others hold is left out.

    In a transaction `load_case` of their cases then waits for nobody.
    """
    return reader.all(_CLAIM_TIMERS, now=now, limit=limit)


def earliest_timer(reader: Reader) -> int | None:
    """When the next timer is due; None without timers."""
    return reader.all(_EARLIEST_TIMER)[0].earliest


def timers_of_case(reader: Reader, case_id: int) -> list[TimerRow]:
    return reader.all(_TIMERS_OF_CASE, case_id=case_id)


def claim_deliveries(reader: Reader, now: int, limit: int = DRAIN) -> list[DeliveryRow]:
    """Deliveries to hand out, those of one sender in their order (ids rise); locked like timers, their cases not."""
    return reader.all(_CLAIM_DELIVERIES, now=now, limit=limit)


def earliest_delivery(reader: Reader) -> int | None:
    """From when on the next delivery may be handed out; None when nothing waits."""
    return reader.all(_EARLIEST_DELIVERY)[0].earliest


def parked_deliveries(reader: Reader, limit: int = 100) -> list[DeliveryRow]:
    return reader.all(_PARKED, limit=limit)
