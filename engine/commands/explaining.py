"""The command explain: what a code means, why a task is somebody's, why a score is so, what a case does next."""

from __future__ import annotations

import inspect
import json
import pkgutil
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Annotated, Any

import typer

from engine.commands.adding import Place, command
from engine.commands.saying import Mistake, Out
from engine.language import messages
from engine.language.diagnostics import CODES, Diagnostic, did_you_mean
from engine.language.source import NOWHERE, Span

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
        wordings = catalogue()
        given = rest or []
        if list_:
            out.answer([{"code": code, "severity": str(severity)} for code, severity in sorted(CODES.items())])
            rows = [(code, str(CODES[code]), wordings[code].message(out.language)) for code in sorted(wordings)]
            out.table([("Code", "代码"), ("Severity", "级别"), ("Says", "含义")], rows)
            return 0
        if what is None:
            raise Mistake("say what: a code, --list, task ID, score FORM ID or case ID",
                          "请写明：代码、--list、task 编号、score 表单 编号 或 case 编号")  # fmt: skip
        if what not in WHATS:
            return _code(out, what, given, wordings)
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


def _code(out: Out, code: str, rest: list[str], wordings: dict[str, Diagnostic]) -> int:
    if rest:
        raise Mistake(f"'{rest[0]}' is too much: remit explain {code}", f"多余的“{rest[0]}”：remit explain {code}")
    if code not in wordings:
        en, zh = did_you_mean(code, wordings)
        raise Mistake(f"there is no code '{code}'; {en}", f"没有代码“{code}”；{zh}", "unknown-code")
    wording = wordings[code]
    out.answer(
        {
            "code": code,
            "severity": str(wording.severity),
            "message": wording.text.en,
            "message_zh": wording.text.zh,
            "hint": wording.text.hint_en,
            "hint_zh": wording.text.hint_zh,
            "about": about(code),
        }
    )
    out.line(f"{wording.severity}[{code}]")
    out.line(f"  {wording.message(out.language)}")
    if wording.hint(out.language):
        out.line(f"  hint: {wording.hint('en')}", f"  提示：{wording.hint('zh')}")
    if about(code):
        out.line(f"\n{about(code)}")
    out.line(f"\nexcuse a line: # check: ignore[{code}] reason", f"\n豁免某一行：# check: ignore[{code}] 原因")
    return 0


# ---- the catalogue: every message function, spoken with the names of its arguments


def catalogue() -> dict[str, Diagnostic]:
    """Code -> the finding with the names of what it would name: `there is no node '<target>' here`."""
    return {code: say(NOWHERE, *_placeholders(say)) for code, say in _functions().items()}


def about(code: str) -> str:
    """What the message function's docstring adds; empty when the wording says it all."""
    doc = _functions()[code].__doc__
    return inspect.cleandoc(doc) if doc else ""


def _functions() -> dict[str, Callable[..., Diagnostic]]:
    found: dict[str, Callable[..., Diagnostic]] = {}
    for module in pkgutil.iter_modules(messages.__path__):
        family = import_module(f"{messages.__name__}.{module.name}")
        for name, value in vars(family).items():
            code = name.replace("_", "-")
            if code in CODES and inspect.isfunction(value) and value.__module__ != family.__name__:
                found[code] = value
    return found


def _placeholders(function: Callable[..., Diagnostic]) -> list[Any]:
    """An argument by its annotation: a text is `<its name>`, a list one such text."""
    say = inspect.getclosurevars(function).nonlocals["say"]
    return [_placeholder(p) for p in inspect.signature(say, eval_str=True).parameters.values() if p.default is p.empty]


def _placeholder(parameter: inspect.Parameter) -> Any:
    name, kind = f"<{parameter.name.removesuffix('_').removesuffix('_en').removesuffix('_zh')}>", parameter.annotation
    if kind is str:
        return name
    if kind is bool:
        return True
    if kind is int:
        return 0
    if kind is Span:
        return Span("<file>", 1, 1, 1, 1)
    if kind == tuple[str, str]:
        return (name, name)
    if getattr(kind, "__origin__", None) is Iterable or kind is Iterable:
        return [name]
    return json.dumps(name)
