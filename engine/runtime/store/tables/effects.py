"""What the world must do, in order of its birth; (case, seq, n) is the idempotency key of all attempts (R36)."""

from __future__ import annotations

from sqlalchemy import Table

from engine.runtime.store.tables.columns import key, long, metadata, number, partial, small

effects = Table(
    "effects",
    metadata,
    number("case_id", primary_key=True),
    number("seq", primary_key=True),
    number("n", primary_key=True),
    key("kind"),
    long("payload"),
    small("state"),
    small("attempts"),
    number("answered_at", null=True),
    partial("ix_effects_waiting", "state", "case_id", where="state = 0"),
    partial("ix_effects_outside", "case_id", "seq", "n", where="state = 3"),
    postgresql_with={"autovacuum_vacuum_scale_factor": 0.02},
)
