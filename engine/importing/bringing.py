"""An import at work: many rows a commit, each counted once by how it ended.

The answer is that of `remit import --json`: read = created + duplicate + len(refused).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from engine.importing.door import Door
from engine.importing.mapping import Mapping
from engine.importing.rows import Row, Sheet
from engine.importing.values import Cell, row_reader

ROWS_A_COMMIT = 100


@dataclass(frozen=True)
class RefusedRow:
    line: int
    reason: str
    reason_zh: str
    column: str | None = None

    def plain(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass
class Answer:
    """The counts; `seconds` is measured with the clock that was given."""

    read: int = 0
    created: int = 0
    duplicate: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    seconds: float = 0.0

    def plain(self) -> dict[str, Any]:
        return {
            "read": self.read,
            "created": self.created,
            "duplicate": self.duplicate,
            "refused": [row.plain() for row in self.refused],
            "per_second": round(self.read / self.seconds) if self.seconds else self.read,
        }


def import_rows(
    door: Door,
    mapping: Mapping,
    sheet: Sheet,
    zone: ZoneInfo,
    *,
    by: str | None = None,
    rows_a_commit: int = ROWS_A_COMMIT,
    progress: Callable[[int], None] = lambda rows: None,
) -> Answer:
    """Brings every row in. `progress` is told how many rows are done."""
    return _Bringing(door, mapping, sheet, zone, by, rows_a_commit, progress).run()


class _Bringing:
    def __init__(
        self,
        door: Door,
        mapping: Mapping,
        sheet: Sheet,
        zone: ZoneInfo,
        by: str | None,
        rows_a_commit: int,
        progress: Callable[[int], None],
    ) -> None:
        self.door, self.mapping, self.sheet, self.by = door, mapping, sheet, by
        self.rows_a_commit, self.progress = rows_a_commit, progress
        self.read_row = row_reader(mapping, sheet.columns, zone)
        self.columns = {str(name): origin.column for name, origin in mapping.fields.items()}
        self.answer = Answer()
        self.waiting: list[tuple[Row, dict[str, Any]]] = []
        self.identities: set[Any] = set()
        self.brought: list[str] = []

    def run(self) -> Answer:
        begun = time.perf_counter()
        for row in self.sheet.rows:
            self.answer.read += 1
            values = self._values(row)
            if values is None:
                continue
            identity = values[self.mapping.identity]
            if identity in self.identities:  # an earlier row's fate decides about this one
                self._commit()
            self.identities.add(identity)
            self.waiting.append((row, values))
            if len(self.waiting) >= self.rows_a_commit:
                self._commit()
        self._commit()
        merged = self.door.merged(self.brought)
        self.answer.created = len(self.brought) - merged
        self.answer.duplicate += merged
        self.answer.refused.sort(key=lambda row: row.line)
        self.answer.seconds = time.perf_counter() - begun
        return self.answer

    def _values(self, row: Row) -> dict[str, Any] | None:
        if row.problem is not None:
            self._refuse(row, *row.problem)
            return None
        try:
            return self.read_row(row.cells)
        except Cell as cell:
            self._refuse(row, f"{cell.column}: {cell.en}", f"{cell.column}：{cell.zh}", cell.column)
            return None

    def _commit(self) -> None:
        """The waiting rows in one go; those whose identity is known already do not go there."""
        form, identity = str(self.mapping.form), str(self.mapping.identity)
        known = (
            self.door.known(form, identity, [values[identity] for _, values in self.waiting]) if self.waiting else ()
        )
        fresh = [(row, values) for row, values in self.waiting if values[identity] not in known]
        self.answer.duplicate += len(self.waiting) - len(fresh)
        if fresh:
            results = self.door.create_records(form, [values for _, values in fresh], by=self.by)
            for (row, _), result in zip(fresh, results, strict=True):
                self._count(row, result)
            self.door.settle()
        self.waiting.clear()
        self.identities.clear()
        self.progress(self.answer.read)

    def _count(self, row: Row, result: Any) -> None:
        if isinstance(result, dict):
            self.brought.append(result["id"])
            return
        violations = list(getattr(result, "violations", ()))
        if any(v["rule"] == "unique" and v["field"] == self.mapping.identity for v in violations):
            self.answer.duplicate += 1  # equal after normalising, or brought by somebody else meanwhile
            return
        column = next((self.columns[v["field"]] for v in violations if v["field"] in self.columns), None)
        en = "; ".join(v["en"] for v in violations) or result.en
        zh = "；".join(v["zh"] for v in violations) or result.zh
        self._refuse(row, en, zh, column)

    def _refuse(self, row: Row, en: str, zh: str, column: str | None = None) -> None:
        self.answer.refused.append(RefusedRow(row.line, en, zh, column))
