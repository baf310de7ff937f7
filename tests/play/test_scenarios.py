"""Scenarios: every verb of a made-up pack, and what a failing step says and where."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from engine.folder import read_folder
from engine.language.kinds.scenarios import Scenarios
from engine.language.loader import load
from engine.language.pack import Pack
from engine.language.source import Source
from engine.nodes import catalogue
from engine.play.report import Report
from engine.play.testing import run_folder, run_pack, run_scenarios

DESK = Path(__file__).parent / "desk"
FAILURES = yaml.safe_load(Path(__file__).with_name("failures.yaml").read_text("utf-8"))
FAILING = """\
scenarios: desk
live: [desk]
given:
  customer: {name: Acme, owner: tom}
  request: {subject: Paper, customer: = customer}
tests:
  fails:
    at: 2026-03-02 09:00
    steps:
      - create: all
      - press: ask
        by: tom
"""


def pack_with(scenarios: str) -> Pack:
    sources = [s for s in read_folder(DESK)[0] if ".scenarios." not in s.path]
    return load([*sources, Source("workflows/desk.scenarios.yaml", scenarios)], catalogue())


def test_every_verb() -> None:
    report = run_folder(DESK)
    assert report.ok, "\n".join(report.lines())
    assert [outcome.test for outcome in report.outcomes] == [
        "every_verb", "many_records_and_names", "a_kept_message_is_lost_in_time",
    ]  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_a_failing_step_says_where_and_what_was_instead(name: str) -> None:
    row = FAILURES[name]
    pack = pack_with(FAILING + "".join(f"      {line}\n" for line in row["steps"].splitlines()))
    report = run_scenarios(pack, "desk")
    (outcome,) = report.outcomes
    assert outcome.problem is not None
    assert outcome.problem.span.line == FAILING.count("\n") + row["line"]
    if "en" in row:
        assert outcome.problem.en == row["en"]
    assert outcome.problem.zh == row.get("zh", outcome.problem.zh) != outcome.problem.en
    assert not report.ok


def test_coverage_names_what_no_scenario_walked() -> None:
    report = run_scenarios(pack_with(FAILING), "desk")
    (coverage,) = report.coverage
    assert coverage.nodes == 7
    assert coverage.unwalked_nodes == ("measure", "outside", "arrival", "check", "tell", "closed")
    assert "sort -> measure" in coverage.unwalked_arrows
    assert "start (ask) -> sort" not in coverage.unwalked_arrows


def test_definitions_with_errors_are_not_run() -> None:
    pack = pack_with(FAILING.replace("at: 2026", "att: 2026"))
    report = run_pack(pack, pack.kind(Scenarios).values())
    assert not report.ok
    assert not report.outcomes
    assert report.findings


def test_a_part_of_a_pack(tmp_path: Path) -> None:
    """A path inside a pack means that part of it."""
    assert run_folder(DESK / "workflows" / "desk.scenarios.yaml").ok
    assert run_folder(DESK / "workflows").ok
    assert run_folder(DESK / "forms").outcomes == ()
    assert not run_folder(DESK / "forms").ok


def test_the_report_in_both_languages_and_as_data() -> None:
    report = run_scenarios(pack_with(FAILING + "      - expect: {tasks: 2}\n"), "desk")
    en, zh = "\n".join(report.lines("en")), "\n".join(report.lines("zh"))
    assert "FAILED  desk: fails" in en
    assert "0 of 1 tests passed" in en
    assert "失败  desk: fails" in zh
    plain = report.plain()
    assert (plain["passed"], plain["failed"]) == (0, 1)
    assert plain["tests"][0]["problem"]["code"] == "scenario-failed"
    assert plain["tests"][0]["line"] == 7


def test_runs_are_alike() -> None:
    """Virtual time and a fresh database: a scenario gives the same every time."""

    def texts(report: Report) -> list[str]:
        return report.lines()

    assert texts(run_folder(DESK)) == texts(run_folder(DESK))
