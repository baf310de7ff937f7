"""The alarm: says "look now" when the earliest timer is due, at least once a second, and runs housekeeping (R39).

APScheduler keeps the time and nothing else: what is due stands in the database, so a lost alarm costs a second at most.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from engine.runtime.ports import Clock
from engine.runtime.store.store import wall_clock

LONGEST = 1.0
"""Seconds until it looks anyway: other processes' timers, clock jumps and a machine that slept are covered by this."""

_log = logging.getLogger(__name__)


class Alarm:
    """Calls `look` on a thread of its own, never twice at a time. `clock` is what due moments are compared with."""

    def __init__(self, look: Callable[[], None], clock: Clock = wall_clock) -> None:
        self._look = look
        self._clock = clock
        self._lock = threading.Lock()
        self._due: int | None = None
        self._looking = False
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self._scheduler.add_job(self._ring, "interval", seconds=LONGEST, id="look")

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """No new look begins; one that runs is waited for."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    @property
    def is_running(self) -> bool:
        return bool(self._scheduler.running)

    def arm(self, due_at: int | None) -> None:
        """Looks at `due_at` (microseconds UTC) if that is sooner than it would; None changes nothing."""
        if due_at is None:
            return
        with self._lock:
            if self._due is not None and self._due <= due_at:
                return
            self._due = due_at
            if not self._looking:
                self._set()

    def every(self, seconds: float, call: Callable[[], None]) -> None:
        """Calls it at this rhythm from the start on; a call that is late is made once, not several times."""
        self._scheduler.add_job(call, "interval", seconds=seconds)

    def _ring(self) -> None:
        with self._lock:
            self._looking = True
        again = True
        while again:
            with self._lock:
                self._due = None
            try:
                self._look()
            except Exception:
                _log.exception("looking for what is due failed")
            with self._lock:
                # What was armed meanwhile and is due already would fall between two runs of the job.
                again = self._due is not None and self._due <= self._clock() and self._scheduler.running
                if not again:
                    self._looking = False
                    if self._due is not None:
                        self._set()

    def _set(self) -> None:
        assert self._due is not None
        delay = (self._due - self._clock()) / 1e6
        if delay < LONGEST and self._scheduler.running:
            at = datetime.now(UTC) + timedelta(seconds=max(delay, 0.0))
            self._scheduler.modify_job("look", next_run_time=at)
