"""From an expression of FEEL or ZEN to one of ours: a small recursive descent that writes while it reads.

Used where a table's column or cell is an expression: in our language that is the formula of a step's `give:`, so it
becomes one here, and runs in the real expression engine. What has no counterpart raises Unsaid with its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from engine.language.diagnostics import Diagnostic
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.things import Row
from tests.conformance.decision_text import slug
from tests.conformance.suites import Unsaid

Dialect = Literal["feel", "zen"]
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>\d[\d_]*(?:\.\d+)?|\.\d+)"""
    r"""|(?P<op>\.\.|==|!=|<=|>=|\*\*|&&|\|\||[-+*/%<>=()\[\],.:#$?!^{}@])|(?P<name>[A-Za-z_][A-Za-z_0-9]*))""",
    re.VERBOSE,
)
_COMPARE = {"==", "=", "!=", "<", "<=", ">", ">="}
_SAME = {
    "zen": {"contains", "abs", "floor", "ceil", "lower", "upper", "trim", "sum", "min", "max", "round"},
    "feel": {"contains", "abs", "floor", "sum", "min", "max", "count"},
}
_RENAMED = {
    "zen": {"startsWith": "starts_with", "avg": "average"},
    "feel": {
        "starts with": "starts_with", "string length": "length", "upper case": "upper", "lower case": "lower",
        "ceiling": "ceil", "mean": "average", "list contains": "contains",
    },
}  # fmt: skip
_OVER_ROWS = {"some": "any", "any": "any", "all": "all", "every": "all", "count": "count"}


def tokens(text: str, names: Sequence[str] = ()) -> list[tuple[str, str]]:
    """(kind, text) pairs. `names`: names with spaces in them, the longest first wins."""
    found, at = [], 0
    longest = sorted((n for n in names if re.search(r"\W", n)), key=len, reverse=True)
    text = text.rstrip()
    while at < len(text):
        at += len(text[at:]) - len(text[at:].lstrip())
        spaced = next((n for n in longest if text.startswith(n, at) and not re.match(r"\w", text[at + len(n) :])), None)
        if spaced is not None:
            found.append(("name", spaced))
            at += len(spaced)
            continue
        token = _TOKEN.match(text, at)
        if token is None:
            raise Unsaid(f"cannot read {text[at:]!r}")
        kind = token.lastgroup or ""
        found.append((kind, token[kind]))
        at = token.end()
    return found


def translated(text: str, dialect: Dialect, names: Sequence[str] = (), this: str | None = None) -> str:
    """The expression in our words. `this`: what `$` (ZEN) or `?` (FEEL) stands for, in our words."""
    spaced = [*names, *(f for f in _RENAMED["feel"] if dialect == "feel")]
    writer = _Writer(tokens(text, spaced), dialect, this)
    written = writer.choice()
    if writer.tokens:
        raise Unsaid(f"cannot read on at {writer.tokens[0][1]!r}")
    return written


def formula(text: str, dialect: Dialect, names: Sequence[str] = (), this: str | None = None) -> Callable[[Any], Any]:
    """What it gives on a case's data, by our expression engine."""
    expression = parse(translated(text, dialect, names, this))
    if isinstance(expression, Diagnostic):
        raise Unsaid(f"no expression of ours: {expression.message()}")
    assert isinstance(expression, Expression)
    ours = expression
    return lambda data: ours.run(as_env(data))


def as_env(data: Any) -> Any:
    """JSON data as values of the language: groups are rows with names of ours, lists are tuples."""
    if isinstance(data, Mapping):
        return Row({slug(str(name)): as_env(value) for name, value in data.items()})
    if isinstance(data, list | tuple):
        return tuple(as_env(item) for item in data)
    return Decimal(str(data)) if isinstance(data, float) else data


