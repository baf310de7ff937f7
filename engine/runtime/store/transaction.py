"""One write transaction as an event handler sees it: reads that see the transaction's own writes, and the writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, select

from engine.runtime.store import chain, tables
from engine.runtime.store.batch import UNTOUCHED, Batch, LoadChange
from engine.runtime.store.dialect import Dialect
from engine.runtime.store.errors import CaseBusy
from engine.runtime.store.ids import Ids
from engine.runtime.store.prepared import Among, Query
from engine.runtime.store.reader import Reader, _named
from engine.runtime.store.rows import CaseRow, CursorRow, LoadRow, SerialRow, StepRow
from engine.runtime.store.statements import CASES, CURSORS, SERIALS, STEPS, Kept

Row = TypeVar("Row")
R = TypeVar("R", bound=tuple[Any, ...])

_BY_ID = select(tables.cases).where(tables.cases.c.id == bindparam("key_id"))
_CASE_SKIP: Query[CaseRow] = Query(_BY_ID.with_for_update(key_share=True, skip_locked=True), CaseRow)
_CASES_SKIP: Among[CaseRow] = Among(
    lambda ids: (
        select(tables.cases)
        .where(tables.cases.c.id.in_(ids))
        .order_by(tables.cases.c.id)
        .with_for_update(key_share=True, skip_locked=True)
    ),
    CaseRow,
)


class Transaction(Reader):
    """`batch` takes the writes, `now` (microseconds UTC) is the event's moment, `ids` gives new ids.

    `row` and `load_case` lay the batch's writes over what they read. Any other query first flushes the batch if it
    reads a table with unwritten changes, so it too sees them; an event that was flushed half cannot be undone alone
    (CannotUndo), which the writer answers by running each event of the batch alone.
    """

    def __init__(self, connection: Connection, dialect: Dialect, ids: Ids, now: int, chain_key: bytes | None) -> None:
        super().__init__(connection, dialect)
        self.batch = Batch()
        self.ids = ids
        self.now = now
        self._chain_key = chain_key
        self._cases: dict[int, CaseRow] = {}

    # -- reads

    def all(self, query: Query[Row], **values: Any) -> list[Row]:
        if self.batch.pending(query.tables):
            self.flush()
        return super().all(query, **values)

    def row(self, kept: Kept[R], *key: Any) -> R | None:
        """The row with this key as the transaction will leave it. No lock: writes are checked against what was read."""
        return self._row(kept, kept.select, key)

    def row_locked(self, kept: Kept[R], *key: Any) -> R | None:
        """The same, and on PostgreSQL the row is locked until the end (cursors, R34). Waits at most `lock_timeout`."""
        return self._row(kept, kept.select_locked, key)

    def _row(self, kept: Kept[R], query: Query[R], key: tuple[Any, ...]) -> R | None:
        found = self.batch.get(kept, key)
        if found is not UNTOUCHED:
            return found  # type: ignore[return-value]
        rows = super().all(query, **_named(kept, key))
        return self.batch.seen(kept, rows[0]) if rows else None

    def lock_cases(self, case_ids: Sequence[int]) -> set[int]:
        """Locks those of the cases that are free, in one statement, without waiting; which ones it got (R23)."""
        for case in super().among(_CASES_SKIP, sorted(set(case_ids))) if case_ids else ():
            self._cases[case.id] = case
        return self._cases.keys() & set(case_ids)

    def load_case(self, case_id: int) -> CaseRow | None:
        """The case, locked; None if there is none. The first lock of a transaction waits, a further one does not.

        CaseBusy: held by another transaction, leave the delivery in the mailbox (R10).
        """
        found = self.batch.get(CASES, (case_id,))
        if found is not UNTOUCHED:
            return found  # type: ignore[return-value]
        case = self._cases.get(case_id)
        if case is None:
            if not self._cases:
                case = self._row(CASES, CASES.select_locked, (case_id,))
            else:
                rows = super().all(_CASE_SKIP, key_id=case_id)
                if not rows and self._row(CASES, CASES.select, (case_id,)) is not None:
                    raise CaseBusy(case_id)
                case = rows[0] if rows else None
            if case is not None:
                self._cases[case_id] = case
        return case

    def load(self, member: str, kind: str) -> int:
        """How many things of the kind the member holds, with what this transaction changes."""
        rows = super().all(_LOAD, member=member, kind=kind)
        change = self.batch.load_change(member, kind) or LoadChange(0, 0, 0)
        return (rows[0].n if rows else 0) + change.n

    # -- writes that need a read

    def append_step(
        self, case: CaseRow, now: CaseRow, *, kind: str, events: str, actor: str | None = None, cause: str | None = None
    ) -> CaseRow:
        """One step of a case: its history row, chained to the one before, and the case as it is after it.

        `case` is the case as loaded, or as put by `open_case`; of `now` everything counts but seq, head and last_at.
        The step's moment is the transaction's, but never before the case's last (R40).
        """
        at = max(self.now, case.last_at)
        seq = case.seq + 1
        link = chain.Link(case.id, seq, at, kind, actor, cause, chain.text_digest(events))
        head = chain.link_hash(case.head, link, self._chain_key)
        self.batch.put(STEPS, StepRow(case.id, seq, at, kind, actor, cause, events, head))
        return self.batch.change(CASES, case, now._replace(seq=seq, head=head, last_at=at))

    def open_case(
        self,
        *,
        workflow: str,
        definition_id: int,
        state: str,
        record: tuple[str, int] | None = None,
        parent: tuple[int, int] | None = None,
        business_key: str | None = None,
    ) -> CaseRow:
        """A new case without a step; `append_step` follows. `record`: (form, id); `parent`: (case, number in it)."""
        form, record_id = record or (None, None)
        parent_id, parent_no = parent or (None, None)
        case = CaseRow(
            self.ids.next(), workflow, definition_id, form, record_id, parent_id, parent_no, business_key,
            0, 0, state, chain.GENESIS, 0, self.now, self.now,
        )  # fmt: skip
        return self.batch.put(CASES, case)

    def next_serial(self, name: str) -> int:
        """The next serial number of this name, from 1, without gaps: a rolled back event gives it back."""
        return self._count(SERIALS, SerialRow, name)

    def next_turn(self, name: str) -> int:
        """How many picks this assign node made, this one included; the row is locked, so picks never overlap (R34)."""
        return self._count(CURSORS, CursorRow, name)

    def _count(self, kept: Kept[Any], row: type[CursorRow] | type[SerialRow], name: str) -> int:
        read = self.row_locked(kept, name)
        if read is None:
            self.batch.put(kept, row(name, 1))
            return 1
        self.batch.change(kept, read, read._replace(position=read.position + 1))
        return int(read.position) + 1

    def flush(self) -> None:
        """Writes what the batch holds; the transaction stays open."""
        for case in self.batch.rows(CASES):
            self._cases[case.id] = case
        self.batch.flush(self.connection, self.dialect)


_LOAD: Query[LoadRow] = Query(
    select(tables.loads).where(tables.loads.c.member == bindparam("member"), tables.loads.c.kind == bindparam("kind")),
    LoadRow,
)
