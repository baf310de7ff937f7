"""A sample of `make laws`: random decision tables beside asking the real table everywhere."""

from __future__ import annotations

from tests.laws.tables import Count, differences


def test_findings_of_tables_are_exact() -> None:
    count = Count()
    found = differences(range(1_000), count)
    assert not found, "\n".join(map(str, found[:3]))
    assert count.tables > 900
    assert count.findings > 1_500
    assert count.facts > 300
