"""Ids: 63-bit numbers that sort by time (R46): 42 bits of milliseconds, 10 of the process, 11 of a counter."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

EPOCH_MS = 1_704_067_200_000
"""2024-01-01 UTC; 42 bits reach to 2163."""

COUNTER = 1 << 11
PROCESSES = 1 << 10


def make_id(at_ms: int, process: int, counter: int) -> int:
    """One id from its parts; `at_ms` is milliseconds since 1970. A moment before EPOCH_MS counts as EPOCH_MS."""
    return (max(at_ms - EPOCH_MS, 0) << 21) | ((process % PROCESSES) << 11) | (counter % COUNTER)


class Ids:
    """Gives ids that rise within the process, whatever the clock does.

    `clock` gives microseconds UTC. A full millisecond borrows from the next one; two processes with one number clash
    once in a long while: the primary key sees it and the event is run again.
    """

    def __init__(self, clock: Callable[[], int], process: int | None = None) -> None:
        self._clock = clock
        self._process = (os.getpid() if process is None else process) % PROCESSES
        self._lock = threading.Lock()
        self._ms = 0
        self._counter = -1

    def next(self) -> int:
        with self._lock:
            ms = self._clock() // 1000
            if ms > self._ms:
                self._ms, self._counter = ms, 0
            else:
                self._counter += 1
                if self._counter == COUNTER:
                    self._ms, self._counter = self._ms + 1, 0
            return make_id(self._ms, self._process, self._counter)
