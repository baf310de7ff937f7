"""The log of deployments; its highest id tells every process that `active` changed (R32)."""

from __future__ import annotations

from sqlalchemy import Table

from engine.runtime.store.tables.columns import key, long, metadata, number

deployments = Table(
    "deployments",
    metadata,
    number("id", primary_key=True),
    number("at"),
    key("actor", null=True),
    long("changes"),
)
