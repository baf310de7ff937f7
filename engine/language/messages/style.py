"""Findings about how a definition reads: names that look alike, workflows too long to follow."""

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
        "give one of them another name, in plain Latin letters: l and 1, o and 0, A and a are easily taken for each other",
        "请用普通拉丁字母另起一个名称：l 与 1、o 与 0、A 与 a 容易看错",
    )


def too_many_steps(span: Span, workflow: str, steps: int, most: int) -> Diagnostic:
    return naming(
        span,
        f"'{workflow}' has {steps} steps, and more than {most} cannot be followed",
        f"“{workflow}”有 {steps} 个步骤，超过 {most} 个就难以看懂",
        "move a part of it into a workflow of its own and call it",
        "请把其中一部分移到单独的工作流，再用 call 调用",
    )
