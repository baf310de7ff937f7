"""One row a case: where it stands now (`state`) and the head of its history."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.runtime.store.tables.columns import key, long, metadata, number, octets, partial, small

cases = Table(
    "cases",
    metadata,
    number("id", primary_key=True),
    key("workflow"),
    number("definition_id"),
    key("record_form", null=True),
    number("record_id", null=True),
    number("parent_id", null=True),
    number("parent_no", null=True),
    key("business_key", null=True),
    small("status"),
    number("seq"),
    long("state"),
    octets("head"),
    small("incidents"),
    number("started_at"),
    number("last_at"),
    number("ended_at", null=True),
    Index("ix_cases_record", "record_form", "record_id"),
    Index("ix_cases_workflow", "workflow", "status", "id"),
    partial("ix_cases_parent", "parent_id", "status", where="parent_id IS NOT NULL"),
    partial(
        "ux_cases_business_key",
        "workflow",
        "business_key",
        where="status = 0 AND business_key IS NOT NULL",
        unique=True,
    ),
    postgresql_with={"fillfactor": 80, "autovacuum_vacuum_scale_factor": 0.02},
)
