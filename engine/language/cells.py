"""Cell words of decision tables and bands: `any`, `not x`, `[x, y]`, `at least x below y` (LANGUAGE sections 8 and 16).

A cell is a small tree that checks can look into and tables compile; `matches` says what it means. Empty fits `any` and
`empty` only: every comparison with it is false.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.language.diagnostics import Diagnostic
from engine.language.messages.decisions import cell_type
from engine.language.source import Span
from engine.language.yamltree import Mapping as TreeMapping
from engine.language.yamltree import Scalar, Sequence, Tree

ReadLiteral = Callable[[str, Span], Any]
"""Reads a value's text by the type of its column: the value, or a Diagnostic."""
Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Other:
    """The value of another input: `= other`."""

    name: str
    span: Span = field(compare=False)


@dataclass(frozen=True)
class AnyValue:
    """`any`: also an empty one."""

    def matches(self, value: Any, inputs: Inputs) -> bool:
        return True


@dataclass(frozen=True)
class Empty:
    """`empty`."""

    def matches(self, value: Any, inputs: Inputs) -> bool:
        return value is None


@dataclass(frozen=True)
class NotEmpty:
    """`not empty`."""

    def matches(self, value: Any, inputs: Inputs) -> bool:
        return value is not None


@dataclass(frozen=True)
class Is:
    """`x` or `= other`."""

    value: Any

    def matches(self, value: Any, inputs: Inputs) -> bool:
        wanted = resolved(self.value, inputs)
        return value is not None and wanted is not None and bool(value == wanted)


@dataclass(frozen=True)
class Between:
    """`at least low below high` and its kin; None is no bound. `over` and `below` leave the bound itself out."""

    low: Any = None
    high: Any = None
    over: bool = False
    below: bool = False

    def matches(self, value: Any, inputs: Inputs) -> bool:
        if value is None:
            return False
        if self.low is not None:
            low = resolved(self.low, inputs)
            if low is None or not (value > low if self.over else value >= low):
                return False
        if self.high is not None:
            high = resolved(self.high, inputs)
            if high is None or not (value < high if self.below else value <= high):
                return False
        return True


@dataclass(frozen=True)
class OneOf:
    """`[x, y]`: one of the cells fits."""

    cells: tuple[Cell, ...]

    def matches(self, value: Any, inputs: Inputs) -> bool:
        return any(cell.matches(value, inputs) for cell in self.cells)


@dataclass(frozen=True)
class Not:
    """`not x`, `{not: [x, y]}`: not empty, and none of the cells fits; an empty other input makes it false."""

    cells: tuple[Cell, ...]

    def matches(self, value: Any, inputs: Inputs) -> bool:
        if value is None or any(inputs.get(other.name) is None for cell in self.cells for other in others(cell)):
            return False
        return not any(cell.matches(value, inputs) for cell in self.cells)


Cell = AnyValue | Empty | NotEmpty | Is | Between | OneOf | Not


def resolved(value: Any, inputs: Inputs) -> Any:
    """A literal itself, another input its value now."""
    return inputs.get(value.name) if isinstance(value, Other) else value


def parts(cell: Cell) -> Iterator[Cell]:
    """The cell and all cells in it."""
    yield cell
    if isinstance(cell, OneOf | Not):
        for inner in cell.cells:
            yield from parts(inner)


def operands(cell: Cell) -> Iterator[Any]:
    """Every literal and every Other in a cell."""
    for part in parts(cell):
        if isinstance(part, Is):
            yield part.value
        elif isinstance(part, Between):
            yield from (bound for bound in (part.low, part.high) if bound is not None)


def others(cell: Cell) -> list[Other]:
    """The other inputs that a cell reads."""
    return [operand for operand in operands(cell) if isinstance(operand, Other)]


# --- reading

_LOW = re.compile(r"(?P<low>at least|over)\s+(?P<a>.+?)(?:\s+(?P<high>below|up to)\s+(?P<b>.+))?\Z")
_HIGH = re.compile(r"(?P<high>below|up to)\s+(?P<b>.+)\Z")
_OTHER = re.compile(r"=\s*([a-z][a-z0-9_]*)\Z")
_FOREIGN = re.compile(r"(<=|>=|<|>)\s*(.+)\Z")
_FOREIGN_WORDS = {"<=": "up to", ">=": "at least", "<": "below", ">": "over"}
_RANGE = re.compile(r"([\[(\]])\s*(.+?)\s*\.\.\s*(.+?)\s*([\])\[])\Z")
_SINGLE = {"-": "any", "null": "empty", "not(null)": "not empty", "true": "yes", "false": "no", "": "empty"}


def parse_cell(written: Tree | str, read_literal: ReadLiteral, span: Span) -> Cell | Diagnostic:
    """The cell, or what is wrong with it. A quoted scalar that its column can hold is the value itself: `'any'`."""
    if isinstance(written, str):
        return _words(written, read_literal, span)
    if isinstance(written, Scalar):
        if not written.plain and not isinstance(value := read_literal(written.text, written.inner), Diagnostic):
            return Is(value)
        return _words(written.text, read_literal, written.inner)
    if isinstance(written, Sequence):
        cells = _list(written, read_literal)
        return cells if isinstance(cells, Diagnostic) else OneOf(cells)
    return _negated(written, read_literal)


