"""The schema: migrated equals created, a newer one is refused, history cannot be changed."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from engine.runtime.store import migrations
from engine.runtime.store.dialect import dialect_for
from engine.runtime.store.errors import NewerSchema, OldSchema
from engine.runtime.store.prepared import Query
from engine.runtime.store.queries import cases, definitions, due, effects, inbox, records, waiting
from engine.runtime.store.statements import FLUSH_ORDER
from engine.runtime.store.store import Store
from engine.runtime.store.tables import metadata
from engine.runtime.writer import Writer
from tests.store.stub import Complete, Start, handle


def test_migrated_sqlite_is_what_create_all_makes(tmp_path: Path) -> None:
    Store.open(f"sqlite:///{tmp_path / 'migrated.db'}").close()
    engine = create_engine(f"sqlite:///{tmp_path / 'created.db'}")
    metadata.create_all(engine)
    engine.dispose()

    def schema(path: Path) -> dict[str, str]:
        with sqlite3.connect(path) as raw:
            rows = raw.execute("SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        return {name: re.sub(r"\s+", " ", sql) for name, sql in rows if "alembic" not in name}

    migrated = schema(tmp_path / "migrated.db")
    assert migrated == schema(tmp_path / "created.db")
    assert sum(name.startswith("trigger ") for name in migrated) == 2
    assert "WITHOUT ROWID" in migrated["table task_candidates"]
    assert "WHERE state = 0" in migrated["index ix_tasks_mine"]


def test_migrated_postgres_is_what_create_all_makes(postgres_url: str) -> None:
    """The catalogue's own words for tables, indexes and triggers, of both, in two schemas of one database."""
    engine = create_engine(postgres_url.replace("postgresql:", "postgresql+psycopg:"))
    queries = [
        "SELECT table_name, column_name, data_type, is_nullable, collation_name, column_default "
        "FROM information_schema.columns WHERE table_schema = current_schema() AND table_name <> 'alembic_version'",
        "SELECT tablename, indexname, replace(indexdef, current_schema() || '.', '') FROM pg_indexes "
        "WHERE schemaname = current_schema() AND tablename <> 'alembic_version'",
        "SELECT c.relname, array_to_string(c.reloptions, ',') FROM pg_class c "
        "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> 'alembic_version'",
        "SELECT t.tgname, replace(pg_get_triggerdef(t.oid), current_schema() || '.', '') FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE c.relnamespace = current_schema()::regnamespace AND NOT tgisinternal",
        "SELECT p.proname, p.prosrc FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace "
        "AND p.proname LIKE 'steps%'",
    ]
    found = []
    with engine.connect() as connection:
        assert not compare_metadata(MigrationContext.configure(connection), metadata)
        found.append([sorted(map(tuple, connection.execute(text(query)))) for query in queries])
        connection.execute(text("CREATE SCHEMA created"))
        connection.execute(text("SET LOCAL search_path TO created"))
        metadata.create_all(connection, checkfirst=False)
        found.append([sorted(map(tuple, connection.execute(text(query)))) for query in queries])
        connection.rollback()
    engine.dispose()
    assert len(found[0][3]) == 1
    assert len(found[0][0]) > 150
    assert found[0] == found[1]


def test_newer_schema_is_refused(store: Store) -> None:
    store.check_schema()
    with store.write_connection() as connection, store.turn():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()
    try:
        with pytest.raises(NewerSchema):
            store.check_schema()
        with pytest.raises(NewerSchema):
            store.migrate()
    finally:
        with store.write_connection() as connection, store.turn():
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": migrations.head()})
            connection.commit()


def test_unmigrated_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(OldSchema):
        Store.open(f"sqlite:///{tmp_path / 'empty.db'}", read_only=True)
    assert (tmp_path / "empty.db").stat().st_size == 0


def test_unknown_database_is_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        Store.open("mysql://somewhere/x")


def test_reads_cannot_write(database_url: str, open_store: Callable[..., Store]) -> None:
    store = open_store(database_url)
    if store.dialect.shared:
        pytest.skip("in memory readers share the writer's connection")
    with store.read() as reader, pytest.raises(DBAPIError):
        reader.connection.execute(text("DELETE FROM cursors"))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE steps SET events = 'x'",
        "UPDATE steps SET redacted = hash, actor = 'other'",
        "UPDATE steps SET redacted = hash, seq = 7",
        "DELETE FROM steps",
    ],
)
def test_history_refuses_change(store: Store, change: str) -> None:
    writer = Writer(store, handle)
    case = int(writer.run_now(Start()).body["case"])
    with store.turn(), store.write_connection() as connection:
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(change))
        connection.rollback()
    assert writer.run_now(Complete(case)).status == 200


def test_history_lets_text_be_redacted_once(store: Store) -> None:
    Writer(store, handle).run_now(Start())
    with store.turn(), store.write_connection() as connection:
        connection.execute(text("UPDATE steps SET redacted = hash, events = ''"))
        connection.commit()
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text("UPDATE steps SET redacted = hash, events = 'again'"))
        connection.rollback()


def test_each_query_knows_the_tables_it_reads() -> None:
    """On this rests that a transaction sees its own unwritten changes."""
    seen = 0
    for room in (cases, definitions, due, effects, inbox, records, waiting):
        for name, query in vars(room).items():
            if isinstance(query, Query):
                words = re.findall(r"(?:FROM|JOIN)\s+(\w+)", query.sql(dialect_for("sqlite://").compiler))
                assert query.tables == set(words), name
                seen += 1
    assert seen > 30


def test_each_table_has_its_writes() -> None:
    assert {kept.name for kept in FLUSH_ORDER} | {"loads"} == set(metadata.tables)
