"""The two databases where they differ: connection settings, begin, pipeline, error classes. Nothing else knows.

Lock clauses need no code here: `FOR NO KEY UPDATE` stands in the statements and SQLite's compiler leaves it out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import quote

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect as Compiler
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool, StaticPool

from engine.runtime.store.errors import Conflict, StoreError, Unavailable
from engine.runtime.store.prepared import Prepared

Run = tuple[Prepared, Sequence[tuple[Any, ...]]]
"""A prepared write and the rows to run it for."""


class Dialect(Protocol):
    """What the store asks of a database."""

    name: str
    compiler: Compiler
    writers: int
    file: str | None
    """The path of the database file; None in memory and on a server."""
    shared: bool
    """One connection serves readers and writer alike (in memory), so they take turns."""

    def engines(self) -> tuple[Engine, Engine]:
        """(write, read): the read engine runs in autocommit and refuses writes."""

    def begin(self, connection: Connection) -> None:
        """Opens the write transaction; on SQLite this takes the write lock."""

    def run(self, connection: Connection, runs: Sequence[Run]) -> list[int]:
        """Executes the writes in order; how many rows each touched."""

    def translate(self, error: BaseException) -> StoreError | None:
        """The store's error for a database error; None for what is our mistake (or no database error)."""

    def owns(self, error: BaseException) -> bool:
        """Whether `error` comes from this database, so that the transaction is in doubt."""


def dialect_for(url: str, *, synchronous: str = "FULL", read_only: bool = False) -> Dialect:
    """`sqlite://`, `sqlite:///file.db`, `postgresql://...`, `postgresql+psycopg://...`; ValueError for any other.

    `read_only`: the connections for writing cannot write either, and a file that is not there is not made.
    """
    backend = make_url(url).get_backend_name()
    if backend == "sqlite":
        return Sqlite(url, synchronous, read_only)
    if backend == "postgresql":
        return Postgres(url, read_only)
    raise ValueError(f"no store for {backend!r}: use sqlite or postgresql")


def _origin(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


class Sqlite:
    """SQLite in WAL mode: the writer has the only write connection; readers are query_only and in autocommit (R20)."""

    name = "sqlite"
    writers = 1

    def __init__(self, url: str, synchronous: str, read_only: bool = False) -> None:
        if synchronous not in ("FULL", "NORMAL"):
            raise ValueError(f"synchronous is FULL or NORMAL, not {synchronous!r}")
        parsed = make_url(url)
        self._url = parsed.set(drivername="sqlite+pysqlite")
        self.file: str | None = None if parsed.database in (None, "", ":memory:") else parsed.database
        self.shared = self.file is None
        self._synchronous = synchronous
        self._read_only = read_only
        self.compiler: Compiler = SQLiteDialect_pysqlite(paramstyle="qmark")
        self._cursor: tuple[Any, sqlite3.Cursor] | None = None

    def engines(self) -> tuple[Engine, Engine]:
        # isolation_level None: the driver begins nothing by itself, see begin().
        arguments: dict[str, Any] = {"isolation_level": None, "check_same_thread": False, "timeout": 10.0}
        if self.shared:
            engine = create_engine(self._url, poolclass=StaticPool, pool_reset_on_return=None, connect_args=arguments)
            event.listen(engine, "connect", self._prepare_memory)
            return engine, engine
        if self._read_only:
            address = f"file:{quote(str(self.file))}?mode=ro"
            engine = create_engine(
                "sqlite+pysqlite://",
                creator=lambda: sqlite3.connect(address, uri=True, **arguments),
                poolclass=QueuePool,
            )
            event.listen(engine, "connect", self._prepare_read)
            return engine, engine
        write = create_engine(self._url, poolclass=QueuePool, pool_size=1, max_overflow=1, connect_args=arguments)
        read = create_engine(
            self._url, poolclass=QueuePool, pool_size=8, max_overflow=0, pool_timeout=10, connect_args=arguments
        )
        event.listen(write, "connect", self._prepare_write)
        event.listen(read, "connect", self._prepare_read)
        return write, read

    def _prepare_memory(self, raw: sqlite3.Connection, _: object) -> None:
        raw.execute("PRAGMA foreign_keys=OFF")

    def _prepare_write(self, raw: sqlite3.Connection, _: object) -> None:
        raw.execute("PRAGMA busy_timeout=10000")
        raw.execute("PRAGMA auto_vacuum=INCREMENTAL")
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute(f"PRAGMA synchronous={self._synchronous}")
        raw.execute(f"PRAGMA journal_size_limit={64 << 20}")
        raw.execute("PRAGMA cache_size=-65536")

    def _prepare_read(self, raw: sqlite3.Connection, _: object) -> None:
        raw.execute("PRAGMA busy_timeout=10000")
        raw.execute("PRAGMA cache_size=-16384")
        raw.execute("PRAGMA query_only=1")

    def begin(self, connection: Connection) -> None:
        # At once: a deferred BEGIN that is upgraded later gets SQLITE_BUSY without waiting.
        connection.begin()
        connection.connection.driver_connection.execute("BEGIN IMMEDIATE").close()  # type: ignore[union-attr]

    def run(self, connection: Connection, runs: Sequence[Run]) -> list[int]:
        raw: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
        if self._cursor is None or self._cursor[0] is not raw:
            self._cursor = (raw, raw.cursor())  # one cursor is kept: +8 to +45 % in batches (RUNTIME section 4)
        cursor = self._cursor[1]
        return [cursor.executemany(prepared.sql(self.compiler), rows).rowcount for prepared, rows in runs]

    def translate(self, error: BaseException) -> StoreError | None:
        origin = _origin(error)
        if not isinstance(origin, sqlite3.Error):
            return None
        code = getattr(origin, "sqlite_errorcode", 0)
        primary = code & 0xFF
        if code in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY):
            return Conflict(str(origin))
        if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return Conflict(str(origin))
        if primary == sqlite3.SQLITE_FULL:
            return Unavailable(str(origin), full=True)
        if primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL):
            return Unavailable(str(origin))
        return None

    def owns(self, error: BaseException) -> bool:
        return isinstance(_origin(error), sqlite3.Error)


