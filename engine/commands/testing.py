"""The command test: scenarios on virtual time, with the nodes and arrows that none of them walked."""

from __future__ import annotations

from itertools import count

import typer

from engine.commands.adding import command
from engine.commands.definitions import Folder
from engine.commands.folders import existing
from engine.commands.saying import Out
from engine.settings import Settings


def add(app: typer.Typer) -> None:
    @command(app, "test", help="Run the scenarios on virtual time. 以虚拟时间运行场景测试。")
    def test(out: Out, path: Folder = None) -> int:
        from engine.play.testing import run_folder

        done = count(1)
        with out.progress("testing", "测试中", None) as tell:
            report = run_folder(existing(path or Settings().definitions), heard=lambda _: tell(next(done)))
        out.answer(report.plain())
        for line in report.lines(out.language):
            out.line(line)
        return 0 if report.ok else 1
