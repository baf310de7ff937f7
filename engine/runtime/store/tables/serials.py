"""The last serial number given out under a name."""

from __future__ import annotations

from sqlalchemy import Table

from engine.runtime.store.tables.columns import key, metadata, number

serials = Table(
    "serials",
    metadata,
    key("name", primary_key=True),
    number("position"),
)
