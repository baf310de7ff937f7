"""Mutants of the two codes that no single text shows: what running cases stand on becomes another thing, a search is cut short."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.checks import check
from engine.language.loader import load
from engine.language.source import Source
from engine.nodes import catalogue
from tests.check import standing
from tests.check.test_fixtures import base, where
from tests.mutants.planting import WANTED, Clean, clean

WAITS = re.compile(r"type: (user_task|approval|wait|parallel_gateway|event_gateway)")


@dataclass(frozen=True)
class LiveWay:
    """`find` matches a whole line of a step, its name first; `put` stands there in the new version; `case` is added to what is
    said of the running case."""

    find: re.Pattern[str]
    put: str
    case: str = ""


LIVE_WAYS = (
    LiveWay(re.compile(r"^  (\w+): \{type: user_task, .*\}$", re.MULTILINE), r"  \1: {type: wait, after: 2 days, next: end}"),
    LiveWay(re.compile(r"^  (\w+): \{type: wait, (?!.*mutex).*\}$", re.MULTILINE),
            r"  \1: {type: notify, to: order.owner, template: note, next: end}"),
    LiveWay(re.compile(r"^  (\w+): \{type: user_task, (?!.*(?:repeat|for_each))(.*)\}$", re.MULTILINE),
            r"  \1: {type: user_task, for_each: {count: 3}, \2}"),
    LiveWay(re.compile(r"^  (\w+): \{type: approval, (?!.*decide)(.*)\}$", re.MULTILINE),
            r"  \1: {type: approval, decide: {count: 1}, \2}", ", votes: {ida: refused}"),
)  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """A file whose step `name` is another thing in the new version; the finding stands on `line` of it."""

    file: Clean
    name: str
    new: str
    line: int
    case: str

    def __str__(self) -> str:
        return f"live-instance-break in {self.file.pack}/{self.file.path}: {self.name}, line {self.line}"

    def wrong(self) -> str | None:
        """What is not as it should be; None when the finding stands on its line."""
        indented = {
            k: "".join(f"  {line}\n" for line in t.splitlines())
            for k, t in (("old", self.file.text), ("new", self.new))
        }
        case = f"{{at: [{self.name}], awaits: [task own]{self.case}}}"
        text = f"old: |\n{indented['old']}new: |\n{indented['new']}cases:\n  - {case}\n"
        found, _ = standing.checked(text, base(), where)
        lines = [d.span.line for d in found if d.code == "live-instance-break"]
        return None if self.line in lines else f"{self}: found lines {lines}"


def workflows(holds: re.Pattern[str]) -> Iterator[Clean]:
    for file in clean():
        if file.pack == "base" and re.search(r"^workflow: ", file.text, re.MULTILINE) and holds.search(file.text):
            yield file


def standing_cases(wanted: int = WANTED, seed: int = 1) -> list[Standing]:
    """So many, from every way in turn."""
    pools = []
    for number, way in enumerate(LIVE_WAYS):
        pool = [(way, file, match) for file in workflows(way.find) for match in way.find.finditer(file.text)]
        random.Random(f"{seed} live {number}").shuffle(pool)
        pools.append(pool)
    found: list[Standing] = []
    while len(found) < wanted and any(pools):
        for pool in pools:
            if pool and len(found) < wanted:
                way, file, match = pool.pop()
                new = f"{file.text[: match.start()]}{match.expand(way.put)}{file.text[match.end() :]}"
                found.append(Standing(file, match[1], new, file.text[: match.start()].count("\n") + 1, way.case))
    return found


@dataclass(frozen=True)
class CutShort:
    """The search of a workflow that is stopped after `states` states."""

    file: Clean
    states: int

    def __str__(self) -> str:
        return f"not-decided in {self.file.pack}/{self.file.path} after {self.states} states"

    def wrong(self) -> str | None:
        pack = load({**base(), self.file.path: Source(self.file.path, self.file.text)}.values(), catalogue())
        told = any(d.code == "not-decided" and d.span.path == self.file.path for d in check(pack, states=self.states))
        return None if told else f"{self}: nothing was said"


def cut_short(wanted: int = WANTED, seed: int = 1) -> list[CutShort]:
    """Workflows of which a search needs more states than it may look at: a split and what may happen behind it."""
    chance = random.Random(f"{seed} not-decided")
    files = [
        f
        for f in workflows(WAITS)
        if "parallel_gateway" in f.text or f.text.count("user_task") + f.text.count("wait") > 1
    ]
    chance.shuffle(files)
    return [CutShort(file, 1) for file in files[:wanted]]


BEYOND: dict[str, Callable[[int, int], list[Standing] | list[CutShort]]] = {
    "live-instance-break": standing_cases,
    "not-decided": cut_short,
}
"""Code -> its mutants: how many, of which seed."""
