"""Whether the store still tells the truth: chains, heads, anchors, loads, rows without their case (R44, R33)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import Table, and_, bindparam, exists, select

from engine.runtime.store import archive, recount, tables
from engine.runtime.store.anchors import all_anchors
from engine.runtime.store.chain import GENESIS, Link, Span, link_hash, text_digest
from engine.runtime.store.prepared import Query
from engine.runtime.store.queries.cases import timeline
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import ArchivedRow, CaseRow, StepRow
from engine.runtime.store.statements import ARCHIVED, CASES
from engine.runtime.store.store import Store

T = TypeVar("T")

_PAGE = 2000
_ORPHANS = 100


class Broken(NamedTuple):
    """One thing that is wrong. `kind`: gap, link, head, case, anchor, load or orphan."""

    kind: str
    case_id: int | None
    seq: int | None
    detail: str


class _Id(NamedTuple):
    id: int


_STEPS = Query(
    select(tables.steps)
    .where(
        tables.steps.c.case_id >= bindparam("case_id"),
        ~and_(tables.steps.c.case_id == bindparam("case_id"), tables.steps.c.seq <= bindparam("seq")),
    )
    .order_by(tables.steps.c.case_id, tables.steps.c.seq)
    .limit(bindparam("limit")),
    StepRow,
)
_CASES = Query(
    select(tables.cases)
    .where(tables.cases.c.id > bindparam("after"))
    .order_by(tables.cases.c.id)
    .limit(bindparam("limit")),
    CaseRow,
)
_ARCHIVED = Query(
    select(tables.archived)
    .where(tables.archived.c.case_id > bindparam("after"))
    .order_by(tables.archived.c.case_id)
    .limit(bindparam("limit")),
    ArchivedRow,
)


def _orphans(table: Table, column: str, owner: Table) -> Query[_Id]:
    there = exists().where(owner.c.id == table.c[column])
    return Query(select(table.c[column]).where(table.c[column].is_not(None), ~there).distinct().limit(_ORPHANS), _Id)


_OF_CASES = (
    tables.case_values, tables.tasks, tables.task_candidates, tables.task_people, tables.timers,
    tables.subscriptions, tables.deliveries, tables.effects,
)  # fmt: skip
_ORPHAN_QUERIES: list[tuple[str, Query[_Id]]] = [
    *((table.name, _orphans(table, "case_id", tables.cases)) for table in _OF_CASES),
    *((table.name, _orphans(table, "record_id", tables.records)) for table in (
        tables.record_keys, tables.record_unique, tables.record_versions,
    )),
]  # fmt: skip


def verify(store: Store, forms: dict[str, recount.IsOpen] | None = None) -> list[Broken]:
    """Reads everything once, while others write; empty when all is well. Of each chain the first break is named.

    Not while cases are being archived: one that moves away between two reads would be missed in its anchor.
    """
    with store.read() as reader:
        found = list(_histories(reader, store.chain_key))
        found += _lost_rows(reader)
        found += [
            Broken("load", None, None, f"{wrong.member} {wrong.kind}: {wrong.noted} noted, {wrong.counted} counted")
            for wrong in recount.differences(reader, forms or {})
        ]
    return found


def judge_chain(case_id: int, steps: list[StepRow], key: bytes | None) -> Broken | None:
    """The first broken link of one case's history."""
    prev = GENESIS
    for want, step in enumerate(steps, 1):
        if step.seq != want:
            return Broken("gap", case_id, want, f"step {want} is missing, {step.seq} follows")
        digest = text_digest(step.events) if step.redacted is None else step.redacted
        link = Link(case_id, step.seq, step.at, step.kind, step.actor, step.cause, digest)
        if link_hash(prev, link, key) != step.hash:
            return Broken("link", case_id, step.seq, f"step {step.seq} is not what was recorded")
        prev = step.hash
    return None


def _judge(case_id: int, case: CaseRow | ArchivedRow | None, steps: list[StepRow], key: bytes | None) -> Broken | None:
    if case is None:
        return Broken("case", case_id, None, f"{len(steps)} steps without their case")
    broken = judge_chain(case_id, steps, key)
    if broken is not None:
        return broken
    if (steps[-1].hash if steps else GENESIS) != case.head:
        return Broken(
            "head", case_id, len(steps), f"the head does not belong to step {len(steps)}, the last one there is"
        )
    if isinstance(case, CaseRow) and case.seq != len(steps):
        return Broken("head", case_id, len(steps), f"the case is at {case.seq}, its history at {len(steps)}")
    return None


