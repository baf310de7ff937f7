"""Ids sort by time, never repeat in a process, and fit into 63 bits (R46)."""

from __future__ import annotations

from engine.runtime.store.ids import COUNTER, EPOCH_MS, Ids, make_id


def test_ids_rise_even_when_the_clock_does_not() -> None:
    times = iter([5_000, 5_000, 4_000, 9_000] + [9_000] * 5000)
    ids = Ids(lambda: next(times) + EPOCH_MS * 1000, process=3)
    made = [ids.next() for _ in range(5000)]
    assert made == sorted(set(made))
    assert {(made_id >> 11) & 1023 for made_id in made} == {3}


def test_two_processes_do_not_meet() -> None:
    clock = lambda: EPOCH_MS * 1000 + 7_000_000  # noqa: E731
    first, second = Ids(clock, process=1), Ids(clock, process=2)
    assert {first.next() for _ in range(COUNTER)}.isdisjoint(second.next() for _ in range(COUNTER))


def test_last_id_fits() -> None:
    assert make_id(EPOCH_MS + 2**42 - 1, 1023, COUNTER - 1) == 2**63 - 1
    assert make_id(0, 0, 0) == 0
