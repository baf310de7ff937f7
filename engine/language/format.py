"""`remit fmt`: one way to lay out a definition, comments and order kept.

The text is changed in small steps, and a step counts only if the tree stays the same: what cannot be laid out safely is
left as it is. The one exception are expressions that YAML breaks inside `{ }`: they had no tree (see `braces`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.language.braces import unbraced
from engine.language.json_schemas import modeline
from engine.language.pack import KINDS
from engine.language.shapes import Question, Struct
from engine.language.source import Source
from engine.language.walk import Keys
from engine.language.yamltree import Mapping as TreeMapping
from engine.language.yamltree import Scalar, Sequence, Tree, read_tree

MOST_REPAIRS = 200
MOST_ROUNDS = 8
QUESTIONS = frozenset(
    ("if", "where", "that", "unless", "only_if", "while", "until", "once", "becomes", "formula", "by")
)
QUESTIONS |= {"assignee", "offer", "approvers", "to", "for", "in", "count", "same", "cap", "total", "transfer_to"}
QUESTIONS |= {"owned_by", "open_if", "visible_if"}
"""Keys that always hold an expression (LANGUAGE section 1)."""
_MODELINE = re.compile(r"^#\s*yaml-language-server:.*$")


def format_text(text: str, node_types: Mapping[str, type[Any]]) -> str:
    """The same definition in the usual layout; the text itself where it is no YAML. Twice is once."""
    questions = QUESTIONS | _questions(node_types)
    now = _repaired(text.replace("\r\n", "\n").removeprefix("\ufeff"), questions)
    tree = _tree(now)
    if tree is None:
        return text
    steps: tuple[Callable[[str], str], ...] = (
        lambda t: _in_blocks(t, questions),
        _indented,
        _without_trailing_spaces,
        _with_modeline,
        _with_single_blank_lines,
    )
    for _ in range(MOST_ROUNDS):  # one step may make room for another
        before = now
        for step in steps:
            changed = step(now)
            if changed != now and (found := _tree(changed)) is not None and same(found, tree):
                now = changed
        if now == before:
            break
    return now


def same(one: Tree, other: Tree) -> bool:
    """Whether two trees mean the same; where they stand and in which style does not matter."""
    match one, other:
        case Scalar(), Scalar():
            return (one.text, one.plain, one.absent) == (other.text, other.plain, other.absent)
        case TreeMapping(), TreeMapping():
            return len(one.entries) == len(other.entries) and all(
                same(k1, k2) and same(v1, v2) for (k1, v1), (k2, v2) in zip(one.entries, other.entries, strict=True)
            )
        case Sequence(), Sequence():
            return len(one.items) == len(other.items) and all(map(same, one.items, other.items))
    return False


def _tree(text: str) -> Tree | None:
    return read_tree(Source("", text))[0]


def _questions(node_types: Mapping[str, type[Struct]]) -> frozenset[str]:
    """Question keys of node types of third parties."""
    found = {(name, cls) for cls in node_types.values() for name in cls.keys()}  # noqa: SIM118
    return frozenset(name for name, cls in found if isinstance(cls.shape_of(name), Question))


# -- expressions in braces


def _repaired(text: str, questions: frozenset[str]) -> str:
    """Mappings that an expression breaks, one after another, while the reader names one that can be written out."""
    for _ in range(MOST_REPAIRS):
        _, found = read_tree(Source("", text))
        broken = next((d for d in found if d.code == "expression-in-braces"), None)
        if broken is None:
            return text
        lines = text.split("\n")
        block = unbraced(lines[broken.span.line - 1], questions)
        if block is None:
            return text
        lines[broken.span.line - 1 : broken.span.line] = block
        text = "\n".join(lines)
    return text


def _in_blocks(text: str, questions: frozenset[str]) -> str:
    """Mappings in braces whose quoted expressions belong in a block; lines inside of longer values stay."""
    inside = _inside(text)
    lines: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        block = unbraced(line, questions) if "{" in line and number not in inside else None
        lines += block if block is not None else [line]
    return "\n".join(lines)


# -- layout


def _inside(text: str) -> set[int]:
    """The lines that continue a value begun above: their spaces and signs may be the value's own."""
    tree = _tree(text)
    found: set[int] = set()
    for scalar, _ in _leaves(tree, ()) if tree is not None else ():
        last = scalar.span.end_line - (1 if scalar.span.end_column == 1 else 0)
        found |= set(range(scalar.span.line + 1, last + 1))
    return found


