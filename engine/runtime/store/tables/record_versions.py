"""What changed in a record, by whom and because of what; one row a version."""

from __future__ import annotations

from sqlalchemy import Table

from engine.runtime.store.tables.columns import key, long, metadata, number

record_versions = Table(
    "record_versions",
    metadata,
    number("record_id", primary_key=True),
    number("version", primary_key=True),
    number("at"),
    key("actor", null=True),
    key("cause", null=True),
    long("changes"),
)
