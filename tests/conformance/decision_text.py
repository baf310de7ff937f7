"""From columns and cells to the YAML of a `decision:`, read by the real loader and asked through the real tables.

What both table suites share. A cell is a list of alternatives, each a small tuple:
("is", operand), ("between", low, high, over, below), ("empty",), ("any",); or a `Negated` list of them.
An operand is a `Word` (a literal as our language writes it) or a `Column` (another input).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from engine.language.kinds.decision import Decision
from engine.language.loader import load
from engine.language.source import Source
from engine.language.vocabulary import PackTypes
from engine.rules.decisions import Answer, Conflict, Table
from engine.rules.tables import table_of
from tests.conformance.suites import Unsaid

UTC = ZoneInfo("UTC")
Data = Any
Read = Callable[[Data], Any]
"""The typed value of a column, out of a case's inputs: what a step's `give:` does."""


@dataclass(frozen=True)
class Word:
    """A literal. Texts are quoted, so that `any` or `-` is a text and nothing else."""

    text: str
    quoted: bool = False

    def __str__(self) -> str:
        return json.dumps(self.text, ensure_ascii=False) if self.quoted else self.text


@dataclass
class Column:
    name: str
    type: str
    read: Read
    cells: list[Cell] = field(default_factory=list)


Operand = Word | Column
Part = tuple[Any, ...]


@dataclass(frozen=True)
class Negated:
    parts: tuple[Part, ...]


Cell = list[Part] | Negated
ANY: list[Part] = [("any",)]


@dataclass
class Output:
    """`ranks`: the values, best first, as words; they become the entries of a choice."""

    name: str
    type: str
    words: list[Word | None]
    ranks: list[Word] | None = None
    default: Word | None = None


def slug(text: str, taken: Sequence[str] = ()) -> str:
    """A name of our language, not yet taken."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    plain = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    base = name = f"x_{plain}" if not re.match(r"[a-z]", plain) else plain
    if base in RESERVED:
        base = name = f"{base}_"
    if base.endswith("_"):
        base = name = f"{base}x"
    count = 2
    while name in taken:
        name, count = f"{base}_{count}", count + 1
    return name


RESERVED = frozenset(
    {
        "end", "back", "otherwise", "any", "empty", "none", "case", "steps", "person", "starter",
        "assignee", "position", "message", "now", "opinion",
        "not", "in", "and", "or", "if", "else", "for", "true", "false", "is", "lambda",
    }
)  # fmt: skip


# ---- cells as words


def _operand(operand: Operand) -> str:
    return f"= {operand.name}" if isinstance(operand, Column) else str(operand)


def _bound(operand: Operand) -> str:
    """A bound stands inside words, where nothing can be quoted."""
    return f"= {operand.name}" if isinstance(operand, Column) else operand.text


def _part(part: Part) -> str:
    if part[0] in ("any", "empty"):
        return str(part[0])
    if part[0] == "is":
        return _operand(part[1])
    _, low, high, over, below = part
    words = []
    if low is not None:
        words.append(f"{'over' if over else 'at least'} {_bound(low)}")
    if high is not None:
        words.append(f"{'below' if below else 'up to'} {_bound(high)}")
    return " ".join(words)


def cell_words(cell: Cell) -> str:
    if isinstance(cell, Negated):
        if cell.parts == (("empty",),):
            return "not empty"
        return "{not: [" + ", ".join(_part(part) for part in cell.parts) + "]}"
    return _part(cell[0]) if len(cell) == 1 else "[" + ", ".join(_part(part) for part in cell) + "]"


# ---- the definition


@dataclass
class Asked:
    """A decision that was read by the loader: `ask` takes a case's data."""

    text: str
    table: Table
    columns: list[Column]
    outputs: list[Output]

    def ask(self, data: Data) -> Answer | Conflict:
        answer = self.table.decide({column.name: column.read(data) for column in self.columns})
        if isinstance(answer, Conflict):
            return answer
        back = {o.name: {f"rank_{i}": w for i, w in enumerate(o.ranks)} for o in self.outputs if o.ranks is not None}
        return Answer({n: _unranked(v, back.get(n)) for n, v in answer.outputs.items()}, answer.rows)


def _unranked(value: Any, words: dict[str, Word] | None) -> Any:
    """A ranked output answers with the code of an entry; the value behind it is what its word says."""
    if words is None or value is None:
        return value
    if isinstance(value, tuple):
        return tuple(_unranked(v, words) for v in value)
    word = words[str(value)]
    return word.text if word.quoted else _plain(word.text)


def _plain(text: str) -> Any:
    from engine.language.durations import read_date, read_number

    if text in ("yes", "no"):
        return text == "yes"
    number = read_number(text)
    return number if number is not None else (read_date(text) or text)


def definition(name: str, hit: str, columns: Sequence[Column], outputs: Sequence[Output], rows: int) -> str:
    lines = [f"decision: {name}", f"hit: {hit}", "inputs:"]
    lines += [f"  {c.name}: {{type: {c.type}, may_be_empty: yes}}" for c in columns]
    lines.append("outputs:")
    for output in outputs:
        if output.ranks is None:
            lines.append(f"  {output.name}: {{type: {output.type}}}")
        else:
            lines += [f"  {output.name}:", "    type: choice", "    of:"]
            lines += [f"      rank_{i}: {json.dumps(w.text, ensure_ascii=False)}" for i, w in enumerate(output.ranks)]
    lines.append("rules:")
    for i in range(rows):
        entries = [f"{c.name}: {cell_words(c.cells[i])}" for c in columns]
        entries += [f"{o.name}: {_value(o, o.words[i])}" for o in outputs]
        lines += [f"  - {entries[0]}", *(f"    {entry}" for entry in entries[1:])]
    defaults = [f"  {o.name}: {_value(o, o.default)}" for o in outputs if o.default is not None]
    return "\n".join([*lines, *(["if_none:", *defaults] if defaults else []), ""])


def _value(output: Output, word: Word | None) -> str:
    if word is None:
        return "empty"
    if output.ranks is None:
        return str(word)
    if word not in output.ranks:
        raise Unsaid(f"the value {word} is not among the output's values")
    return f"rank_{output.ranks.index(word)}"


def read_decision(name: str, hit: str, columns: Sequence[Column], outputs: Sequence[Output], rows: int) -> Asked:
    """The decision as the engine has it. A text that the loader refuses is our mistake, not the suite's."""
    text = definition(name, hit, columns, outputs, rows)
    pack = load([Source(f"{name}.yaml", text)], {})
    decision = pack.get(Decision, name)
    wrong = [f"{d.span}: {d.code}: {d.message()}" for d in pack.diagnostics if "pack.yaml" not in d.message()]
    if decision is None or wrong:
        raise AssertionError("\n".join([*wrong, text]))
    types = PackTypes(pack)
    table = table_of(decision, types.decision_inputs(name), types.decision_outputs(name), UTC)
    if isinstance(table, list):
        raise AssertionError("\n".join([*(d.message() for d in table), text]))
    return Asked(text, table, list(columns), list(outputs))
