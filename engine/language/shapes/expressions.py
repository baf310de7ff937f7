"""Places that hold an expression (question keys), a value (a literal or `= formula`), or a moment in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from engine.language import durations
from engine.language.diagnostics import Diagnostic, Edit
from engine.language.expressions import types
from engine.language.expressions.parse import Expression, parse
from engine.language.messages import syntax
from engine.language.messages.security import escape_attempt
from engine.language.shapes.base import Reading, Schema, Shape
from engine.language.shapes.scalars import UNITS
from engine.language.source import Span, Word
from engine.language.values import Fields, Formula, Items, Literal, Value
from engine.language.yamltree import Scalar, Sequence, Tree


def read_expression(scalar: Scalar, reading: Reading, start: int = 0) -> Expression | None:
    """The expression in a scalar from character `start` on; says what is wrong with it."""
    text = scalar.text[start:]
    span = scalar.inner.inside(start, len(text)) if scalar.inner.line == scalar.inner.end_line else scalar.span
    if scalar.cut and text.count("'") % 2 == 1:
        whole = reading.source.line(scalar.span.line)[scalar.span.column - 1 :].rstrip()
        quoted = '"' + whole.replace("\\", "\\\\").replace('"', '\\"') + '"'
        rest = scalar.span._replace(end_line=scalar.span.line, end_column=scalar.span.column + len(whole))
        reading.say(replace(syntax.comment_ate_expression(scalar.span, scalar.text), fix=Edit(rest, quoted)))
        return None
    parsed = parse(" ".join(text.split("\n")), span)
    if isinstance(parsed, Expression):
        return parsed
    reading.say(parsed)
    return None


class Question(Shape[Expression]):
    """A key that always holds an expression. `wants` is its type; `also` are the names it may use besides the usual."""

    expected = ("an expression", "表达式")

    def __init__(self, wants: types.Type | None = None, also: tuple[str, ...] = ()) -> None:
        self.wants, self.also = wants, also

    def read(self, tree: Tree, reading: Reading) -> Expression | None:
        if not isinstance(tree, Scalar):
            self.wrong(tree, reading)
            return None
        if tree.plain and tree.text.startswith("= "):
            reading.say(
                syntax.wrong_shape(
                    tree.span,
                    "an expression without '='",
                    "不带“=”的表达式",
                    "this key always holds an expression: remove '= '",
                    "此处总是表达式，请去掉“= ”",
                    (tree.text, tree.text[2:].lstrip()),
                )
            )
            return None
        return read_expression(tree, reading)

    def json_schema(self, definitions: Schema) -> Schema:
        return {"type": ["string", "number", "boolean"]}


class ValuePlace(Shape[Value]):
    """A literal or `= formula`. What the literal means is read when the type of the place is known."""

    expected = ("a value, or '= ' and a formula", "值，或“= ”加公式")

    def read(self, tree: Tree, reading: Reading) -> Value | None:
        if isinstance(tree, Scalar):
            if tree.plain and (tree.text.startswith("= ") or tree.text == "="):
                start = len(tree.text) - len(tree.text[1:].lstrip(" "))
                expression = read_expression(tree, reading, start)
                return None if expression is None else Formula(expression, tree.span)
            return Literal(Word.at(tree.text, tree.span), tree.span)
        if isinstance(tree, Sequence):
            items = [self.read(item, reading) for item in tree.items]
            return None if None in items else Items(tuple(i for i in items if i is not None), tree.span)
        fields = {Word.at(name.text, name.span): self.read(value, reading) for name, value in tree.entries}
        return (
            None if None in fields.values() else Fields({k: v for k, v in fields.items() if v is not None}, tree.span)
        )

    def json_schema(self, definitions: Schema) -> Schema:
        return {}


class Path(Shape[Word]):
    """A dotted path to what is written: `lead.status`, `case.route`."""

    expected = ("a path as lead.status", "路径，如 lead.status")

    def read(self, tree: Tree, reading: Reading) -> Word | None:
        if not isinstance(tree, Scalar) or not re.match(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\Z", tree.text):
            behind = re.search(r"(?:\A|\.)(_\w*)", tree.text) if isinstance(tree, Scalar) else None
            if isinstance(tree, Scalar) and behind is not None:
                reading.say(escape_attempt(tree.inner.inside(behind.start(1), len(behind[1])), behind[1]))
            else:
                self.wrong(tree, reading)
            return None
        return Word.at(tree.text, tree.span)

    def json_schema(self, definitions: Schema) -> Schema:
        return {"type": "string", "pattern": r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$"}


@dataclass(frozen=True)
class Moment:
    """A moment in words, its number and base as expressions: so many `unit` before or after `base`, at a wall clock.

    `fixed` is a moment written out, in the pack's zone.
    """

    text: str
    span: Span = field(compare=False)
    words: durations.MomentText = field(compare=False)
    base: Expression | None = None
    number: Expression | None = None


class MomentPlace(Shape[Moment]):
    """`7 days before instalment.due_on at 09:00`, `deal.due_on at 17:00`, `2026-06-30 17:00`."""

    expected = (
        "a moment as 7 days before instalment.due_on at 09:00",
        "时刻，如 7 days before instalment.due_on at 09:00",
    )

    def read(self, tree: Tree, reading: Reading) -> Moment | None:
        if not isinstance(tree, Scalar):
            self.wrong(tree, reading)
            return None
        words = durations.parse_moment(tree.text, tree.inner)
        if isinstance(words, Diagnostic):
            reading.say(words)
            return None
        parts: list[Expression | None] = []
        for text, span in ((words.base_text, words.base_span), (words.number_text, words.number_span)):
            if text is None:
                parts.append(None)
                continue
            parsed = parse(text, span or tree.span)
            if not isinstance(parsed, Expression):
                reading.say(parsed)
                return None
            parts.append(parsed)
        return Moment(tree.text, tree.span, words, base=parts[0], number=parts[1])

    def json_schema(self, definitions: Schema) -> Schema:
        return {"type": "string"}


class DurationOrFormula(Shape[Any]):
    """A duration in words, or `= formula` that gives one."""

    expected = ("a duration as 2 workdays, or '= ' and a formula", "时长，如 2 workdays，或“= ”加公式")

    def read(self, tree: Tree, reading: Reading) -> durations.Duration | Formula | None:
        if not isinstance(tree, Scalar):
            self.wrong(tree, reading)
            return None
        if tree.plain and tree.text.startswith("="):
            return VALUE.read(tree, reading)  # type: ignore[return-value]
        read = durations.parse_duration(tree.text, tree.inner)
        if isinstance(read, Diagnostic):
            reading.say(read)
            return None
        return read

    def json_schema(self, definitions: Schema) -> Schema:
        return {"type": "string", "pattern": rf"^(= .*|[0-9_.]+ ({UNITS}))$"}


QUESTION = Question()
CONDITION = Question(types.YES_NO)
PERSON = Question(types.PERSON)
VALUE = ValuePlace()
PATH = Path()
MOMENT = MomentPlace()
