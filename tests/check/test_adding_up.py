"""Rules of forms that add up, along what steps write: adding_up.txt holds small packs, which finding each has, and where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.checks import check
from engine.language.diagnostics import Severity
from engine.language.loader import load
from engine.language.source import Source
from engine.nodes import catalogue
from tests.check.test_fixtures import base, where

TEXTS = "missing-text"
"""The packs are in one language: what they say in the other is not the point."""
TEXT = (Path(__file__).parent / "adding_up.txt").read_text("utf-8")
SHARED = dict(re.findall(r"^== (\w+)\n(.*?)(?=^== |^### )", TEXT, re.MULTILINE | re.DOTALL))
PACKS = re.findall(r"^### (\w+): ([^\n]+)\n(.*?)(?=^### |\Z)", TEXT, re.MULTILINE | re.DOTALL)


def findings(text: str) -> list[str]:
    files = dict(base())
    for part in re.split(r"^---\n", text, flags=re.MULTILINE):
        used = re.fullmatch(r"use: (\w+)\s*", part)
        definition = SHARED[used[1]] if used else part
        files[where(definition)] = Source(where(definition), definition)
    found = check(load(files.values(), catalogue()))
    return [
        f"{d.code} {d.span.line}:{d.span.column}" for d in found if d.severity is not Severity.NOTE and d.code != TEXTS
    ]


@pytest.mark.parametrize(("wanted", "text"), [(w, t) for _, w, t in PACKS], ids=[name for name, _, _ in PACKS])
def test_says_where_a_rule_breaks(wanted: str, text: str) -> None:
    assert findings(text) == ([] if wanted == "clean" else [wanted])
