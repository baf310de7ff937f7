"""Holding over cases on the real machine: a lock by value, the time of a workflow, a detached call that fails.

The workflows of `holding/` stand in the pack of the patterns, in place of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.folder import read_folder
from engine.language.kinds.scenarios import Scenarios
from engine.language.loader import load
from engine.language.pack import Pack
from engine.language.source import Source
from engine.nodes import catalogue
from engine.play.stage import Stage
from engine.play.testing import run_pack
from engine.runtime import commands

HERE = Path(__file__).parent
OWN = {"control_flow", "time"}


def sources() -> list[Source]:
    shared = [s for s in read_folder(HERE.parent / "patterns")[0] if not OWN & set(Path(s.path).parts)]
    files = sorted((HERE / "holding").glob("*.yaml"))
    return [*shared, *(Source(f"workflows/{f.name}", f.read_text("utf-8")) for f in files)]


def pack() -> Pack:
    return load(sources(), catalogue())


@pytest.mark.parametrize("name", ["desk_over_all_cases", "only_in_its_time"])
def test_scenarios(name: str) -> None:
    loaded = pack()
    report = run_pack(loaded, [loaded.kind(Scenarios)[name]])
    assert report.ok, "\n".join(report.lines())
    assert report.outcomes


def test_a_detached_call_that_fails_is_told() -> None:
    at = 1_772_438_400_000_000  # Monday 2026-03-02 09:00 in Vienna
    stage = Stage({s.path: s.text for s in sources()}, catalogue(), at, ["calls_beside", "breaks"], {})
    try:
        deal = {"customer": "Acme", "owner": "tom", "amount": "10", "due_on": "2026-03-20"}
        made = stage.ask(commands.NewRecord(form="deal", values=deal), "tom")
        stage.ask(commands.StartCase(workflow="calls_beside", start="begin", record=int(made["id"])), "tom")
        assert [incident.code for incident in stage.incidents()] == ["unhandled-error"]
    finally:
        stage.close()
