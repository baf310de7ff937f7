"""What a person is told about a definition: a place, a code, a message and a hint, in zh and en.

A mistake of the user is a Diagnostic, a value; a mistake of ours is an exception. The two never mix.
Sorting, counting and rendering live here; the wording of every code lives in `messages/`.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Concatenate, Literal, NamedTuple, ParamSpec

from engine.language.source import Source, Span

Language = Literal["zh", "en"]
P = ParamSpec("P")


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Text:
    """One message in both languages; a hint says what to write instead and may be empty.

    `write` is the wrong word and the right one, where there is exactly one safe answer.
    """

    en: str
    zh: str
    hint_en: str = ""
    hint_zh: str = ""
    write: tuple[str, str] | None = None


class Edit(NamedTuple):
    """A splice of a source: what stands in `span` is replaced by `text`."""

    span: Span
    text: str


@dataclass(frozen=True)
class Diagnostic:
    """Something to tell a person: where, what (a kebab code that is stable API), and what to do.

    `fix` is the edit that does it, where one answer is safe (`fixes.with_fix` finds it in the source).
    """

    span: Span
    code: str
    severity: Severity
    text: Text
    fix: Edit | None = None

    def message(self, language: Language = "en") -> str:
        return self.text.zh if language == "zh" else self.text.en

    def hint(self, language: Language = "en") -> str:
        return self.text.hint_zh if language == "zh" else self.text.hint_en

    def plain(self) -> dict[str, Any]:
        """The finding as JSON data: the same for CLI, HTTP and editor."""
        return {
            "path": self.span.path,
            "line": self.span.line,
            "column": self.span.column,
            "end_line": self.span.end_line,
            "end_column": self.span.end_column,
            "severity": str(self.severity),
            "code": self.code,
            "message": self.text.en,
            "message_zh": self.text.zh,
            "hint": self.text.hint_en,
            "hint_zh": self.text.hint_zh,
            "fix": None
            if self.fix is None
            else {
                "line": self.fix.span.line,
                "column": self.fix.span.column,
                "end_line": self.fix.span.end_line,
                "end_column": self.fix.span.end_column,
                "text": self.fix.text,
            },
        }


CODES: dict[str, Severity] = {}
"""Every code that a message function was declared for, with its severity."""
FAMILIES: dict[str, str] = {}
"""The family of every code: the module of `messages/` that holds its wording."""


def _finding(severity: Severity) -> Callable[[Callable[P, Text]], Callable[Concatenate[Span, P], Diagnostic]]:
    def declare(say: Callable[P, Text]) -> Callable[Concatenate[Span, P], Diagnostic]:
        code = say.__name__.replace("_", "-")
        CODES[code] = severity
        FAMILIES[code] = say.__module__.rpartition(".")[2].removesuffix("_errors")

        def at(span: Span, /, *args: P.args, **kwargs: P.kwargs) -> Diagnostic:
            return Diagnostic(span, code, severity, say(*args, **kwargs))

        at.__name__, at.__doc__ = say.__name__, say.__doc__
        return at

    return declare


error = _finding(Severity.ERROR)
"""Declares a message function: its name in kebab case is the code, its result the wording, its first argument the span."""
warning = _finding(Severity.WARNING)
note = _finding(Severity.NOTE)


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Each finding once, by file, line and column."""
    return sorted(set(diagnostics), key=lambda d: (d.span, d.code, d.text.en))


def is_clean(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether nothing stands in the way: notes are allowed, errors and warnings are not."""
    return all(d.severity is Severity.NOTE for d in diagnostics)


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed word that was probably meant."""
    matches = difflib.get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return matches[0] if matches else None


def only_near(word: str, allowed: Iterable[str]) -> tuple[str, str] | None:
    """`word` and the one allowed word that it is a slip of the hand away from; None when there are more, or none.

    A slip: other case or `-` for `_`, or one letter (from six letters on two) added, lost, changed or swapped.
    """
    from rapidfuzz.distance import OSA

    words = [name for name in allowed if name != word]
    same = [name for name in words if name.lower() == word.lower().replace("-", "_")]
    most = 0 if len(word) < 3 else 1 if len(word) < 6 else 2
    near = same or [name for name in words if OSA.distance(word, name, score_cutoff=most) <= most]
    return (word, near[0]) if len(near) == 1 else None


def with_article(word: str) -> str:
    """`an approval`, `a wait`."""
    return f"{'an' if word[:1] in 'aeiou' and not word.startswith('use') else 'a'} {word}"


def did_you_mean(word: str, allowed: Iterable[str]) -> tuple[str, str]:
    """The hint in en and zh: the nearest allowed word, else the first dozen of them."""
    words = list(allowed)
    close = nearest(word, words)
    if close:
        return f"did you mean '{close}'?", f"是否想写“{close}”？"
    if not words:
        return "", ""
    listed = ", ".join(words[:12]) + (", ..." if len(words) > 12 else "")
    return f"allowed: {listed}", f"可以写：{listed}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def render(diagnostic: Diagnostic, sources: Mapping[str, Source], language: Language = "en") -> str:
    """`file:line:col: severity[code]: message`, the line, a caret under the place, the hint."""
    span = diagnostic.span
    lines = [f"{span}: {diagnostic.severity}[{diagnostic.code}]: {diagnostic.message(language)}"]
    source = sources.get(span.path)
    if source is not None and span.line:
        text = source.line(span.line)[:400]
        shown = "".join(c if c.isprintable() else "·" for c in text.replace("\t", " "))
        end = span.end_column if span.end_line == span.line else len(text) + 1
        length = max(_width(shown[span.column - 1 : end - 1]), 1)
        lines += [f"  {shown}", "  " + " " * _width(shown[: span.column - 1]) + "^" * min(length, 120)]
    hint = diagnostic.hint(language)
    if hint:
        lines.append(f"  {'提示' if language == 'zh' else 'hint'}: {hint}")
    return "\n".join(lines)
