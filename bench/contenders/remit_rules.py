"""remit: one expression, a scoring of 20 rules, the check of definitions."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from random import Random
from typing import Any

from telling import CONDITION, RULES, microseconds, rows_of_leads, tell

from engine.checks import View, check
from engine.checks.tables import of_sheet
from engine.checks.tables.sheet import sheet_of
from engine.folder import read_folder
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.things import Record
from engine.language.kinds.decision import Decision
from engine.language.kinds.form import Field
from engine.language.kinds.scoring import Scoring
from engine.language.loader import load
from engine.language.pack import Pack
from engine.language.source import Source, Span, Word
from engine.language.values import Literal
from engine.language.yamltree import Scalar
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


def check_table(rows: int, columns: int, rounds: int) -> dict[str, Any]:
    """Seconds of proving one decision table from its cells to its findings: one row is left out, so there is one gap."""
    decision = table_of_boxes(split_at_random(rows + 1, columns)[1:])
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        sheet = sheet_of(decision, View(Pack({("decision", "boxes"): decision}, {}, ())))
        found = [] if sheet is None else list(of_sheet(sheet))
        times.append(time.perf_counter() - begun)
        assert "gap" in {finding.code for finding in found}
    return {"value": statistics.median(times)}


HIGHEST = 10_000
Box = list[tuple[int, int]]


def split_at_random(count: int, columns: int) -> list[Box]:
    """So many boxes that fill the whole space without meeting."""
    random = Random(7)
    boxes: list[Box] = [[(0, HIGHEST)] * columns]
    while len(boxes) < count:
        at, column = random.randrange(len(boxes)), random.randrange(columns)
        low, high = boxes[at][column]
        if high - low > 1:
            middle = random.randrange(low + 1, high)
            boxes.append([(middle, high) if n == column else side for n, side in enumerate(boxes[at])])
            boxes[at] = [(low, middle) if n == column else side for n, side in enumerate(boxes[at])]
    random.shuffle(boxes)
    return boxes


def table_of_boxes(boxes: list[Box]) -> Decision:
    """The decision with these rows. It is not read from a file, for a file may hold 10,000 nodes."""
    place = Span("decisions/boxes.yaml", 1, 1, 1, 2)
    bounds = {name: Literal(Word.at(text, place), place) for name, text in (("at_least", "0"), ("below", str(HIGHEST)))}
    rules = tuple(
        {
            Word.at(name, place): Scalar(text, place, True, inner=place)
            for name, text in [
                *((f"c{at}", _cell(*side)) for at, side in enumerate(box)),
                ("out", str(number % 3)),
            ]
        }
        for number, box in enumerate(boxes)
    )
    inputs = {f"c{at}": Field(type="number", **bounds) for at in range(len(boxes[0]))}
    return Decision(name="boxes", hit="unique", inputs=inputs, outputs={"out": Field(type="number")}, rules=rules)


def _cell(low: int, high: int) -> str:
    return "any" if (low, high) == (0, HIGHEST) else f"at least {low} below {high}"


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
