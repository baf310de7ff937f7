"""One command being carried out: steps of cases, writes of records, starts, messages, and what they post to others."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from engine.interpreter import events as ev
from engine.interpreter.advance import Step, advance
from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.instance import Instance
from engine.interpreter.names import moment_of
from engine.interpreter.view import Refused
from engine.language.pack import Pack
from engine.language.vocabulary import PackTypes
from engine.runtime import applying, codec, delivering, mailbox, messages, opening, record_events, sweeping
from engine.runtime.commands import Command, StartCase
from engine.runtime.mailbox import AnyDelivery, Posted
from engine.runtime.record_service import RecordService
from engine.runtime.store.errors import CannotUndo, Conflict
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import CaseRow, DeliveryRow, IncidentRow
from engine.runtime.store.statements import DELIVERIES, EFFECTS, INCIDENTS, RECORDS
from engine.runtime.store.transaction import Transaction
from engine.runtime.view import Saved, SqlView

if TYPE_CHECKING:
    from engine.runtime.runner import Runner

MOST_INLINE = 50
"""Deliveries carried out in the transaction that caused them (R10)."""
INLINE_SECONDS = 0.020
MOST_DEPTH = 32
"""Causes in a row without anything from outside: beyond it somebody goes round in circles (R12)."""
STATUSES = {"active": 0, "completed": 1, "cancelled": 2, "failed": 3}


class Handling:
    """`tx` is the batch's transaction. Everything here may run again from the start, so it keeps nothing elsewhere."""

    def __init__(self, runner: Runner, tx: Transaction, command: Command) -> None:
        self.runner, self.tx, self.command = runner, tx, command
        self.packs = runner.packs
        self.reader = Reader(tx.connection, tx.dialect)
        """Reads that do not flush the batch: what it holds must be laid over by whoever uses it."""
        self.fresh: set[tuple[str, int]] = set()
        """Records that this command made: nobody else can know them yet, so nobody need be asked about them."""
        self.mail: deque[Posted] = deque()
        self.depth = 0
        self.cause: str | None = None

    # ---- views and cases

    def active(self) -> tuple[Pack, PackTypes]:
        """The definitions in force."""
        live = self.packs.live(self.reader)
        return live.pack, live.types

    def compiled(self, definition_id: int) -> CompiledWorkflow:
        """What a case runs on: its closure as deployed, everything else as it is now."""
        return self.packs.pack_for(self.reader, definition_id).compiled

    def definition_of(self, workflow: str) -> int:
        """The definition on which new cases start."""
        found = self.packs.definition_id(self.reader, workflow)
        if found is None:
            raise Refused("not-found", f"there is no workflow '{workflow}'", f"没有流程“{workflow}”")
        return found

    def view(
        self,
        actor: str | None,
        compiled: CompiledWorkflow | None = None,
        changed_fields: Mapping[str, Collection[str]] | None = None,
    ) -> SqlView:
        """The world for one step: on the case's own closure, or on the active pack."""
        pack, types = (compiled.pack, compiled.types) if compiled is not None else self.active()
        now = moment_of(self.tx.now)
        return SqlView(self.tx, pack, types, now, ids=self.tx.ids, actor=actor, changed_fields=changed_fields)

    def case_row(self, case: int) -> CaseRow:
        row = self.tx.load_case(case)
        if row is None:
            raise Refused("not-found", f"there is no case {case}", f"没有编号为 {case} 的事项")
        return row

    def tell_case(self, case: int, event: ev.Outside, actor: str | None) -> dict[str, Any]:
        """An event for a case, worked out and saved; what a caller learns of it."""
        after = self.step(self.case_row(case), event, actor)
        return told(after)

    def step(self, row: CaseRow, event: ev.Outside, actor: str | None) -> CaseRow:
        """One step of a case. An event that means nothing now changes nothing."""
        compiled = self.compiled(row.definition_id)
        view = self.view(actor, compiled)
        step = advance(compiled, codec.decode_case(row.state), event, view, self.tx.now)
        return self.save(row, step, view, event, actor) if step.events else row

    def save(
        self,
        row: CaseRow,
        step: Step,
        view: SqlView,
        event: ev.Outside,
        actor: str | None,
        definition: int | None = None,
    ) -> CaseRow:
        """The step as rows: records, history, state, effects; then those who listen to the records are told.

        `definition`: the version that the case goes on with, where it is another one.
        """
        cause = f"{row.id}.{row.seq + 1}"
        saved = view.save(cause)
        case = step.case
        now = row._replace(
            definition_id=row.definition_id if definition is None else definition,
            state=codec.encode(case),
            status=STATUSES[case.status],
            incidents=sum(1 for token in case.tokens.values() if token.incident is not None),
            ended_at=max(self.tx.now, row.last_at) if case.status != "active" else None,
            business_key=row.business_key if case.status == "active" else None,
        )
        after = self.tx.append_step(
            row, now, kind=type(event).__name__, events=codec.encode(list(step.events)), actor=actor, cause=self.cause
        )
        outer, self.cause = self.cause, cause
        applying.apply(self.tx, after, step.effects, self.post, self.publish, self.post_after_commit)
        self.records_written(saved, view, own_case=row.id)
        self.cause = outer
        return after

    def new_instance(self, row: CaseRow) -> Instance:
        return Instance(row.id, row.workflow)

    # ---- records

    def records_written(
        self, saved: Saved, view: SqlView, own_case: int | None = None, scoring: str | None = None
    ) -> None:
        """Whoever listens to these records gets a delivery: starts, waits, conditions, scorings."""
        record_events.tell(self, saved, view, own_case, scoring)

    def create_record(self, form: str, values: Mapping[str, Any], by: str | None, cause: str | None) -> dict[str, Any]:
        view = self.view(by)
        id, saved = RecordService(view).create_record(form, values, cause=cause)
        self.records_written(saved, view)
        return {"id": str(id), "form": form, "version": 1}

    def change_record(
        self, form: str, id: int, values: Mapping[str, Any], by: str | None, version: int | None
    ) -> dict[str, Any]:
        view = self.view(by)
        saved = RecordService(view).change_record(form, id, values, version=version)
        self.records_written(saved, view)
        row = self.tx.row(RECORDS, id)
        return {"id": str(id), "form": form, "version": row.version if row is not None else 0}

    # ---- starts, messages, time: each in a room of its own

    def start_by_hand(self, command: StartCase) -> dict[str, Any]:
        return opening.by_hand(self, command)

    def press(self, case: int, button: str, by: str, fill: Mapping[str, Any]) -> dict[str, Any]:
        """A button of the case or of one of its steps, by its name."""
        row = self.case_row(case)
        for await_ in codec.decode_case(row.state).all_awaits():
            if await_.kind == "button" and await_.data.get("name") == button:
                return told(self.step(row, ev.ButtonPressed(await_.no, by, dict(fill)), by))
        raise Refused("late", f"there is no button '{button}' now", f"现在没有“{button}”这个操作")

    def publish(self, name: str, payload: Mapping[str, Any], message_id: str | None) -> dict[str, Any]:
        return messages.publish(self, name, payload, message_id)

    def sweep(self, most: int) -> int:
        return sweeping.sweep(self, most)

    def drain(self, most: int) -> int:
        return sweeping.drain(self, most)

    def mark_effect(self, effect: str) -> None:
        """The effect has its answer. A second answer is refused: law 4."""
        case, seq, n = (int(part) for part in effect.split("."))
        row = self.tx.row(EFFECTS, case, seq, n)
        if row is None or row.state == 1:
            raise Refused("late", "this call has its answer already", "该调用已有结果")
        self.tx.batch.change(EFFECTS, row, row._replace(state=1, answered_at=self.tx.now))

    # ---- the mailbox

    def post(self, delivery: AnyDelivery) -> None:
        self.mail.append(Posted(delivery, self.cause, self.depth + 1))

    def post_after_commit(self, delivery: AnyDelivery) -> None:
        """A look that only counts once this transaction is there for others to see.

        Where one writer follows the other (SQLite) nothing can have happened in between, and none is needed.
        """
        if self.tx.dialect.name == "postgresql":
            self.keep(Posted(delivery, self.cause, self.depth + 1))

    def settle_mail(self) -> None:
        """Carries out what was posted while the bound lasts; the rest goes into the mailbox."""
        begun, done = time.perf_counter(), 0
        while self.mail:
            posted = self.mail.popleft()
            over = done >= MOST_INLINE or time.perf_counter() - begun > INLINE_SECONDS
            if over or self.command.alone:
                self.keep(posted)
                continue
            done += 1
            self.carry(posted)

    def carry(self, posted: Posted) -> None:
        """One delivery, in this transaction. If it fails it is undone and waits in the mailbox for its next try."""
        if posted.depth > MOST_DEPTH:
            self._runaway(posted)
            return
        mark, waiting = self.tx.batch.mark(), len(self.mail)
        outer = self.depth, self.cause
        self.depth, self.cause = posted.depth, posted.cause
        try:
            delivering.deliver(self, posted.delivery)
        except CannotUndo:
            raise
        except Conflict:
            self._undo(mark, waiting)
            self.keep(posted)
        except Exception as fault:
            if self.tx.dialect.owns(fault):
                raise
            self._undo(mark, waiting)
            delivering.failed(self, posted, fault)
        finally:
            self.depth, self.cause = outer

    def _undo(self, mark: Any, waiting: int) -> None:
        try:
            self.tx.batch.truncate(mark)
        except CannotUndo as cannot:
            # what the delivery wrote cannot be taken back alone: run the command again without carrying anything out
            self.command.alone = True
            raise Conflict("a delivery failed after its writes were flushed") from cannot
        while len(self.mail) > waiting:
            self.mail.pop()

    def keep(self, posted: Posted, attempts: int = 0, not_before: int | None = None) -> None:
        self.tx.batch.put(
            DELIVERIES,
            DeliveryRow(
                self.tx.ids.next(),
                mailbox.case_of(posted.delivery),
                None,
                mailbox.encode(posted.delivery),
                posted.cause,
                posted.depth,
                attempts,
                self.tx.now if not_before is None else not_before,
            ),
        )

    def _runaway(self, posted: Posted) -> None:
        case = mailbox.case_of(posted.delivery)
        text = f"{MOST_DEPTH} causes in a row without anything from outside; last: {posted.cause}"
        self.tx.batch.put(
            INCIDENTS,
            IncidentRow(
                self.tx.ids.next(), case, None, None, "runaway", text, mailbox.encode(posted.delivery), self.tx.now
            ),
        )


def told(row: CaseRow) -> dict[str, Any]:
    """What a caller learns of a case after its event."""
    names = {number: name for name, number in STATUSES.items()}
    case = codec.decode_case(row.state)
    return {"case": str(row.id), "status": names[row.status], "result": case.result, "seq": row.seq}
