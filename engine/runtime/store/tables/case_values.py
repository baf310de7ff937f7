"""What is too big for a case's state: lists, query results, anything above 2 KB (R28)."""

from __future__ import annotations

from sqlalchemy import Table

from engine.runtime.store.tables.columns import key, long, metadata, number

case_values = Table(
    "case_values",
    metadata,
    number("case_id", primary_key=True),
    key("name", primary_key=True),
    number("no", primary_key=True),
    long("value"),
)
