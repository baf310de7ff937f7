"""The flow proof says the same with its reductions and without; large workflows are decided, in few states."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from engine.checks import View
from engine.checks.flow import smaller, verdicts
from engine.checks.flow.scopes import CUT, Proof
from tests.interpreter.world import pack_of
from tests.laws.large_workflows import large, spoiled
from tests.laws.reference import Tree
from tests.laws.soundness_workflows import blocks, drawn, text

MOST = 1_000
"""States of one scope, without reductions."""


def proofs(trees: Iterable[Tree], states: int) -> list[Proof]:
    found = verdicts(View(pack_of(*(text(tree) for tree in trees)), states))
    return [proof for name in found for proof in found[name]]


KINDS = {
    "blocks": [blocks(seed) for seed in (*range(90), 140, 590, 1460)],
    "drawn": [drawn(seed) for seed in (*range(90), 148, 1702)],
    "nested": [*(spoiled(seed, (8, 20)) for seed in (*range(60), 326)), spoiled(336, (14, 26))],
}
"""Named ones are those in which a rule was once mistaken."""


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_is_said_without_them(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    trees = KINDS[kind]
    few = proofs(trees, 30_000)
    monkeypatch.setattr(smaller.Smaller, "search", lambda self, starts, most: None)
    many = proofs(trees, MOST)
    compared = [(a, b) for a, b in zip(few, many, strict=True) if b.result.decided]
    assert len(compared) > 0.95 * len(many)
    assert [(a.workflow.name, a.scope, a.codes) for a, _ in compared] == [
        (b.workflow.name, b.scope, b.codes) for _, b in compared
    ]
    assert sum(a.result.states for a, _ in compared) < sum(b.result.states for _, b in compared)
    assert any(b.codes for _, b in compared)


@pytest.mark.parametrize("kind", KINDS)
def test_the_reduced_net_alone_finds_whether_something_is_wrong(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it finds a fault the whole net is looked at too, which must not hide that it was mistaken."""
    trees = KINDS[kind]
    with monkeypatch.context() as without:
        without.setattr(smaller.Smaller, "search", lambda self, starts, most: None)
        many = proofs(trees, MOST)
    monkeypatch.setattr("engine.checks.flow.scopes.FULL", 0)
    few = proofs(trees, 30_000)
    for a, b in zip(few, many, strict=True):
        if b.result.decided:
            assert bool(a.codes) == bool(b.codes), (a.workflow.name, a.scope, a.codes, b.codes)
            assert b.codes & CUT or a.codes == b.codes, (a.workflow.name, a.scope, a.codes, b.codes)


def test_large_ones_are_decided_in_few_states() -> None:
    found = proofs([large(seed) for seed in range(30)], 30_000)
    assert [(proof.workflow.name, proof.codes) for proof in found if proof.codes] == []
    assert max(proof.result.states for proof in found) < 3_000
    assert sorted(proof.result.states for proof in found)[len(found) // 2] < 20
