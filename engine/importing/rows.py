"""A file of rows: its columns, and each row as texts with the line on which it begins. CSV or .xlsx.

A broken quote costs one line: reading goes on at the next, so it cannot swallow the rows behind it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from engine.importing.mapping import Mapping
from engine.language.diagnostics import Diagnostic, in_order
from engine.language.messages import reference, syntax
from engine.language.source import Span, place_of


class Row(NamedTuple):
    """One row; `problem` (en, zh) when it cannot be taken apart."""

    line: int
    cells: tuple[str, ...]
    problem: tuple[str, str] | None = None


class Unreadable(Exception):
    """The file as a whole cannot be imported: what is wrong, with places."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(d.message() for d in diagnostics))
        self.diagnostics = diagnostics


@dataclass(frozen=True)
class Sheet:
    """Columns in order, trimmed; the rows behind the header; how many lines there are at most (for a progress bar)."""

    path: str
    columns: tuple[str, ...]
    rows: list[Row]

    def fits(self, mapping: Mapping) -> list[Diagnostic]:
        """Columns that are named and are not here, and columns here that are named nowhere."""
        here = set(self.columns)
        found = [
            reference.unknown_resource(place_of(column), "column", column, self.columns)
            for column in mapping.columns()
            if column.strip() not in here
        ]
        named = {column.strip() for column in mapping.columns()}
        place = mapping.place("fields")
        found += [
            syntax.missing_key(place, column, "the mapping (under fields, or under ignore with the reason)")
            for column in self.columns
            if column not in named
        ]
        return in_order(found)


def open_sheet(path: Path, shown: str) -> Sheet:
    """Reads the file. Raises Unreadable (not text, no header, two columns of one name) and OSError."""
    data = path.read_bytes()
    rows = _excel(path, shown) if data.startswith(b"PK\x03\x04") else list(_csv(_text(data, shown)))
    if not rows or rows[0].problem or not any(cell.strip() for cell in rows[0].cells):
        raise Unreadable(
            syntax.wrong_shape(_place(shown), "a header line with the names of the columns", "列名所在的标题行")
        )
    columns = tuple(cell.strip() for cell in rows[0].cells)
    twice = [
        reference.defined_twice(_place(shown, rows[0].line), "column", name, _place(shown, rows[0].line))
        for number, name in enumerate(columns)
        if name in columns[:number]
    ]
    if twice:
        raise Unreadable(*twice)
    return Sheet(shown, columns, [_measured(row, len(columns)) for row in rows[1:]])


def _place(path: str, line: int = 1) -> Span:
    return Span(path, line, 1, line, 2)


def _measured(row: Row, width: int) -> Row:
    if row.problem is None and len(row.cells) != width:
        got = len(row.cells)
        return row._replace(problem=(f"{got} cells, the header has {width}", f"有 {got} 个单元格，标题行有 {width} 个"))
    return row


def _text(data: bytes, shown: str) -> str:
    """UTF-8 with or without a byte order mark, else GB18030, as Excel in Chinese writes it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    expected = ("text in UTF-8 or GB18030, or an .xlsx", "UTF-8 或 GB18030 文本，或 .xlsx 文件")
    hint = ("save the file as CSV UTF-8", "请另存为 CSV UTF-8")
    raise Unreadable(syntax.wrong_shape(_place(shown), *expected, *hint))


def _csv(text: str) -> Iterator[Row]:
    """Rows with at least one cell; an empty line is no row."""
    lines = list(io.StringIO(text, newline=""))
    at = 0
    while at < len(lines):
        reader = csv.reader(islice(lines, at, None), strict=True)
        begin = at
        try:
            for cells in reader:
                if cells:
                    yield Row(begin + 1, tuple(cells))
                begin = at + reader.line_num
            return
        except csv.Error as problem:
            yield Row(begin + 1, (), (f"a quote that does not end well ({problem})", "引号没有正确结束"))
            at = begin + 1


def _excel(path: Path, shown: str) -> list[Row]:
    """The first sheet; the line is the sheet's row number."""
    import python_calamine

    try:
        book = python_calamine.load_workbook(path)
        cells = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, zipfile.BadZipFile, IndexError) as problem:
        detail = f"an .xlsx that can be read ({problem})"
        raise Unreadable(syntax.wrong_shape(_place(shown), detail, "可读取的 .xlsx 文件")) from None
    rows = [Row(number, tuple(_shown(cell) for cell in row)) for number, row in enumerate(cells, 1)]
    rows = [row for row in rows if any(cell.strip() for cell in row.cells)]
    if not rows:
        return []
    width = max(n for n, cell in enumerate(rows[0].cells, 1) if cell.strip())  # a sheet is as wide as its widest row
    return [row._replace(cells=_cut(row.cells, width)) for row in rows]


def _cut(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    return cells[:width] if not any(cell.strip() for cell in cells[width:]) else cells


def _shown(cell: Any) -> str:
    """A cell of a spreadsheet as the text that a definition would hold."""
    match cell:
        case bool():
            return "yes" if cell else "no"
        case float() if cell.is_integer():
            return str(int(cell))
        case float():
            return format(Decimal(repr(cell)), "f")
        case dt.datetime():
            local = cell.replace(microsecond=0)
            return local.date().isoformat() if local.time() == dt.time() else local.isoformat(" ", "minutes")
        case dt.time():
            return cell.isoformat("minutes")
        case _:
            return str(cell)
