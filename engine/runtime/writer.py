"""The writer: threads that run commands in batches, one commit for all that wait together (R20-R24).

A caller's future is resolved after COMMIT and never before. A batch that fails at its end is rolled back and each of
its commands is run alone, so only the culprit gets the error. Without `start` there are no threads and `run_now` runs
a command on the caller's (scenarios, the CLI).
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from itertools import count
from typing import Any

from engine.runtime.commit import Again, BeforeCommit, Outcome, commit, rollback, run_command
from engine.runtime.lanes import Lanes, Waiting
from engine.runtime.ports import Answer, Clock, Command, Committed, Handle, Lane
from engine.runtime.store.errors import Conflict, Refused, Unavailable
from engine.runtime.store.rows import CursorRow
from engine.runtime.store.statements import CURSORS
from engine.runtime.store.store import Store, WriteConnection
from engine.runtime.store.transaction import Transaction

BUDGET = 0.025
"""Seconds of work after which a batch is committed, whatever else waits."""

TRIES = 5
PAUSE = (0.005, 0.050)
"""Seconds, at random, before a command that met a Conflict is run again."""

BLOCKED = 1.0
"""Seconds for which all writes are refused after the disk was found full; then the next one is the probe (R24)."""

NOTHING = Committed(None, 0, (), frozenset())

_log = logging.getLogger(__name__)


class Writer:
    """Owns the writing of one process: one thread on SQLite, two on PostgreSQL (a case always goes to the same one).

    `before_commit`: called with (transaction, new effect ids) before COMMIT. `after_commit`: called with what was
    committed; all they do may be lost in a crash, the rows remain.
    """

    def __init__(self, store: Store, handle: Handle, clock: Clock | None = None) -> None:
        self.store = store
        self.handle = handle
        self.clock = clock or store.clock
        self.before_commit: list[BeforeCommit] = []
        self.after_commit: list[Callable[[Committed], None]] = []
        self._lanes: list[Lanes] = []
        self._threads: list[threading.Thread] = []
        self._next = count()
        self._blocked_until = 0.0
        self._alone = threading.RLock()

    # -- callers

    @property
    def healthy(self) -> bool:
        """False while the disk is full: readiness goes red."""
        return self._blocked_until == 0.0

    @property
    def running(self) -> bool:
        """Whether its threads run; if not, only `run_now` works."""
        return bool(self._threads)

    def submit(self, command: Command, lane: Lane = "interactive") -> Future[Answer]:
        """Queues a command. The future raises Refused, Conflict (5 tries), Unavailable, or what the handler raised."""
        if not self._threads:
            raise RuntimeError("the writer is not started: use run_now")
        future: Future[Answer] = Future()
        if self._refuses():
            future.set_exception(Unavailable("the disk is full", full=True))
            return future
        target = command.target_case
        place = (next(self._next) if target is None else hash(target)) % len(self._lanes)
        self._lanes[place].add(Waiting(command, lane, future))
        return future

    def run_now(self, command: Command) -> Answer:
        """Runs a command and waits: on the writer's threads if there are any, else here."""
        if self._threads:
            return self.submit(command).result()
        if self._refuses():
            raise Unavailable("the disk is full", full=True)
        future: Future[Answer] = Future()
        with self._alone, self.store.write_connection() as connection:
            self._run_alone(connection, Waiting(command, "interactive", future))
        return future.result()

    def run_batch_now(self, commands: list[Any]) -> list[Outcome]:
        """Runs commands as one batch, here (bulk work of the CLI); what each came to, exceptions as values."""
        if self._threads:
            raise RuntimeError("the writer has threads: submit")
        batch = [Waiting(command, "bulk", Future()) for command in commands]
        with self._alone, self.store.write_connection() as connection:
            rest = self._run_batch(connection, batch, budget=float("inf"))
            assert not rest
        return [waiting.future.exception() or waiting.future.result() for waiting in batch]

    # -- life

    def start(self) -> None:
        if self._threads:
            raise RuntimeError("the writer runs already")
        self._lanes = [Lanes() for _ in range(self.store.dialect.writers)]
        self._threads = [
            threading.Thread(target=self._loop, args=(lanes,), name=f"writer-{place}", daemon=True)
            for place, lanes in enumerate(self._lanes)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Takes no more, runs what waits, ends the threads."""
        for lanes in self._lanes:
            lanes.close()
        for thread in self._threads:
            thread.join()
        self._threads, self._lanes = [], []

    def waiting(self) -> int:
        """How many commands are queued."""
        return sum(len(lanes) for lanes in self._lanes)

    def probe(self) -> bool:
        """Writes one row to see whether the disk takes it; housekeeping calls this while `healthy` is False."""
        try:
            with self.store.write() as transaction:
                row = transaction.row(CURSORS, "~probe")
                if row is None:
                    transaction.batch.put(CURSORS, CursorRow("~probe", 0))
                else:
                    transaction.batch.change(CURSORS, row, row._replace(position=row.position + 1))
        except (Unavailable, Conflict):
            return False
        self._blocked_until = 0.0
        return True

    # -- the threads

    def _loop(self, lanes: Lanes) -> None:
        while batch := lanes.take():
            try:
                with self.store.write_connection() as connection:
                    rest = self._run_batch(connection, batch)
                lanes.give_back(rest)
            except BaseException as error:
                _log.exception("a batch failed outside its commands")
                _fail(batch, error)

    def _run_batch(self, connection: WriteConnection, batch: list[Waiting], budget: float = BUDGET) -> list[Waiting]:
        """Runs commands in one transaction; which of them were not begun."""
        if len(batch) == 1:
            self._run_alone(connection, batch[0])
            return []
        outcomes: list[tuple[Waiting, Outcome]] = []
        alone: list[Waiting] = []
        rest: list[Waiting] = []
        committed: Committed | None = None
        with self.store.turn():
            transaction: Transaction | None = None
            try:
                transaction = self._begin(connection)
                targets = {waiting.command.target_case for waiting in batch} - {None}
                held = targets - transaction.lock_cases(sorted(targets))
                alone = [waiting for waiting in batch if waiting.command.target_case in held]
                free = [waiting for waiting in batch if waiting.command.target_case not in held]
                begun = time.perf_counter()
                for place, waiting in enumerate(free):
                    if place and time.perf_counter() - begun > budget:
                        rest = free[place:]
                        break
                    transaction.now = self.clock()
                    outcome = run_command(transaction, self.handle, waiting.command)
                    if isinstance(outcome, Conflict):
                        alone.append(waiting)
                    else:
                        outcomes.append((waiting, outcome))
                committed = commit(self.store, transaction, self.before_commit)
            except Exception as error:
                if transaction is not None:
                    rollback(transaction)
                if isinstance(error, Unavailable):  # never begun, or the commit is in doubt: no re-run
                    apart = {id(waiting) for waiting in alone + rest}
                    _fail([waiting for waiting in batch if id(waiting) not in apart], error)
                else:
                    self._note(error.reason if isinstance(error, Again) else error)
                    left = {id(waiting) for waiting in rest}
                    alone = [waiting for waiting in batch if id(waiting) not in left]
        if committed is not None:
            self._resolve(outcomes, committed)
        for waiting in alone:
            self._run_alone(connection, waiting)
        return rest

    def _run_alone(self, connection: WriteConnection, waiting: Waiting) -> None:
        """Runs one command in its own transaction, again on a Conflict or a lost connection, at most TRIES times."""
        error: BaseException = Conflict("never tried")
        handle = self.handle
        for attempt in range(TRIES):
            if attempt:
                time.sleep(random.uniform(*PAUSE))
            try:
                outcome, committed = self._once(connection, waiting.command, handle)
            except Again as again:
                error = again.outcome if isinstance(again.outcome, BaseException) else again.reason
                self._note(error)
                if isinstance(error, Refused):
                    handle = _refusing(error)  # all is rolled back; what is left to do is to note the answer
                    continue
                if isinstance(error, Conflict) or (isinstance(error, Unavailable) and not error.full):
                    continue
                break
            except Exception as other:
                error = other
                break
            if isinstance(outcome, Conflict):
                error = outcome
                continue
            self._resolve([(waiting, outcome)], committed)
            return
        _fail([waiting], error)

    def _once(self, connection: WriteConnection, command: Any, handle: Handle) -> tuple[Outcome, Committed]:
        with self.store.turn():
            transaction = self._begin(connection)
            try:
                if command.target_case is not None:
                    transaction.load_case(command.target_case)  # the first lock: this one may wait
                transaction.now = self.clock()
                outcome = run_command(transaction, handle, command)
                if isinstance(outcome, Conflict):
                    rollback(transaction)
                    return outcome, NOTHING
                return outcome, commit(self.store, transaction, self.before_commit)
            except Exception as error:
                rollback(transaction)
                if self.store.dialect.owns(error):
                    raise Again(self.store.dialect.translate(error) or error) from error
                raise

    def _begin(self, connection: WriteConnection) -> Transaction:
        """Unavailable if another process holds the database for too long, or it is gone."""
        try:
            return self.store.transaction(connection)
        except Exception as error:
            connection.rollback()
            reason = self.store.dialect.translate(error)
            if reason is None:
                raise
            if isinstance(reason, Unavailable):
                raise Again(reason) from error
            raise Unavailable(f"another process holds the database: {reason}") from error

    # -- outcomes

    def _resolve(self, outcomes: list[tuple[Waiting, Outcome]], committed: Committed) -> None:
        self._blocked_until = 0.0
        for waiting, outcome in outcomes:
            if not waiting.future.set_running_or_notify_cancel():
                continue  # the caller gave up; it was done all the same
            if isinstance(outcome, BaseException):
                waiting.future.set_exception(outcome)
            else:
                waiting.future.set_result(outcome)
        for call in self.after_commit:
            try:
                call(committed)
            except Exception:
                _log.exception("a call after commit failed")

    def _refuses(self) -> bool:
        return time.monotonic() < self._blocked_until

    def _note(self, error: BaseException) -> None:
        if isinstance(error, Unavailable) and error.full:
            self._blocked_until = time.monotonic() + BLOCKED


def _fail(batch: list[Waiting], error: BaseException) -> None:
    for waiting in batch:
        if not waiting.future.done() and waiting.future.set_running_or_notify_cancel():
            waiting.future.set_exception(error)


def _refusing(refused: Refused) -> Handle:
    def handle(transaction: Transaction, command: Any) -> Answer:
        raise refused

    return handle
