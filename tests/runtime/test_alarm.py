"""The alarm looks when told to, looks anyway within a second, and survives a look that fails (R39)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from engine.runtime.alarm import LONGEST, Alarm
from engine.runtime.store.store import wall_clock


class Looks:
    """Counts looks and lets a test wait for the next."""

    def __init__(self) -> None:
        self.at: list[float] = []
        self.seen = threading.Semaphore(0)
        self.pause = 0.0
        self.fails = False

    def __call__(self) -> None:
        self.at.append(time.monotonic())
        self.seen.release()
        time.sleep(self.pause)
        if self.fails:
            raise RuntimeError("a look failed")


@pytest.fixture
def looks() -> Looks:
    return Looks()


@pytest.fixture
def alarm(looks: Looks) -> Iterator[Alarm]:
    alarm = Alarm(looks)
    alarm.start()
    yield alarm
    alarm.stop()


def test_looks_when_the_earliest_is_due(alarm: Alarm, looks: Looks) -> None:
    begun = time.monotonic()
    now = wall_clock()
    alarm.arm(now + 800_000)
    alarm.arm(now + 150_000)
    alarm.arm(now + 500_000)  # later than what is armed: changes nothing
    alarm.arm(None)
    assert looks.seen.acquire(timeout=2)
    assert 0.14 <= looks.at[0] - begun < 0.6


def test_past_due_is_now(alarm: Alarm, looks: Looks) -> None:
    begun = time.monotonic()
    alarm.arm(0)
    assert looks.seen.acquire(timeout=2)
    assert looks.at[0] - begun < 0.6


def test_looks_anyway_and_after_a_failure(alarm: Alarm, looks: Looks) -> None:
    looks.fails = True
    begun = time.monotonic()
    assert looks.seen.acquire(timeout=LONGEST + 1)
    assert looks.seen.acquire(timeout=LONGEST + 1)
    assert time.monotonic() - begun < 2 * LONGEST + 1


def test_what_is_armed_during_a_look_is_not_lost(alarm: Alarm, looks: Looks) -> None:
    looks.pause = 0.3
    alarm.arm(0)
    assert looks.seen.acquire(timeout=2)
    alarm.arm(wall_clock())  # while it looks
    assert looks.seen.acquire(timeout=0.8)
    assert looks.at[1] - looks.at[0] >= 0.29  # never two at a time


def test_housekeeping_comes_again(alarm: Alarm) -> None:
    called = threading.Semaphore(0)
    alarm.every(0.05, called.release)
    assert called.acquire(timeout=2)
    assert called.acquire(timeout=2)
