"""Reading through one connection: prepared queries in, rows out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from engine.runtime.store.dialect import Dialect
from engine.runtime.store.prepared import Among, Query
from engine.runtime.store.statements import Kept

Row = TypeVar("Row")
R = TypeVar("R", bound=tuple[Any, ...])


class Reader:
    """What the functions in `queries` read through. Errors are the driver's; the dialect translates them."""

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        self.connection = connection
        self.dialect = dialect

    def all(self, query: Query[Row], **values: Any) -> list[Row]:
        # The driver's cursor: SQLAlchemy's result handling costs more than SQLite's whole answer. A new cursor each
        # time, closed at once, so that none lives on in a reference cycle.
        cursor = self.connection.connection.cursor()
        try:
            compiler = self.dialect.compiler
            cursor.execute(query.sql(compiler), query.bind(compiler, values))
            return [query.make(row) for row in cursor.fetchall()]
        finally:
            cursor.close()

    def one(self, query: Query[Row], **values: Any) -> Row | None:
        rows = self.all(query, **values)
        return rows[0] if rows else None

    def among(self, query: Among[Row], values: Sequence[Any], **same: Any) -> list[Row]:
        """The rows for any of the values; each call of at most 256 values is one statement."""
        return [row for piece, bound in query.pieces(values) for row in self.all(piece, **bound, **same)]

    def row(self, kept: Kept[R], *key: Any) -> R | None:
        """The row of a table with this primary key."""
        return self.one(kept.select, **_named(kept, key))


def _named(kept: Kept[Any], key: tuple[Any, ...]) -> dict[str, Any]:
    return {f"key_{name}": value for name, value in zip(kept.key_names, key, strict=True)}
