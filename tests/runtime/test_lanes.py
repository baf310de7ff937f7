"""Interactive before bulk, and neither starves (R22); a batch ends when its time is used up."""

from __future__ import annotations

import time
from concurrent.futures import Future
from typing import Any

from engine.runtime.lanes import BATCH, BULK_SHARE, KEPT_FOR_BULK, Lanes, Waiting
from engine.runtime.ports import Answer, Lane
from engine.runtime.store.store import Store
from engine.runtime.writer import Writer
from tests.store.stub import Start, handle


def filled(interactive: int, bulk: int) -> Lanes:
    lanes = Lanes()
    waiting: list[tuple[Lane, int]] = [("bulk", bulk), ("interactive", interactive)]
    for lane, count in waiting:
        for number in range(count):
            lanes.add(Waiting(number, lane, Future()))
    return lanes


def taken(lanes: Lanes) -> tuple[list[int], list[int]]:
    batch = lanes.take()
    return (
        [waiting.command for waiting in batch if waiting.lane == "interactive"],
        [waiting.command for waiting in batch if waiting.lane == "bulk"],
    )


def test_bulk_alone_fills_a_batch() -> None:
    assert taken(filled(0, 100)) == ([], list(range(BATCH)))


def test_bulk_gets_at_most_half_beside_interactive() -> None:
    assert taken(filled(3, 100)) == ([0, 1, 2], list(range(BULK_SHARE)))


def test_bulk_is_not_starved_by_a_rush() -> None:
    interactive, bulk = taken(filled(200, 100))
    assert (len(interactive), len(bulk)) == (BATCH - KEPT_FOR_BULK, KEPT_FOR_BULK)


def test_given_back_work_keeps_its_place() -> None:
    lanes = filled(0, 5)
    batch = lanes.take()
    lanes.add(Waiting(5, "bulk", Future()))
    lanes.give_back(batch[2:])
    assert taken(lanes) == ([], [2, 3, 4, 5])


def test_closed_lanes_drain_and_then_are_empty() -> None:
    lanes = filled(1, 0)
    lanes.close()
    assert taken(lanes) == ([0], [])
    assert lanes.take() == []


def test_slow_commands_are_spread_over_commits() -> None:
    """Ten commands of 10 ms do not make the first caller wait for the last."""
    store = Store.open("sqlite://")
    commits: list[int] = []

    def slow(transaction: Any, command: Any) -> Answer:
        time.sleep(0.01)
        return handle(transaction, command)

    writer = Writer(store, slow)
    writer.after_commit.append(lambda committed: commits.append(len(committed.cases)))
    writer.start()
    futures = [writer.submit(Start()) for _ in range(10)]
    assert [future.result(5).status for future in futures] == [201] * 10
    writer.stop()
    store.close()
    assert sum(commits) == 10
    assert max(commits) <= 5
