"""A process that dies between two cases of a migration, or of taking one back: each case is on one version or the other,
a second run finishes, and taken back all is as it was. On both databases."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest

from engine.engine import Engine
from engine.interpreter.versions import Choices
from engine.runtime import case_migrations, writer
from tests.runtime.desk import TEXTS
from tests.runtime.whole_store import differ, whole

CASES = 9
STEP = "{type: approval, policy: standard, approvers: {role: clerk}%s, deadline: {within: %s workdays, keep_open: yes}"
WORKFLOW = """\
workflow: handle
case: deal
second_start: allow
start:
  opened: {created: deal, next: NAME}
nodes:
  NAME: STEP, next: {approved: end, refused: end}}
"""
CHOICES = Choices(nodes={"look": "study"}, votes={"look": "again"})


def _texts(name: str, decide: str, days: int) -> dict[str, str]:
    kept = {p: t for p, t in TEXTS.items() if not p.startswith(("workflows/", "texts/"))}
    kept["pack.yaml"] = kept["pack.yaml"].replace("also: [en]\n", "")
    kept["workflows/handle.yaml"] = WORKFLOW.replace("NAME", name).replace("STEP", STEP % (decide, days))
    return kept


def _dies(url: str, commits: int, undo: bool) -> None:
    """Migrates, one case a commit (else two hundred share one), and ends without a word after so many commits."""
    whole_commit, left = writer.commit, [commits]

    def commit(*given: Any, **more: Any) -> Any:
        if not left[0]:
            os._exit(9)
        left[0] -= 1
        return whole_commit(*given, **more)

    writer.commit = commit
    case_migrations.PAGE = 1
    Engine.open(url).migrate("handle", "mia", CHOICES if not undo else None, undo=undo)


def _killed(url: str, commits: int, undo: bool = False) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_dies, args=(url, commits, undo))
    process.start()
    process.join(60)
    assert process.exitcode == 9


@pytest.mark.parametrize("kind", ["file", "postgres"])
def test_killed_between_two_cases(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'k.db'}" if kind == "file" else str(request.getfixturevalue("postgres_url"))
    engine = Engine.open(url)
    try:
        engine.deploy(_texts("look", "", 2))
        for n in range(CASES):
            engine.create_record("deal", {"name": f"Bolts {n}", "owner": "tom", "amount": "100"})
        for task in engine.tasks(person="tom")["items"][::2]:
            engine.complete(task["id"], "approved", "tom")
        engine.deploy(_texts("study", ", decide: any", 3), force=True)
        before = whole(engine.store)

        def nodes() -> list[str]:
            cases = engine.cases(workflow="handle")["items"]
            return [engine.case(case["id"])["tokens"][0]["node"] for case in cases]

        _killed(url, 4)
        assert sorted(nodes()) == ["look"] * (CASES - 4) + ["study"] * 4
        assert engine.verify() == []
        assert engine.migrate("handle", "mia", CHOICES)["migrated"] == CASES - 4
        assert set(nodes()) == {"study"}
        _killed(url, 3, undo=True)
        assert sorted(nodes()) == ["look"] * 3 + ["study"] * (CASES - 3)
        assert engine.migrate("handle", "mia", undo=True)["migrated"] == CASES - 3
        assert differ(before, whole(engine.store)) == []
        assert engine.verify() == []
    finally:
        engine.close()
