"""The floor of a durable case on SQLite: the very statements that remit ran, with their rows, run again without remit.

They are listened to while remit carries out the cases; the same database as before is then given to plain sqlite3.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from typing import Any

from telling import WARM, tell

Statement = tuple[str, str, Any]
_heard: list[Statement] = []


class Heard(sqlite3.Cursor):
    def execute(self, sql: str, values: Any = ()) -> Any:
        _heard.append(("one", sql, values))
        return super().execute(sql, values)

    def executemany(self, sql: str, rows: Any) -> Any:
        _heard.append(("many", sql, list(rows)))
        return super().executemany(sql, rows)


class Listening(sqlite3.Connection):
    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(Heard)

    def execute(self, sql: str, values: Any = ()) -> Any:
        return self.cursor().execute(sql, values)  # the connection's own would pass the cursor's by

    def commit(self) -> None:
        if self.in_transaction:
            _heard.append(("one", "COMMIT", ()))
        super().commit()


def durable(synchronous: str, count: int) -> dict[str, Any]:
    """Cases a second; `statements` is how many there are in a case."""
    real = sqlite3.connect
    connect = lambda *given, **named: real(*given, **(named | {"factory": Listening}))  # noqa: E731
    sqlite3.connect = sqlite3.dbapi2.connect = connect  # type: ignore[assignment,attr-defined]
    from remit_cases import Cases, opened

    with tempfile.TemporaryDirectory() as folder:
        before = f"{folder}/before.db"
        with opened(f"sqlite:///{folder}/engine.db", synchronous=synchronous) as engine:
            cases = Cases(engine, count + WARM)
            for place in range(WARM):
                cases.run(place)
            copy = real(before)
            source = real(f"{folder}/engine.db")
            source.backup(copy)
            source.close()
            copy.close()
            _heard.clear()
            for place in range(WARM, WARM + count):
                cases.run(place)
            statements = list(_heard)
        shutil.copy(before, f"{folder}/again.db")
        return {"value": count / _again(real(f"{folder}/again.db", isolation_level=None), synchronous, statements),
                "statements": len(statements) / count}  # fmt: skip


def _again(database: sqlite3.Connection, synchronous: str, statements: list[Statement]) -> float:
    for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "cache_size=-65536"):
        database.execute(f"PRAGMA {pragma}")
    cursor = database.cursor()
    begun = time.perf_counter()
    for kind, sql, values in statements:
        if kind == "many":
            cursor.executemany(sql, values)
        else:
            cursor.execute(sql, values).fetchall()
    return time.perf_counter() - begun


if __name__ == "__main__":
    tell(globals())
