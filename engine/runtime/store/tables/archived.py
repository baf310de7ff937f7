"""Ended cases moved out of the way, each as one packed body; the head is kept (R47)."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import key, metadata, number, octets

archived = Table(
    "archived",
    metadata,
    number("case_id", primary_key=True),
    key("record_form", null=True),
    number("record_id", null=True),
    number("ended_at"),
    octets("head"),
    octets("body"),
    Index("ix_archived_record", "record_form", "record_id"),
)
