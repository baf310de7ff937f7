"""Rows of a file to records of a form, by a mapping (docs/importing.md): read_mapping, open_sheet, import_rows."""

from engine.importing.bringing import Answer, RefusedRow, import_rows
from engine.importing.door import Door, EngineDoor
from engine.importing.mapping import Mapping, read_mapping
from engine.importing.rows import Row, Sheet, Unreadable, open_sheet
from engine.importing.values import Cell, row_reader

__all__ = [
    "Answer", "Cell", "Door", "EngineDoor", "Mapping", "RefusedRow", "Row", "Sheet", "Unreadable", "import_rows",
    "open_sheet", "read_mapping", "row_reader",
]  # fmt: skip
