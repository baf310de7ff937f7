"""Where a thing was written: the text of a file, and a span of it. Lines and columns count characters from 1."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of one file, both ends included in lines, the end column excluded. `path` is as the user gave it."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    def inside(self, offset: int, length: int = 1) -> Span:
        """The span of `length` characters, `offset` characters after the start, on the same line."""
        column = self.column + offset
        return Span(self.path, self.line, column, self.line, column + max(length, 1))


NOWHERE = Span("", 0, 0, 0, 0)
"""The place of a thing that nobody wrote: a default, a value made by the engine."""


@dataclass(frozen=True)
class Source:
    """One file's path and text; `lines` are what a diagnostic shows under its message."""

    path: str
    text: str = field(repr=False)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    def line(self, number: int) -> str:
        """The text of line `number` (from 1); empty beyond the end."""
        return self.lines[number - 1].rstrip("\r") if 0 < number <= len(self.lines) else ""


class Word(str):
    """A text that knows where it was written: a name, a reference, a title."""

    span: Span = NOWHERE

    @classmethod
    def at(cls, text: str, span: Span) -> Word:
        word = cls(text)
        word.span = span
        return word


def place_of(thing: object) -> Span:
    """Where `thing` was written; NOWHERE when nobody wrote it."""
    span = getattr(thing, "span", NOWHERE)
    return span if isinstance(span, Span) else NOWHERE