class Postgres:
    """PostgreSQL through psycopg 3: writes of a batch travel in one pipeline (R23)."""

    name = "postgresql"
    writers = 2
    shared = False
    file: str | None = None

    def __init__(self, url: str, read_only: bool = False) -> None:
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._read_only = read_only
        self.compiler: Compiler = PGDialect_psycopg(paramstyle="format")  # type: ignore[no-untyped-call]

    def engines(self) -> tuple[Engine, Engine]:
        write = create_engine(
            self._url,
            pool_size=self.writers + 2,
            isolation_level="READ COMMITTED",
            connect_args={"options": "-c lock_timeout=2000"},
        )
        read = create_engine(
            self._url,
            pool_size=8,
            max_overflow=0,
            pool_timeout=10,
            isolation_level="AUTOCOMMIT",
            pool_pre_ping=True,
            connect_args={"options": "-c default_transaction_read_only=on -c statement_timeout=10000"},
        )
        if self._read_only:
            return read, read
        return write, read

    def begin(self, connection: Connection) -> None:
        connection.begin()  # said to SQLAlchemy, which else would not commit what only the driver's cursors did

    def run(self, connection: Connection, runs: Sequence[Run]) -> list[int]:
        raw: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
        cursors = []
        with raw.pipeline():
            for prepared, rows in runs:
                cursor = raw.cursor()
                cursors.append(cursor)
                cursor.executemany(prepared.sql(self.compiler), rows)
        return [cursor.rowcount for cursor in cursors]  # known only after the block: inside it is -1

    def translate(self, error: BaseException) -> StoreError | None:
        origin = _origin(error)
        if not isinstance(origin, psycopg.Error):
            return None
        state = origin.sqlstate
        if state is None:  # no answer from the server: the connection broke
            return Unavailable(str(origin))
        if state in ("23505", "40001", "40P01", "55P03"):  # unique, serialisation, deadlock, lock timeout
            return Conflict(str(origin))
        if state == "53100":
            return Unavailable(str(origin), full=True)
        if state[:2] in ("08", "53", "57", "58"):
            return Unavailable(str(origin))
        return None

    def owns(self, error: BaseException) -> bool:
        return isinstance(_origin(error), psycopg.Error)
