"""A few mutants of every code in `make test`; all of them (25 a code) in `make laws` and here under `long`."""

from __future__ import annotations

import pytest

from engine.checks.pages import codes
from tests.mutants.planting import HERE, WANTED, clean, findings, mutants, wrong

NOT_IN_ONE_TEXT = {
    "live-instance-break": "needs running cases: tests/runtime/migrations",
    "not-decided": "needs a net that is larger than the bound of the search",
}
CODES = sorted(path.stem for path in (HERE / "rules").glob("*.yaml"))
SAMPLE = 2


def test_every_code_has_rules() -> None:
    assert set(codes()) - set(CODES) == NOT_IN_ONE_TEXT.keys()
    assert set(CODES) <= set(codes())


@pytest.mark.parametrize("code", CODES)
def test_a_few_are_found(code: str) -> None:
    planted = mutants(code)
    assert len(planted) == WANTED, f"only {len(planted)} places for {code}"
    assert [said for mutant in planted[:SAMPLE] if (said := wrong(mutant))] == []


@pytest.mark.long
@pytest.mark.parametrize("code", CODES)
def test_all_are_found(code: str) -> None:
    assert [said for mutant in mutants(code) if (said := wrong(mutant))] == []


def test_what_is_mutated_is_clean() -> None:
    assert len(clean()) > 100
    assert all(findings(m) is not None for m in mutants(CODES[0], 1))
