"""What cases wait for besides people and time: messages, signals, records, by (kind, name, key)."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import key, metadata, number, small

subscriptions = Table(
    "subscriptions",
    metadata,
    number("case_id", primary_key=True),
    number("no", primary_key=True),
    number("id"),
    number("token"),
    small("kind"),
    key("name"),
    key("key", primary_key=True),
    key("node"),
    Index("ix_subscriptions_wanted", "kind", "name", "key", "id"),
)
