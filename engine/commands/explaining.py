"""The command explain: what a code means, why a task is somebody's, why a score is so, what a case does next."""

from __future__ import annotations

import textwrap
from typing import Annotated

import typer

from engine.checks.excuses import NEVER
from engine.checks.pages import pages
from engine.commands.adding import Place, command
from engine.commands.saying import Mistake, Out
from engine.language.diagnostics import did_you_mean

WHATS = {"task": 1, "score": 2, "case": 1}


def add(app: typer.Typer) -> None:
    @command(
        app,
        "explain",
        help="What a finding means; why a task is mine, why this score, what happens next and when. 说明原因。",
        places=True,
    )
    def explain(
        out: Out,
        place: Place,
        what: Annotated[str | None, typer.Argument(metavar="CODE|task|score|case", help="What. 说明对象。")] = None,
        rest: Annotated[list[str] | None, typer.Argument(metavar="...", help="ID, or FORM ID. 编号。")] = None,
        list_: Annotated[bool, typer.Option("--list", help="All codes. 列出所有代码。")] = False,
    ) -> int:
        given = rest or []
        if list_:
            out.answer([page.plain() for page in pages().values()])
            rows = [(page.code, str(page.severity), out.pick(*page.title)) for page in pages().values()]
            out.table([("Code", "代码"), ("Severity", "级别"), ("Means", "含义")], rows)
            return 0
        if what is None:
            raise Mistake("say what: a code, --list, task ID, score FORM ID or case ID",
                          "请写明：代码、--list、task 编号、score 表单 编号 或 case 编号")  # fmt: skip
        if what not in WHATS:
            return _code(out, what, given)
        if len(given) != WHATS[what]:
            raise Mistake(f"write: remit explain {what} {'FORM ID' if what == 'score' else 'ID'}",
                          f"请写：remit explain {what} {'表单 编号' if what == 'score' else '编号'}")  # fmt: skip
        with place.open() as engine:
            answer = {"task": engine.explain_task, "score": engine.explain_score, "case": engine.explain_case}[what](
                *given, language=out.language
            )
        out.answer(answer)
        for line in answer["lines"]:
            out.line(line)
        return 0


def _code(out: Out, code: str, rest: list[str]) -> int:
    if rest:
        raise Mistake(f"'{rest[0]}' is too much: remit explain {code}", f"多余的“{rest[0]}”：remit explain {code}")
    page = pages().get(code)
    if page is None:
        en, zh = did_you_mean(code, pages())
        raise Mistake(f"there is no code '{code}'; {en}", f"没有代码“{code}”；{zh}", "unknown-code")
    out.answer(page.plain())
    out.line(f"{page.severity}[{code}]: {out.pick(*page.title)}\n\n{out.pick(*page.why)}")
    out.line(f"\nWrong:\n{_indented(page.bad)}", f"\n错误写法：\n{_indented(page.bad)}")
    out.line(f"\nRight:\n{_indented(page.good)}", f"\n正确写法：\n{_indented(page.good)}")
    if code not in NEVER:
        out.line(f"\nexcuse a line: # check: ignore[{code}] reason", f"\n豁免某一行：# check: ignore[{code}] 原因")
    return 0


def _indented(definition: str) -> str:
    return textwrap.indent(definition.rstrip(), "  ")
