"""Counting: each row once, by how it ended; a bad row stops nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine.importing import import_rows, open_sheet, read_mapping
from engine.language.pack import Pack
from engine.language.source import Source

HEAD = "No,Name,Grade,Visits,Budget,Seen,Rest\n"


@dataclass
class Refusal:
    en: str = "refused"
    zh: str = "拒绝"
    violations: tuple[dict[str, str], ...] = ()


@dataclass
class Records:
    """An engine of a dictionary: numbers are unique when upper-cased; a name that is there already is merged."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    commits: list[int] = field(default_factory=list)
    given_up: set[str] = field(default_factory=set)
    settled: int = 0

    def known(self, form: str, field: str, values: Any) -> set[Any]:
        return {value for value in values if value in self.rows}

    def create_records(self, form: str, rows: Any, by: str | None) -> list[Any]:
        self.commits.append(len(rows))
        return [self._create(dict(row)) for row in rows]

    def _create(self, row: dict[str, Any]) -> Any:
        if row["number"].upper() in {number.upper() for number in self.rows}:
            return Refusal(violations=({"rule": "unique", "field": "number", "en": "is taken", "zh": "已被占用"},))
        if row.get("visits", 0) < 0:
            return Refusal(
                violations=({"rule": "visits", "field": "visits", "en": "must be at least 0", "zh": "不能小于 0"},)
            )
        twin = next((n for n, other in self.rows.items() if other["name"] == row["name"] != "nobody"), None)
        self.rows[row["number"]] = row
        if twin is not None:
            self.given_up.add(row["number"])
        return {"id": row["number"]}

    def settle(self) -> None:
        self.settled += 1

    def merged(self, ids: Any) -> int:
        return len(self.given_up.intersection(ids))


@pytest.fixture
def bring(pack: Pack, mapping_text: str, tmp_path: Path):
    records = Records()

    def run(text: str, **options: Any):
        mapping, _ = read_mapping(Source("m.yaml", mapping_text), pack)
        (tmp_path / "v.csv").write_text(HEAD + text, "utf-8")
        answer = import_rows(records, mapping, open_sheet(tmp_path / "v.csv", "v.csv"), pack.root.time_zone, **options)
        assert answer.read == answer.created + answer.duplicate + len(answer.refused)
        return answer, records

    return run


def test_cells_are_read_by_the_type_of_the_field(bring) -> None:
    _, records = bring("007, Ann ,Yes,12,1200.50,2026-03-02,x\n8,?,,,,,\n")
    assert records.rows["007"] == {
        "number": "007", "name": "Ann", "grade": "hot", "visits": 12, "budget": "1200.50", "seen_on": "2026-03-02",
        "wanted": True,
    }  # fmt: skip
    assert records.rows["8"] == {"number": "8", "name": "nobody", "wanted": True}


def test_every_row_is_counted_once(bring) -> None:
    rows = [
        "1,Ann,Yes,1,,,", "1,Bob,No,1,,,", "2,Ann,No,1,,,", "3,Eve,Maybe,1,,,", "4,Eve,No,many,,,",
        "5,Eve,No,-1,,,", ",Eve,No,1,,,", "6,Eve,No,1", "7,Eve,No,1,,,", "a,Joe,No,1,,,", "A,Jim,No,1,,,",
    ]  # fmt: skip
    answer, _ = bring("\n".join(rows) + "\n")
    assert (answer.read, answer.created, answer.duplicate) == (11, 3, 3)
    assert [(row.line, row.column) for row in answer.refused] == [
        (5, "Grade"), (6, "Visits"), (7, "Visits"), (8, "No"), (9, None),
    ]  # fmt: skip
    assert all(row.reason and row.reason_zh for row in answer.refused)


def test_a_second_run_creates_nothing(bring) -> None:
    text = "1,Ann,Yes,1,,,\n2,Ann,No,1,,,\n3,Eve,No,-1,,,\n"
    first, _ = bring(text)
    second, records = bring(text)
    assert (first.created, first.duplicate, len(first.refused)) == (1, 1, 1)
    assert (second.created, second.duplicate, len(second.refused)) == (0, 2, 1)
    assert len(records.rows) == 2


def test_many_rows_are_one_commit(bring) -> None:
    seen: list[int] = []
    text = "".join(f"{n},,No,1,,,\n" for n in range(250))
    answer, records = bring(text, rows_a_commit=100, progress=seen.append)
    assert records.commits == [100, 100, 50]
    assert seen == [100, 200, 250]
    assert answer.plain()["created"] == 250
