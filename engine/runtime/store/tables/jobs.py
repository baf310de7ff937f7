"""The embedded queue: a job names an effect and is held by a lease (R50)."""

from __future__ import annotations

from sqlalchemy import Table

from engine.runtime.store.tables.columns import key, long, metadata, number, partial, small

jobs = Table(
    "jobs",
    metadata,
    number("id", primary_key=True),
    key("kind"),
    key("key", null=True),
    long("args"),
    small("state"),
    small("attempts"),
    key("locked_by", null=True),
    number("locked_until", null=True),
    partial("ix_jobs_waiting", "id", where="state = 0"),
    partial("ix_jobs_held", "locked_until", where="state = 1"),
    partial("ux_jobs_key", "key", where="state IN (0, 1) AND key IS NOT NULL", unique=True),
)
