"""Who may take an open task: a row for each subject ('role:finance', 'user:li_na') while it can be taken."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import key, metadata, number

task_candidates = Table(
    "task_candidates",
    metadata,
    key("subject", primary_key=True),
    number("due_at", primary_key=True),
    number("case_id", primary_key=True),
    number("no", primary_key=True),
    Index("ix_task_candidates_task", "case_id", "no"),
    sqlite_with_rowid=False,
)
