"""How many open things of a kind a member holds; changed relatively, recounted by verify (R33)."""

from __future__ import annotations

from sqlalchemy import Table

from engine.runtime.store.tables.columns import key, metadata, number

OPEN_TASKS = "~task"
"""The kind under which open tasks count; other kinds are names of forms, which never begin so."""

loads = Table(
    "loads",
    metadata,
    key("member", primary_key=True),
    key("kind", primary_key=True),
    number("n"),
    number("last_at"),
)
