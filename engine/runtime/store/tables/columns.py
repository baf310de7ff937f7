"""The one MetaData, and the column types that mean the same on SQLite and PostgreSQL (RUNTIME section 2).

`Number`: 63-bit integers; also every moment (microseconds UTC). `Key`: text that is compared and sorted byte by byte
on both databases (R55). `Small`: states and counters of retries. The database generates nothing: ids are ours (R46).

People stand in the organization file, so their columns hold its ids as `Key`, not numbers.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, SmallInteger, Text, text

metadata = MetaData()

Number = BigInteger().with_variant(Integer(), "sqlite")
Small = SmallInteger().with_variant(Integer(), "sqlite")
Key = Text().with_variant(Text(collation="C"), "postgresql")
Long = Text()
Bytes = LargeBinary()

NEVER = 2**63 - 1
"""The due time of what has none: sorts last on both databases, where NULL does not (R54)."""


def number(name: str, *, null: bool = False, primary_key: bool = False) -> Column[int]:
    return Column(name, Number, nullable=null, primary_key=primary_key, autoincrement=False)


def small(name: str, *, null: bool = False, primary_key: bool = False) -> Column[int]:
    return Column(name, Small, nullable=null, primary_key=primary_key, autoincrement=False)


def key(name: str, *, null: bool = False, primary_key: bool = False) -> Column[str]:
    return Column(name, Key, nullable=null, primary_key=primary_key)


def long(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Long, nullable=null)


def octets(name: str, *, null: bool = False) -> Column[bytes]:
    return Column(name, Bytes, nullable=null)


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows that satisfy `where` (fixed text of ours), on both databases."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
