"""`remit check`: SARIF as the standard has it, repairs written into files, the hook for pre-commit."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from engine.checks.pages import pages
from engine.commands.folders import github
from engine.commands.sarif import sarif
from engine.commands.saying import Out
from tests.check.test_fixtures import ERRORS, checked

ROOT = Path(__file__).parents[2]
LEVELS = {"error", "warning", "note", "none"}
KEYS = {
    "run": {"tool", "language", "columnKind", "results"},
    "rule": {"id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"},
    "result": {"ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints", "fixes"},
}
"""Of the keys that the published schema allows (it takes no others), those that we write."""


@pytest.fixture
def pack(remit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert remit("init", tmp_path / "pack").code == 0
    monkeypatch.chdir(tmp_path)
    return Path("pack")


def spoil(pack: Path, before: str, after: str) -> Path:
    workflow = pack / "workflows" / "request_approval.yaml"
    text = workflow.read_text("utf-8")
    assert before in text
    workflow.write_text(text.replace(before, after, 1), "utf-8")
    return workflow


def test_a_clean_pack_has_rules_and_no_results(remit: Any, pack: Path) -> None:
    said = remit("check", pack, "--format", "sarif")
    assert said.code == 0
    (run,) = said.json["runs"]
    assert run["results"] == []
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(pages())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sarif_is_as_the_standard_has_it(remit: Any, pack: Path, language: str) -> None:
    spoil(pack, "yes_please: grant", "yes_please: grnt")
    said = remit("check", pack, "--format", "sarif", "--language", language)
    assert said.code == 1
    log = said.json
    assert (log["version"], log["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")
    (run,) = log["runs"]
    assert set(run) == KEYS["run"]
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    driver = run["tool"]["driver"]
    assert driver["name"] == "remit"
    rules = driver["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert set(rule) <= KEYS["rule"]
        assert rule["defaultConfiguration"]["level"] in LEVELS
        assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))
        assert rule["help"]["markdown"]
        assert len(set(rule["properties"]["tags"])) == len(rule["properties"]["tags"])
    assert run["results"]
    for result in run["results"]:
        assert set(result) <= KEYS["result"]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in LEVELS
        assert result["message"]["text"]
        for location in result["locations"]:
            check_place(**location["physicalLocation"])
        for repair in result.get("fixes", []):
            for change in repair["artifactChanges"]:
                for replacement in change["replacements"]:
                    check_place(change["artifactLocation"], replacement["deletedRegion"])
    found = next(r for r in run["results"] if r["ruleId"] == "unknown-target")
    (change,) = found["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"] == {"text": "grant"}


def check_place(artifactLocation: dict[str, str], region: dict[str, int]) -> None:
    assert not set(artifactLocation["uri"]) & set(' \\"<>^`{|}')
    assert set(region) == {"startLine", "startColumn", "endLine", "endColumn"}
    assert all(isinstance(value, int) and value >= 1 for value in region.values())
    assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])


def test_a_fingerprint_stays_when_lines_move(remit: Any, pack: Path) -> None:
    workflow = spoil(pack, "yes_please: grant", "yes_please: grnt")
    before = remit("check", pack, "--format", "sarif").json["runs"][0]["results"]
    first, rest = workflow.read_text("utf-8").split("\n", 1)
    workflow.write_text(f"{first}\n# a line more\n{rest}", "utf-8")
    after = remit("check", pack, "--format", "sarif").json["runs"][0]["results"]
    assert [r["partialFingerprints"] for r in before] == [r["partialFingerprints"] for r in after]
    assert before[0]["locations"] != after[0]["locations"]


def test_repairs_are_shown_first_and_written_then(remit: Any, pack: Path) -> None:
    right = (pack / "workflows" / "request_approval.yaml").read_text("utf-8")
    workflow = spoil(pack, "yes_please: grant", "yes_please: grnt")
    wrong = workflow.read_text("utf-8")
    shown = remit("check", pack, "--diff")
    assert shown.code == 0
    assert "would fix" in shown.out
    assert "+++ pack/workflows/request_approval.yaml" in shown.out
    assert workflow.read_text("utf-8") == wrong
    machine = remit("check", pack, "--fix", "--diff", "--json").json
    assert (machine["written"], machine["changed"]) == (False, ["pack/workflows/request_approval.yaml"])
    assert remit("check", pack / "forms", "--fix").code == 0
    assert workflow.read_text("utf-8") == wrong, "only what was named is written"
    done = remit("check", workflow, "--fix", "--language", "zh")
    assert done.code == 0
    assert "已修正" in done.out
    assert workflow.read_text("utf-8") == right


def test_a_file_keeps_its_ends_of_lines(remit: Any, pack: Path) -> None:
    workflow = spoil(pack, "yes_please: grant", "yes_please: grnt")
    text = workflow.read_text("utf-8").replace("\n", "\r\n")
    workflow.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert remit("check", pack, "--fix").code == 0
    assert workflow.read_bytes() == b"\xef\xbb\xbf" + text.replace("grnt", "grant").encode()


def test_what_is_left_after_a_repair_counts(remit: Any, pack: Path) -> None:
    spoil(pack, "yes_please: grant", "yes_please: nowhere_at_all")
    said = remit("check", pack, "--fix", "--json")
    assert said.code == 1
    assert said.json["fixed"] == []
    assert remit("check", pack, "--fix", "--format", "sarif").code == 1


ONE_OF_EACH = {path.parent.name: path for path in ERRORS}
GITHUB = re.compile(
    r"::(error|warning|notice) file=[^,:]+,line=\d+,col=\d+,endLine=\d+(,endColumn=\d+)?,title=[a-z-]+::.+"
)


@pytest.mark.parametrize("code", ONE_OF_EACH)
def test_every_code_is_shown_to_machines(code: str) -> None:
    """SARIF places lie inside the file, in characters; what GitHub reads is one line a finding."""
    found, pack = checked(ONE_OF_EACH[code].read_text("utf-8"))
    for language in ("en", "zh"):
        (run,) = sarif(found, language)["runs"]
        for result in run["results"]:
            (location,) = [one["physicalLocation"] for one in result["locations"]]
            check_place(**location)
            lines = pack.sources[unquote(location["artifactLocation"]["uri"])].lines
            region = location["region"]
            assert region["startColumn"] <= len(lines[region["startLine"] - 1]) + 1
            assert region["endLine"] <= len(lines)
            assert not location["artifactLocation"]["uri"].startswith(("/", "file:"))
        assert all(GITHUB.fullmatch(line) for line in github(found, Out(False, language)))


def test_odd_files_are_findings_with_a_place(remit: Any, pack: Path) -> None:
    folder = pack / "workflows"
    (folder / "latin.yaml").write_bytes("workflow: latin\ntitle: café\n".encode("latin-1"))
    (folder / "tab.yaml").write_bytes(b"workflow: tab\n\tcase: request\n")
    (folder / "empty.yaml").write_bytes(b"")
    (folder / "mark.yaml").write_bytes(b"\xef\xbb\xbf# nothing\r\n")
    (folder / "folder.yaml").mkdir()
    (folder / "loop.yaml").symlink_to("loop.yaml")
    (folder / "gone.yaml").symlink_to("nowhere")
    (folder / "upper.YAML").write_bytes(b"x: y")
    (folder / "合同 100%,a:b.yaml").write_text("- 一\n", "utf-8")
    said = {
        (f["path"].rpartition("/")[2], f["code"], f["line"], f["column"])
        for f in remit("check", pack, "--json").json["findings"]
    }
    assert said == {
        ("latin.yaml", "yaml-syntax", 2, 11),
        ("tab.yaml", "yaml-syntax", 2, 1),
        ("empty.yaml", "wrong-shape", 1, 1),
        ("mark.yaml", "wrong-shape", 1, 1),
        ("folder.yaml", "wrong-shape", 1, 1),
        ("loop.yaml", "yaml-syntax", 1, 1),
        ("gone.yaml", "yaml-syntax", 1, 1),
        ("upper.YAML", "wrong-shape", 1, 1),
        ("合同 100%,a:b.yaml", "wrong-shape", 1, 1),
    }
    lines = remit("check", pack, "--format", "github").out.splitlines()
    assert any("file=pack/workflows/合同 100%25%2Ca%3Ab.yaml,line=1," in line for line in lines)
    uris = [
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for r in remit("check", pack, "--format", "sarif").json["runs"][0]["results"]
    ]
    assert "pack/workflows/%E5%90%88%E5%90%8C%20100%25%2Ca%3Ab.yaml" in uris
    assert remit("fmt", folder / "latin.yaml").code == 1


def test_the_hook_runs_a_command_that_there_is(remit: Any, pack: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert hook["id"] == "remit-check"
    program, *words = hook["entry"].split()
    assert program == "remit"
    assert remit(*words, pack).code == 0
