"""`check --against` and `migrate --dry-run` only read: no schema is migrated, no file made, nothing written; on both databases."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from engine.engine import Engine
from engine.runtime.store import migrations
from engine.runtime.store.store import Store
from engine.runtime.store.tables import metadata
from tests.cli.conftest import ROOT

STARTER = ROOT / "engine" / "starter"


@pytest.fixture(params=["file", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return f"sqlite:///{tmp_path / 'odd name #.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The starter with a running case's step renamed, as a copy."""
    shutil.copytree(STARTER, tmp_path / "pack")
    workflow = tmp_path / "pack" / "workflows" / "request_approval.yaml"
    workflow.write_text(workflow.read_text("utf-8").replace("decide:", "judge:").replace("next: decide", "next: judge"))
    scenarios = tmp_path / "pack" / "workflows" / "request_approval.scenarios.yaml"
    scenarios.write_text(scenarios.read_text("utf-8").replace("task: decide", "task: judge"))
    return tmp_path / "pack"


def _with_a_case(database: str) -> None:
    engine = Engine.open(database, STARTER)
    engine.create_record("request", {"what": "a desk", "amount": "5000", "asked_by": "li_staff"})
    engine.close()


def _set_revision(database: str, revision: str | None) -> list[str]:
    """Writes what the schema is said to be; what it was said to be before."""
    engine = create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        before = [str(row[0]) for row in connection.execute(text("SELECT version_num FROM alembic_version"))]
        connection.execute(text("DELETE FROM alembic_version"))
        if revision is not None:
            connection.execute(text("INSERT INTO alembic_version VALUES (:at)"), {"at": revision})
    engine.dispose()
    return before


def _content(database: str) -> str:
    """Every row of every table, digested."""
    store = Store.open(database, read_only=True)
    digest = hashlib.sha256()
    with store.read() as reader:
        for table in metadata.sorted_tables:
            for row in sorted(map(repr, reader.connection.execute(table.select()))):
                digest.update(f"{table.name} {row}\n".encode())
    store.close()
    return digest.hexdigest()


def test_a_check_and_a_dry_run_leave_every_row(remit: Any, database: str, pack: Path) -> None:
    _with_a_case(database)
    before = _content(database)
    said = remit("check", pack, "--against", database, "--json")
    assert (said.code, said.json["workflows"][0]["bearings"]["auto-mapped"]) == (0, 1)
    where = ("--database", database, "--definitions", pack)
    assert remit("migrate", "request_approval", "--dry-run", *where).code == 0
    assert _content(database) == before


@pytest.mark.parametrize(("revision", "says"), [("9999", "update remit"), (None, "remit deploy")])
def test_another_schema_is_refused_and_left(
    remit: Any, database: str, pack: Path, revision: str | None, says: str
) -> None:
    _with_a_case(database)
    _set_revision(database, revision)
    try:
        for words in (
            ("check", pack, "--against", database),
            ("migrate", "request_approval", "--dry-run", "--database", database, "--definitions", pack),
        ):
            said = remit(*words)
            assert said.code == 1
            assert says in said.out + said.err
            assert "Traceback" not in said.out + said.err
            assert remit(*words, "--language", "zh").code == 1
    finally:
        found = _set_revision(database, migrations.head())
    assert found == ([revision] if revision is not None else []), "nothing was migrated"


def test_a_missing_file_is_not_made(remit: Any, pack: Path, tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/none.db", f"sqlite+pysqlite:///{tmp_path}/none.db", "sqlite://"):
        said = remit("check", pack, "--against", url)
        assert (said.code, "no database" in said.out + said.err) == (1, True)
        assert remit("migrate", "request_approval", "--database", url, "--definitions", pack).code == 1
    assert not (tmp_path / "none.db").exists()


MISTAKES = (
    "nodes: {decid: judge}", "nodes: {decide: juge}", "nodes: decide", "nodes: {decide: judge, decide: judge}",
    "nodes: {decide: [judge]}", "nodes: {decide: end}", "cases: {12: judge}", "votes: {decide: maybe}", "empty: [nothing]",
    "anew: decide", "moved_on: keep", "nodes: {decide: judge", "anew: [decide]\nvotes: {decide: keep}",
)  # fmt: skip


@pytest.mark.parametrize(
    "mistake", [f"migration: request_approval\n{m}\n" for m in MISTAKES] + ["", "- a\n", "nodes: {}\n"]
)
def test_a_mistake_in_the_mapping_file_moves_nothing(remit: Any, tmp_path: Path, pack: Path, mistake: str) -> None:
    database = f"sqlite:///{tmp_path / 'cases.db'}"
    _with_a_case(database)
    where = ("--database", database, "--definitions", pack)
    assert remit("deploy", *where).code == 0
    before = _content(database)
    (tmp_path / "map.yaml").write_text(mistake)
    said = remit("migrate", "request_approval", "--mapping", tmp_path / "map.yaml", *where)
    assert said.code == 1
    assert said.out + said.err
    assert "Traceback" not in said.out + said.err
    assert _content(database) == before


def test_a_pack_that_cannot_be_read_is_told_and_nothing_untrue_of_its_cases(
    remit: Any, tmp_path: Path, pack: Path
) -> None:
    database = f"sqlite:///{tmp_path / 'cases.db'}"
    _with_a_case(database)
    workflow = pack / "workflows" / "request_approval.yaml"
    workflow.write_text(workflow.read_text("utf-8").replace("nodes:", "nodes: {"))
    said = remit("check", pack, "--against", database)
    assert (said.code, "yaml-syntax" in said.out) == (1, True)
    assert "no longer there" not in said.out


def test_what_is_no_database_is_said(remit: Any, pack: Path, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database, just words\n" * 100)
    (tmp_path / "empty.db").touch()
    for name in ("text.db", "empty.db"):
        said = remit("check", pack, "--against", f"sqlite:///{tmp_path / name}")
        assert (said.code, "cannot be opened" in said.out + said.err) == (1, True)
    assert (tmp_path / "empty.db").stat().st_size == 0
