"""Looking up records: by form, by key (equal, prefix, range), and what holds a unique value (R9, R55)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Select, and_, bindparam, select

from engine.runtime.store.prepared import Among, Query
from engine.runtime.store.queries.conditions import limit
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import LoadRow, RecordKeyRow, RecordRow, RecordVersionRow
from engine.runtime.store.statements import RECORD_UNIQUE
from engine.runtime.store.tables import loads, record_keys, record_versions, records

MOST = 1000
"""The most candidates of one search; callers ask for one more to see that there are too many."""

LAST_TEXT = "\U0010ffff"
"""Above every text that begins with a given prefix, once appended to it."""


class Found(NamedTuple):
    record_id: int


class Keyed(NamedTuple):
    """A record id under its key, as searches page through them."""

    key: str
    record_id: int


def _by_key(*conditions: str) -> Select[tuple[str, int]]:
    table = record_keys
    query = select(table.c.key, table.c.record_id).where(
        table.c.form == bindparam("form"), table.c.field == bindparam("field")
    )
    for condition in conditions:
        match condition:
            case "equal":
                query = query.where(table.c.key == bindparam("key"))
            case "from":
                query = query.where(table.c.key >= bindparam("low"))
            case "to":
                query = query.where(table.c.key <= bindparam("high"))
    return query.order_by(table.c.key, table.c.record_id).limit(limit())


_EQUAL = Query(_by_key("equal").where(record_keys.c.record_id > bindparam("after")), Keyed)
_RANGE = Query(_by_key("from", "to"), Keyed)
_OF_FORM = Query(
    select(records)
    .where(records.c.form == bindparam("form"), records.c.id > bindparam("after"))
    .order_by(records.c.id)
    .limit(limit()),
    RecordRow,
)
_NEWEST = Query(
    select(records)
    .where(records.c.form == bindparam("form"), records.c.id < bindparam("before"))
    .order_by(records.c.id.desc())
    .limit(limit()),
    RecordRow,
)
_BY_IDS: Among[RecordRow] = Among(lambda ids: select(records).where(records.c.id.in_(ids)), RecordRow)
_KEYS_OF = Query(
    select(record_keys)
    .where(record_keys.c.record_id == bindparam("record_id"))
    .order_by(record_keys.c.field, record_keys.c.key),
    RecordKeyRow,
)
_VERSIONS = Query(
    select(record_versions)
    .where(record_versions.c.record_id == bindparam("record_id"), record_versions.c.version > bindparam("after"))
    .order_by(record_versions.c.version)
    .limit(limit()),
    RecordVersionRow,
)
_LOADS: Among[LoadRow] = Among(
    lambda members: select(loads).where(and_(loads.c.kind == bindparam("kind"), loads.c.member.in_(members))), LoadRow
)


def records_of_form(reader: Reader, form: str, after: int = 0, limit: int = 100) -> list[RecordRow]:
    """Records of a form, the oldest first; `after`: the id of the last one seen."""
    return reader.all(_OF_FORM, form=form, after=after, limit=limit)


def newest_of_form(reader: Reader, form: str, before: int = 2**63 - 1, limit: int = 100) -> list[RecordRow]:
    """Records of a form, the newest first; `before`: the id of the last one seen."""
    return reader.all(_NEWEST, form=form, before=before, limit=limit)


def records_by_id(reader: Reader, ids: Sequence[int]) -> dict[int, RecordRow]:
    """The records with these ids; those that are not there are left out."""
    return {row.id: row for row in reader.among(_BY_IDS, sorted(set(ids)))}


def keyed(reader: Reader, form: str, field: str, key: str, after: int = 0, limit: int = MOST + 1) -> list[int]:
    """Ids of the records with this key, rising."""
    return [row.record_id for row in reader.all(_EQUAL, form=form, field=field, key=key, after=after, limit=limit)]


def in_range(reader: Reader, form: str, field: str, low: str, high: str, limit: int = MOST + 1) -> list[Keyed]:
    """Keys from `low` to `high`, both included, in order."""
    return reader.all(_RANGE, form=form, field=field, low=low, high=high, limit=limit)


def with_prefix(reader: Reader, form: str, field: str, prefix: str, limit: int = MOST + 1) -> list[Keyed]:
    """Keys that begin with `prefix`, in order."""
    return in_range(reader, form, field, prefix, prefix + LAST_TEXT, limit)


def keys_of_record(reader: Reader, record_id: int) -> list[RecordKeyRow]:
    return reader.all(_KEYS_OF, record_id=record_id)


def unique_holder(reader: Reader, form: str, rule: str, key: str) -> int | None:
    """The record that holds this unique value; None when it is free."""
    row = reader.row(RECORD_UNIQUE, form, rule, key)
    return None if row is None else row.record_id


def versions_of_record(reader: Reader, record_id: int, after: int = 0, limit: int = 100) -> list[RecordVersionRow]:
    return reader.all(_VERSIONS, record_id=record_id, after=after, limit=limit)


def loads_of(reader: Reader, members: Sequence[str], kind: str) -> dict[str, LoadRow]:
    """The loads of these members; who never had one is left out (it is 0)."""
    return {row.member: row for row in reader.among(_LOADS, sorted(set(members)), kind=kind)}
