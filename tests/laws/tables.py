"""Random decision tables, and what the checker says of them beside asking the real table at every point of a grid.

The grid holds every constant of the table, values before, between and behind them (several where inputs are compared with
each other), every entry, and empty where it may be: a table cannot tell any other value from one of these.

(A little long: the generator of tables and what asks them belong together.)
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

from engine.checks.pack_view import View
from engine.checks.tables import columns, covering, facts, meeting
from engine.checks.tables.sheet import Sheet, sheet_of
from engine.language.cells import Cell, OneOf, others
from engine.language.durations import Duration
from engine.language.kinds.decision import HIT_POLICIES, Decision
from engine.language.loader import load
from engine.language.source import Source
from engine.rules.decisions import Answer, Table, TableRow

MOST_POINTS = 1_500
DAY = dt.date(2026, 3, 1)
NINE = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


def _halves(low: int, high: int, parts: int) -> list[Any]:
    found = [Decimal(n) / parts for n in range(low * parts - parts // 2, high * parts + parts // 2 + 1)]
    return [int(n) if n == int(n) else n for n in found]


def _cents(*amounts: str) -> list[Any]:
    return [int(n) if n == int(n) else n for n in map(Decimal, amounts)]


@dataclass(frozen=True)
class Kind:
    """A type of input: what its cells may name, and the values of the grid."""

    type: str
    words: tuple[str, ...]
    grid: tuple[Any, ...]
    ordered: bool = True
    bounds: Mapping[str, Any] = field(default_factory=dict)


NUMBER = Kind("number", ("0", "1", "2"), tuple(_halves(0, 3, 2)), bounds={"0": 0, "1": 1, "2": 2})
FINE = replace(NUMBER, grid=tuple(_halves(0, 3, 4)))
KINDS = (
    NUMBER,
    Kind(
        "money", ("0", "0.01", "0.02", "1"), tuple(_cents("-1", "0", "0.01", "0.02", "0.03", "0.99", "1", "1.01", "2", "2.01")),
        bounds={"0": 0, "0.02": Decimal("0.02"), "1": 1},
    ),
    Kind("date", ("2026-03-01", "2026-03-02", "2026-03-04"), tuple(DAY + dt.timedelta(days=n) for n in range(-1, 5)),
         bounds={"2026-03-01": DAY, "2026-03-04": DAY + dt.timedelta(days=3)}),
    Kind("time", ("09:00", "09:01"), tuple(dt.time(*at) for at in ((8,), (9,), (9, 0, 30), (9, 1), (9, 2)))),
    Kind("moment", ("2026-03-01 09:00", "2026-03-02 09:00"),
         tuple(NINE + dt.timedelta(hours=n) for n in (-1, 0, 5, 24, 30))),
    Kind("duration", ("8 hours", "8 workhours", "1 workdays", "2 days"),
         (Duration(1, "hours"), Duration(8, "hours"), Duration(8, "workhours"), Duration(1, "workdays"),
          Duration(1, "days"), Duration(48, "hours"), Duration(47, "workhours"), Duration(3, "days"))),
    Kind("text", ("a", "b"), ("a", "b", "zz"), ordered=False),
    Kind("yes_no", ("yes", "no"), (True, False), ordered=False),
    Kind("choice", ("A", "B", "C"), ("A", "B", "C"), ordered=False),
)  # fmt: skip


@dataclass
class Count:
    tables: int = 0
    points: int = 0
    findings: int = 0
    facts: int = 0


@dataclass(frozen=True)
class Wrong:
    seed: int
    text: str
    problem: str

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.problem}\n{self.text}"


@dataclass(frozen=True)
class Input:
    name: str
    kind: Kind
    may_be_empty: bool
    low: str | None
    high: str | None

    def declared(self) -> str:
        more = ", of: {A: A, B: B, C: C}" if self.kind.type == "choice" else ""
        more += f", at_least: {self.low}" if self.low else ""
        more += f", below: {self.high}" if self.high else ""
        more += ", may_be_empty: yes" if self.may_be_empty else ""
        return f"  {self.name}: {{type: {self.kind.type}{more}}}"

    def values(self) -> list[Any]:
        bounds = self.kind.bounds
        inside = [
            value
            for value in self.kind.grid
            if (not self.low or value >= bounds[self.low]) and (not self.high or value < bounds[self.high])
        ]
        return [*inside, None] if self.may_be_empty else inside


def random_cell(random: Random, own: Input, comparable: Sequence[str]) -> str:
    def operand() -> str:
        if comparable and random.random() < 0.25:
            return f"= {random.choice(comparable)}"
        return random.choice(own.kind.words)

    shapes = ["any", "any", "is", "is", "not", "list", "none", "filled", "not list"]
    if own.kind.ordered:
        shapes += ["low", "high", "both", "both", "low", "high"]
    match random.choice(shapes):
        case "any":
            return "any"
        case "is":
            return operand()
        case "not":
            return f"not {operand()}"
        case "list":
            return f"[{', '.join(random_part(random, own) for _ in range(random.randint(1, 3)))}]"
        case "none":
            return "empty" if random.random() < 0.4 else "any"
        case "filled":
            return "not empty"
        case "not list":
            return f"{{not: [{', '.join(random_part(random, own) for _ in range(random.randint(1, 2)))}]}}"
        case "low":
            return f"{random.choice(['over', 'at least'])} {operand()}"
        case "high":
            return f"{random.choice(['below', 'up to'])} {operand()}"
        case _:
            low, high = sorted((operand(), operand()))
            return f"{random.choice(['over', 'at least'])} {low} {random.choice(['below', 'up to'])} {high}"


def random_part(random: Random, own: Input) -> str:
    word = random.choice(own.kind.words)
    if own.kind.ordered and random.random() < 0.4:
        return f"{random.choice(['over', 'at least', 'below', 'up to'])} {word}"
    return "empty" if random.random() < 0.15 else word


def random_table(random: Random) -> tuple[str, list[Input]]:
    """The text of a decision, and its inputs."""
    inputs: list[Input] = []
    related = random.random() < 0.25
    size = 1
    for name in "pqrs"[: random.randint(1, 4)]:
        kind = FINE if related and name in "pq" else random.choice(KINDS)
        low = random.choice([*kind.bounds, None, None]) if kind.bounds and random.random() < 0.3 else None
        high = random.choice([*kind.bounds, None]) if kind.bounds and random.random() < 0.2 else None
        if low and high and kind.bounds[low] >= kind.bounds[high]:
            high = None
        one = Input(name, kind, random.random() < 0.3, low, high)
        if size * len(one.values()) > MOST_POINTS:
            break
        size *= len(one.values())
        inputs.append(one)
    hit = random.choice(HIT_POLICIES)
    number = hit in ("sum", "min", "max", "count")
    names = [one.name for one in inputs if one.kind is FINE]
    rows = []
    for _ in range(random.randint(1, 7)):
        cells = [
            f"{one.name}: {random_cell(random, one, [n for n in names if n != one.name] if one.name in names else [])}"
            for one in inputs
        ]
        rows.append(f"  - {{{', '.join(cells)}, out: {random.choice('012') if number else random.choice('XYZ')}}}")
    if random.random() < 0.4:  # so that some tables have no gap
        rows.append(f"  - {{{', '.join(f'{one.name}: any' for one in inputs)}, out: {'1' if number else 'Z'}}}")
    out = "{type: number}" if number else "{type: choice, of: {X: X, Y: Y, Z: Z}}"
    text = ["decision: law", f"hit: {hit}", "inputs:", *(one.declared() for one in inputs), "outputs:", f"  out: {out}"]
    return "\n".join([*text, "rules:", *rows, *random_facts(random, inputs, number), ""]), inputs


def random_facts(random: Random, inputs: Sequence[Input], number: bool) -> list[str]:
    """Facts over inputs and the answer, in comparisons that can be decided exactly."""
    asked = [one for one in inputs if one.kind.type in ("number", "choice", "yes_no", "money")]
    if not asked or random.random() < 0.5:
        return []

    def condition() -> str:
        one = random.choice(asked)
        match one.kind.type:
            case "choice":
                return f"{one.name} in ['A', 'B']" if random.random() < 0.5 else f"{one.name} == 'A'"
            case "yes_no":
                return one.name
        if number and one.kind.type == "number" and random.random() < 0.5:
            return f"{one.name} {random.choice(['<', '<=', '>', '>=', '==', '!='])} {random.choice(['out', 'out + 1'])}"
        if one.kind is FINE and len([other for other in asked if other.kind is FINE]) > 1 and random.random() < 0.5:
            return f"p {random.choice(['<', '<=', '==', '!='])} q"
        if random.random() < 0.2:
            return f"has({one.name})"
        return f"{one.name} {random.choice(['<', '<=', '>', '>=', '==', '!='])} {random.choice(['0', '1', '2'])}"

    answer = "out >= 1" if number else random.choice(["out == 'X'", "out in ['X', 'Y']"])
    that = random.choice([condition(), answer, f"{condition()} or {answer}", f"not ({condition()})"])
    if random.random() < 0.5:
        return ["proves:", f"  fact: {{that: {_quoted(that)}}}"]
    return ["proves:", "  fact:", f"    if: {condition()}", f"    that: {that}"]


def _quoted(text: str) -> str:
    return f'"{text}"'


def sheet_from(text: str) -> Sheet | None:
    pack = load([Source("decisions/law.yaml", text)], {})
    decision = pack.get(Decision, "law")
    return sheet_of(decision, View(pack)) if decision is not None else None


def differences(seeds: range, count: Count) -> list[Wrong]:
    """Every table whose findings are not what asking it everywhere gives."""
    found = []
    for seed in seeds:
        text, inputs = random_table(Random(seed))
        if not inputs:
            continue
        sheet = sheet_from(text)
        problem = "the table cannot be read" if sheet is None else next(iter(compare(sheet, inputs, count)), None)
        count.tables += 1
        if problem is not None:
            found.append(Wrong(seed, text, problem))
    return found


def compare(sheet: Sheet, inputs: Sequence[Input], count: Count) -> list[str]:
    table, hit = sheet.table, str(sheet.decision.hit)
    points = [dict(zip(table.inputs, at, strict=True)) for at in product(*(one.values() for one in inputs))]
    fits = [table.fitting(point) for point in points]
    count.points += len(points)
    return [
        *_gaps(sheet, hit, fits, count),
        *_overlaps(sheet, hit, fits, count),
        *_shadows(sheet, hit, points, fits, count),
        *_cells(sheet, inputs, count),
        *_merges(sheet, hit, points, count),
        *_facts(sheet, points, fits, count),
    ]


def _gaps(sheet: Sheet, hit: str, fits: Sequence[int], count: Count) -> list[str]:
    asked = hit in ("unique", "any", "priority", "first", "sum", "min", "max")
    found = list(covering.gaps(sheet))
    count.findings += len(found)
    if bool(found) != (asked and not all(fits)):
        return [f"gap: {len(found)} found, {sum(not f for f in fits)} points fit no row"]
    point = sheet.grid.uncovered(sheet.grid.whole, sheet.grid.every_row)
    if (point is None) is not all(fits):
        return ["uncovered is not what is uncovered"]
    if point is not None and sheet.table.fitting(sheet.grid.values(sheet.grid.widened(point))):
        return ["the witness of the gap fits a row"]
    return []


def _pair(message: str) -> tuple[int, int]:
    numbers = re.search(r"rows (\d+) and (\d+) ", message)
    assert numbers is not None
    return int(numbers[1]) - 1, int(numbers[2]) - 1


def _overlaps(sheet: Sheet, hit: str, fits: Sequence[int], count: Count) -> list[str]:
    rows = sheet.table.rows
    meet = {
        (one, other)
        for one in range(len(rows))
        for other in range(one)
        if any(f >> one & 1 and f >> other & 1 for f in {*fits})
        and (hit == "unique" or rows[one].outputs != rows[other].outputs)
    }
    wanted = len({one for one, _ in meet}) if hit in ("unique", "any") else 0
    found = [_pair(finding.message()) for finding in meeting.overlaps(sheet)]
    count.findings += len(found)
    if len(found) != wanted or any((max(pair), min(pair)) not in meet for pair in found):
        return [f"overlaps: {found} found, {sorted(meet)} meet"]
    return []


def _shadows(sheet: Sheet, hit: str, points: Sequence[Any], fits: Sequence[int], count: Count) -> list[str]:
    wanted: set[int] = set()
    if hit in ("first", "priority"):
        fit = {row for row in range(len(sheet.table.rows)) if any(f >> row & 1 for f in {*fits})}
        answers = (sheet.table.decide(point) for point in points)
        won = {row - 1 for answer in answers if isinstance(answer, Answer) for row in answer.rows}
        wanted = fit - won
    said = [re.search(r"row (\d+) never", finding.message()) for finding in covering.shadowed(sheet)]
    found = {int(number[1]) - 1 for number in said if number}
    count.findings += len(found)
    return [] if found == wanted else [f"shadowed: {found} found, {wanted} never win"]


def _cells(sheet: Sheet, inputs: Sequence[Input], count: Count) -> list[str]:
    wanted = set()
    for at, row in enumerate(sheet.table.rows):
        for one, cell in zip(inputs, row.cells, strict=True):
            parts: tuple[Cell, ...] = cell.cells if isinstance(cell, OneOf) else (cell,)
            for number, part in enumerate(parts):
                if not others(part) and not any(part.matches(value, {}) for value in one.values()):
                    tree = sheet.decision.rules[at][one.name]
                    wanted.add((tree.items[number] if isinstance(cell, OneOf) else tree).span)  # type: ignore[union-attr]
    found = {finding.span for finding in columns.cells(sheet)}
    count.findings += len(found)
    return [] if found == wanted else [f"cells that hold nothing: {found ^ wanted}"]


def _merges(sheet: Sheet, hit: str, points: Sequence[Any], count: Count) -> list[str]:
    """One row in place of the two must answer the same everywhere."""
    table = sheet.table
    for finding in meeting.mergeable(sheet):
        count.findings += 1
        if "says the same" in finding.message():
            numbers = re.findall(r"row (\d+)", finding.message())
            row, other = (table.rows[int(number) - 1] for number in numbers)
            if row.outputs != other.outputs:
                return ["rows that are said to be the same answer differently"]
            for point in points:
                if row_fits(table, row, point) is not row_fits(table, other, point):
                    return ["rows that are said to be the same do not fit the same"]
            continue
        other_at, row_at = _pair(finding.message())
        one, two = table.rows[other_at], table.rows[row_at]
        column = re.search(r"differ in (\w+) only", finding.message())
        assert column is not None
        at = table.inputs.index(column[1])
        cells = [*one.cells]
        cells[at] = OneOf((one.cells[at], two.cells[at]))
        rows = [*table.rows]
        rows[other_at] = TableRow(tuple(cells), one.outputs)
        del rows[row_at]
        merged = replace(table, rows=tuple(rows))
        for point in points:
            before, after = table.decide(point), merged.decide(point)
            if isinstance(before, Answer) and (not isinstance(after, Answer) or after.outputs != before.outputs):
                return [f"merging rows {other_at + 1} and {row_at + 1} changes the answer at {point}"]
    return []


def row_fits(table: Table, row: TableRow, point: Mapping[str, Any]) -> bool:
    return all(cell.matches(point[name], point) for name, cell in zip(table.inputs, row.cells, strict=True))


def _facts(sheet: Sheet, points: Sequence[Any], fits: Sequence[int], count: Count) -> list[str]:
    """A row breaks a fact when it counts at some point where the fact does not hold with its answers."""
    table, wanted = sheet.table, set()
    for fact in (sheet.decision.proves or {}).values():
        count.facts += 1
        for point, fit in zip(points, fits, strict=True):
            if table.hit in ("first", "priority"):
                answer = table.decide(point)
                counting = [row - 1 for row in answer.rows] if isinstance(answer, Answer) else []
            else:
                counting = [row for row in range(len(table.rows)) if fit >> row & 1]
            for row in counting:
                env = {**point, **dict(zip(table.outputs, table.rows[row].outputs, strict=True))}
                if (fact.if_ is None or fact.if_.holds(env)) and not fact.that.holds(env):
                    wanted.add(row)
    findings = list(facts.broken(sheet))
    if any(finding.code == "not-decided" for finding in findings):
        return [f"a fact was not decided: {findings[0].message()}"]
    said = [re.search(r"row (\d+) breaks", finding.message()) for finding in findings]
    found = {int(number[1]) - 1 for number in said if number}
    count.findings += len(found)
    return [] if found == wanted else [f"facts: rows {found} found, rows {wanted} break one"]
