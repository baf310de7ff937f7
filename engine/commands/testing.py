"""The command test: scenarios on virtual time, with the nodes and arrows that none of them walked."""

from __future__ import annotations

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

        return run_folder(existing(path or Settings().definitions))
