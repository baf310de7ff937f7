"""People tied to a task other than its owner: copied to, decided, delegated from."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import key, metadata, number, small

task_people = Table(
    "task_people",
    metadata,
    key("subject", primary_key=True),
    small("kind", primary_key=True),
    number("at", primary_key=True),
    number("case_id", primary_key=True),
    number("no", primary_key=True),
    Index("ix_task_people_task", "case_id", "no"),
    sqlite_with_rowid=False,
)
