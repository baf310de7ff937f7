"""A sample of the crashes at every statement that `make laws` does: five scripts on SQLite, two on PostgreSQL, one thing of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.laws.crash import Count, Databases, Files, crash_everywhere


@pytest.mark.parametrize(("seed", "only"), [(0, 0), (1, 1), (2, 2), (4, 4), (5, 3)])
def test_a_crash_at_any_statement_is_all_or_nothing(tmp_path: Path, seed: int, only: int) -> None:
    count = Count()
    crash_everywhere(Files(tmp_path), seed, count, only)
    assert count.wrong == []
    assert count.crashes > 3


@pytest.mark.parametrize(("seed", "only"), [(7, 0), (3, 2)])
def test_a_crash_at_any_statement_is_all_or_nothing_on_postgresql(postgres_server: str, seed: int, only: int) -> None:
    count, place = Count(), Databases(postgres_server)
    try:
        crash_everywhere(place, seed, count, only)
    finally:
        place.close()
    assert count.wrong == []
    assert count.crashes > 3
