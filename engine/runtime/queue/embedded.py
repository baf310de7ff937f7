"""The embedded queue: effects wait in the table `jobs`, a pool of threads of this process performs them (R50, R51).

A job is taken under a lease, so one whose process died is taken again; the effect's own state makes that harmless.
All its writes go through the writer, as bulk work.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from engine.runtime.owner import Owner
from engine.runtime.ports import Perform, Work
from engine.runtime.store.queries import effects as queries
from engine.runtime.store.rows import IncidentRow, JobRow
from engine.runtime.store.statements import INCIDENTS, JOBS
from engine.runtime.store.transaction import Transaction
from engine.runtime.writer import Writer

WORKERS = 4
LEASE = 60_000_000
"""Microseconds; a perform ends within 15 seconds by its own time-out."""

TRIES = 5
"""How often a job is taken whose perform ends in an exception; a service that says no is not one (R26)."""

LOOK = 1.0

_log = logging.getLogger(__name__)


class EmbeddedQueue:
    """Give it the writer: it enqueues in the writer's commits from then on. `start` begins to perform."""

    def __init__(self, writer: Writer, *, workers: int = WORKERS, owner: Owner | None = None) -> None:
        self._writer = writer
        self._owner = owner or Owner(writer.store)
        self._workers = workers
        self._name = f"{os.getpid()}-{id(self):x}"
        self._wake = threading.Event()
        self._stopping = False
        self._running: set[int] = set()
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._thread: threading.Thread | None = None
        writer.before_commit.append(self.enqueue)
        writer.after_commit.append(lambda committed: self.wake() if committed.effects else None)

    def enqueue(self, transaction: Transaction, effects: Iterable[str]) -> None:
        for effect in effects:
            transaction.batch.put(JOBS, JobRow(transaction.ids.next(), "effect", effect, effect))
        transaction.flush()

    def wake(self) -> None:
        self._wake.set()

    def start(self, perform: Perform) -> bool:
        """Performs from now on; False if another process owns the jobs of this database."""
        if not self._owner.take():
            return False
        if self._writer.store.file is not None:
            # Whoever held these jobs is gone: there is one owner. Without the lock this would run them twice.
            self._writer.submit(Work(self._free_all), "bulk").result()
        self._stopping = False
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="job")
        self._thread = threading.Thread(target=self._dispatch, args=(perform,), name="jobs", daemon=True)
        self._thread.start()
        return True

    def stop(self, timeout: float = 20.0) -> None:
        """Takes no more jobs; waits for what runs. What is left keeps its lease and runs after the next start."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        end = time.monotonic() + timeout
        while self._running and time.monotonic() < end:
            time.sleep(0.01)
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
        self._owner.release()

    def run_waiting(self, perform: Perform, limit: int = 100) -> int:
        """Performs waiting jobs here and now (scenarios, imports); how many.

        All that were performed are crossed off with one commit. Where that is lost they run again, which is harmless.
        """
        jobs = self._claim(limit)
        performed = [job for job in jobs if self._was_performed(perform, job)]
        if performed:
            self._write(Work(lambda transaction: [self._done(transaction, job) for job in performed]))
        return len(jobs)

    # -- the pool

    def _dispatch(self, perform: Perform) -> None:
        pool = self._pool
        assert pool is not None
        while not self._stopping:
            self._wake.clear()
            free = self._workers - len(self._running)
            try:
                jobs = self._claim(free) if free else []
            except Exception:
                _log.exception("taking jobs failed")
                jobs = []
            for job in jobs:
                with self._lock:
                    self._running.add(job.id)
                pool.submit(self._perform_and_wake, perform, job)
            if not jobs:
                self._wake.wait(LOOK)

    def _perform_and_wake(self, perform: Perform, job: JobRow) -> None:
        try:
            self._perform(perform, job)
        finally:
            with self._lock:
                self._running.discard(job.id)
            self._wake.set()

    def _perform(self, perform: Perform, job: JobRow) -> None:
        if self._was_performed(perform, job):
            self._write(Work(lambda transaction: self._done(transaction, job)))

    def _was_performed(self, perform: Perform, job: JobRow) -> bool:
        """False when it failed: then its next try, or its end, is written already."""
        try:
            perform(job.args)
        except Exception as error:
            _log.exception("effect %s was not performed", job.args)
            self._write(Work(lambda transaction, reason=repr(error): self._failed(transaction, job, reason)))  # type: ignore[misc]
            return False
        return True

    def _claim(self, limit: int) -> list[JobRow]:
        # Looking costs no transaction: most looks find nothing.
        now = self._writer.clock()
        with self._writer.store.read() as reader:
            if not queries.waiting_jobs_exist(reader, now):
                return []
        return list(self._write(Work(lambda transaction: self._take(transaction, limit))))

    def _write(self, work: Work) -> list[JobRow]:
        if self._writer.running:
            return self._writer.submit(work, "bulk").result().body or []
        return self._writer.run_now(work).body or []

    def _take(self, transaction: Transaction, limit: int) -> list[JobRow]:
        now = transaction.now
        lost = queries.lost_jobs(transaction, now, limit)
        waiting = queries.waiting_jobs(transaction, limit - len(lost)) if len(lost) < limit else []
        taken = []
        for job in chain(lost, waiting):
            lease = job._replace(
                state=queries.RUNNING, attempts=job.attempts + 1, locked_by=self._name, locked_until=now + LEASE
            )
            taken.append(transaction.batch.change(JOBS, job, lease))
        return taken

    def _free_all(self, transaction: Transaction) -> None:
        for job in queries.lost_jobs(transaction, 2**63 - 1, 100_000):
            free = job._replace(state=queries.WAITING, locked_by=None, locked_until=None)
            transaction.batch.change(JOBS, job, free)

    def _done(self, transaction: Transaction, job: JobRow) -> None:
        if self._still_ours(transaction, job):
            transaction.batch.remove(JOBS, (job.id,))

    def _failed(self, transaction: Transaction, job: JobRow, reason: str) -> None:
        if not self._still_ours(transaction, job):
            return
        if job.attempts < TRIES:
            later = transaction.now + (1_000_000 << job.attempts)
            transaction.batch.change(JOBS, job, job._replace(locked_until=later))
            return
        dead = job._replace(state=queries.DEAD, locked_by=None, locked_until=None)
        transaction.batch.change(JOBS, job, dead)
        case_id = int(job.args.split(".")[0])
        incident = IncidentRow(
            transaction.ids.next(), case_id, None, None, "effect-not-performed", reason, job.args, transaction.now
        )
        transaction.batch.put(INCIDENTS, incident)

    def _still_ours(self, transaction: Transaction, job: JobRow) -> bool:
        """Not when the lease ran out and another took it: then the job is theirs."""
        return transaction.row(JOBS, job.id) == job