def _list(written: Sequence, read_literal: ReadLiteral) -> tuple[Cell, ...] | Diagnostic:
    found: list[Cell] = []
    for item in written.items:
        if not isinstance(item, Scalar):
            return cell_type(item.span, "...", "a list holds plain cells", "列表里只能是简单的单元格", "[x, y]")
        cell = parse_cell(item, read_literal, item.span)
        if isinstance(cell, Diagnostic):
            return cell
        if isinstance(cell, AnyValue):
            return cell_type(item.span, item.text, "'any' stands alone", "“any”只能单独写", "any")
        found.append(cell)
    if not found:
        return cell_type(written.span, "[]", "the list is empty", "列表为空", "[x, y] or any")
    return tuple(found)


def _negated(written: TreeMapping, read_literal: ReadLiteral) -> Cell | Diagnostic:
    inner = written.get("not")
    if inner is None or len(written.entries) != 1 or not isinstance(inner, Sequence):
        return cell_type(
            written.span, "{...}", "a mapping can only be {not: [x, y]}", "映射只能是 {not: [x, y]}", "{not: [x, y]}"
        )
    cells = _list(inner, read_literal)
    return cells if isinstance(cells, Diagnostic) else Not(cells)


def _words(text: str, read_literal: ReadLiteral, span: Span) -> Cell | Diagnostic:
    words = text.strip()
    if words == "any":
        return AnyValue()
    if words == "empty":
        return Empty()
    if words == "not empty":
        return NotEmpty()
    if words in ("not any", "not"):
        return cell_type(span, text, "nothing would ever fit", "不会有值符合", "not empty, or not x")
    if words.startswith("not "):
        return _negated_word(words, read_literal, span.inside(4, len(words) - 4))
    if bounds := _LOW.match(words) or _HIGH.match(words):
        return _between(bounds, read_literal, span)
    value = _operand(words, read_literal, span)
    return value if isinstance(value, Diagnostic) else Is(value)


def _negated_word(words: str, read_literal: ReadLiteral, span: Span) -> Cell | Diagnostic:
    inner = words[4:].strip()
    if bounds := re.match(r"(below|up to|over|at least)\s+(.+)\Z", inner):
        turned = {"below": "at least", "up to": "over", "over": "up to", "at least": "below"}[bounds[1]]
        return cell_type(span, words, "'not' stands before a value", "“not”之后只能是值", f"{turned} {bounds[2]}", True)
    value = _operand(inner, read_literal, span)
    return value if isinstance(value, Diagnostic) else Not((Is(value),))


def _between(bounds: re.Match[str], read_literal: ReadLiteral, span: Span) -> Cell | Diagnostic:
    found = bounds.groupdict()
    if re.search(r"\s(at least|over)\s", f" {found.get('b') or ''} "):
        turned = re.match(r"(.+?)\s+((?:at least|over)\s+.+)\Z", found["b"] or "")
        write = f"{turned[2]} {found['high']} {turned[1]}" if turned and not found.get("low") else "at least x below y"
        return cell_type(span, bounds[0], "the lower bound stands first", "下限写在前面", write)
    low = high = None
    if found.get("low"):
        low = _operand(found["a"], read_literal, span.inside(bounds.start("a"), len(found["a"])))
    if found.get("high"):
        high = _operand(found["b"], read_literal, span.inside(bounds.start("b"), len(found["b"])))
    for bound in (low, high):
        if isinstance(bound, Diagnostic):
            return bound
    return Between(low, high, found.get("low") == "over", found.get("high") == "below")


def _operand(text: str, read_literal: ReadLiteral, span: Span) -> Any:
    """A literal, or `= other`."""
    if text.startswith("="):
        other = _OTHER.match(text)
        if other is None:
            return cell_type(
                span, text, "after '=' stands the name of another input", "“=”之后是另一个输入的名称", "= other_input"
            )
        return Other(other[1], span)
    value = read_literal(text, span)
    if isinstance(value, Diagnostic) and (write := _meant(text)):
        return cell_type(span, text, "this is not how a cell is written", "单元格不这样写", write, True)
    if value is None:
        return cell_type(span, text, "a bound cannot be empty", "边界不能为空", "empty, alone")
    return value


def _meant(text: str) -> str:
    """The words for a cell written in S-FEEL or with a comma; empty when we cannot tell."""
    if text in _SINGLE:
        return _SINGLE[text]
    if bound := _FOREIGN.match(text):
        return f"{_FOREIGN_WORDS[bound[1]]} {bound[2]}"
    if interval := _RANGE.match(text):
        opens, low, high, closes = interval.groups()
        return f"{'at least' if opens == '[' else 'over'} {low} {'up to' if closes == ']' else 'below'} {high}"
    if negated := re.match(r"not\((.+)\)\Z", text):
        return f"{{not: [{negated[1]}]}}" if "," in negated[1] else f"not {negated[1]}"
    if re.match(r"[^,]+(,[^,]+)+\Z", text):
        return f"[{text}]"
    if quoted := re.match(r"(['\"])(.+)\1\Z", text):
        return quoted[2]
    return ""
