"""Packs as an administrator writes them: clean (test_clean.py), and what is clean runs.

Each pack is a trade of its own (quotes, collections, leave, support, purchase, subscriptions ...), made up from LANGUAGE
alone; together they use every node type and nearly every join.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.folder import read_folder
from engine.language.kinds.workflow import Workflow
from engine.language.loader import load
from engine.nodes import catalogue
from engine.play.testing import run_folder

PACKS = sorted(path.parent for path in (Path(__file__).parent / "packs").glob("*/pack.yaml"))


@pytest.mark.parametrize("folder", PACKS, ids=lambda path: path.name)
def test_does_what_its_scenarios_say(folder: Path) -> None:
    report = run_folder(folder)
    assert [f"{o.scenarios}: {o.test}: {o.problem}" for o in report.outcomes if o.problem is not None] == []
    assert report.outcomes


def test_every_node_type_and_every_join_is_used() -> None:
    packs = [load(read_folder(folder)[0], catalogue()) for folder in PACKS]
    nodes = [node for pack in packs for workflow in pack.kind(Workflow).values() for _, node in workflow.all_nodes()]
    assert {node.type for node in nodes} >= set(catalogue())
    assert {node.join.mode for node in nodes if node.join is not None} >= {"all", "matching", "first"}
