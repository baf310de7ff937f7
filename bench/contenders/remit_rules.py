"""remit: one expression, a scoring of 20 rules, the check of definitions."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

from telling import CONDITION, RULES, microseconds, rows_of_leads, tell

from engine.checks import check
from engine.folder import read_folder
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.things import Record
from engine.language.kinds.scoring import Scoring
from engine.language.loader import load
from engine.language.pack import Pack
from engine.language.source import Source
from engine.nodes import catalogue
from engine.rules.scored import scorer_of

PACK = Path(__file__).resolve().parents[1] / "pack"


def _records(count: int, width: int = 5) -> list[Record]:
    found = []
    for place, row in enumerate(rows_of_leads(count, width)):
        record = Record("lead", place)
        record.update(row)
        found.append(record)
    return found


def expression(width: int) -> dict[str, Any]:
    """Microseconds of one evaluation on a record with so many fields."""
    read = parse(CONDITION)
    assert isinstance(read, Expression)
    run, env = read.function, {"lead": _records(1, width)[0]}
    return {"value": microseconds(lambda: run(env))}


def scoring() -> dict[str, Any]:
    """Leads a second through 20 rules of 3 conditions, with the list of rules that fired, caps, total and grade."""
    rules = "".join(
        f"      rule_{n}: {{if: lead.employees >= {employees} and lead.visits >= {visits} and lead.region == '{region}', "
        f"add: {points}}}\n"
        for n, (employees, visits, region, points) in enumerate(RULES)
    )
    text = (
        "scoring: twenty\nof: lead\nparts:\n  all:\n    at_most: 1000\n    rules:\n"
        f"{rules}total: all\ngrades:\n  hot: at least 50\n  cold: below 50\nwrites: {{total: score}}\n"
    )
    pack = load([Source("twenty.yaml", text)], catalogue())
    read = pack.get(Scoring, "twenty")
    assert read is not None, [str(d.message()) for d in pack.diagnostics]
    score = scorer_of(read, {})
    assert callable(score)
    envs = [{"lead": record} for record in _records(1000)]
    fired = sum(len(score(env).fired) for env in envs)
    return {"value": 1e6 / microseconds(lambda: [score(env) for env in envs]) * len(envs), "fired": fired}


def _pack(copies: int) -> Pack:
    """The bench's pack, its case copied so often: each copy is a workflow with a scoring of its own."""
    sources, _ = read_folder(PACK)
    found = list(sources)
    for source in sources:
        if source.path.endswith(("handle.yaml", "worth.yaml")):
            for n in range(copies):
                text, path = source.text, source.path
                for name in ("handle", "worth"):
                    path = path.replace(name, f"{name}_{n}")
                for before in ("workflow: handle", "scoring: worth", "use: worth"):
                    text = text.replace(before, f"{before}_{n}")
                found.append(Source(path, text))
    return load(found, catalogue())


def check_one(rounds: int) -> dict[str, Any]:
    """Milliseconds that one more workflow costs a check: that of 41 workflows less that of 1, by 40."""
    small, large = _pack(0), _pack(40)
    return {"value": (_checked(large, rounds) - _checked(small, rounds)) * 1000 / 40}


def check_many() -> dict[str, Any]:
    """Seconds from 200 texts to the findings: reading, then all checks."""
    begun = time.perf_counter()
    pack = _pack(97)
    found = check(pack)
    seconds = time.perf_counter() - begun
    if found:
        raise AssertionError(found[0].message())
    return {"value": seconds, "definitions": len(pack.definitions)}


def check_shipped(rounds: int) -> dict[str, Any]:
    """Milliseconds of reading and checking the shipped definitions, by definition."""
    sources, _ = read_folder(PACK.parents[1] / "definitions")
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        pack = load(sources, catalogue())
        check(pack)
        times.append(time.perf_counter() - begun)
    return {"value": statistics.median(times) * 1000 / len(pack.definitions)}


def _checked(pack: Pack, rounds: int) -> float:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        found = check(pack)
        times.append(time.perf_counter() - begun)
        assert not found, found[0].message()
    return statistics.median(times)


if __name__ == "__main__":
    tell(globals())
