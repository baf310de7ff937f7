"""A sample of `make laws`: the flow proof beside its reference and beside the states of real cases."""

from __future__ import annotations

import pytest

from tests.laws.soundness import Count, Difference, beside_reference, beside_runtime, trees


def said(found: list[Difference]) -> str:
    return str(min(found, key=lambda difference: len(str(difference))))


@pytest.mark.parametrize("kind", ["blocks", "drawn"])
def test_the_proof_agrees_with_the_reference(kind: str) -> None:
    count = Count()
    found = [d for first in range(0, 100, 25) for d in beside_reference(trees(kind, range(first, first + 25)), count)]
    assert not found, said(found)
    assert count.bounded < 3
    assert count.faulty["clean"] > 20
    assert count.workflows - count.faulty["clean"] > 20
    assert {"deadlock", "double-token", "unreachable-step"} < set(count.faulty)


@pytest.mark.parametrize("kind", ["blocks", "drawn"])
def test_the_proof_agrees_with_real_cases(kind: str) -> None:
    count = Count()
    found = beside_runtime(trees(kind, range(20)), count)
    assert not found, said(found)
    assert count.faulty["clean"] > 5
    assert count.faulty["stuck"]
