"""The contract of the queue, on the embedded adapter: what is committed is performed, at least once (R36, R50, R51)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.runtime.owner import Owner
from engine.runtime.queue import embedded
from engine.runtime.queue.embedded import EmbeddedQueue
from engine.runtime.store.errors import Refused
from engine.runtime.store.queries import cases, effects
from engine.runtime.store.store import Store
from engine.runtime.writer import Writer
from tests.store.stub import Complete, Start, handle
from tests.store.tables_as_data import contents

SECOND = 1_000_000


class Moved:
    now = 1_772_413_200_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Moved:
    return Moved()


@pytest.fixture
def writer(database_url: str, open_store: Callable[..., Store], clock: Moved) -> Writer:
    return Writer(open_store(database_url, clock=clock), handle)


def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def test_committed_effects_are_performed_and_refused_ones_never(writer: Writer) -> None:
    queue = EmbeddedQueue(writer)
    case = writer.run_now(Start()).body["case"]
    with pytest.raises(Refused):
        writer.run_now(Complete(int(case), "refuse"))
    performed: list[str] = []
    assert queue.run_waiting(performed.append) == 1
    assert performed == [f"{case}.1.1"]
    assert contents(writer.store)["jobs"] == []
    assert queue.run_waiting(performed.append) == 0


def test_threads_perform_what_is_committed(writer: Writer) -> None:
    queue = EmbeddedQueue(writer, workers=3)
    performed: list[str] = []
    together = threading.Barrier(3)  # passed only if three run at a time

    def perform(effect: str) -> None:
        together.wait(5)
        performed.append(effect)

    writer.start()
    assert queue.start(perform)
    for _ in range(9):
        writer.submit(Start()).result(5)
    until(lambda: len(performed) == 9)
    until(lambda: contents(writer.store)["jobs"] == [])
    queue.stop()
    writer.stop()
    assert len(set(performed)) == 9


def test_job_of_a_dead_worker_is_taken_when_its_lease_ends(writer: Writer, clock: Moved) -> None:
    queue, other = EmbeddedQueue(writer), EmbeddedQueue(Writer(writer.store, handle))
    case = writer.run_now(Start()).body["case"]
    assert [job.args for job in queue._claim(10)] == [f"{case}.1.1"]  # and dies
    performed: list[str] = []
    assert other.run_waiting(performed.append) == 0
    clock.now += embedded.LEASE + 1
    assert other.run_waiting(performed.append) == 1
    assert performed == [f"{case}.1.1"]


def test_late_finish_does_not_touch_a_job_that_another_took(writer: Writer, clock: Moved) -> None:
    slow, other = EmbeddedQueue(writer), EmbeddedQueue(Writer(writer.store, handle))
    writer.run_now(Start())
    (late,) = slow._claim(1)
    clock.now += embedded.LEASE + 1
    (taken,) = other._claim(1)
    slow._perform(lambda effect: None, late)
    assert contents(writer.store)["jobs"] == [taken]
    other._perform(lambda effect: None, taken)
    assert contents(writer.store)["jobs"] == []


def test_perform_that_raises_comes_again_later_and_ends_as_an_incident(writer: Writer, clock: Moved) -> None:
    queue = EmbeddedQueue(writer)
    case = int(writer.run_now(Start()).body["case"])
    tries: list[str] = []

    def perform(effect: str) -> None:
        tries.append(effect)
        raise RuntimeError("no answer could be written")

    for attempt in range(1, embedded.TRIES + 1):
        assert queue.run_waiting(perform) == 1
        assert queue.run_waiting(perform) == 0  # not at once
        clock.now += (SECOND << attempt) + 1
    clock.now += 3600 * SECOND
    assert queue.run_waiting(perform) == 0
    assert tries == [f"{case}.1.1"] * embedded.TRIES
    with writer.store.read() as reader:
        (incident,) = cases.open_incidents(reader)
        assert (incident.case_id, incident.code) == (case, "effect-not-performed")
        assert "no answer" in incident.message
        assert [effect.state for effect in effects.effects_of_case(reader, case)] == [0]


def test_one_process_owns_the_jobs_of_a_file(tmp_path: Path, open_store: Callable[..., Store]) -> None:
    url = f"sqlite:///{tmp_path / 'owned.db'}"
    server = Writer(open_store(url), handle)
    server.start()
    running = threading.Event()
    end = threading.Event()

    def perform(effect: str) -> None:
        running.set()
        end.wait(5)

    queue = EmbeddedQueue(server)
    assert queue.start(perform)
    server.submit(Start()).result(5)
    assert running.wait(5)

    beside = Writer(open_store(url), handle)  # the CLI opens the file
    cli = EmbeddedQueue(beside)
    assert not cli.start(perform)
    assert [job.state for job in contents(beside.store)["jobs"]] == [1]  # the running job is left alone
    end.set()
    queue.stop()
    server.stop()
    beside.start()
    assert cli.start(perform)
    cli.stop()
    beside.stop()


def test_new_owner_frees_the_jobs_of_a_dead_one(tmp_path: Path, open_store: Callable[..., Store]) -> None:
    url = f"sqlite:///{tmp_path / 'owned.db'}"
    dead = EmbeddedQueue(Writer(open_store(url), handle))
    dead._writer.run_now(Start())
    dead._claim(10)  # and dies, with an hour of lease left for all we know
    writer = Writer(open_store(url), handle)
    writer.start()
    performed: list[str] = []
    queue = EmbeddedQueue(writer)
    assert queue.start(performed.append)
    until(lambda: len(performed) == 1)
    queue.stop()
    writer.stop()


def test_memory_has_no_owner() -> None:
    store = Store.open("sqlite://")
    first, second = Owner(store), Owner(store)
    assert first.take()
    assert second.take()
    store.close()
