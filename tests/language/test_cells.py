"""Cells: what fits each way of writing one, and what is written instead of the wrong ones (cells.yaml)."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.language.cells import Is, parse_cell
from engine.language.diagnostics import Diagnostic
from engine.language.messages.syntax import ambiguous_scalar
from engine.language.source import Source, Span
from engine.language.yamltree import Mapping, Sequence, Tree, read_tree

FILE = Path(__file__).parent / "cells.yaml"
DATA = yaml.safe_load(FILE.read_text("utf-8"))
INPUTS = {"other": 10, "missing": None}


def read_literal(kind: str) -> Any:
    def read(text: str, span: Span) -> Any:
        if kind == "text":
            return text
        try:
            return int(text) if text.replace("_", "").isdigit() else Decimal(text)
        except ArithmeticError:
            return ambiguous_scalar(span, text, "a number", "数字")

    return read


def trees(section: str) -> list[Tree]:
    tree, findings = read_tree(Source("cells.yaml", FILE.read_text("utf-8")))
    assert not findings
    assert isinstance(tree, Mapping)
    rows = tree.get(section)
    assert isinstance(rows, Sequence)
    return [row.items[1] for row in rows.items if isinstance(row, Sequence)]


@pytest.mark.parametrize(
    ("row", "tree"), list(zip(DATA["fits"], trees("fits"), strict=True)), ids=lambda x: str(x)[:40]
)
def test_what_fits(row: list[Any], tree: Tree) -> None:
    kind, _, good, bad = row
    cell = parse_cell(tree, read_literal(kind), tree.span)
    assert not isinstance(cell, Diagnostic), cell
    for value, expected in [(v, True) for v in good] + [(v, False) for v in bad]:
        value = Decimal(str(value)) if isinstance(value, float) else value
        assert cell.matches(value, INPUTS) is expected, (cell, value)


@pytest.mark.parametrize(
    ("row", "tree"), list(zip(DATA["refused"], trees("refused"), strict=True)), ids=lambda x: str(x)[:40]
)
def test_what_is_refused(row: list[Any], tree: Tree) -> None:
    kind, _, hint = row
    written = tree.text if hasattr(tree, "text") else tree
    found = parse_cell(written, read_literal(kind), tree.span)
    assert isinstance(found, Diagnostic), found
    assert found.code in ("cell-type", "ambiguous-scalar")
    assert hint in found.hint("en") + found.message("en")


def test_a_quoted_text_is_the_value_itself() -> None:
    tree, _ = read_tree(Source("x.yaml", "a: 'any'\n"))
    assert isinstance(tree, Mapping)
    cell = tree.get("a")
    assert cell is not None
    assert parse_cell(cell, read_literal("text"), cell.span) == Is("any")
