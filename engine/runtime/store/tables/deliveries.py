"""The durable mailbox between cases (R10): what one step means for other targets."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import key, long, metadata, number, partial, small

deliveries = Table(
    "deliveries",
    metadata,
    number("id", primary_key=True),
    number("case_id", null=True),
    key("workflow", null=True),
    long("event"),
    key("cause", null=True),
    small("depth"),
    small("attempts"),
    number("not_before"),
    partial("ix_deliveries_ready", "not_before", "id", where="attempts < 5"),
    Index("ix_deliveries_case", "case_id"),
    postgresql_with={"autovacuum_vacuum_scale_factor": 0.02},
)
