"""Every node type has a run (tests/runs/<type>.md), and holds the contract of node types in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.interpreter.node import NodeType
from engine.nodes import BUILTIN
from engine.testing import check_node_type

RUNS = Path(__file__).parent / "runs"


@pytest.mark.parametrize("cls", BUILTIN, ids=lambda cls: cls.TYPE)
def test_holds_the_contract_in_its_run(cls: type[NodeType]) -> None:
    check_node_type(cls, (RUNS / f"{cls.TYPE}.md").read_text("utf-8"))


def test_every_run_belongs_to_a_node_type() -> None:
    assert {path.stem for path in RUNS.glob("*.md")} == {cls.TYPE for cls in BUILTIN}
