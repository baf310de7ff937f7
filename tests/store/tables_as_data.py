"""Reads a whole store as plain data, to compare two of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine.runtime.store.prepared import Query
from engine.runtime.store.rows import LoadRow
from engine.runtime.store.statements import FLUSH_ORDER
from engine.runtime.store.store import Store
from engine.runtime.store.tables import loads

_ALL: dict[str, Query[Any]] = {kept.name: Query(select(kept.table), kept.row) for kept in FLUSH_ORDER}
_ALL["loads"] = Query(select(loads), LoadRow)


def contents(store: Store) -> dict[str, list[Any]]:
    """Every row of every table, sorted."""
    with store.read() as reader:
        return {name: sorted(reader.all(query), key=repr) for name, query in _ALL.items()}
