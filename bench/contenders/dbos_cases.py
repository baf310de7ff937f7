"""DBOS: a durable workflow of five steps, from as many callers as ours has. No step waits for a person, in its favour."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from dbos import DBOS, DBOSConfig
from telling import WARM, per_second, tell


@DBOS.step()
def score(employees: int, region: str, visits: int) -> int:
    return (40 if employees >= 100 else 0) + (30 if region == "east" else 0) + (20 if visits >= 3 else 0)


@DBOS.step()
def by_score(points: int) -> str:
    return "look" if points >= 50 else "dropped"


@DBOS.step()
def open_task(name: str) -> str:
    return name


@DBOS.step()
def complete(task: str) -> str:
    return task


@DBOS.step()
def end(task: str) -> str:
    return "handled" if task == "look" else "dropped"


@DBOS.workflow()
def handle(place: int) -> str:
    return end(complete(open_task(by_score(score(200, "east", place % 9)))))


def durable(count: int, callers: int, database: str | None = None) -> dict[str, Any]:
    """Cases a second."""
    with tempfile.TemporaryDirectory() as folder:
        config: DBOSConfig = {
            "name": "bench",
            "system_database_url": database or f"sqlite:///{folder}/dbos.db",
            "log_level": "ERROR",
            "executor_id": "bench",
        }
        DBOS(config=config)
        DBOS.launch()

        def run(place: int) -> None:
            if handle(place) != "handled":
                raise AssertionError("the case did not end")

        answer = {"value": per_second(run, count, callers, WARM)}
        DBOS.destroy()
    return answer


if __name__ == "__main__":
    os.environ["DBOS__TELEMETRY"] = "0"
    tell(globals())
