"""The command `remit`: its groups of commands, and what a failure looks like.

Exit 0: done, nothing found. 1: something was found, refused, or the command line is wrong. 2: our fault; then one plain
sentence with a number, and the traceback in the log (REMIT_LOG) or, with --debug, on stderr.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pydantic
import typer

from engine import __version__
from engine.commands import care, definitions, explaining, previewing, running, testing, versions, work
from engine.commands.saying import Mistake, Out
from engine.settings import language_of

app = typer.Typer(
    name="remit",
    help="Workflows and rules for lead-to-cash. 线索到回款的流程与规则引擎。",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"remit {__version__}")
        raise typer.Exit


@app.callback()
def _remit(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="The version. 版本。"),
) -> None:
    pass


for group in (definitions, testing, previewing, running, work, explaining, versions, care):
    group.add(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line and gives the exit code. Never raises, but for what ends the process."""
    words = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    out = Out("--json" in words, _language(words))
    try:
        code = app(words, standalone_mode=False, prog_name="remit")
        return code if isinstance(code, int) else 0
    except typer.TyperException as usage:
        return _usage(out, usage)
    except Mistake as mistake:
        return _told(out, mistake.code, mistake.en, mistake.zh)
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except pydantic.ValidationError as wrong:
        return _settings(out, wrong)
    except BrokenPipeError:  # whoever read us has enough: `remit tasks list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as problem:
        return _problem(out, problem, "--debug" in words)


def _language(words: list[str]) -> Any:
    for before, word in zip(["", *words], words, strict=False):
        value = word.partition("=")[2] if word.startswith("--language=") else word if before == "--language" else ""
        if value in ("zh", "en"):
            return value
    return language_of()


def _told(out: Out, code: str, en: str, zh: str, **more: Any) -> int:
    """A refusal: for a machine on stdout, for a person on stderr."""
    out.answer({"error": {"code": code, "message": en, "message_zh": zh, **more}})
    out.note(f"remit: {en}", f"remit：{zh}")
    return 1


def _usage(out: Out, usage: typer.TyperException) -> int:
    context = getattr(usage, "ctx", None)
    path = context.command_path if context is not None else "remit"
    said = usage.format_message()
    return _told(out, "wrong-command-line", f"{said} See: {path} --help", f"命令行有误：{said} 帮助：{path} --help")


def _settings(out: Out, wrong: pydantic.ValidationError) -> int:
    said = "; ".join(f"REMIT_{str(e['loc'][0]).upper()}: {e['msg']}" for e in wrong.errors())
    return _told(out, "wrong-setting", said, f"环境变量有误：{said}")


def _problem(out: Out, problem: Exception, debug: bool) -> int:
    """What the engine refused, is the person's to read; anything else is our fault."""
    from engine.engine import NotClean, Refused, Unavailable
    from engine.runtime.reading.look import BadCursor

    if isinstance(problem, BadCursor):
        return _told(out, "bad-cursor", "--cursor: take it from the answer before", "--cursor：请用上一次回答中的值")
    if isinstance(problem, NotClean):
        from engine.commands.folders import show_findings

        out.answer({"error": {"code": "not-clean", "findings": [d.plain() for d in problem.diagnostics]}})
        show_findings(out, problem.diagnostics, problem.sources, len(problem.sources))
        out.note("remit: these definitions cannot be deployed", "remit：定义有问题，未发布")
        return 1
    if isinstance(problem, Refused):
        return _told(
            out, problem.code, problem.en, problem.zh, status=problem.status, violations=list(problem.violations)
        )
    if isinstance(problem, Unavailable):
        return _told(out, "unavailable", f"the database cannot be used: {problem}", f"数据库不可用：{problem}")
    return _fault(out, problem, debug)


def _fault(out: Out, problem: Exception, debug: bool) -> int:
    number = secrets.token_hex(4)
    trace = "".join(traceback.format_exception(problem))
    file = Path(os.environ.get("REMIT_LOG") or Path(tempfile.gettempdir()) / f"remit-fault-{number}.log")
    try:
        with file.open("a", encoding="utf-8") as log:
            log.write(f"{dt.datetime.now(dt.UTC).isoformat()} fault {number} remit {__version__}\n{trace}\n")
        where = (f"; details are in {file}", f"；详情见 {file}")
    except OSError:
        where = ("; run it with --debug for details", "；加 --debug 可查看详情")
    if debug:
        print(trace, file=sys.stderr)
    out.answer({"error": {"code": "fault", "fault": number}})
    out.note(
        f"remit: this is a mistake of remit, not yours (fault {number}){where[0]}",
        f"remit：这是 remit 自身的错误（编号 {number}）{where[1]}",
    )
    return 2


if __name__ == "__main__":
    sys.exit(main())
