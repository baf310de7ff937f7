"""YAML made to hurt a loader: each document as a definition file gets a finding with a line, fast, in little memory.

The cases are the public suite's hostile_yaml.json (REMIT_SUITES, else ../shared/suites beside the repository): `yaml`
is the document; `generator` is Python string arithmetic where it begins with a quote, else words, which are built here.
"""

from __future__ import annotations

import ast
import json
import os
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from engine.checks import check
from engine.language.diagnostics import Diagnostic
from engine.language.loader import load
from engine.language.source import Source
from engine.nodes import catalogue

SUITES = Path(os.environ.get("REMIT_SUITES") or Path(__file__).parents[3] / "shared" / "suites")
FILE = SUITES / "hostile_yaml.json"
SECONDS = 0.2
MEMORY = 100_000_000
WARNING_IS_ENOUGH = "warning"
ROOT = "pack: hostile\nlanguage: en\ncurrency: EUR\ntime_zone: Europe/Vienna\ncalendar: office\n"


def cases() -> list[dict[str, Any]]:
    return list(json.loads(FILE.read_text("utf-8"))["cases"]) if FILE.exists() else []


def arithmetic(text: str) -> str:
    """A sum and product of written texts and numbers; anything else is refused."""

    def value(node: ast.expr) -> Any:
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
            return node.value
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mult):
            left, right = value(node.left), value(node.right)
            return left + right if isinstance(node.op, ast.Add) else left * right
        raise ValueError(f"not string arithmetic: {ast.dump(node)[:80]}")

    return str(value(ast.parse(text, mode="eval").body))


def merge_keys() -> str:
    """Y02: eighteen levels that each merge the one below twice."""
    lines = ["base0: &L0 {k0_0: v0}"]
    for n in range(1, 19):
        own = ", ".join(f"k{n}_{i}: v{n}" for i in range(2**n))
        lines.append(f"L{n}: &L{n} {{<<: [*L{n - 1}, *L{n - 1}], {own}}}")
    return "\n".join(lines)


def gateway() -> str:
    """Y36: one gateway with 10,000 arrows."""
    branches = "\n".join(f"      - {{if: order.amount > {i}, next: end}}" for i in range(10_000))
    head = (
        "workflow: wide\nstart: {begin: {created: order, next: first}}\nnodes:\n  first:\n    type: exclusive_gateway"
    )
    return f"{head}\n    cases:\n{branches}\n"


WORDS = {"Y02": merge_keys, "Y36": gateway}


def document(case: dict[str, Any]) -> str:
    if case.get("yaml") is not None:
        return str(case["yaml"])
    generator = case.get("generator")
    if generator is None:
        return ""
    if generator[:1] in "\"'":
        return arithmetic(generator)
    return WORDS[case["id"]]()


def findings(text: str) -> list[Diagnostic]:
    """The document as the file of a workflow, in a folder with nothing but a pack."""
    sources = [Source("pack.yaml", ROOT), Source("workflows/hostile.yaml", text)]
    return [d for d in check(load(sources, catalogue())) if d.span.path == "workflows/hostile.yaml"]


@pytest.mark.skipif(not FILE.exists(), reason=f"no suite at {FILE.name}; set REMIT_SUITES")
def test_the_suite_is_there() -> None:
    assert len(cases()) >= 20


@pytest.mark.parametrize("case", cases(), ids=lambda c: c["id"])
def test_is_refused(case: dict[str, Any]) -> None:
    text = document(case)
    findings("warm: up")
    seconds = SECONDS
    for _ in range(3):  # the machine may be busy with something else: the best of three
        begin = time.perf_counter()
        found = findings(text)
        seconds = min(seconds, time.perf_counter() - begin)
    assert found, case["why"]
    assert all(d.code and d.span.line >= 1 and d.text.en and d.text.zh for d in found)
    if case["expect"].startswith(WARNING_IS_ENOUGH):
        assert "naming" in {d.code for d in found}
    else:
        assert any(d.severity == "error" for d in found)
    assert seconds < SECONDS, f"{case['id']}: {seconds:.3f} s"
    tracemalloc.start()
    try:
        findings(text)
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("text", ["no", "007", "10:05", "12:30:45", "yes", "0x1F", "1e3", ".inf", "~"])
def test_a_scalar_stays_its_text(text: str) -> None:
    """Norway, sexagesimals, octals: what stands there is read by the type of its place, never by its look."""
    from engine.language.yamltree import Mapping, Scalar, read_tree

    tree, found = read_tree(Source("x.yaml", f"value: {text}\n"))
    assert not found
    assert isinstance(tree, Mapping)
    value = tree.get("value")
    assert isinstance(value, Scalar)
    assert value.text == text


def test_a_wide_gateway_within_the_node_limit_is_refused_by_its_arrows() -> None:
    text = gateway().splitlines()
    found = findings("\n".join([*text[:506], "      - {if: otherwise, next: end}"]))
    assert "over-limit" in {d.code for d in found}
