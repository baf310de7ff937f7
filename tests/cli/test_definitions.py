"""Commands over files: init, fmt, check, deploy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


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
