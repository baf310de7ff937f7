"""Commands over files: init, fmt, check, deploy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.engine import Engine


@pytest.fixture
def pack(remit: Any, tmp_path: Path) -> Path:
    assert remit("init", tmp_path / "pack").code == 0
    return tmp_path / "pack"


def test_what_init_makes_is_clean_and_well_formed(remit: Any, pack: Path) -> None:
    assert remit("check", pack, "--json").json == {"clean": True, "files": 6, "findings": []}
    assert remit("fmt", pack, "--check").code == 0
    assert remit("init", pack).code == 1


def test_check_says_where_and_what(remit: Any, pack: Path) -> None:
    workflow = pack / "workflows" / "request_approval.yaml"
    text = workflow.read_text("utf-8")
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "yes_please: grant" in row)
    workflow.write_text(text.replace("yes_please: grant", "yes_please: grnt"), "utf-8")
    said = remit("check", pack)
    assert said.code == 1
    assert f"request_approval.yaml:{line}:" in said.out
    assert "error[unknown-target]: there is no node 'grnt' here" in said.out
    assert "hint: did you mean 'grant'?" in said.out
    assert "没有节点“grnt”" in remit("check", pack, "--language", "zh").out
    found = remit("check", pack, "--json").json
    assert found["clean"] is False
    assert [(f["code"], f["line"]) for f in found["findings"]] == [("unknown-target", line)]
    github = remit("check", pack, "--format", "github").out
    assert github.startswith("::error file=")
    assert f"line={line}," in github
    assert remit("check", pack / "forms").code == 0  # the finding stands elsewhere
    assert remit("check", workflow).code == 1


def test_check_of_no_pack_finds_that(remit: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = remit("check", tmp_path / "empty", "--json")
    assert found.code == 1
    assert [f["code"] for f in found.json["findings"]] == ["wrong-shape"]


def test_fmt_writes_only_what_differs(remit: Any, pack: Path) -> None:
    form = pack / "forms" / "request.yaml"
    text = form.read_text("utf-8")
    form.write_text(text.split("\n", 1)[1], "utf-8")  # without the line for editors
    said = remit("fmt", pack, "--check", "--json")
    assert (said.code, len(said.json["changed"])) == (1, 1)
    assert remit("fmt", form).code == 0
    assert form.read_text("utf-8") == text


def test_deploy_says_what_changed(remit: Any, pack: Path) -> None:
    first = remit("deploy", "--definitions", pack, "--json").json
    assert "workflow/request_approval" in first["changed"]
    second = remit("deploy", "--definitions", pack, "--json").json
    assert second["changed"] == []
    assert second["unchanged"] == len(first["changed"])


def test_deploy_refuses_what_is_not_clean(remit: Any, pack: Path) -> None:
    form = pack / "forms" / "request.yaml"
    form.write_text(form.read_text("utf-8").replace("type: money", "type: monney"), "utf-8")
    said = remit("deploy", "--definitions", pack)
    assert said.code == 1
    assert "forms/request.yaml:" in said.out
    machine = remit("deploy", "--definitions", pack, "--json").json["error"]
    assert machine["code"] == "not-clean"
    assert machine["findings"]


def test_running_cases_are_judged_moved_and_moved_back(remit: Any, pack: Path, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'cases.db'}"
    where = ("--database", database, "--definitions", pack)
    assert remit("deploy", *where).code == 0
    assert remit("check", pack, "--against", "sqlite:///nowhere.db").code == 1
    workflow = pack / "workflows" / "request_approval.yaml"
    before = workflow.read_text("utf-8")
    engine = Engine.open(database)
    engine.create_record("request", {"what": "a desk", "amount": "5000", "asked_by": "li_staff"})
    engine.close()
    workflow.write_text(before.replace("decide:", "judge:").replace("next: decide", "next: judge"), "utf-8")
    scenarios = pack / "workflows" / "request_approval.scenarios.yaml"
    scenarios.write_text(scenarios.read_text("utf-8").replace("task: decide", "task: judge"), "utf-8")
    said = remit("check", pack, "--against", database, "--json")
    (told,) = said.json["workflows"]
    assert told["bearings"] == {"safe": 0, "auto-mapped": 1, "needs-choice": 0, "cannot": 0}
    assert remit("deploy", *where).code == 0
    assert remit("migrate", "request_aproval", *where).code == 1
    mapping = tmp_path / "move.yaml"
    mapping.write_text("migration: request_approval\nnodez: {}\n", "utf-8")
    wrong = remit("migrate", "request_approval", "--mapping", mapping, *where)
    assert (wrong.code, "unknown-key" in wrong.out) == (1, True)
    mapping.write_text("migration: request_approval\nanew: [nothing_like_it]\n", "utf-8")
    assert remit("migrate", "request_approval", "--mapping", mapping, *where).code == 1
    assert remit("migrate", "request_approval", "--dry-run", "--json", *where).json["migrated"] == 0
    assert remit("migrate", "request_approval", "--as", "zhao_head", "--json", *where).json["migrated"] == 1
    assert remit("migrate", "request_approval", "--undo", "--json", *where).json["migrated"] == 1
    assert remit("verify", *where).code == 0
