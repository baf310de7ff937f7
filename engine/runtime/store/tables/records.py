"""Business records: the data as they are now; `version` guards every write (R8)."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import key, long, metadata, number

records = Table(
    "records",
    metadata,
    number("id", primary_key=True),
    key("form"),
    number("version"),
    long("data"),
    key("owner", null=True),
    key("team", null=True),
    number("merged_into", null=True),
    number("created_at"),
    number("changed_at"),
    Index("ix_records_form", "form", "id"),
)
