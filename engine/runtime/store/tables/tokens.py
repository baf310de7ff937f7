"""Access tokens of the HTTP interface: the digest only, never the token."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import key, metadata, number, octets

tokens = Table(
    "tokens",
    metadata,
    number("id", primary_key=True),
    key("person"),
    octets("digest"),
    number("created_at"),
    number("revoked_at", null=True),
    Index("ux_tokens_digest", "digest", unique=True),
    Index("ix_tokens_person", "person"),
)
