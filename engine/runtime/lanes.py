"""What waits for a writer thread: two lanes, interactive first, and how much of each goes into a batch (R22)."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from typing import Any, NamedTuple

from engine.runtime.ports import Answer, Lane

BATCH = 64
BULK_SHARE = BATCH // 2
"""The most that bulk gets of a batch while interactive waits."""

KEPT_FOR_BULK = 8
"""Places that interactive leaves to waiting bulk, so that a long rush does not stop timers."""


class Waiting(NamedTuple):
    """A command in the queue and who waits for it."""

    command: Any
    lane: Lane
    future: Future[Answer]


class Lanes:
    """The queue of one writer thread. Any thread may `add`; the writer takes."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._lanes: dict[Lane, deque[Waiting]] = {"interactive": deque(), "bulk": deque()}
        self._closed = False

    def add(self, waiting: Waiting) -> None:
        """RuntimeError after `close`."""
        with self._changed:
            if self._closed:
                raise RuntimeError("the writer is stopped")
            self._lanes[waiting.lane].append(waiting)
            self._changed.notify()

    def take(self) -> list[Waiting]:
        """Waits for something and takes a batch of it; empty when closed and drained."""
        with self._changed:
            interactive, bulk = self._lanes["interactive"], self._lanes["bulk"]
            while not (interactive or bulk or self._closed):
                self._changed.wait()
            room = BATCH - min(KEPT_FOR_BULK, len(bulk))
            batch = [interactive.popleft() for _ in range(min(room, len(interactive)))]
            room = min(BATCH - len(batch), BULK_SHARE if batch else BATCH)
            return batch + [bulk.popleft() for _ in range(min(room, len(bulk)))]

    def give_back(self, rest: list[Waiting]) -> None:
        """What was taken and not begun goes to the front again, in its order."""
        with self._changed:
            for waiting in reversed(rest):
                self._lanes[waiting.lane].appendleft(waiting)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        with self._changed:
            return sum(len(lane) for lane in self._lanes.values())
