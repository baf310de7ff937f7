"""Which definition is in force under a kind and name (R30)."""

from __future__ import annotations

from sqlalchemy import Table

from engine.runtime.store.tables.columns import key, metadata, number

active = Table(
    "active",
    metadata,
    key("kind", primary_key=True),
    key("name", primary_key=True),
    number("definition_id"),
)
