"""Messages that nobody has taken yet, until they expire (R17)."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import key, long, metadata, number

messages = Table(
    "messages",
    metadata,
    number("id", primary_key=True),
    key("name"),
    key("key"),
    long("payload"),
    key("message_id", null=True),
    number("expires_at"),
    Index("ux_messages_message_id", "message_id", unique=True),
    Index("ix_messages_wanted", "name", "key", "id"),
    Index("ix_messages_expires", "expires_at"),
)
