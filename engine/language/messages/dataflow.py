"""Wording of the data-flow family: what is written and read on which path, by whom at once, and what may be empty."""

from __future__ import annotations

from engine.language.diagnostics import Diagnostic, Severity, Text, warning
from engine.language.source import Span


@warning
def read_before_write(what: str, path: str) -> Text:
    return Text(
        f"nothing has written {what} when this is read on the path {path}",
        f"经路径 {path} 读到此处时，{what} 还没有被写入",
        f"write it on that path too, give it a start_with, or ask: has({what})",
        f"请在该路径上也写入、给出 start_with，或先判断 has({what})",
    )


def step_not_run(span: Span, what: str, step: str, path: str) -> Diagnostic:
    """`steps.x.y` where step x may not have run: the same code."""
    text = Text(
        f"the step '{step}' has not run on the path {path}, so {what} is empty",
        f"路径 {path} 上步骤“{step}”没有运行，{what} 为空",
        f"ask has({what}), or give another value: first_of({what}, ...)",
        f"请先判断 has({what})，或给出其他值：first_of({what}, ...)",
    )
    return Diagnostic(span, "read-before-write", Severity.WARNING, text)


def nobody_gave(span: Span, what: str, step: str, path: str) -> Diagnostic:
    """Step x has run, and was left without a person or an opinion: the same code."""
    text = Text(
        f"the step '{step}' was left without {what} on the path {path}",
        f"路径 {path} 上步骤“{step}”离开时没有 {what}",
        f"ask has({what}), or give another value: first_of({what}, ...)",
        f"请先判断 has({what})，或给出其他值：first_of({what}, ...)",
    )
    return Diagnostic(span, "read-before-write", Severity.WARNING, text)


def never_written(span: Span, what: str) -> Diagnostic:
    """A case variable that no step, start or event of its workflow writes: the same code."""
    text = Text(
        f"nothing in this workflow writes {what}",
        f"该工作流中没有任何地方写入 {what}",
        "write it in a step, or give it a start_with",
        "请在某个步骤中写入，或给出 start_with",
    )
    return Diagnostic(span, "read-before-write", Severity.WARNING, text)
