"""Whatever is due at a moment: one row each, found by its due time (R38)."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import key, metadata, number, small

timers = Table(
    "timers",
    metadata,
    number("case_id", primary_key=True),
    number("no", primary_key=True),
    number("token"),
    number("due_at"),
    key("node"),
    key("kind"),
    small("attempts"),
    Index("ix_timers_due", "due_at"),
    postgresql_with={"autovacuum_vacuum_scale_factor": 0.02},
)