class _Writer:
    def __init__(self, found: list[tuple[str, str]], dialect: Dialect, this: str | None) -> None:
        self.tokens, self.dialect, self.this = found, dialect, this
        self.each: list[str] = []

    def at(self, *texts: str) -> bool:
        return bool(self.tokens) and self.tokens[0][0] != "text" and self.tokens[0][1] in texts

    def take(self, *texts: str) -> str:
        if not self.tokens or (texts and not self.at(*texts)):
            raise Unsaid(
                f"expected {' or '.join(texts) or 'more'}, found {self.tokens[0][1] if self.tokens else 'the end'}"
            )
        return self.tokens.pop(0)[1]

    def choice(self) -> str:
        if self.at("if"):
            self.take()
            condition = self.either()
            self.take("then")
            first = self.choice()
            self.take("else")
            return f"({first} if {condition} else {self.choice()})"
        condition = self.either()
        if not self.at("?") or self.dialect == "feel":
            return condition
        self.take("?")
        first = self.choice()
        self.take(":")
        return f"({first} if {condition} else {self.choice()})"

    def either(self) -> str:
        parts = [self.both()]
        while self.at("or", "||"):
            self.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else "(" + " or ".join(parts) + ")"

    def both(self) -> str:
        parts = [self.negated()]
        while self.at("and", "&&"):
            self.take()
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else "(" + " and ".join(parts) + ")"

    def negated(self) -> str:
        if self.at("not", "!") and not (self.dialect == "feel" and self.tokens[1:2] == [("op", "(")]):
            self.take()
            return f"(not {self.negated()})"
        return self.compared()

    def compared(self) -> str:
        left = self.sum()
        if self.at(*_COMPARE):
            operator = self.take()
            right = self.sum()
            if right == "empty" or left == "empty":
                known = f"has({left if right == 'empty' else right})"
                return f"(not {known})" if operator in ("=", "==") else known
            return f"({left} {'==' if operator == '=' else operator} {right})"
        negative = self.at("not") and self.tokens[1:2] == [("name", "in")]
        if negative:
            self.take()
        if self.at("in"):
            self.take()
            inside = self.inside(left)
            return f"(not {inside})" if negative else inside
        return left

    def inside(self, left: str) -> str:
        """A list, a name of a list, or an interval."""
        opens = self.tokens[0][1] if self.at("[", "(", "]") else ""
        if opens:
            depth, i = 0, 0
            for i, (kind, text) in enumerate(self.tokens):
                depth += (text in "[(" and kind == "op") - (text in "])" and kind == "op") if i else 1
                if depth == 0 or (text == ".." and depth == 1):
                    break
            if i < len(self.tokens) and self.tokens[i][1] == "..":
                self.take()
                low = self.sum()
                self.take("..")
                high = self.sum()
                closes = self.take("]", ")", "[")
                return (
                    f"({left} {'>=' if opens == '[' else '>'} {low} and {left} {'<=' if closes == ']' else '<'} {high})"
                )
        right = self.sum()
        return f"({left} in {right})" if right.startswith("[") else f"contains({right}, {left})"

    def sum(self) -> str:
        left = self.product()
        while self.at("+", "-"):
            left = f"({left} {self.take()} {self.product()})"
        return left

    def product(self) -> str:
        left = self.signed()
        while self.at("*", "/", "%"):
            left = f"({left} {self.take()} {self.signed()})"
        if self.at("**", "^"):
            raise Unsaid("no power in our expressions")
        return left

    def signed(self) -> str:
        if self.at("-"):
            self.take()
            return f"-{self.signed()}"
        return self.primary()

    def primary(self) -> str:
        if not self.tokens:
            raise Unsaid("an expression ends too early")
        kind, text = self.tokens.pop(0)
        if kind == "text":
            return _quoted(text[1:-1])
        if kind == "number":
            return f"0{text}" if text.startswith(".") else text
        if text == "(":
            inner = self.choice()
            self.take(")")
            return f"({inner})"
        if text == "[":
            return "[" + ", ".join(self.arguments("]")) + "]"
        if text == "#" and self.each:
            return self.path(self.each[-1])
        if text in ("$", "?") and self.this is not None:
            return self.path(self.this)
        if kind != "name":
            raise Unsaid(f"no counterpart of {text!r}")
        if text in ("true", "false", "null"):
            return {"true": "yes", "false": "no", "null": "empty"}[text]
        if self.at("("):
            return self.call(text)
        return self.path(slug(text))

    def path(self, base: str) -> str:
        while self.at("."):
            self.take()
            base = f"{base}.{slug(self.take())}"
        if self.at("[", "{"):
            raise Unsaid("no reading by position in our expressions")
        return base

    def arguments(self, closes: str) -> list[str]:
        found: list[str] = []
        while not self.at(closes):
            found.append(self.choice())
            if not self.at(closes):
                self.take(",")
        self.take(closes)
        return found

    def call(self, name: str) -> str:
        self.take("(")
        if self.dialect == "zen" and name in ("sum", "min", "max", "avg", "len") and self.at("map", "filter"):
            rows = self.rows(self.take())
            self.take(")")
            return f"{ {'len': 'count', 'avg': 'average'}.get(name, name) }({rows})"
        if self.dialect == "zen" and name in (*_OVER_ROWS, "none", "one"):
            return self.over_rows(name)
        given = self.arguments(")")
        if name == "not" and len(given) == 1:
            return f"(not {given[0]})"
        if name == "len" and self.dialect == "zen":
            return f"count({given[0]})"  # of a list; of a text ours is length()
        if name in _RENAMED[self.dialect]:
            return f"{_RENAMED[self.dialect][name]}({', '.join(given)})"
        if name in _SAME[self.dialect]:
            return f"{name}({', '.join(given)})"
        raise Unsaid(f"no counterpart of the function {name}()")

    def over_rows(self, name: str) -> str:
        if name in ("one",):
            raise Unsaid(f"no counterpart of the function {name}()")
        source = self.choice()
        self.take(",")
        item = self._begin()
        body = self.choice()
        self.each.pop()
        self.take(")")
        if name == "none":
            return f"(not any({body} for {item} in {source}))"
        if name == "count":
            return f"count({item} for {item} in {source} if {body})"
        return f"{_OVER_ROWS[name]}({body} for {item} in {source})"

    def rows(self, name: str) -> str:
        """The inside of an aggregate: map(list, value) or filter(list, condition)."""
        self.take("(")
        source = self.choice()
        self.take(",")
        item = self._begin()
        body = self.choice()
        self.each.pop()
        self.take(")")
        return f"{body} for {item} in {source}" if name == "map" else f"{item} for {item} in {source} if {body}"

    def _begin(self) -> str:
        self.each.append(f"item_{len(self.each) + 1}")
        return self.each[-1]


def _quoted(text: str) -> str:
    if "'" in text or "\\" in text:
        raise Unsaid("no such text in our expressions")
    return f"'{text}'"
