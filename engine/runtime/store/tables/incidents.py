"""What went wrong and waits for an operator."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import key, long, metadata, number, partial

incidents = Table(
    "incidents",
    metadata,
    number("id", primary_key=True),
    number("case_id", null=True),
    number("token", null=True),
    key("node", null=True),
    key("code"),
    long("message"),
    long("event", null=True),
    number("opened_at"),
    number("closed_at", null=True),
    key("closed_by", null=True),
    partial("ix_incidents_open", "opened_at", where="closed_at IS NULL"),
    Index("ix_incidents_case", "case_id"),
)
