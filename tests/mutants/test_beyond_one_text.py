"""The two codes that no single text shows, 25 times each: a step under running cases becomes another one, a search is cut short."""

from __future__ import annotations

import pytest

from tests.mutants.beyond import BEYOND, LIVE_WAYS, Standing, standing_cases
from tests.mutants.planting import WANTED


@pytest.mark.parametrize("code", BEYOND)
def test_each_is_told_on_its_line(code: str) -> None:
    planted = BEYOND[code](WANTED, 1)
    assert len(planted) == WANTED
    assert [said for mutant in planted if (said := mutant.wrong())] == []


def test_every_way_has_a_place() -> None:
    assert len({mutant.case for mutant in standing_cases()}) == len({way.case for way in LIVE_WAYS})


def test_a_version_that_is_the_same_is_told_as_missed() -> None:
    """The harness itself: without a change nothing is found."""
    one = standing_cases(1)[0]
    assert Standing(one.file, one.name, one.file.text, one.line, one.case).wrong() is not None
