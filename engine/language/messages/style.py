"""Findings about how a definition reads: names that look alike, titles that people miss, workflows too long to follow."""

from __future__ import annotations

from engine.language.diagnostics import Diagnostic, Text, warning
from engine.language.source import Span


@warning
def naming(problem_en: str, problem_zh: str, hint_en: str, hint_zh: str) -> Text:
    """What runs, and what people will read wrongly."""
    return Text(problem_en, problem_zh, hint_en, hint_zh)


def look_alike_names(span: Span, name: str, other: str) -> Diagnostic:
    return naming(
        span,
        f"'{name}' and '{other}' differ only by look-alike letters",
        f"“{name}”与“{other}”只有形近字母的差别",
        "write both with plain Latin letters and make them differ",
        "请都用普通拉丁字母并使其可区分",
    )