def _histories(reader: Reader, key: bytes | None) -> Iterator[Broken]:
    anchors = all_anchors(reader)
    ends = [anchor.at for anchor in anchors]
    spans = []
    prev, since = GENESIS, -1
    for anchor in anchors:
        spans.append(Span(prev, since, anchor.at))
        prev, since = anchor.hash, anchor.at
    for case_id, case, steps in _merged(reader):
        broken = _judge(case_id, case, steps, key)
        if broken is not None:
            broken = _judge_again(reader, case_id, key)  # it may have moved between the two reads
        if broken is not None:
            yield broken
        last: dict[int, StepRow] = {}
        for step in steps:
            last[bisect_left(ends, step.at)] = step
        for place, step in sorted(last.items()):
            if place < len(spans):
                spans[place].add(case_id, step.seq, step.hash)
    for anchor, span in zip(anchors, spans, strict=True):
        if span.seal(key) != anchor.hash:
            detail = f"{anchor.cases} cases moved up to {anchor.at}, {span.cases} are there, or not as they were"
            yield Broken("anchor", None, None, detail)


def _judge_again(reader: Reader, case_id: int, key: bytes | None) -> Broken | None:
    for _ in range(5):
        before = reader.row(CASES, case_id)
        archived = reader.row(ARCHIVED, case_id)
        if before is None and archived is not None:
            return _judge(case_id, archived, archive.unpack(archived.body).steps, key)
        steps = timeline(reader, case_id, limit=10_000_000)
        if reader.row(CASES, case_id) == before:
            break
    return _judge(case_id, before, steps, key)


def _merged(reader: Reader) -> Iterator[tuple[int, CaseRow | ArchivedRow | None, list[StepRow]]]:
    """Every case with its history, by id: live, archived, or steps whose case is gone."""
    live, kept, steps = _Ahead(_cases(reader)), _Ahead(_archived(reader)), _Ahead(_histories_of(reader))
    while True:
        heads = [source.head for source in (live, kept, steps) if source.head is not None]
        if not heads:
            return
        case_id = min(heads)[0]
        case = live.take(case_id)
        archived = kept.take(case_id)
        history = steps.take(case_id) or []
        if case is None and archived is not None:
            history = archive.unpack(archived.body).steps
        yield case_id, case or archived, history


class _Ahead(Generic[T]):
    """One of the sorted sources, one element ahead."""

    def __init__(self, source: Iterator[tuple[int, T]]) -> None:
        self._source = source
        self._value: T | None = None
        self.head: tuple[int] | None = None
        self._step()

    def take(self, case_id: int) -> T | None:
        if self.head is None or self.head[0] != case_id:
            return None
        value = self._value
        self._step()
        return value

    def _step(self) -> None:
        case_id, self._value = next(self._source, (None, None))
        self.head = None if case_id is None else (case_id,)


def _cases(reader: Reader) -> Iterator[tuple[int, CaseRow]]:
    after = 0
    while page := reader.all(_CASES, after=after, limit=_PAGE):
        yield from ((case.id, case) for case in page)
        after = page[-1].id


def _archived(reader: Reader) -> Iterator[tuple[int, ArchivedRow]]:
    after = 0
    while page := reader.all(_ARCHIVED, after=after, limit=100):
        yield from ((row.case_id, row) for row in page)
        after = page[-1].case_id


def _histories_of(reader: Reader) -> Iterator[tuple[int, list[StepRow]]]:
    case_id, seq = 0, 0
    history: list[StepRow] = []
    while page := reader.all(_STEPS, case_id=case_id, seq=seq, limit=_PAGE):
        for step in page:
            if history and history[-1].case_id != step.case_id:
                yield history[0].case_id, history
                history = []
            history.append(step)
        case_id, seq = page[-1].case_id, page[-1].seq
    if history:
        yield history[0].case_id, history


def _lost_rows(reader: Reader) -> Iterator[Broken]:
    for name, query in _ORPHAN_QUERIES:
        for row in reader.all(query):
            yield Broken("orphan", row.id, None, f"{name} of {row.id}, which is not there")
