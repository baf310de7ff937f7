"""The shipped pack does what its scenarios say, and no node or arrow of it is without one."""

from __future__ import annotations

from pathlib import Path

from engine.play.testing import run_folder

PACK = Path(__file__).resolve().parents[2] / "definitions"


def test_every_scenario_passes_and_every_arrow_is_walked() -> None:
    report = run_folder(PACK)
    assert [f"{o.scenarios}: {o.test}: {o.problem}" for o in report.outcomes if o.problem is not None] == []
    assert [(c.workflow, *c.unwalked_nodes, *c.unwalked_arrows) for c in report.coverage if c.unwalked_arrows] == []
    assert len(report.outcomes) > 90
