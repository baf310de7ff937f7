"""Hands the work of `external` steps to outside workers: fetched by topic under a lease, answered by its id.

A lease that runs out makes the work free for the next who asks; whoever answers first answers for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.interpreter.effects import AskOutside
from engine.interpreter.events import ServiceAnswered
from engine.runtime.codec import decode_case
from engine.runtime.commands import TellCase
from engine.runtime.store.errors import Refused
from engine.runtime.store.queries.outside import OUTSIDE, outside_effects
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import EffectRow
from engine.runtime.store.statements import CASES, DONE, EFFECTS
from engine.runtime.store.transaction import Transaction

PAGE = 200
MOST = 100
"""Works that one fetch gives at most."""
LONGEST = 24 * 3600 * 1_000_000
_asked = msgspec.json.Decoder(AskOutside)


class Lease(msgspec.Struct):
    """Who has the work, and until when (microseconds UTC)."""

    worker: str
    until: int


class _Stored(msgspec.Struct):
    lease: Lease | None = None


_stored = msgspec.json.Decoder(_Stored)


def fetch(transaction: Transaction, topic: str, worker: str, limit: int, lease: int) -> list[dict[str, Any]]:
    """Work of a topic that nobody has, leased to `worker` for `lease` microseconds: {"id", "topic", "give", "until"}.

    `id` is the key of all attempts: do the work once per id. Work that its case no longer waits for is put away.
    """
    found: list[dict[str, Any]] = []
    until = transaction.now + min(max(lease, 1), LONGEST)
    page: list[EffectRow] = outside_effects(transaction, None, PAGE)
    while page:
        for row in page:
            asked = _asked.decode(row.payload)
            held = _stored.decode(row.payload).lease
            if asked.topic != topic or (held is not None and held.until > transaction.now and held.worker != worker):
                continue
            if not _awaited(transaction, row, asked.no):
                transaction.batch.change(EFFECTS, row, row._replace(state=DONE, answered_at=transaction.now))
                continue
            payload = {**msgspec.json.decode(row.payload), "lease": {"worker": worker, "until": until}}
            text = msgspec.json.encode(payload).decode()
            transaction.batch.change(EFFECTS, row, row._replace(payload=text, attempts=row.attempts + 1))
            id = f"{row.case_id}.{row.seq}.{row.n}"
            found.append({"id": id, "topic": topic, "give": dict(asked.give), "until": until})
            if len(found) >= min(limit, MOST):
                return found
        page = outside_effects(transaction, page[-1], PAGE)
    return found


def answer(
    reader: Reader, effect: str, worker: str | None, ok: bool, gives: Mapping[str, Any], error: str = ""
) -> TellCase:
    """The event that an answer makes, as a command. Raises Refused: 404 no such work, 409 not theirs or done.

    `worker` None: whoever answers, an operator for one.
    """
    parts = effect.split(".")
    known = len(parts) == 3 and all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts)
    row = reader.row(EFFECTS, *(int(part) for part in parts)) if known else None
    if row is None or row.kind != "AskOutside":
        raise Refused(404, "not-found", {"en": "there is no such work", "zh": "没有该外部任务"})
    if row.state != OUTSIDE:
        raise Refused(409, "late", {"en": "this work has its answer already", "zh": "该外部任务已有结果"})
    held = _stored.decode(row.payload).lease
    if worker is not None and held is not None and held.worker != worker:
        raise Refused(409, "not-yours", {"en": "another worker has this work", "zh": "该外部任务由其他执行者持有"})
    event = ServiceAnswered(_asked.decode(row.payload).no, ok, dict(gives), error)
    return TellCase(case=row.case_id, event=event, effect=effect)


def _awaited(transaction: Transaction, row: EffectRow, no: int) -> bool:
    case = transaction.row(CASES, row.case_id)
    return case is not None and case.ended_at is None and decode_case(case.state).awaiting(no) is not None
