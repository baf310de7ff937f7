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


def unreadable_label(span: Span, text: str) -> Diagnostic:
    blank = not text.strip()
    return naming(
        span,
        "this text is blank" if blank else f"'{text[:40]}' has no word in it: nobody can read what it stands for",
        "这段文本是空白的" if blank else f"“{text[:40]}”里没有文字，看不出代表什么",
        "write what people shall read; without a title the name in words is shown",
        "请写上要显示的文字；没有标题时显示名称",
    )


def same_label(span: Span, label: str, name: str, other: str) -> Diagnostic:
    return naming(
        span,
        f"'{name}' and '{other}' are both called '{label[:40]}': a person cannot tell which of them to choose",
        f"“{name}”与“{other}”都显示为“{label[:40]}”，用户无法分辨",
        "say in one of them what is different",
        "请在其中一个里写明区别",
    )
