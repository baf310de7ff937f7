"""No false alarm: at least 200 clean definitions have no error and no warning (the pack, the patterns, those of ok/, generated ones)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from engine.checks import check
from engine.folder import read_folder
from engine.language.diagnostics import is_clean, render
from engine.language.loader import load
from engine.language.source import Source
from engine.nodes import catalogue
from tests.check.test_fixtures import CLEAN, base

ROOT = Path(__file__).parents[2]
TRADES = tuple(f"tests/check/packs/{folder.name}" for folder in sorted((ROOT / "tests/check/packs").iterdir()))
PACKS = (
    "definitions", "tests/patterns", "engine/starter", "bench/pack", "tests/chaos/pack", "tests/play/desk", *TRADES,
)  # fmt: skip
AT_LEAST = 200


@cache
def definitions(folder: str) -> int:
    """How many definitions a pack has; it must be clean."""
    sources, problems = read_folder(ROOT / folder)
    pack = load(sources, catalogue())
    found = check(pack)
    assert not problems
    assert is_clean(found), "\n".join(render(d, pack.sources) for d in found)
    return len(pack.definitions)


@pytest.mark.parametrize("folder", PACKS)
def test_pack_is_clean(folder: str) -> None:
    assert definitions(folder) > 3


def test_there_are_enough() -> None:
    assert sum(definitions(folder) for folder in PACKS) + len(CLEAN) >= AT_LEAST


def block(depth: int, width: int, name: str) -> tuple[list[str], str]:
    """Lines of nodes, the last of which leads to NEXT, and the first node: parallel blocks within exclusive ones."""
    if depth == 0:
        return [f"  {name}: {{type: user_task, assignee: order.owner, deadline: none, next: NEXT}}"], name
    lines: list[str] = []
    firsts = []
    for n in range(width):
        inner, first = block(depth - 1, width, f"{name}_{n}")
        after = f"{name}_end"
        lines += [line.replace("NEXT", after) for line in inner]
        firsts.append(first)
    if depth % 2:
        head = f"  {name}: {{type: parallel_gateway, next: [{', '.join(firsts)}]}}"
        tail = f"  {name}_end: {{type: notify, join: all, to: order.owner, template: note, next: NEXT}}"
    else:
        cases = [
            f"      - {{if: order.amount > {n * 100}, next: {first}}}"
            for n, first in reversed(list(enumerate(firsts, 1)))
        ]
        cases[-1] = f"      - {{if: otherwise, next: {firsts[0]}}}"
        head = "\n".join([f"  {name}:", "    type: exclusive_gateway", "    cases:", *cases])
        tail = f"  {name}_end: {{type: notify, to: order.owner, template: note, next: NEXT}}"
    return [head, *lines, tail], name


@pytest.mark.parametrize("width", range(2, 5))
@pytest.mark.parametrize("depth", range(4))
def test_generated_one_is_clean(depth: int, width: int) -> None:
    nodes, first = block(depth, width, "work") if depth < 3 or width < 4 else block(2, 4, "work")
    head = f"workflow: odd\ncase: order\nsecond_start: refuse\nstart:\n  begin: {{created: order, next: {first}}}\nnodes:\n"
    text = head + "\n".join(nodes).replace("NEXT", "end") + "\n"
    pack = load({**base(), "workflows/odd.yaml": Source("workflows/odd.yaml", text)}.values(), catalogue())
    found = check(pack)
    assert not found, "\n".join(render(d, pack.sources) for d in found)
