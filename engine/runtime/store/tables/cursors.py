"""Positions that picks in turn go by; a pick locks its node's row (R34)."""

from __future__ import annotations

from sqlalchemy import Table

from engine.runtime.store.tables.columns import key, metadata, number

cursors = Table(
    "cursors",
    metadata,
    key("name", primary_key=True),
    number("position"),
)
