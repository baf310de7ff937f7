"""Law 6: whatever a user writes, loading and checking say what is wrong; they never raise."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from engine.checks import check
from engine.language.diagnostics import is_clean, render
from engine.language.loader import load
from engine.language.source import Source
from engine.nodes import catalogue

ROOT = Path(__file__).parents[2] / "definitions"
SOURCES = {p.relative_to(ROOT).as_posix(): p.read_text("utf-8") for p in sorted(ROOT.rglob("*.yaml"))}
WORDS = [
    "no",
    "empty",
    "end",
    "5m",
    "= x",
    "[]",
    "{}",
    "lead",
    "case.x",
    "= now()",
    "[a, b]",
    "{a: b}",
    "'",
    "- x",
    "&a *a",
]


def findings(sources: dict[str, str]) -> list[str]:
    pack = load((Source(path, text) for path, text in sources.items()), catalogue())
    found = check(pack)
    return (
        [render(d, pack.sources, language) for d in found for language in ("en", "zh")] if not is_clean(found) else []
    )


def damaged(text: str, dice: random.Random) -> str:
    """One line is dropped, doubled, moved, cut, or gets another value."""
    lines = text.split("\n")
    at = dice.randrange(len(lines))
    line = lines[at]
    match dice.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, line)
        case 2:
            lines[at] = " " * dice.choice((1, 2, 4)) + line
        case 3:
            lines[at] = line[: dice.randrange(len(line) + 1)]
        case 4:
            key, colon, _ = line.partition(":")
            lines[at] = f"{key}{colon} {dice.choice(WORDS)}"
        case _:
            words = line.split(" ")
            words[dice.randrange(len(words))] = dice.choice(WORDS)
            lines[at] = " ".join(words)
    return "\n".join(lines)


def test_the_shipped_pack_is_clean() -> None:
    assert findings(SOURCES) == []


@pytest.mark.parametrize("seed", range(24))
def test_a_damaged_definition_never_raises(seed: int) -> None:
    dice = random.Random(seed)
    path = dice.choice(sorted(SOURCES))
    text = SOURCES[path]
    for _ in range(dice.choice((1, 1, 3))):
        text = damaged(text, dice)
    findings({**SOURCES, path: text})


@pytest.mark.parametrize("path", ["pack.yaml", "people/sales_org.yaml", "forms/lead.yaml", "calendars/cn_office.yaml"])
def test_a_missing_definition_never_raises(path: str) -> None:
    assert path in SOURCES
    assert findings({other: text for other, text in SOURCES.items() if other != path})


def test_an_empty_folder() -> None:
    assert findings({})
