"""The two codes that no single text shows, 25 times each: a step under running cases becomes another one, a search is cut short."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from engine.checks import check
from engine.language.loader import load
from engine.language.source import Source
from engine.nodes import catalogue
from tests.check import standing
from tests.check.test_fixtures import base, where
from tests.mutants.planting import WANTED, Clean, clean

TASK = re.compile(r"^  (\w+): \{type: user_task, .*\}$", re.MULTILINE)
WAITS = re.compile(r"type: (user_task|approval|wait|parallel_gateway|event_gateway)")


def workflows(holds: re.Pattern[str]) -> Iterator[Clean]:
    for file in clean():
        if (
            file.pack == "base"
            and file.text.count("\nworkflow: ") + file.text.startswith("workflow: ")
            and holds.search(file.text)
        ):
            yield file


STANDING = [(file, match) for file in workflows(TASK) for match in TASK.finditer(file.text)][:WANTED]


@pytest.mark.parametrize(("file", "match"), STANDING, ids=lambda x: x[1] if isinstance(x, re.Match) else "")
def test_a_step_under_running_cases_is_another_one(file: Clean, match: re.Match[str]) -> None:
    new = (
        f"{file.text[: match.start()]}  {match[1]}: {{type: wait, after: 2 days, next: end}}{file.text[match.end() :]}"
    )
    indented = {
        name: "".join(f"  {line}\n" for line in text.splitlines()) for name, text in (("old", file.text), ("new", new))
    }
    text = f"old: |\n{indented['old']}new: |\n{indented['new']}cases:\n  - {{at: [{match[1]}], awaits: [task own]}}\n"
    found, _ = standing.checked(text, base(), where)
    line = new[: match.start()].count("\n") + 1
    assert [d.span.line for d in found if d.code == "live-instance-break"] == [line]


def test_there_are_enough() -> None:
    assert len(STANDING) == WANTED


def test_a_search_that_is_cut_short_says_so() -> None:
    told = 0
    for file in workflows(WAITS):
        pack = load({**base(), file.path: Source(file.path, file.text)}.values(), catalogue())
        told += any(d.code == "not-decided" and d.span.path == file.path for d in check(pack, states=1))
    assert told >= WANTED, told
