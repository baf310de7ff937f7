"""Anchors (R44): every few minutes a witness of the cases that moved, so that a deleted case is missed.

An anchor covers the steps whose moment lies in (anchor before, until]. `until` stays MARGIN behind the clock: by then
every transaction of that span has committed. A clock set back by more than that makes `verify` doubt the anchor.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import and_, bindparam, select

from engine.runtime.store import tables
from engine.runtime.store.chain import GENESIS, Span
from engine.runtime.store.errors import Conflict
from engine.runtime.store.prepared import Query
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import AnchorRow
from engine.runtime.store.statements import ANCHORS
from engine.runtime.store.transaction import Transaction

MARGIN = 300_000_000
"""Microseconds."""

_PAGE = 2000


class Head(NamedTuple):
    """A step as far as anchors know it."""

    case_id: int
    seq: int
    hash: bytes


class Next(NamedTuple):
    """An anchor to write, and the one it follows."""

    anchor: AnchorRow
    after: AnchorRow | None


_ALL = Query(select(tables.anchors).order_by(tables.anchors.c.at), AnchorRow)
_LAST = Query(select(tables.anchors).order_by(tables.anchors.c.at.desc()).limit(1), AnchorRow)
_MOVED = Query(
    select(tables.steps.c.case_id, tables.steps.c.seq, tables.steps.c.hash)
    .join(tables.cases, tables.cases.c.id == tables.steps.c.case_id)
    .where(
        tables.cases.c.last_at > bindparam("since"),
        tables.steps.c.at > bindparam("since"),
        tables.steps.c.at <= bindparam("until"),
        tables.steps.c.case_id >= bindparam("case_id"),
        ~and_(tables.steps.c.case_id == bindparam("case_id"), tables.steps.c.seq <= bindparam("seq")),
    )
    .order_by(tables.steps.c.case_id, tables.steps.c.seq)
    .limit(bindparam("limit")),
    Head,
)


def all_anchors(reader: Reader) -> list[AnchorRow]:
    """In order of time."""
    return reader.all(_ALL)


def last_anchor(reader: Reader) -> AnchorRow | None:
    return reader.one(_LAST)


def prepare_anchor(reader: Reader, now: int, key: bytes | None, id: int) -> Next | None:
    """The next anchor, worked out on a read connection (it scans the cases); None when it is too early for one."""
    last = last_anchor(reader)
    since, prev = (last.at, last.hash) if last else (-1, GENESIS)
    until = now - MARGIN
    if until <= since:
        return None
    span = Span(prev, since, until)
    newest: Head | None = None
    for head in _moved(reader, since, until):
        if newest is not None and newest.case_id != head.case_id:
            span.add(*newest)
        newest = head
    if newest is not None:
        span.add(*newest)
    return Next(AnchorRow(id, until, span.cases, span.seal(key)), last)


def write_anchor(transaction: Transaction, next_one: Next) -> None:
    """Conflict if another process wrote one meanwhile: prepare it anew."""
    if last_anchor(transaction) != next_one.after:
        raise Conflict("another anchor was written")
    transaction.batch.put(ANCHORS, next_one.anchor)


def _moved(reader: Reader, since: int, until: int) -> Iterator[Head]:
    case_id, seq = 0, 0
    while True:
        page = reader.all(_MOVED, since=since, until=until, case_id=case_id, seq=seq, limit=_PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        case_id, seq = page[-1].case_id, page[-1].seq
