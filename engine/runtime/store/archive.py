"""Archiving ended cases (R47): history, tasks and values become one packed row; the head of the chain is kept."""

from __future__ import annotations

import gzip
from typing import NamedTuple

import msgspec
from sqlalchemy import bindparam, select

from engine.runtime.store import tables
from engine.runtime.store.prepared import Query
from engine.runtime.store.queries.conditions import fixed, limit
from engine.runtime.store.rows import ArchivedRow, CaseRow, CaseValueRow, StepRow, TaskRow
from engine.runtime.store.statements import ARCHIVED, CASES, CLEAR_CASE
from engine.runtime.store.transaction import Transaction

MOST = 200
"""Cases of one transaction."""


class Body(NamedTuple):
    """What an archived case keeps."""

    case: CaseRow
    steps: list[StepRow]
    tasks: list[TaskRow]
    values: list[CaseValueRow]


_ENDED = Query(
    select(tables.cases)
    .where(
        tables.cases.c.workflow == bindparam("workflow"),
        tables.cases.c.status.between(fixed(1), fixed(3)),
        tables.cases.c.ended_at < bindparam("before"),
    )
    .order_by(tables.cases.c.id)
    .limit(limit())
    .with_for_update(key_share=True, skip_locked=True),
    CaseRow,
)
_STEPS = Query(
    select(tables.steps).where(tables.steps.c.case_id == bindparam("case_id")).order_by(tables.steps.c.seq), StepRow
)
_TASKS = Query(
    select(tables.tasks).where(tables.tasks.c.case_id == bindparam("case_id")).order_by(tables.tasks.c.no), TaskRow
)
_VALUES = Query(
    select(tables.case_values)
    .where(tables.case_values.c.case_id == bindparam("case_id"))
    .order_by(tables.case_values.c.name, tables.case_values.c.no),
    CaseValueRow,
)


def pack(body: Body) -> bytes:
    return gzip.compress(msgspec.json.encode(body), mtime=0)


def unpack(packed: bytes) -> Body:
    return msgspec.json.decode(gzip.decompress(packed), type=Body)


def archive(transaction: Transaction, workflow: str, before: int, most: int = MOST) -> int:
    """Moves cases of a workflow that ended before this moment out of the way; how many."""
    ended = transaction.all(_ENDED, workflow=workflow, before=before, limit=most)
    packed = []
    for case in ended:
        same = {"case_id": case.id}
        body = Body(
            case, transaction.all(_STEPS, **same), transaction.all(_TASKS, **same), transaction.all(_VALUES, **same)
        )
        packed.append(ArchivedRow(case.id, case.record_form, case.record_id, case.ended_at or 0, case.head, pack(body)))
    batch = transaction.batch
    for row in packed:  # after all reads: each read of a table with changes would flush
        batch.put(ARCHIVED, row)
        for write in CLEAR_CASE.values():
            batch.clear(write, row.case_id)
        batch.remove(CASES, (row.case_id,))
    return len(packed)
