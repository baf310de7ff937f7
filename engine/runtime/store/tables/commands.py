"""Answers already given, by the caller's idempotency key (R35)."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import key, long, metadata, number, octets

commands = Table(
    "commands",
    metadata,
    key("actor", primary_key=True),
    key("key", primary_key=True),
    octets("digest"),
    number("status"),
    long("answer"),
    number("at"),
    Index("ix_commands_at", "at"),
)
