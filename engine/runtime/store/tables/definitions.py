"""Deployed definition texts, immutable, each under the hash of its closure (R30, R31)."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import key, long, metadata, number

definitions = Table(
    "definitions",
    metadata,
    number("id", primary_key=True),
    key("hash"),
    key("kind"),
    key("name"),
    long("text"),
    number("created_at"),
    Index("ux_definitions_hash", "hash", unique=True),
)
