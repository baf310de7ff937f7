"""The words of the command line: exits, JSON on stdout, two languages, and the page of the manual."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer

from engine.checks.pages import pages
from engine.cli import app
from engine.commands.manual import _commands, manual
from engine.settings import unknown_variables

ROOT = Path(__file__).parents[2]
COMMANDS = dict(_commands(typer.main.get_command(app), ""))


def test_the_manual_is_current(request: pytest.FixtureRequest) -> None:
    page, text = ROOT / "docs" / "commands.md", manual(app)
    if request.config.getoption("--accept"):
        page.write_text(text, "utf-8")
    assert page.read_text("utf-8") == text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_in_both_languages(name: str, remit: Any) -> None:
    command = COMMANDS[name]
    texts = [command.help, *(p.help for p in command.params if p.name != "help")]
    assert all(text and text.isascii() is False and text[0].isascii() for text in texts), texts
    assert {"--json", "--language", "--debug"} <= {word for p in command.params for word in p.opts}
    assert remit(*name.split(), "--help").code == 0


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"], ["tasks"], ["tasks", "list", "--nonsense"], ["start"], ["check", "no/such/folder"],
        ["check", "--fix", "--format", "sarif"], ["tasks", "list", "--limit", "many"], ["tasks", "complete", "1.1"],
        ["explain"], ["explain", "no-such-code"], ["explain", "score", "lead"], ["explain", "missing-exit", "x"],
        ["import", "lead", "none.csv", "--mapping", "none.yaml"], ["serve", "--port", "99999"], ["token", "create"],
        ["tasks", "show", "7.1"], ["retry", "7", "--as", "admin_wu"], ["token", "create", "--person", "nobody_here"],
        ["start", "nonsense", "x"], ["start", "lead_intake", "x"], ["message", "nonsense"],
        ["deploy", "--definitions", "none"], ["tasks", "list", "--database", "nonsense://x"], ["instances", "--cursor", "x"],
        ["tasks", "list", "--database", "sqlite:////no/such/folder/x.db"], ["tasks", "list", "--record", "lead"],
        ["instances", "--status", "odd"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_mistake_of_the_person_is_1_and_one_sentence(words: list[str], remit: Any) -> None:
    said = remit(*words, "--language", "zh")
    assert said.code == 1
    assert said.out == ""
    assert "Traceback" not in said.err
    assert said.err.startswith("remit："), said.err
    machine = remit(*words, "--json")
    assert machine.code == 1
    assert machine.err.startswith("remit: "), machine.err
    assert {"code", "message", "message_zh"} <= set(machine.json["error"])


def test_a_fault_of_ours_is_2_without_a_traceback(remit: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(path: Path, states: int | None) -> None:
        raise ZeroDivisionError("inside")

    monkeypatch.setattr("engine.commands.definitions.check_folder", broken)
    said = remit("check")
    assert (said.code, said.out) == (2, "")
    assert "Traceback" not in said.err
    assert "mistake of remit" in said.err
    number = said.err.split("fault ")[1].split(")")[0]
    log = (tmp_path / "faults.log").read_text("utf-8")
    assert number in log
    assert "ZeroDivisionError: inside" in log
    assert "Traceback" in remit("check", "--debug").err
    assert remit("check", "--json").json["error"]["code"] == "fault"


def test_a_wrong_setting_is_said_by_name(remit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMIT_PORT", "many")
    said = remit("check")
    assert said.code == 1
    assert "REMIT_PORT" in said.err


def test_unknown_variables_are_named() -> None:
    environment = {"REMIT_DATABASE": "x", "REMIT_DATABSE": "x", "REMIT_SUITES": "x", "HOME": "x"}
    assert unknown_variables(environment) == ["REMIT_DATABSE"]


def test_a_code_is_explained_by_its_page(remit: Any) -> None:
    page = pages()["missing-exit"]
    said = remit("explain", "missing-exit")
    assert said.code == 0
    assert all(part in said.out for part in (page.title[0], page.why[0], "Wrong:", "Right:", "ignore[missing-exit]"))
    chinese = remit("explain", "missing-exit", "--language", "zh").out
    assert page.title[1] in chinese
    assert page.why[1] in chinese
    assert remit("explain", "missing-exit", "--json").json == page.plain()


def test_all_codes_are_listed(remit: Any) -> None:
    listed = remit("explain", "--list", "--json").json
    assert [entry["code"] for entry in listed] == list(pages())
    assert {"code", "family", "severity", "title", "title_zh", "why", "why_zh", "bad", "good"} == set(listed[0])
    shown = remit("explain", "--list", "--language", "zh").out
    assert all(code in shown for code in pages())
