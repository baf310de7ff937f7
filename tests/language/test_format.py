"""The layout of a definition: what it changes, that it never changes the meaning, and that twice is once."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language.format import format_text, same
from engine.language.source import Source
from engine.language.yamltree import read_tree
from engine.nodes import catalogue

ROOT = Path(__file__).parents[2]
DEFINITIONS = sorted((ROOT / "definitions").rglob("*.yaml"))
CASES = yaml.safe_load((Path(__file__).parent / "format.yaml").read_text("utf-8"))


def formatted(text: str) -> str:
    return format_text(text, catalogue())


def agree(before: str, after: str) -> bool:
    one, other = read_tree(Source("", before))[0], read_tree(Source("", after))[0]
    return one is not None and other is not None and same(one, other)


def comments(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.lstrip().startswith("#")]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_layout(case: dict[str, str]) -> None:
    after = formatted(case["before"])
    assert after == case["after"]
    assert formatted(after) == after


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda p: p.stem)
def test_the_shipped_definitions_are_laid_out(path: Path) -> None:
    text = path.read_text("utf-8")
    assert formatted(text) == text


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda p: p.stem)
def test_what_a_hasty_hand_did_is_undone(path: Path) -> None:
    """Deeper indentation, spaces at the ends of lines, blank lines: the meaning stays, the layout comes back."""
    text = path.read_text("utf-8")
    dice = random.Random(path.stem)
    wide = [re.sub(r"^( *)- ", r"\1-   ", line) for line in text.split("\n")]
    deeper = "\n".join(" " * (len(line) - len(line.lstrip(" "))) + line for line in wide)
    after = formatted(deeper)
    assert agree(deeper, after)
    assert comments(after) == comments(text)
    loose = "".join(
        f"{line}{' ' * dice.choice((0, 0, 2))}\n" + "\n" * dice.choice((0, 0, 0, 1)) for line in text.split("\n")
    )
    assert agree(loose, formatted(loose))
    assert formatted(text.replace("\n", "\r\n")) == text


NAMES = st.sampled_from(["type", "if", "next", "set", "to", "title", "a_b", "x"])
SCALARS = st.one_of(
    st.sampled_from(
        ["= max(1, 2)", "lead.grade in ['hot', 'warm']", "a # b", "no", "007", "{{ x }}", "don't", "a: b", ""]
    ),
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=12),
    st.sampled_from(["two\nlines\n", "  led by spaces\nthen not\n", "ends in spaces  \nand more"]),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, TREES, min_size=1, max_size=4), st.integers(2, 6), st.sampled_from([None, False, True]))
def test_the_meaning_stays(data: dict[str, object], indent: int, flow: bool | None) -> None:
    before = yaml.safe_dump(data, indent=indent, default_flow_style=flow, allow_unicode=True, width=60, sort_keys=False)
    after = formatted(before)
    if read_tree(Source("", before))[0] is None:
        return
    assert agree(before, after)
    assert formatted(after) == after
