"""The main job by command line: leads come in, tasks are there, one is done; running it again creates nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SAMPLE = (
    "import",
    "lead",
    ROOT / "examples/sample_leads.csv",
    "--mapping",
    ROOT / "examples/sample_leads.mapping.yaml",
)


def test_the_sample_twice(remit: Any) -> None:
    first = remit(*SAMPLE, "--json").json
    assert (first["read"], first["created"], first["duplicate"]) == (60, 54, 4)
    assert [row["line"] for row in first["refused"]] == [35, 50]
    assert all(row["reason"] and row["reason_zh"] for row in first["refused"])
    assert first["per_second"] > 0
    second = remit(*SAMPLE, "--json").json
    assert (second["read"], second["created"], second["duplicate"]) == (60, 0, 58)
    assert [row["line"] for row in second["refused"]] == [35, 50]

    tasks = remit("tasks", "list", "--as", "li_na", "--json").json["items"]
    own = next(task for task in tasks if task["assignee"] == "li_na")
    assert own["title"] in remit("tasks", "list", "--as", "li_na").out
    shown = remit("tasks", "show", own["id"], "--as", "li_na")
    assert shown.code == 0
    assert "--button connected" in shown.out
    assert remit("explain", "task", own["id"]).out.strip()
    assert remit("explain", "score", "lead", own["record"]["id"]).out.strip()
    assert remit("explain", "case", own["case"], "--language", "zh").out.strip()

    wrong = remit("tasks", "complete", own["id"], "--button", "no_answer", "--as", "sun_li")
    assert wrong.code == 1
    done = remit("tasks", "complete", own["id"], "--button", "no_answer", "--as", "li_na", "--json")
    assert (done.code, done.json["status"]) == (0, "active")
    again = remit("tasks", "complete", own["id"], "--button", "no_answer", "--as", "li_na", "--json")
    assert again.code == 1

    active = remit("instances", "--workflow", "lead_intake", "--json").json["items"]
    assert own["case"] in {case["id"] for case in active}
    assert remit("instances", "--status", "all").code == 0
    assert remit("incidents", "--json").json["items"] == []
    assert remit("verify", "--json").json == {"ok": True, "broken": []}
    assert remit("doctor", "--json").json["findings"]


def test_a_mapping_with_a_mistake_imports_nothing(remit: Any, tmp_path: Path) -> None:
    text = (ROOT / "examples/sample_leads.mapping.yaml").read_text("utf-8")
    (tmp_path / "m.yaml").write_text(text.replace("华东: east", "华东: eest"), "utf-8")
    said = remit("import", "lead", SAMPLE[2], "--mapping", tmp_path / "m.yaml")
    assert said.code == 1
    assert "error[unknown-choice]" in said.out
    found = remit("import", "lead", SAMPLE[2], "--mapping", tmp_path / "m.yaml", "--json").json["findings"]
    assert [f["code"] for f in found] == ["unknown-choice"]
    assert remit("tasks", "list", "--json").json["total"] == 0


def test_a_token_is_shown_once(remit: Any) -> None:
    token = remit("token", "create", "--person", "li_na").out.strip()
    assert len(token) > 20
    listed = remit("token", "list", "--person", "li_na", "--json")
    assert token not in listed.out
    (entry,) = listed.json["items"]
    assert remit("token", "revoke", entry["id"]).code == 0
    assert remit("token", "revoke", entry["id"]).code == 1


def test_a_case_by_hand(remit: Any, tmp_path: Path) -> None:
    assert remit("message", "unsubscribed", "--set", "nonsense=1").code == 1
    pack = tmp_path / "pack"
    remit("init", pack)
    (pack / "workflows/count_up.yaml").write_text(
        "workflow: count_up\ntitle: Count up\ndata:\n  n: {type: number}\nstart:\n  asked: {called: [n], next: up}\n"
        "nodes:\n  up: {type: set, set: {case.n: = case.n + 1}, next: done}\n  done: {type: end, result: counted}\n"
    )
    said = remit("start", "count_up", "asked", "--set", "n=2", "--as", "li_staff", "--definitions", pack, "--json")
    assert said.code == 0, said.err
    assert (said.json["status"], said.json["result"]) == ("completed", "counted")
