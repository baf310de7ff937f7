"""The arbiter of uniqueness: one row a unique value (R16)."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import key, metadata, number

record_unique = Table(
    "record_unique",
    metadata,
    key("form", primary_key=True),
    key("rule", primary_key=True),
    key("key", primary_key=True),
    number("record_id"),
    Index("ix_record_unique_record", "record_id"),
)
