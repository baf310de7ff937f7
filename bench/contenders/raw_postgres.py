"""The floor on PostgreSQL: commits of one row, from so many connections."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
from telling import WARM, per_second, tell


def commits(count: int, callers: int, database: str) -> dict[str, Any]:
    """Commits a second."""
    local = threading.local()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE bench_floor (id INTEGER PRIMARY KEY, text TEXT)")

    def run(place: int) -> None:
        if not hasattr(local, "connection"):
            local.connection = psycopg.connect(database)
        local.connection.execute("INSERT INTO bench_floor VALUES (%s, 'one row')", (place,))
        local.connection.commit()

    return {"value": per_second(run, count, callers, WARM)}


if __name__ == "__main__":
    tell(globals())
