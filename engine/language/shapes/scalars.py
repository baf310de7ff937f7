"""Places that hold one scalar, read from its source text by the place's declared type, never by its look."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from decimal import Decimal

from engine.language import durations
from engine.language.diagnostics import Diagnostic
from engine.language.messages import syntax
from engine.language.shapes.base import Reading, Schema, Shape
from engine.language.source import Span, Word
from engine.language.yamltree import Scalar, Tree

RESERVED = frozenset(
    [
        "end",
        "back",
        "otherwise",
        "any",
        "empty",
        "none",
        "case",
        "steps",
        "person",
        "starter",
        "assignee",
        "position",
        "message",
        "now",
        "opinion",
    ]
)
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
CHOICE_NAME = re.compile(r"[A-Za-z0-9_]+\Z")


class ScalarShape(Shape[str]):
    """Any scalar text, with its place."""

    expected = ("a text", "文本")
    pattern: str | None = None

    def read(self, tree: Tree, reading: Reading) -> str | None:
        if not isinstance(tree, Scalar):
            self.wrong(tree, reading)
            return None
        return Word.at(tree.text, tree.span)

    def json_schema(self, definitions: Schema) -> Schema:
        return {"type": ["string", "number", "boolean"]}


class Name(ScalarShape):
    """A snake_case name; one that a definition makes may not be a reserved word."""

    expected = ("a name in snake_case", "小写字母、数字、下划线组成的名称")

    def __init__(self, reserved: bool = False) -> None:
        self.reserved_allowed = reserved

    def read(self, tree: Tree, reading: Reading) -> str | None:
        word = super().read(tree, reading)
        if word is None:
            return None
        if not NAME.match(word) or len(word) > 80:
            reading.say(syntax.bad_name(tree.span, word))
            return None
        if word in RESERVED and not self.reserved_allowed:
            reading.say(syntax.reserved_name(tree.span, word))
            return None
        return word

    def json_schema(self, definitions: Schema) -> Schema:
        return {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}


class ChoiceName(ScalarShape):
    """An entry of a choice: letters, digits and underscores, no reserved word."""

    expected = ("a name", "名称")

    def read(self, tree: Tree, reading: Reading) -> str | None:
        word = super().read(tree, reading)
        if word is None:
            return None
        if not CHOICE_NAME.match(word) or len(word) > 80:
            reading.say(syntax.bad_name(tree.span, word))
            return None
        if word in RESERVED:
            reading.say(syntax.reserved_name(tree.span, word))
            return None
        return word


class OneWord(ScalarShape):
    """One of a few words of the language."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.expected = (f"one of {', '.join(words)}", f"以下之一：{'、'.join(words)}")

    def read(self, tree: Tree, reading: Reading) -> str | None:
        word = super().read(tree, reading)
        if word is not None and word not in self.words:
            reading.say(syntax.ambiguous_scalar(tree.span, word, *self.expected))
            return None
        return word

    def json_schema(self, definitions: Schema) -> Schema:
        return {
            "enum": [{"yes": True, "no": False}.get(word, word) for word in self.words]
            + [word for word in self.words if word in ("yes", "no")]
        }


class YesNo(Shape[bool]):
    expected = ("yes or no", "yes 或 no")

    def read(self, tree: Tree, reading: Reading) -> bool | None:
        if not isinstance(tree, Scalar):
            self.wrong(tree, reading)
            return None
        if tree.text not in ("yes", "no"):
            reading.say(syntax.ambiguous_scalar(tree.span, tree.text, *self.expected))
            return None
        return tree.text == "yes"

    def json_schema(self, definitions: Schema) -> Schema:
        return {"enum": [True, False, "yes", "no"]}


def read_number(text: str) -> int | Decimal | None:
    """`2_000_000`, `12.5`, `-3`: exactly what the language calls a number; None for anything else."""
    if not re.match(r"[+-]?\d{1,3}(_\d{3})+(\.\d{1,20})?\Z|[+-]?\d{1,30}(\.\d{1,20})?\Z", text):
        return None
    plain = text.replace("_", "")
    return Decimal(plain) if "." in plain else int(plain)


class NumberShape(Shape[int | Decimal]):
    def __init__(self, at_least: int | None = None, at_most: int | None = None, whole: bool = False) -> None:
        self.at_least, self.at_most, self.whole = at_least, at_most, whole
        bounds = "".join(
            f" {word} {bound}" for word, bound in (("at least", at_least), ("at most", at_most)) if bound is not None
        )
        self.expected = (f"a {'whole ' if whole else ''}number{bounds}", f"{'整数' if whole else '数字'}{bounds}")

    def read(self, tree: Tree, reading: Reading) -> int | Decimal | None:
        if not isinstance(tree, Scalar):
            self.wrong(tree, reading)
            return None
        number = read_number(tree.text)
        if (
            number is None
            or (self.whole and not isinstance(number, int))
            or (self.at_least is not None and number < self.at_least)
            or (self.at_most is not None and number > self.at_most)
        ):
            reading.say(syntax.ambiguous_scalar(tree.span, tree.text, *self.expected))
            return None
        return number

    def json_schema(self, definitions: Schema) -> Schema:
        schema: Schema = {"type": "integer" if self.whole else "number"}
        if self.at_least is not None:
            schema["minimum"] = self.at_least
        if self.at_most is not None:
            schema["maximum"] = self.at_most
        return {"anyOf": [schema, {"type": "string", "pattern": r"^[+-]?[0-9_]+(\.[0-9]+)?$"}]}


class Date(Shape[dt.date]):
    expected = ("a date as 2026-03-02", "日期，如 2026-03-02")

    def read(self, tree: Tree, reading: Reading) -> dt.date | None:
        if not isinstance(tree, Scalar):
            self.wrong(tree, reading)
            return None
        date = durations.read_date(tree.text)
        if date is None:
            reading.say(syntax.ambiguous_scalar(tree.span, tree.text, *self.expected))
        return date

    def json_schema(self, definitions: Schema) -> Schema:
        return {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


class Parsed(Shape[object]):
    """A scalar that a parser of the language reads: durations, schedules, opening hours."""

    def __init__(
        self, parse: Callable[[str, Span], object], expected: tuple[str, str], pattern: str | None = None
    ) -> None:
        self.parse, self.expected, self.pattern = parse, expected, pattern

    def read(self, tree: Tree, reading: Reading) -> object | None:
        if not isinstance(tree, Scalar):
            self.wrong(tree, reading)
            return None
        value = self.parse(tree.text, tree.inner)
        if isinstance(value, Diagnostic):
            reading.say(value)
            return None
        return value

    def json_schema(self, definitions: Schema) -> Schema:
        return {"type": "string", **({"pattern": self.pattern} if self.pattern else {})}


UNITS = "seconds|minutes|hours|days|weeks|months|workminutes|workhours|workdays"
DURATION = Parsed(
    durations.parse_duration, ("a duration as 2 workdays", "时长，如 2 workdays"), rf"^[0-9_.]+ ({UNITS})$"
)
SCHEDULE = Parsed(durations.parse_schedule, ("a schedule as workday at 09:00", "周期，如 workday at 09:00"))
TEXT = ScalarShape()
YES_NO = YesNo()
NUMBER = NumberShape()
WHOLE = NumberShape(at_least=0, whole=True)
DATE = Date()


def one_of(words: Iterable[str]) -> OneWord:
    return OneWord(*words)
