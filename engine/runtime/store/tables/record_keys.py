"""Order-preserving text keys of records for look-ups, ranges and search tokens (R9, R55)."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import key, metadata, number

record_keys = Table(
    "record_keys",
    metadata,
    key("form", primary_key=True),
    key("field", primary_key=True),
    key("key", primary_key=True),
    number("record_id", primary_key=True),
    Index("ix_record_keys_record", "record_id"),
    sqlite_with_rowid=False,
)
