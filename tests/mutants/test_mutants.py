"""A few mutants of every code in `make test`; all of them (25 a code) in `make laws` and here under `long`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.checks.pages import codes
from tests.mutants.beyond import BEYOND
from tests.mutants.planting import HERE, WANTED, clean, mutants

CODES = sorted(path.stem for path in (HERE / "rules").glob("*.yaml"))
SAMPLE = 2


def test_every_code_has_rules() -> None:
    assert set(codes()) - set(CODES) == BEYOND.keys()
    assert set(CODES) <= set(codes())


@pytest.mark.parametrize("code", CODES)
def test_a_few_are_found(code: str) -> None:
    planted = mutants(code)
    assert len(planted) == WANTED, f"only {len(planted)} places for {code}"
    assert [said for mutant in planted[:SAMPLE] if (said := mutant.wrong())] == []


@pytest.mark.long
@pytest.mark.parametrize("code", CODES)
def test_all_are_found(code: str) -> None:
    assert [said for mutant in mutants(code) if (said := mutant.wrong())] == []


def test_a_text_without_the_fault_is_told_as_missed() -> None:
    """The harness itself: what is mutated does not have the fault already."""
    assert len(clean()) > 100
    for code in CODES[::10]:
        planted = mutants(code, 1)[0]
        assert replace(planted, text=planted.clean.text).wrong() is not None, code
