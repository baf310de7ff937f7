"""APScheduler's own job store: jobs that do nothing, all due at once."""

from __future__ import annotations

import datetime as dt
import tempfile
import threading
import time
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from telling import tell

_fired = 0
_all = threading.Event()
_wanted = 0


def nothing() -> None:
    """A no-op that counts itself."""
    global _fired
    _fired += 1
    if _fired >= _wanted:
        _all.set()


class InPlace(BaseExecutor):
    """Runs a job where it is found due: no pool in the way."""

    def _do_submit_job(self, job: Any, run_times: list[dt.datetime]) -> None:
        from apscheduler.executors.base import run_job

        self._run_job_success(job.id, run_job(job, job._jobstore_alias, run_times, self._logger.name))


def timers(count: int, database: str | None = None) -> dict[str, Any]:
    """Jobs a second, from the start of the scheduler until the last one ran. Their time has come before they begin."""
    global _wanted
    _wanted = count
    with tempfile.TemporaryDirectory() as folder:
        store = SQLAlchemyJobStore(url=database or f"sqlite:///{folder}/jobs.db")
        scheduler = BackgroundScheduler(jobstores={"default": store}, executors={"default": InPlace()}, timezone=dt.UTC)
        scheduler.start(paused=True)
        due = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
        for _ in range(count):
            scheduler.add_job(nothing, "date", run_date=due, misfire_grace_time=None)
        begun = time.perf_counter()
        scheduler.resume()
        if not _all.wait(120):
            raise AssertionError(f"only {_fired} of {count} jobs ran")
        seconds = time.perf_counter() - begun
        scheduler.shutdown(wait=False)
    return {"value": count / seconds}


if __name__ == "__main__":
    tell(globals())
