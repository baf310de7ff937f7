"""The 43 control-flow and 10 time patterns: every scenario passes, and together they walk every node and arrow.

EXPECTED holds what cannot be had, with its reason: nothing. It is strict: a test of it that passes fails here too.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.folder import read_folder
from engine.language.kinds.scenarios import Scenarios
from engine.language.kinds.workflow import Workflow
from engine.language.loader import load
from engine.nodes import catalogue
from engine.play.testing import run_pack

FOLDER = Path(__file__).parent
PACK = load(read_folder(FOLDER)[0], catalogue())
NAMES = sorted(PACK.kind(Scenarios))

EXPECTED: dict[str, dict[str, str]] = {}


def test_every_pattern_has_its_workflow_and_scenarios() -> None:
    """43 and 10, each in a file of its own, and nothing that the loader would complain of."""
    control = [f"wcp{n:02}" for n in range(1, 44)]
    time = [f"tp{n:02}" for n in range(1, 11)]
    assert [name.partition("_")[0] for name in sorted(PACK.kind(Workflow))] == sorted(control + time)
    assert sorted(PACK.kind(Workflow)) == NAMES
    assert not [f"{d.span}: {d.message()}" for d in PACK.diagnostics]
    assert set(EXPECTED) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_pattern(name: str) -> None:
    """Its scenarios pass, and together they walk every node and arrow of it."""
    report = run_pack(PACK, [PACK.kind(Scenarios)[name]])
    assert report.outcomes
    assert {outcome.test for outcome in report.failed} == set(EXPECTED.get(name, ())), "\n".join(report.lines())
    if name not in EXPECTED:
        assert [(*c.unwalked_nodes, *c.unwalked_arrows) for c in report.coverage] == [()]
