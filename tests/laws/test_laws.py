"""A sample of `make laws`, and each difference that was found once, as a small workflow of its own."""

from __future__ import annotations

from random import Random

import pytest

from engine.interpreter.compiled import CompiledWorkflow
from engine.language.kinds.workflow import Workflow
from tests.interpreter.stage import MONDAY
from tests.interpreter.world import World, pack_of
from tests.laws.agree import Count, Tree, compare, differences
from tests.laws.workflows import yaml

TASK = {"type": "user_task", "assignee": "starter", "deadline": "none"}
PASS = {"type": "set", "set": {"case.n": "= case.n + 1"}}
SMALL: dict[str, Tree] = {
    "what an unfired round has taken keeps the scope open": {
        "nodes": {"a": {**TASK, "next": "b"}, "b": {**PASS, "join": {"first": 2, "rest": "finish"}, "next": "end"}},
    },
    "a step withdrawn by its own escalation is over": {
        "nodes": {
            "a": {
                "type": "subprocess",
                "start": "b",
                "nodes": {"b": {"type": "signal", "escalation": "oops", "next": "end"}},
                "interrupt": {"up": {"escalation": "oops", "next": "c"}},
                "next": "end",
            },
            "c": {**TASK, "next": "end"},
        },
    },
    "a round counts the token that it lets through as on its way": {
        "nodes": {
            "a": {**TASK, "next": "b"},
            "b": {**TASK, "join": {"first": 1, "rest": "finish"}, "buttons": {"x": {"title": "X"}, "y": {"title": "Y"}},
                  "next": {"x": "b", "y": "end"}},
        },
    },
    "cancels empties the round of a join": {
        "nodes": {
            "a": {"type": "parallel_gateway", "next": ["b", "c", "d", "e"]},
            "b": {**TASK, "next": "j"},
            "c": {**TASK, "next": "j"},
            "d": {**TASK, "next": "j"},
            "e": {**TASK, "cancels": ["j"], "next": "end"},
            "j": {**PASS, "join": {"first": 2, "rest": "finish"}, "next": "end"},
        },
    },
    "the case's interrupt fires once, for errors too": {
        "interrupt": {"off": {"error": "any", "next": "a"}},
        "nodes": {"a": {**TASK, "next": "b"}, "b": {"type": "end", "kind": "error", "code": "oops"}},
    },
    "an escalation's meanwhile runs once at a time": {
        "meanwhile": {"beside": {"escalation": "any", "next": "c"}},
        "nodes": {
            "a": {"type": "parallel_gateway", "next": ["b"], "threads": 2},
            "b": {"type": "signal", "escalation": "oops", "next": "end"},
            "c": {**TASK, "next": "end"},
        },
    },
    "a step before its lock goes on when the subprocess that has it is left": {
        "nodes": {
            "a": {"type": "parallel_gateway", "next": ["b", "c"]},
            "b": {"type": "subprocess", "start": "d", "mutex": "desk", "nodes": {"d": {**TASK, "next": "end"}}, "next": "end"},
            "c": {**PASS, "mutex": "desk", "next": "e"},
            "e": {**TASK, "mutex": "desk", "next": "end"},
        },
    },
    "rounds, then copies in a row, then a way back to them": {
        "nodes": {
            "a": {**PASS, "repeat": {"until": "case.n % 3 == 2", "at_most": 5}, "next": {"done": "b", "exhausted": "end"}},
            "b": {**TASK, "for_each": {"count": 3, "first": 2, "rest": "cancel", "order": "in_order"}, "next": "c"},
            "c": {**TASK, "buttons": {"x": {"title": "X"}, "y": {"title": "Y"}}, "next": {"x": "back", "y": "end"}},
        },
    },
}  # fmt: skip


@pytest.mark.parametrize("name", SMALL)
def test_small(name: str) -> None:
    tree = {"workflow": "small", "start": {"begin": {"button": "Begin", "next": "a"}}, **SMALL[name]}
    pack = pack_of(yaml(tree))
    compiled, world = CompiledWorkflow(pack.kind(Workflow)["small"], pack), World(pack, MONDAY)
    count = Count()
    for seed in range(8):
        found = compare(tree, compiled, world, Random(seed), count)
        assert found is None, str(found)
    assert count.events > 0, "nothing was played"


@pytest.mark.parametrize("first", range(0, 160, 40))
def test_random_workflows_agree_with_the_reference(first: int) -> None:
    count = Count()
    found = differences(range(first, first + 40), 5, count)
    assert not found, str(min(found, key=lambda difference: difference.size()))
    assert count.events > 500
