"""BPMN Analyzer's verdicts, property by property: `check` agrees and names the elements that the suite names, or what leads to them."""

from __future__ import annotations

import pytest

from tests.conformance import soundness
from tests.conformance.suites import FOLDER

MODELS = soundness.analyzer()


@pytest.mark.parametrize("model", MODELS, ids=[str(model["file"]) for model in MODELS])
def test_check_agrees(model: dict[str, object]) -> None:
    wrong = [o for o in soundness.outcomes(model) if o.verdict == "wrong"]
    assert wrong == []


@pytest.mark.skipif(not MODELS, reason=f"the suite is not in {FOLDER}: set REMIT_SUITES")
def test_most_is_agreed() -> None:
    found = [o for model in MODELS for o in soundness.outcomes(model)]
    assert sum(o.verdict == "agreed" for o in found) >= 0.9 * len(found)


def test_a_culprit_behind_what_is_named() -> None:
    flows = [
        {"id": "f1", "from": "a", "to": "b"},
        {"id": "f2", "from": "b", "to": "c"},
        {"id": "f3", "from": "x", "to": "a"},
    ]
    model = {"model": {"processes": [{"id": "p", "nodes": [], "flows": flows}]}}
    assert soundness.named("b", {"b"}, model)
    assert soundness.named("f1", {"a"}, model)
    assert soundness.named("c", {"a"}, model)
    assert not soundness.named("x", {"a"}, model)
    assert not soundness.named("c", set(), model)
