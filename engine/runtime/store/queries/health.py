"""What a database says of itself: its schema, its clock, how it keeps what was committed."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import literal_column, select

from engine.runtime.store import migrations
from engine.runtime.store.prepared import Query
from engine.runtime.store.queries.inbox import Count
from engine.runtime.store.reader import Reader

_CLOCK = Query(select(literal_column("CAST(extract(epoch from clock_timestamp()) * 1000000 AS BIGINT)")), Count)


class Keeping(NamedTuple):
    """How commits are kept: on SQLite journal mode and synchronous, on PostgreSQL fsync and synchronous_commit."""

    kind: str
    journal: str
    synchronous: str
    is_safe: bool


def schema(reader: Reader) -> tuple[str | None, str]:
    """The revision that the database is at, and the one that this code is written for."""
    return migrations.current(reader.connection), migrations.head()


def clock(reader: Reader) -> int | None:
    """The server's clock in microseconds UTC; None where the database has none of its own."""
    return reader.all(_CLOCK)[0].n if reader.dialect.name == "postgresql" else None


def keeping(reader: Reader) -> Keeping:
    """In memory nothing is kept, and that is as wanted."""
    ask = reader.connection.exec_driver_sql
    if reader.dialect.name == "postgresql":
        fsync, commit = str(ask("SHOW fsync").scalar()), str(ask("SHOW synchronous_commit").scalar())
        return Keeping("postgresql", f"fsync {fsync}", commit, fsync == "on" and commit != "off")
    if reader.dialect.shared:
        return Keeping("memory", "memory", "off", True)
    journal = str(ask("PRAGMA journal_mode").scalar())
    synchronous = str(getattr(reader.dialect, "_synchronous", ""))  # of the writer's connection: this one only reads
    return Keeping("sqlite", journal, synchronous, journal == "wal" and synchronous in ("FULL", "NORMAL"))
