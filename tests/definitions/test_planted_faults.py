"""A fault of each family, planted in each of the three workflows of the shipped pack: check finds it, with its place.

`planted/WORKFLOW.yaml`: family -> the code that must be found after `find` was replaced by `put` in `file` (the workflow
itself when it is left out); `add` brings another definition along.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.checks import check
from engine.checks.pages import FAMILY_TITLES
from engine.folder import read_folder
from engine.language.diagnostics import FAMILIES
from engine.language.loader import load
from engine.language.source import Source
from engine.nodes import catalogue

ROOT = Path(__file__).parents[2]
PLANTED = sorted((Path(__file__).parent / "planted").glob("*.yaml"))
NOT_OF_ONE_TEXT = {"live": "needs running cases: tests/runtime/case_migrations"}


@cache
def shipped() -> dict[str, str]:
    sources, problems = read_folder(ROOT / "definitions")
    assert not problems
    return {source.path.partition("definitions/")[2] or source.path: source.text for source in sources}


def planted() -> list[Any]:
    return [
        pytest.param(path.stem, family, fault, id=f"{path.stem}-{family}")
        for path in PLANTED
        for family, fault in yaml.safe_load(path.read_text("utf-8")).items()
    ]


@pytest.mark.parametrize(("workflow", "family", "fault"), planted())
def test_it_is_found(workflow: str, family: str, fault: dict[str, Any]) -> None:
    path = fault.get("file", f"workflows/{workflow}.yaml")
    texts = dict(shipped())
    assert texts[path].count(fault["find"]) == 1, "the place must stand there once"
    texts[path] = texts[path].replace(fault["find"], fault["put"])
    texts.update(fault.get("add", {}))
    found = check(load([Source(p, t) for p, t in texts.items()], catalogue()))
    assert fault["code"] in {d.code for d in found if d.severity != "note"}, [
        f"{d.span} {d.code}: {d.message()}" for d in found
    ]
    assert all(d.span.line > 0 for d in found)
    assert FAMILIES[fault["code"]] == family


def test_every_family_is_planted_in_each() -> None:
    for path in PLANTED:
        assert set(yaml.safe_load(path.read_text("utf-8"))) == FAMILY_TITLES.keys() - NOT_OF_ONE_TEXT.keys(), path.stem
    assert [path.stem for path in PLANTED] == ["collection", "contract_approval", "lead_intake"]
