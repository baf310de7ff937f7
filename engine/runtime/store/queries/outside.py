"""Work for outside workers: the effects of `external` steps that wait for an answer."""

from __future__ import annotations

from sqlalchemy import select

from engine.runtime.store.prepared import Query
from engine.runtime.store.queries.conditions import after as rows_after
from engine.runtime.store.queries.conditions import fixed, limit
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import EffectRow
from engine.runtime.store.tables import effects

OUTSIDE = 3
"""State of such an effect: no job performs it."""

_OUTSIDE = Query(
    select(effects)
    .where(effects.c.state == fixed(OUTSIDE), rows_after(effects, "case_id", "seq", "n"))
    .order_by(effects.c.case_id, effects.c.seq, effects.c.n)
    .limit(limit())
    .with_for_update(key_share=True, skip_locked=True),
    EffectRow,
)


def outside_effects(reader: Reader, after: EffectRow | None, limit: int) -> list[EffectRow]:
    """A page in the order of their birth by case, after the given one; PostgreSQL locks them, skipping locked ones."""
    case_id, seq, n = (after.case_id, after.seq, after.n) if after is not None else (0, -1, -1)
    return reader.all(_OUTSIDE, after_case_id=case_id, after_seq=seq, after_n=n, limit=limit)
