"""DMN TCK: every decision of every tables-only folder answers as expected; and each S-FEEL construct by a made-up table."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance import dmn
from tests.conformance.suites import FOLDER, Unsaid

FOLDERS = dmn.decisions()


@pytest.mark.skipif(not FOLDERS, reason=f"the suite is not in {FOLDER}: set REMIT_SUITES")
def test_the_suite_is_there() -> None:
    assert sum(len(folder["cases"]) for folder in FOLDERS) > 0


@pytest.mark.parametrize("folder", FOLDERS, ids=[f["folder"].rpartition("/")[2] for f in FOLDERS])
def test_every_case_agrees(folder: dict[str, Any]) -> None:
    assert [o for o in dmn.outcomes(folder) if o.verdict != "agreed"] == []


def asked(
    type_: str, cells: list[str], value: Any, more: dict[str, Any] | None = None, policy: str = "RULE ORDER"
) -> Any:
    """Which of the cells, numbered from 1, fit the value of the input `X y`."""
    inputs = {"X y": value, **(more or {})}
    folder = {
        "folder": "made/up",
        "item_definitions": {"tList": {"type": "number", "allowed": None, "components": {}, "list": True}},
        "input_data": {name: "tList" if isinstance(given, list) else type_ for name, given in inputs.items()},
        "decisions": {
            "D": {
                "table": {
                    "hit_policy": policy,
                    "aggregation": None,
                    "inputs": [{"label": None, "expression": "X y", "type": type_, "allowed": None}],
                    "outputs": [{"name": None, "type": None, "values": None, "default": None}],
                    "rules": [{"when": [cell], "then": [str(i + 1)]} for i, cell in enumerate(cells)],
                }
            }
        },
        "cases": [{"id": "1", "inputs": inputs, "expect": {"D": {"value": "?"}}}],
    }
    made = dmn._Asked(folder, "D")
    return list(made.answer(inputs, {}) or ())


NUMBERS = [
    "-",
    "5",
    "not(5)",
    "not(5, 6)",
    "5,7",
    "<5",
    "<= 5",
    ">5",
    ">=5",
    "[5..7]",
    "[5..7)",
    "(5..7]",
    "]5..7[",
    "null",
    "not(null)",
]


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        (4, [1, 3, 4, 6, 7, 15]),
        (5, [1, 2, 5, 7, 9, 10, 11, 15]),
        (6, [1, 3, 8, 9, 10, 11, 12, 13, 15]),
        (7, [1, 3, 4, 5, 8, 9, 10, 12, 15]),
        (None, [1, 14]),
    ],
)
def test_unary_tests_of_numbers(value: Any, fits: list[int]) -> None:
    assert asked("number", NUMBERS, value) == fits


@pytest.mark.parametrize(
    ("type_", "cells", "value", "fits"),
    [
        ("string", ['"A, b"', 'not("A, b")', '"x","A, b"', '"any"'], "A, b", [1, 3]),
        ("string", ['"any"', '"-"'], "any", [1]),
        ("boolean", ["true", "false", "not(true)", "not(false)"], False, [2, 3]),
        (
            "date",
            ['date("2026-03-02")', '>= date("2026-03-02")', '[date("2026-03-01")..date("2026-03-02"))'],
            {"$type": "date", "value": "2026-03-02"},
            [1, 2],
        ),
        ("time", ['time("09:00:00")', '< time("09:00:30")'], {"$type": "time", "value": "09:00:00"}, [1, 2]),
        (
            "dayTimeDuration",
            ['duration("P3D")', '> duration("P2DT23H")', 'duration("PT72H")'],
            {"$type": "duration", "value": "P3D"},
            [1, 2, 3],
        ),
        (
            "dateTime",
            ['date and time("2026-03-02T09:00:00Z")', '< date and time("2026-03-02T09:00:01Z")'],
            {"$type": "dateTime", "value": "2026-03-02T10:00:00+01:00"},
            [1, 2],
        ),
        ("number", ["? > 3 and ? < 5", "-.5", ".5,4"], 4, [1, 3]),
    ],
)
def test_unary_tests_of_other_types(type_: str, cells: list[str], value: Any, fits: list[int]) -> None:
    assert asked(type_, cells, value) == fits


def test_other_inputs() -> None:
    cells = ["Other z", "not(Other z)", "> Other z", "[Other z..Top]", "(Other z..Top)", "not(Missing w)"]
    assert asked("number", cells, 5, {"Other z": 5, "Top": 9, "Missing w": None}) == [1, 4]
    assert asked("number", cells, 6, {"Other z": 5, "Top": 9, "Missing w": None}) == [2, 3, 4, 5]


def test_cells_that_are_expressions() -> None:
    more = {"Other z": 5, "Some list": [4, 6]}
    cells = [
        "Other z + 1",
        "> Other z + 1",
        "[Other z - 1..Other z + 2]",
        "not(Other z + 1)",
        "Some list",
        "not(Some list)",
    ]
    assert asked("number", cells, 6, more) == [1, 3, 5]
    assert asked("number", cells, 7, more) == [2, 3, 4, 6]


def test_a_value_of_another_type_fits_nothing() -> None:
    assert asked("number", ["> 1", "-"], "text") == [2]


def test_rows_that_contradict_a_unique_table_are_null() -> None:
    assert asked("number", ["5", "<6"], 5, policy="UNIQUE") == []
    assert asked("number", ["5", "<6"], 5, policy="COLLECT") == [1, 2]


def test_what_a_table_cannot_hold_is_said() -> None:
    with pytest.raises(Unsaid, match="not an expression"):
        dmn._Asked._result("Age + 1")
