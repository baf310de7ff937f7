"""The `{{ }}` of a template's text: an expression, and at most one filter of a fixed few (LANGUAGE section 9)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from engine.language.diagnostics import Diagnostic
from engine.language.expressions.parse import Expression, parse
from engine.language.messages import type_errors
from engine.language.source import NOWHERE, Source, Span, Word

FILTERS = ("money", "date", "count", "title")
_HOLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


@dataclass(frozen=True)
class Hole:
    """One `{{ expression | filter }}`; `span` is that of the expression."""

    expression: Expression
    filter: str | None = None
    span: Span = field(compare=False, default=NOWHERE)


Piece = str | Hole | Diagnostic


def pieces(text: Word | str, source: Source | None = None) -> list[Piece]:
    """The text in order: plain pieces, holes, and a finding for each hole that is none. `source` gives places."""
    found: list[Piece] = []
    start = 0
    opening = _Openings(text, source)
    for match in _HOLE.finditer(text):
        if match.start() > start:
            found.append(_plain(text[start : match.start()], opening))
        found.append(_hole(match.group(1), opening.next()))
        start = match.end()
    if start < len(text):
        found.append(_plain(text[start:], opening))
    return found


def _plain(text: str, opening: _Openings) -> Piece:
    if "{{" in text:
        return type_errors.bad_expression(
            opening.next(), "'{{' is never closed", "“{{”没有闭合", "write {{ lead.name }}", "请写 {{ lead.name }}"
        )
    return text


def _hole(inside: str, span: Span) -> Piece:
    """`span` is the place of the first character after the opening braces."""
    body, bar, word = inside.partition("|")
    expression = " ".join(body.split("\n"))
    offset = len(expression) - len(expression.lstrip())
    parsed = parse(expression.strip(), span.inside(offset, len(expression.strip())))
    if isinstance(parsed, Diagnostic):
        return parsed
    if not bar:
        return Hole(parsed, None, parsed.span)
    filter_ = word.strip()
    if filter_ not in FILTERS:
        at = span.inside(len(body) + 1 + len(word) - len(word.lstrip()), len(filter_))
        return type_errors.unknown_function(at, filter_, FILTERS)
    return Hole(parsed, filter_, parsed.span)


class _Openings:
    """Where the `{{` of a text stand in its file, one after another, whatever the style of the scalar."""

    def __init__(self, text: Word | str, source: Source | None) -> None:
        self.span = getattr(text, "span", NOWHERE)
        self.source = source if self.span.line else None
        self.line = self.span.line
        self.column = self.span.column

    def next(self) -> Span:
        if self.source is None:
            return self.span
        while self.line <= self.span.end_line:
            at = self.source.line(self.line).find("{{", self.column - 1)
            if at >= 0:
                self.column = at + 3
                return Span(self.span.path, self.line, at + 3, self.line, at + 4)
            self.line, self.column = self.line + 1, 1
        return self.span
