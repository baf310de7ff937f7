"""Work of people, open (`state` 0) and closed; the columns that lists show and sort by."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import key, long, metadata, number, partial, small

tasks = Table(
    "tasks",
    metadata,
    number("case_id", primary_key=True),
    number("no", primary_key=True),
    key("workflow"),
    key("node"),
    small("state"),
    key("assignee", null=True),
    number("due_at"),
    number("priority"),
    long("title"),
    key("record_form", null=True),
    number("record_id", null=True),
    number("version"),
    number("opened_at"),
    number("claimed_at", null=True),
    number("closed_at", null=True),
    key("outcome", null=True),
    partial("ix_tasks_mine", "assignee", "due_at", "case_id", "no", where="state = 0"),
    partial("ix_tasks_done", "assignee", "closed_at", "case_id", "no", where="state > 0"),
    partial("ix_tasks_place", "workflow", "node", where="state = 0"),
    Index("ix_tasks_subject", "record_form", "record_id"),
)
