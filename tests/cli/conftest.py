"""The command line in this process: what it printed, and its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.cli import main

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Remit = Callable[..., Said]


@pytest.fixture
def remit(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Remit:
    """`remit("tasks", "list")` on a database of its own, with the shipped definitions."""
    monkeypatch.setenv("REMIT_DATABASE", f"sqlite:///{tmp_path / 'remit.db'}")
    monkeypatch.setenv("REMIT_DEFINITIONS", str(ROOT / "definitions"))
    monkeypatch.setenv("REMIT_LOG", str(tmp_path / "faults.log"))
    for name in ("LANG", "LC_ALL", "LC_MESSAGES", "REMIT_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str | Path) -> Said:
        capsys.readouterr()
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run
