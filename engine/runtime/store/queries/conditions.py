"""Parts that several queries share. Fixed values are literals: as parameters a partial index may not be chosen."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Table, and_, bindparam, literal_column, or_


def fixed(value: int) -> ColumnElement[Any]:
    """A number of ours, written into the statement."""
    return literal_column(str(int(value)))


def limit() -> BindParameter[int]:
    return bindparam("limit", type_=None)


def after(table: Table, *names: str) -> ColumnElement[bool]:
    """Rows that come after the one with the values `after_<name>`, in the order of these columns (keyset paging).

    Written out, not as a row value: both databases then use the index from its first column on.
    """
    first = table.c[names[0]]
    steps = []
    for place, name in enumerate(names):
        same = [table.c[before] == bindparam(f"after_{before}") for before in names[:place]]
        steps.append(and_(*same, table.c[name] > bindparam(f"after_{name}")))
    return and_(first >= bindparam(f"after_{names[0]}"), or_(*steps))
