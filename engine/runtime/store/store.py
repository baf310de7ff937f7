"""The open database: its connections for reading and for writing, and its schema."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engine.runtime.store import migrations
from engine.runtime.store.dialect import Dialect, dialect_for
from engine.runtime.store.errors import Unavailable
from engine.runtime.store.ids import Ids
from engine.runtime.store.reader import Reader
from engine.runtime.store.transaction import Transaction

WriteConnection = Connection
"""A connection for writing, as those outside the store name it."""


def wall_clock() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1000


class Store:
    """One database. Threads may share it; a `Transaction` belongs to one thread."""

    def __init__(self, dialect: Dialect, clock: Callable[[], int], chain_key: bytes | None) -> None:
        self.dialect = dialect
        self.clock = clock
        self.chain_key = chain_key
        self.ids = Ids(clock)
        self._write, self._read = dialect.engines()
        self._turn: AbstractContextManager[object] = threading.RLock() if dialect.shared else nullcontext()

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Callable[[], int] = wall_clock,
        synchronous: str = "FULL",
        chain_key: bytes | None = None,
        read_only: bool = False,
    ) -> Store:
        """Opens `sqlite:///file.db`, `sqlite://` (in memory) or `postgresql://...` and brings its schema up to date.

        `read_only` changes nothing, not even that: NewerSchema if a newer remit was here, OldSchema if `migrate()` is due.
        """
        store = cls(dialect_for(url, synchronous=synchronous, read_only=read_only), clock, chain_key)
        try:
            if read_only:
                store.check_schema()
            else:
                store.migrate()
        except BaseException:
            store.close()
            raise
        return store

    @property
    def file(self) -> Path | None:
        """The database file of SQLite; None in memory and on PostgreSQL."""
        return Path(self.dialect.file) if self.dialect.file else None

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """A connection that cannot write; every statement sees what was committed when it began.

        Unavailable if the database is gone, or all connections stay busy. Do not open one inside another.
        """
        try:
            with self._turn, self._read.connect() as connection:
                yield Reader(connection, self.dialect)
        except PoolTimeout as error:
            raise Unavailable("all connections for reading are busy") from error
        except Exception as error:
            translated = self.dialect.translate(error)
            if translated is None:
                raise
            raise translated from error

    @contextmanager
    def write_connection(self) -> Iterator[WriteConnection]:
        """A connection for writing; the caller begins and ends transactions. On SQLite only the writer has one."""
        with self._write.connect() as connection:
            yield connection

    def turn(self) -> AbstractContextManager[object]:
        """Held during a transaction where readers and writer share one connection (in memory)."""
        return self._turn

    def transaction(self, connection: WriteConnection) -> Transaction:
        """Begins; the caller flushes and commits or rolls back."""
        self.dialect.begin(connection)
        return Transaction(connection, self.dialect, self.ids, self.clock(), self.chain_key)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One transaction of its own: flushed and committed at the end, rolled back on an exception.

        For set-up, housekeeping and tests; events go through the writer.
        """
        with self._turn, self.write_connection() as connection:
            try:
                transaction = self.transaction(connection)
                yield transaction
                transaction.flush()
                connection.commit()
            except BaseException as error:
                connection.rollback()
                translated = self.dialect.translate(error)
                if translated is None:
                    raise
                raise translated from error

    def migrate(self) -> None:
        """Brings the schema up to date; NewerSchema if it is beyond this version (R48)."""
        with self._turn, self.write_connection() as connection:
            migrations.upgrade(connection, self.dialect)

    def check_schema(self) -> None:
        """NewerSchema or OldSchema unless the schema is the one that this code is written for; only reads."""
        with self._turn, self._read.connect() as connection:
            migrations.check(connection)

    def close(self) -> None:
        self._write.dispose()
        self._read.dispose()
