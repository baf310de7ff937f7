"""Mutants of clean definitions: every code planted 25 times, each in another place; the right code on the right line, no traceback.

`rules/CODE.yaml` is a list of ways to plant it. A way replaces what the regular expression `find` matches (over lines, ^ and $
are those of a line) in a clean definition file by `put` (\\1 ... are its groups):

```yaml
- find: "^( *)next: (\\\\w+)$"
  put: "\\\\1next: no_such_node"
  in: workflows/                # only files whose path begins so, workflows wherever they stand; default: all
  line: "no_such_node"          # where the finding stands: the first line that matches, from the edit on; default: the first changed line
  packs: [base]                 # only there: the way names what these packs have; default: all
  near: 3                       # or: at most so many lines from there (a finding may stand at the other end of a fault)
```
Clean definitions are the files of check/base, those of check/ok inside it, and every clean pack of the repository (PACKS).
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from engine.checks import check
from engine.folder import read_folder
from engine.language.diagnostics import Diagnostic
from engine.language.loader import load
from engine.language.source import Source
from engine.nodes import catalogue
from tests.check.standing import is_standing
from tests.check.test_fixtures import CLEAN, base, where

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WANTED = 25
PACKS = {
    "starter": "engine/starter",
    "desk": "tests/play/desk",
    "chaos": "tests/chaos/pack",
    "bench": "bench/pack",
    "patterns": "tests/patterns",
    "shipped": "definitions",
}
"""Besides `base` of the fixtures: name -> folder. The last two are large: a check of one takes half a second."""
TURNS = (("base",), ("starter", "desk", "chaos", "bench"), ("base",), ("patterns", "shipped"))
"""From which packs the mutants of a code are drawn, in turn; from any where these have no place for it."""


@dataclass(frozen=True)
class Way:
    """One way to plant a code."""

    code: str
    find: re.Pattern[str]
    put: str
    path: str
    line: re.Pattern[str] | None
    near: int
    packs: tuple[str, ...]

    def concerns(self, file: Clean) -> bool:
        """By its path; a workflow is one wherever it stands."""
        is_workflow = self.path == "workflows/" and re.search(r"^workflow: ", file.text, re.MULTILINE) is not None
        return (not self.packs or file.pack in self.packs) and (file.path.startswith(self.path) or is_workflow)


@dataclass(frozen=True)
class Clean:
    """A clean file within its pack: the base pack of the fixtures, or one of PACKS."""

    pack: str
    path: str
    text: str


@dataclass(frozen=True)
class Mutant:
    way: Way
    clean: Clean
    text: str
    first: int
    """The first line that differs, from 1."""

    def __str__(self) -> str:
        return f"{self.way.code} in {self.clean.pack}/{self.clean.path}:{self.first}"

    def lines(self) -> range:
        """Where the finding may stand."""
        line = self.first
        if self.way.line is not None:
            rest = self.text.splitlines()[line - 1 :]
            line += next((n for n, text in enumerate(rest) if self.way.line.search(text)), 0)
        return range(line - self.way.near, line + self.way.near + 1)

    def findings(self) -> list[Diagnostic]:
        path = self.clean.path
        return check(load({**pack(self.clean.pack), path: Source(path, self.text)}.values(), catalogue()))

    def wrong(self) -> str | None:
        """What is not as it should be; None when the code stands on its line."""
        found, lines, path = self.findings(), self.lines(), self.clean.path
        if any(d.code == self.way.code and d.span.path == path and d.span.line in lines for d in found):
            return None
        said = ", ".join(f"{d.span.path}:{d.span.line} {d.code}" for d in found[:6]) or "nothing"
        return f"{self}: expected {self.way.code} in {lines.start}..{lines.stop - 1}, found {said}"


@cache
def ways(code: str) -> tuple[Way, ...]:
    found = []
    for one in yaml.safe_load((HERE / "rules" / f"{code}.yaml").read_text("utf-8")):
        line = re.compile(one["line"]) if "line" in one else None
        packs = tuple(one.get("packs", ()))
        assert set(packs) <= {"base", *PACKS}, one
        find = re.compile(one["find"], re.MULTILINE)
        found.append(Way(code, find, one["put"], one.get("in", ""), line, one.get("near", 0), packs))
        assert one.keys() <= {"find", "put", "in", "line", "near", "packs"}, one
    return tuple(found)


@cache
def pack(name: str) -> dict[str, Source]:
    """The files of a clean pack by path: `base` of the fixtures, or one of PACKS."""
    if name == "base":
        return base()
    sources, _ = read_folder(ROOT / PACKS[name])
    prefix = next(s.path for s in sources if s.path.endswith("pack.yaml")).removesuffix("pack.yaml")
    return {(path := s.path.removeprefix(prefix)): Source(path, s.text) for s in sources}


@cache
def clean() -> tuple[Clean, ...]:
    files = [Clean("base", path, source.text) for path, source in base().items()]
    texts = [path.read_text("utf-8") for path in CLEAN]
    files += [Clean("base", where(text), text) for text in texts if not is_standing(text) and "\n---\n" not in text]
    for name in PACKS:
        files += [Clean(name, path, source.text) for path, source in pack(name).items()]
    return tuple(files)


def mutants(code: str, wanted: int = WANTED, seed: int = 1) -> list[Mutant]:
    """So many mutants of a code, from as many packs, files and ways as there are; fewer where there are not so many places."""
    pools = [list(_of(way)) for way in ways(code)]
    chance = random.Random(f"{seed} {code}")
    for pool in pools:
        chance.shuffle(pool)
    found: list[Mutant] = []
    seen: set[tuple[str, str]] = set()
    while len(found) < wanted and any(pools):
        for pool in pools:
            if pool and len(found) < wanted:
                turn = TURNS[len(found) % len(TURNS)]
                mutant = pool.pop(next((n for n, m in enumerate(pool) if m.clean.pack in turn), 0))
                if (mutant.clean.path, mutant.text) not in seen:
                    seen.add((mutant.clean.path, mutant.text))
                    found.append(mutant)
    return found


def _of(way: Way) -> Iterator[Mutant]:
    for file in clean():
        if not way.concerns(file):
            continue
        for match in way.find.finditer(file.text):
            if "#" in file.text[file.text.rfind("\n", 0, match.start()) + 1 : match.start()]:
                continue  # in a comment
            put = match.expand(way.put)
            text = file.text[: match.start()] + put + file.text[match.end() :]
            if text != file.text:
                yield Mutant(way, file, text, _first_change(file.text, text))


def _first_change(before: str, after: str) -> int:
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    return next((n for n, (old, new) in enumerate(pairs, 1) if old != new), len(after.splitlines()))
