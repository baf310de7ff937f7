"""GoRules: every graph whose cells our language can say answers as expected; the others are listed with their reason."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance import zen
from tests.conformance.suites import FOLDER

GRAPHS = zen.graphs()


@pytest.mark.skipif(not GRAPHS, reason=f"the suite is not in {FOLDER}: set REMIT_SUITES")
def test_the_suite_is_there() -> None:
    assert sum(len(graph["tests"]) for graph in GRAPHS) > 0


@pytest.mark.parametrize("graph", GRAPHS, ids=[g["graph"] for g in GRAPHS])
def test_every_case_that_can_be_said_agrees(graph: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = zen.outcomes(graph)
    assert [o for o in outcomes if o.verdict not in ("agreed", "unsaid")] == []
    unsaid = [o for o in outcomes if o.verdict == "unsaid"]
    with capsys.disabled():
        for outcome in unsaid:
            print(f"\nnot sayable: {outcome.case}: {outcome.reason}")
    if computes(graph) or forks(graph):
        assert len(unsaid) == len(outcomes)
    if unsaid:
        assert unsaid[0].reason.startswith(REASONS)
        pytest.skip(unsaid[0].reason)


REASONS = (
    "an output cell holds a value",
    "the tables do not stand in one row",
    "an input compared with values of several types",
    "an output with values of several types",
    "a loop over what is no list",
    "no counterpart of",
    "no reading by position",
    "no power",
)
"""What may stand in the way: each is a rule of the language or of the shape of a graph, none is a case's name."""


def computes(graph: dict[str, Any]) -> bool:
    """Whether an output cell is no literal: the one thing in a table that our cells do not have."""
    for table in graph["tables"]:
        for rule in table["rules"]:
            for text in rule["then"]:
                plain = text.strip()
                quoted = len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "'\"" and plain[0] not in plain[1:-1]
                number = plain.lstrip("-").replace("_", "").replace(".", "", 1).isdigit()
                if plain not in ("", "true", "false", "null") and not quoted and not number:
                    return True
    return False


def forks(graph: dict[str, Any]) -> bool:
    sources, targets = [s for s, _ in graph["edges"]], [t for _, t in graph["edges"]]
    return len(sources) != len(set(sources)) or len(targets) != len(set(targets))


def fits(cells: list[str], data: dict[str, Any], field: str | None = "a.x") -> Any:
    """Which of the cells, numbered from 1, fit."""
    table = {
        "id": "t",
        "name": "Made up",
        "hit_policy": "collect",
        "options": {},
        "inputs": [{"id": "i", "label": "x", "field": field}],
        "outputs": [{"id": "o", "field": "n"}],
        "rules": [{"when": [cell], "then": [str(i + 1)]} for i, cell in enumerate(cells)],
    }
    return [row["n"] for row in zen._Asked(table).answer(data)]


NUMBERS = [
    "",
    "5",
    "5, 7",
    "!= 5",
    "not in [5, 6]",
    "in [5, 7]",
    "> 4 and < 6",
    "< 6 and > 4",
    "> 6 or < 5",
    "[5..7)",
    "(5..7]",
    "null",
]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (4, [1, 4, 5, 9]),
        (5, [1, 2, 3, 6, 7, 8, 10]),
        (6, [1, 4, 10, 11]),
        (7, [1, 3, 4, 5, 6, 9, 11]),
        (None, [1, 12]),
    ],
)
def test_unary_tests(value: Any, found: list[int]) -> None:
    assert fits(NUMBERS, {"a": {"x": value}}) == found


@pytest.mark.parametrize(
    ("cells", "data", "field", "found"),
    [
        (
            ["contains($, 'b')", "'b' in $", "some($, # == 'c')", "len($) == 2"],
            {"a": {"x": ["a", "b"]}},
            "a.x",
            [1, 2, 4],
        ),
        (["a.x > 3 and a.y == 'q'", "all(a.list, #.k < 3)"], {"a": {"x": 4, "y": "p", "list": [{"k": 1}]}}, None, [2]),
        (["> 9", "10"], {"a": {"x": [{"n": 2, "p": 5}]}}, "sum(map(a.x, #.n * #.p))", [1, 2]),
        (
            ["> date('2026-01-01')", "[date('2025-01-01')..date('2026-01-01')]"],
            {"a": {"x": "2026-01-01"}},
            "date(a.x)",
            [2],
        ),
        (["startsWith($, 'ab')", "'xy', 'ab-c'"], {"a": {"x": "ab-c"}}, "a.x", [1, 2]),
    ],
)
def test_conditions_become_inputs(cells: list[str], data: dict[str, Any], field: str | None, found: list[int]) -> None:
    assert fits(cells, data, field) == found
