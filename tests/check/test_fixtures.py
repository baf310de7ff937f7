"""Every code has fixtures: err/CODE/NAME.yaml with the expected text beside it; those of ok/ are clean.

A fixture is one definition file, or several with a line `---` between them, checked inside the small clean pack `base`: as
files more, or instead of some of its files. `# states: N` in it bounds the flow proof. `pytest --accept tests/check` rewrites
the expected texts; read the difference before you commit it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from engine.checks import check
from engine.checks.pages import codes
from engine.language.diagnostics import Diagnostic, render
from engine.language.loader import load
from engine.language.pack import FOLDERS, Pack
from engine.language.source import Source
from engine.nodes import catalogue
from tests.check import standing

HERE = Path(__file__).parent


@cache
def base() -> dict[str, Source]:
    root = HERE / "base"
    paths = sorted(root.rglob("*.yaml"))
    return {p.relative_to(root).as_posix(): Source(p.relative_to(root).as_posix(), p.read_text("utf-8")) for p in paths}


def where(text: str) -> str:
    """The path that a definition belongs at, by its first key. `# path: x.yaml` in the text says otherwise."""
    said = re.search(r"^# path: (\S+)$", text, re.MULTILINE)
    if said:
        return said[1]
    first = re.search(r"^(\w+):\s*(\w+)", text, re.MULTILINE)
    kind, name = first.groups() if first else ("", "")
    if kind == "pack":
        return "pack.yaml"
    ending = ".scenarios.yaml" if kind == "scenarios" else ".yaml"
    return f"{FOLDERS[kind]}/{name}{ending}" if kind in FOLDERS else "workflows/odd.yaml"


def checked(text: str) -> tuple[list[Diagnostic], Pack]:
    if standing.is_standing(text):
        return standing.checked(text, base(), where)
    files = {where(part): part for part in text.split("\n---\n")}
    pack = load({**base(), **{p: Source(p, t) for p, t in files.items()}}.values(), catalogue())
    bound = re.search(r"^# states: (\d+)$", text, re.MULTILINE)
    return check(pack, int(bound[1]) if bound else None), pack


def rendered(text: str) -> tuple[str, list[Diagnostic]]:
    """What `remit check` would print, in both languages."""
    found, pack = checked(text)
    parts = []
    for finding in found:
        hint = f"（{finding.hint('zh')}）" if finding.hint("zh") else ""
        parts.append(f"{render(finding, pack.sources)}\n  zh: {finding.message('zh')}{hint}\n")
    return "".join(parts), found


ERRORS = sorted((HERE / "err").glob("*/*.yaml"))
CLEAN = sorted((HERE / "ok").glob("*.yaml"))
AT_LEAST = 4


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", ERRORS, ids=name_of)
def test_says_what_is_expected(path: Path, request: pytest.FixtureRequest) -> None:
    text, found = rendered(path.read_text("utf-8"))
    assert path.parent.name in {d.code for d in found}, text
    assert all(d.span.line > 0 and d.text.zh and d.text.en for d in found)
    expected = path.with_suffix(".txt")
    if request.config.getoption("--accept"):
        expected.write_text(text, "utf-8")
    assert text == expected.read_text("utf-8")


@pytest.mark.parametrize("path", CLEAN, ids=lambda p: p.stem)
def test_is_clean(path: Path) -> None:
    text, found = rendered(path.read_text("utf-8"))
    assert not found, text


def test_the_base_pack_is_clean() -> None:
    found, _ = checked((HERE / "base/pack.yaml").read_text("utf-8"))
    assert not found


def test_every_folder_is_a_code_with_enough_fixtures() -> None:
    folders = {folder.name: len(list(folder.glob("*.yaml"))) for folder in (HERE / "err").iterdir()}
    assert set(folders) <= set(codes())
    assert {code: n for code, n in folders.items() if n < AT_LEAST} == {}
