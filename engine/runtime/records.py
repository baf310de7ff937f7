"""The records of one transaction as rows: what was read once, with what the events of its batch wrote laid over.

Nothing here flushes the batch. What is laid over is noted in the batch's own journal, so undoing an event
(`batch.truncate`) undoes it here too, and it stays true after a flush.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import msgspec

from engine.language.expressions.faults import ExpressionLimit
from engine.runtime.store.batch import UNTOUCHED
from engine.runtime.store.queries import records as queries
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import RecordKeyRow, RecordRow, RecordVersionRow, UniqueKeyRow
from engine.runtime.store.statements import RECORD_KEYS, RECORD_UNIQUE, RECORD_VERSIONS, RECORDS, SERIALS
from engine.runtime.store.transaction import Transaction

MOST = queries.MOST
FREE = 0
"""Who holds a unique key that nobody holds; no record has this id."""

FieldKey = tuple[str, str]
"""(field, key) of one record."""


class SearchTooWide(ExpressionLimit, ValueError):
    """A search has more candidates than anyone may look at: an incident, never a silent cut (R9).

    A formula that reads such a list raises it too, so it is one of the limits of an expression.
    """

    code = "search-too-wide"

    def __init__(self, what: str, most: int = MOST) -> None:
        super().__init__(f"{what}: more than {most} records to look at")


class _Delta(NamedTuple):
    """Ids that this transaction gave to a key, and took from it."""

    added: frozenset[int] = frozenset()
    removed: frozenset[int] = frozenset()


class RecordCache:
    """`row`, `keyed` and `holder` read; `put`, `set_keys` and `set_unique` write into the batch."""

    def __init__(self, transaction: Transaction) -> None:
        self.batch = transaction.batch
        self._reader = Reader(transaction.connection, transaction.dialect)  # of its own: a Transaction would flush
        self._rows: dict[int, RecordRow | None] = {}
        self._written: dict[int, bool] = {}
        self._plain: dict[int, tuple[RecordRow, dict[str, Any]]] = {}
        self._keys: dict[int, frozenset[FieldKey]] = {}
        self._deltas: dict[tuple[str, str, str], _Delta] = {}
        self._holders: dict[tuple[str, str, str], int] = {}

    # -- rows

    def row(self, id: int) -> RecordRow | None:
        if id not in self._rows:
            found = self.batch.get(RECORDS, (id,))
            self._rows[id] = self._reader.row(RECORDS, id) if found is UNTOUCHED else found  # type: ignore[assignment]
        return self._rows[id]

    def rows(self, ids: Sequence[int]) -> dict[int, RecordRow]:
        """The rows with these ids, the unknown ones left out, in the order given."""
        missing = [id for id in ids if id not in self._rows]
        if missing:
            read = queries.records_by_id(self._reader, missing)
            for id in missing:
                self._rows[id] = read.get(id)
        return {id: row for id in ids if (row := self._rows[id]) is not None}

    def plain(self, row: RecordRow) -> dict[str, Any]:
        """The stored fields of a row; not to be changed."""
        found = self._plain.get(row.id)
        if found is None or found[0] is not row:
            found = self._plain[row.id] = (row, msgspec.json.decode(row.data))
        return found[1]

    def of_form(self, form: str, most: int = MOST) -> list[int]:
        """The ids of all records of a form that were not given up, rising; SearchTooWide beyond `most`."""
        rows = queries.records_of_form(self._reader, form, 0, most + 1)
        if len(rows) > most:
            raise SearchTooWide(f"all records of {form}", most)
        ids = {row.id for row in rows if self._keep(row)}
        for id in self._written:
            row = self._rows[id]
            if row is not None and row.form == form:
                (ids.add if row.merged_into is None else ids.discard)(id)
        if len(ids) > most:
            raise SearchTooWide(f"all records of {form}", most)
        return sorted(ids)

    def next_of_form(self, form: str, after: int, limit: int) -> list[int]:
        """The ids of the next records in the database, given up ones too."""
        rows = queries.records_of_form(self._reader, form, after, limit)
        for row in rows:
            self._rows.setdefault(row.id, row)
        return [row.id for row in rows]

    def _keep(self, row: RecordRow) -> bool:
        self._rows.setdefault(row.id, row)
        return row.merged_into is None

    def put(self, before: RecordRow | None, now: RecordRow) -> None:
        """A new row, or the change of one that was read; its version guards it (R8)."""
        if before is None:
            self.batch.put(RECORDS, now)
        else:
            self.batch.change(RECORDS, before, now)
        self._note(self._rows, now.id, now)
        self._note(self._written, now.id, True)

    def put_version(self, row: RecordVersionRow) -> None:
        self.batch.put(RECORD_VERSIONS, row)

    # -- keys

    def keyed(self, form: str, field: str, key: str, most: int = MOST) -> list[int] | None:
        """The ids of the records with this key, rising; None when there are more than `most`."""
        found = self.first_keyed(form, field, key, most + 1)
        return None if len(found) > most else found

    def first_keyed(self, form: str, field: str, key: str, most: int) -> list[int]:
        """The ids of the first records with this key, rising, at most `most`."""
        delta = self._deltas.get((form, field, key))
        if delta is None:
            return queries.keyed(self._reader, form, field, key, limit=most)
        found = set(queries.keyed(self._reader, form, field, key, limit=most + len(delta.removed)))
        return sorted((found - delta.removed) | delta.added)[:most]

    def keys_of(self, id: int) -> frozenset[FieldKey]:
        found = self._keys.get(id)
        if found is None:
            rows = queries.keys_of_record(self._reader, id)
            found = self._keys[id] = frozenset((row.field, row.key) for row in rows)
        return found

    def set_keys(self, form: str, id: int, keys: Iterable[FieldKey], new: bool = False) -> None:
        """The record's keys from now on; only what differs is written. `new`: it had none."""
        before = frozenset[FieldKey]() if new else self.keys_of(id)
        after = frozenset(keys)
        for field, key in before - after:
            self.batch.remove(RECORD_KEYS, (form, field, key, id))
            old = self._deltas.get((form, field, key), _Delta())
            self._note(self._deltas, (form, field, key), _Delta(old.added - {id}, old.removed | {id}))
        for field, key in after - before:
            self.batch.put(RECORD_KEYS, RecordKeyRow(form, field, key, id))
            old = self._deltas.get((form, field, key), _Delta())
            self._note(self._deltas, (form, field, key), _Delta(old.added | {id}, old.removed - {id}))
        self._note(self._keys, id, after)

    # -- unique values

    def holder(self, form: str, rule: str, key: str) -> int:
        """The record that holds a unique key; FREE when none does."""
        found = self._holders.get((form, rule, key))
        if found is None:
            found = queries.unique_holder(self._reader, form, rule, key) or FREE
            self._holders[form, rule, key] = found
        return found

    def hold(self, form: str, rule: str, key: str, id: int) -> None:
        """`id` holds the key from now on, if it is free; who was first in another transaction wins at the flush."""
        if self.holder(form, rule, key) != id:
            self.batch.put(RECORD_UNIQUE, UniqueKeyRow(form, rule, key, id))
            self._note(self._holders, (form, rule, key), id)

    def free(self, form: str, rule: str, key: str, id: int) -> None:
        """The key is free again, if `id` held it."""
        if self.holder(form, rule, key) == id:
            self.batch.remove(RECORD_UNIQUE, (form, rule, key))
            self._note(self._holders, (form, rule, key), FREE)

    # -- counters

    def loads(self, members: Sequence[str], kind: str) -> dict[str, int]:
        """How many each holds, with what this transaction changes; 0 for who holds none."""
        rows = queries.loads_of(self._reader, members, kind) if members else {}
        found = {}
        for member in members:
            change = self.batch.load_change(member, kind)
            found[member] = (rows[member].n if member in rows else 0) + (change.n if change is not None else 0)
        return found

    def _note(self, where: dict[Any, Any], key: Any, value: Any) -> None:
        self.batch._set(where, key, value)  # the journal: what undoes the batch undoes this


_CACHES: WeakKeyDictionary[Transaction, RecordCache] = WeakKeyDictionary()


def cache_of(transaction: Transaction) -> RecordCache:
    """The one cache of a transaction: every event of its batch sees what the ones before it wrote."""
    found = _CACHES.get(transaction)
    if found is None:
        found = _CACHES[transaction] = RecordCache(transaction)
    return found


def last_serial(transaction: Transaction, name: str) -> int:
    """The last serial number given out under a name, its row locked until the end; 0 before the first."""
    row = transaction.row_locked(SERIALS, name)
    return 0 if row is None else row.position