def _leaves(tree: Tree, keys: Keys) -> Iterator[tuple[Scalar, Keys]]:
    if isinstance(tree, Scalar):
        yield tree, keys
    elif isinstance(tree, TreeMapping):
        for name, value in tree.entries:
            yield name, keys
            yield from _leaves(value, (*keys, name.text))
    else:
        for item in tree.items:
            yield from _leaves(item, keys)


def _indented(text: str) -> str:
    """Two spaces a level; lists stand two spaces deeper than their key. What continues a line moves with it."""
    tree = _tree(text)
    wanted: dict[int, int] = {}
    if tree is not None:
        _levels(tree, 0, wanted, text.split("\n"))
    lines = text.split("\n")
    inside = _inside(text)
    shift = 0
    moved: list[str] = []
    for number, line in enumerate(lines, 1):
        own = len(line) - len(line.lstrip(" "))
        if number in wanted and number not in inside:
            shift = wanted[number] - own
            line = re.sub(r"^( *-) +(?=\S)", r"\1 ", line)
        elif line.lstrip().startswith("#") and number not in inside:
            moved.append(" " * max(own + _shift_below(lines, number, wanted, inside, shift), 0) + line.lstrip(" "))
            continue
        moved.append(" " * max(own + shift, 0) + line.lstrip(" ") if line.strip() else line)
    return "\n".join(moved)


def _shift_below(lines: list[str], number: int, wanted: Mapping[int, int], inside: set[int], otherwise: int) -> int:
    """A comment moves with the line that it stands above."""
    for below in range(number + 1, len(lines) + 1):
        if below in wanted and below not in inside:
            line = lines[below - 1]
            return wanted[below] - (len(line) - len(line.lstrip(" ")))
    return otherwise


def _levels(tree: Tree, level: int, wanted: dict[int, int], lines: list[str]) -> None:
    """The indentation of each line on which a key or an item of a block begins."""
    if isinstance(tree, TreeMapping) and not tree.flow:
        for name, value in tree.entries:
            wanted.setdefault(name.span.line, level)
            _levels(value, level + 2, wanted, lines)
    elif isinstance(tree, Sequence) and not tree.flow:
        for item in tree.items:
            if lines[item.span.line - 1].lstrip(" ").startswith("-"):
                wanted.setdefault(item.span.line, level)
            _levels(item, level + 2, wanted, lines)


def _without_trailing_spaces(text: str) -> str:
    inside = _inside(text)
    return "\n".join(
        line if number in inside else line.rstrip(" \t") for number, line in enumerate(text.split("\n"), 1)
    )  # fmt: skip


def _with_single_blank_lines(text: str) -> str:
    """At most one blank line in a row, none at the start, one line end at the end."""
    inside = _inside(text)
    kept: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if number not in inside and not line.strip() and (not kept or not kept[-1].strip()):
            continue
        kept.append(line)
    while kept and not kept[-1].strip():
        kept.pop()
    return "\n".join(kept) + "\n"


def _with_modeline(text: str) -> str:
    """The line that tells the editor which schema it is, first in the file; one that is there is kept."""
    lines = text.lstrip("\n").split("\n")
    there = next((i for i, line in enumerate(lines) if _MODELINE.match(line)), None)
    if there is not None:
        return "\n".join([lines[there], *lines[:there], *lines[there + 1 :]])
    kind = next((line.split(":")[0] for line in lines if re.match(r"\w+:", line)), "")
    return "\n".join([modeline(kind), *lines]) if kind in KINDS else text
