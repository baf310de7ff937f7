"""What an import asks of the engine: the bulk lane, which identities are known, which new records were merged away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from engine.language.kinds.form import Form
from engine.runtime.keys import key_text
from engine.runtime.store.queries import records as queries

AT_ONCE = 500


class Door(Protocol):
    def create_records(self, form: str, rows: Sequence[dict[str, Any]], by: str | None) -> Sequence[Any]:
        """One result a row, in order: {"id": ...}, or a refusal with `en`, `zh` and `violations`."""
        ...

    def known(self, form: str, field: str, values: Sequence[Any]) -> set[Any]:
        """Those of the values of a unique field that a record has already."""
        ...

    def settle(self) -> None:
        """Carries out what the new records caused."""
        ...

    def merged(self, ids: Sequence[str]) -> int:
        """How many of these records were given up for another one."""
        ...


class EngineDoor:
    """The engine (engine.engine.Engine, which this room may not name) as an import needs it."""

    def __init__(self, engine: Any) -> None:
        self.engine, self.store = engine, engine.store

    def create_records(self, form: str, rows: Sequence[dict[str, Any]], by: str | None) -> Sequence[Any]:
        found: Sequence[Any] = self.engine.create_records(form, rows, by=by)
        return found

    def known(self, form: str, field: str, values: Sequence[Any]) -> set[Any]:
        declared = self.engine.pack.get(Form, form).fields[field]
        with self.store.read() as reader:
            return {
                value
                for value in values
                if (key := key_text(value, declared)) is not None
                and queries.unique_holder(reader, form, field, key) is not None
            }

    def settle(self) -> None:
        self.engine.drain()

    def merged(self, ids: Sequence[str]) -> int:
        count = 0
        with self.store.read() as reader:
            for some in _chunks([int(id) for id in ids]):
                rows = queries.records_by_id(reader, some)
                count += sum(row.merged_into is not None for row in rows.values())
        return count


def _chunks(ids: list[int]) -> Iterable[list[int]]:
    return (ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE))
