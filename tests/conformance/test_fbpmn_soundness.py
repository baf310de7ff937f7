"""fbpmn's verdicts on whole models: `check` agrees, or a rule says why it says otherwise; and siblings of its constructs, made up."""

from __future__ import annotations

import pytest

from tests.conformance import soundness
from tests.conformance.soundness.model import Translated
from tests.conformance.suites import FOLDER

MODELS = soundness.fbpmn()


@pytest.mark.skipif(not MODELS, reason=f"the suite is not in {FOLDER}: set REMIT_SUITES")
def test_check_agrees() -> None:
    found = [outcome for model in MODELS for outcome in soundness.outcomes(model)]
    assert [o for o in found if o.verdict == "wrong"] == []
    assert sum(o.verdict == "agreed" for o in found) >= 0.7 * len(found)


def test_a_model_without_an_end_is_said_to_be_so() -> None:
    process = {
        "id": "p",
        "nodes": [{"id": "s", "type": "startEvent"}, {"id": "g", "type": "complexGateway"}],
        "flows": [{"id": "f", "from": "s", "to": "g"}],
    }
    found = list(soundness.outcomes({"name": "m", "expected": {"safe": True}, "model": {"processes": [process]}}))
    assert [(o.verdict, o.reason) for o in found] == [("unsaid", "no counterpart of complexGateway")]


def codes(flows: str, kinds: str = "", property_: str = "safe", **more: dict[str, object]) -> set[str]:
    """The codes found in a process of `a>b` flows; a node's type by `kinds` (`g:parallelGateway`), else by its first letter."""
    types = dict(kind.split(":") for kind in kinds.split())
    pairs = [tuple(flow.split(">")) for flow in flows.split()]
    names = list(dict.fromkeys([n for pair in pairs for n in pair] + list(types)))
    short = {
        "s": "startEvent",
        "e": "endEvent",
        "x": "exclusiveGateway",
        "p": "parallelGateway",
        "o": "inclusiveGateway",
    }
    nodes = [{"id": n, "type": types.get(n) or short.get(n[0], "task"), **more.get(n, {})} for n in names]
    process = {
        "id": "p",
        "nodes": nodes,
        "flows": [{"id": f"{a}-{b}-{i}", "from": a, "to": b} for i, (a, b) in enumerate(pairs)],
    }
    return set(soundness.judged(process, property_, soundness.checked))


@pytest.mark.parametrize(
    ("flows", "property_", "denied"),
    [
        ("s>p1 p1>t1 p1>t2 t1>p2 t2>p2 p2>e", "safe", False),
        ("s>p1 p1>t1 p1>t2 t1>x t2>x x>t3 t3>e", "safe", True),
        ("s>p1 p1>t1 p1>t2 t1>x t2>x x>e", "sound", True),
        ("s>p1 p1>t1 p1>t2 t1>e1 t2>e2", "sound", True),
        ("s>p1 p1>t1 p1>t2 t1>e1 t2>e2", "proper_completion", False),
        ("s>x1 x1>t1 x1>t2 t1>p t2>p p>e", "sound", True),
        ("s>x1 x1>t1 x1>t2 t1>p t2>p p>e", "option_to_complete", True),
        ("s>o1 o1>t1 o1>t2 t1>o2 t2>o2 o2>e", "sound", False),
        ("s>x1 x1>t1 t1>x2 x2>x1 x2>e", "sound", False),
        ("s>x1 x1>t1 t1>x1", "option_to_complete", True),
        ("s>t1 t1>e t2>e", "no_dead_activities", True),
        ("s>t1 t1>t2 t1>t3 t2>p t3>p p>e", "sound", False),
    ],
)
def test_constructs(flows: str, property_: str, denied: bool) -> None:
    assert bool(codes(flows, property_=property_) & soundness.FAULTS[property_]) is denied


BOUNDARY = {"attachedToRef": "t1", "events": [{"kind": "timer", "timeDuration": "PT1H"}]}


@pytest.mark.parametrize(("stays", "denied"), [("true", False), ("false", True)])
def test_boundary_events(stays: str, denied: bool) -> None:
    """One that stays runs beside the work, and meets it at the merge."""
    found = codes("s>t1 t1>x b>t2 t2>x x>e", "b:boundaryEvent", b={**BOUNDARY, "cancelActivity": stays})
    assert bool(found & soundness.FAULTS["safe"]) is denied


def test_elements_are_named() -> None:
    process = {
        "id": "p",
        "nodes": [
            {"id": "s", "type": "startEvent"},
            {"id": "Fork_1", "type": "exclusiveGateway"},
            {"id": "Join_1", "type": "parallelGateway"},
            {"id": "e", "type": "endEvent"},
        ],
        "flows": [
            {"id": "1", "from": "s", "to": "Fork_1"},
            {"id": "2", "from": "Fork_1", "to": "Join_1"},
            {"id": "3", "from": "Fork_1", "to": "Join_1"},
            {"id": "4", "from": "Join_1", "to": "e"},
        ],
    }
    assert "Join_1" in soundness.checked(Translated(process))["deadlock"]
