"""A file taken apart: lines, quotes, encodings, sheets."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from engine.importing import Unreadable, open_sheet


def sheet_of(tmp_path: Path, data: bytes | str, name: str = "rows.csv"):
    file = tmp_path / name
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return open_sheet(file, name)


def test_a_row_has_the_line_on_which_it_begins(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, 'a,b\n1,"two\nlines"\n\n3,4\n')
    assert [(row.line, row.cells) for row in sheet.rows] == [(2, ("1", "two\nlines")), (5, ("3", "4"))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_in_three_encodings(tmp_path: Path, encoding: str) -> None:
    sheet = sheet_of(tmp_path, "编号,公司\r\nS-1,远山能源\r\n".encode(encoding))
    assert sheet.columns == ("编号", "公司")
    assert sheet.rows[0].cells == ("S-1", "远山能源")


def test_a_row_with_more_or_fewer_cells_has_a_problem(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, "a,b\n1\n1,2,3\n1,2\n")
    assert [row.problem is None for row in sheet.rows] == [False, False, True]
    assert "the header has 2" in sheet.rows[0].problem[0]


def test_a_quote_that_never_closes_costs_one_line(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, 'a,b\n1,"open\n2,x\n3,y\n')
    assert [row.line for row in sheet.rows if row.problem] == [2]
    assert [row.cells for row in sheet.rows if not row.problem] == [("2", "x"), ("3", "y")]


def test_a_quote_that_closes_in_a_later_row_costs_one_line(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, 'a,b\n1,"open\n2,x\n3,"y, z"\n4,w\n')
    assert [row.line for row in sheet.rows if row.problem] == [2]
    assert [row.cells[0] for row in sheet.rows if not row.problem] == ["2", "3", "4"]


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"a,a\n1,2\n", "a,b\n1,2\n".encode("utf-16"), b"\x00\x01\x02\xff\xfe", b"PK\x03\x04 no zip"]
)
def test_what_is_no_table_is_refused_as_a_whole(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        sheet_of(tmp_path, data)
    assert all(d.span.line == 1 and d.text.zh for d in refused.value.diagnostics)


def test_the_first_sheet_of_a_workbook(tmp_path: Path) -> None:
    book, half_past = openpyxl.Workbook(), dt.datetime.fromisoformat("2026-03-02T09:30")
    book.active.append(["编号", "人数", "比例", "日期", "时刻", "收"])
    book.active.append([7, 12.0, 0.25, dt.date(2026, 3, 2), half_past, True])
    book.active.append([])
    book.active.append(["S-9", None, None, None, None, None])
    book.save(tmp_path / "rows.xlsx")
    sheet = open_sheet(tmp_path / "rows.xlsx", "rows.xlsx")
    assert sheet.columns[:2] == ("编号", "人数")
    assert [(row.line, row.cells) for row in sheet.rows] == [
        (2, ("7", "12", "0.25", "2026-03-02", "2026-03-02 09:30", "yes")),
        (4, ("S-9", "", "", "", "", "")),
    ]
