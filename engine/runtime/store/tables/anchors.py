"""Witnesses of the chain: a hash over the heads of the cases touched in a span of time (R44)."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import metadata, number, octets

anchors = Table(
    "anchors",
    metadata,
    number("id", primary_key=True),
    number("at"),
    number("cases"),
    octets("hash"),
    Index("ux_anchors_at", "at", unique=True),
)
