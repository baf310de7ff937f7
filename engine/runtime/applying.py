"""From the effects of a step to rows of its batch: tasks, timers, subscriptions, incidents, outgoing effects; and to the
deliveries that other targets get."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.language.durations import Duration
from engine.runtime import codec
from engine.runtime.mailbox import AnyDelivery, CancelChildren, LookAgain, Match, OpenChild, Tell, ToCase
from engine.runtime.store.queries import cases as case_queries
from engine.runtime.store.rows import (
    CandidateRow,
    CaseRow,
    CursorRow,
    EffectRow,
    IncidentRow,
    LoadRow,
    MessageRow,
    SubscriptionRow,
    TaskPersonRow,
    TaskRow,
    TimerRow,
)
from engine.runtime.store.statements import (
    CANDIDATES,
    CLEAR_AWAIT,
    CLEAR_TASK,
    CURSORS,
    DONE,
    EFFECTS,
    INCIDENTS,
    MESSAGES,
    OPEN,
    SUBSCRIPTIONS,
    TASK_PEOPLE,
    TASKS,
    TIMERS,
    WITHDRAWN,
)
from engine.runtime.store.tables.loads import OPEN_TASKS
from engine.runtime.store.transaction import Transaction

NEVER = 2**63 - 1
"""The due time of what has none: sorts last on both databases (R54)."""
KINDS = {"message": 1, "signal": 2, "record": 3, "condition": 4, "button": 5}
DECIDED = 1
OUTSIDE = 3
"""State of an effect that an outside worker fetches: no job of ours performs it."""

Post = Callable[[AnyDelivery], None]


def apply(
    transaction: Transaction,
    case: CaseRow,
    effects: tuple[fx.AnyEffect, ...],
    post: Post,
    publish: Any,
    after_commit: Post,
) -> None:
    """`case` is the row after the step. `post` takes deliveries, `publish(name, payload)` a message for other cases,
    `after_commit` looks that must not come before others can see what is written here."""
    for n, effect in enumerate(effects):
        _apply(transaction, case, n, effect, post, publish, after_commit)


def _apply(
    tx: Transaction, case: CaseRow, n: int, effect: fx.AnyEffect, post: Post, publish: Any, after_commit: Post
) -> None:
    batch = tx.batch
    match effect:
        case fx.OpenTask():
            _open_task(tx, case, effect)
        case fx.ChangeTask():
            _change_task(tx, case, effect)
        case fx.MoveDue(no, due):
            _move_due(tx, case, no, due)
        case fx.RenameNode():
            _rename(tx, case, effect)
        case fx.CloseTask():
            _close_task(tx, case, effect)
        case fx.ReopenTask(no, candidates):
            _reopen_task(tx, case, no, candidates)
        case fx.SetTimer(no, due, node, kind):
            # a timer set again was cancelled before, or removed by the sweep that fired it
            batch.put(TIMERS, TimerRow(case.id, no, no, due, node, kind))
        case fx.CancelTimer(no):
            batch.clear(CLEAR_AWAIT["timers"], case.id, no)
        case fx.Subscribe(no, kind, name, keys, node):
            for key in keys:
                row = SubscriptionRow(case.id, no, tx.ids.next(), no, KINDS[kind], name, key, node)
                batch.put(SUBSCRIPTIONS, row)
                if kind == "message":
                    post(Match(name, key))
            if kind == "condition":
                after_commit(LookAgain(keys))
            elif kind == "message":
                for key in keys:
                    after_commit(Match(name, key))
        case fx.Unsubscribe(no):
            batch.clear(CLEAR_AWAIT["subscriptions"], case.id, no)
        case fx.CallService() | fx.Notify():
            batch.put(EFFECTS, EffectRow(case.id, case.seq, n, type(effect).__name__, codec.encode(effect)))
        case fx.AskOutside():
            batch.put(EFFECTS, EffectRow(case.id, case.seq, n, "AskOutside", codec.encode(effect), OUTSIDE))
        case fx.PublishMessage(name, payload):
            publish(name, payload, None)
        case fx.PublishSignal(name):
            post(Tell(name))
        case fx.StartCase():
            _start_child(case, effect, post)
        case fx.CancelChild(no):
            post(CancelChildren(case.id, no))
        case fx.TellParent():
            _tell_parent(case, effect, post)
        case fx.OpenIncident(no, node, code, message):
            batch.put(INCIDENTS, IncidentRow(tx.ids.next(), case.id, no, node, code, message, None, tx.now))
        case fx.CloseIncident(no, by):
            _close_incident(tx, case, no, by)
        case fx.MoveCursor(name, position):
            read = tx.row_locked(CURSORS, name)
            if read is None:
                batch.put(CURSORS, CursorRow(name, position))
            else:
                batch.change(CURSORS, read, read._replace(position=position))
        case fx.CountLoad(member, kind, cap):
            batch.add_load(member, kind, 0, tx.now, None if cap is None else cap + 1)
        case fx.WithdrawCall() | fx.CreateRecord() | fx.WriteRecord() | fx.MergeRecord():
            pass  # the view has written the records; a withdrawn call's answer finds nobody


def _open_task(tx: Transaction, case: CaseRow, effect: fx.OpenTask) -> None:
    form, record = effect.record or (None, None)
    due = NEVER if effect.due is None else effect.due
    tx.batch.put(
        TASKS,
        TaskRow(
            case.id, effect.no, case.workflow, effect.node, OPEN, effect.assignee, due, effect.priority, effect.title, form, record,
            0, tx.now,
        ),
    )  # fmt: skip
    _candidates(tx, case, effect.no, effect.candidates, due)
    _load(tx, None, effect.assignee)


def _candidates(tx: Transaction, case: CaseRow, no: int, candidates: tuple[str, ...], due: int) -> None:
    for subject in dict.fromkeys(candidates):
        tx.batch.put(CANDIDATES, CandidateRow(subject, due, case.id, no))


def _load(tx: Transaction, before: str | None, after: str | None) -> None:
    if before == after:
        return
    for member, n in ((before, -1), (after, 1)):
        if member is not None:
            tx.batch.add_load(member, OPEN_TASKS, n, tx.now)


def _change_task(tx: Transaction, case: CaseRow, effect: fx.ChangeTask) -> None:
    task = tx.row(TASKS, case.id, effect.no)
    if task is None:
        raise LookupError(f"case {case.id} has no task {effect.no}")
    due = NEVER if effect.due is None else effect.due
    claimed = tx.now if effect.begun else None
    now = task._replace(assignee=effect.assignee, due_at=due, claimed_at=claimed, version=task.version + 1)
    tx.batch.change(TASKS, task, now)
    tx.batch.clear(CLEAR_TASK["task_candidates"], case.id, effect.no)
    _candidates(tx, case, effect.no, effect.candidates, due)
    _load(tx, task.assignee, effect.assignee)


def _move_due(tx: Transaction, case: CaseRow, no: int, due: int | None) -> None:
    task = tx.row(TASKS, case.id, no)
    if task is not None and task.state == OPEN:
        tx.batch.change(TASKS, task, task._replace(due_at=NEVER if due is None else due, version=task.version + 1))


def _rename(tx: Transaction, case: CaseRow, effect: fx.RenameNode) -> None:
    """A task and a timer are shown under their node's name of now."""
    task, timer = tx.row(TASKS, case.id, effect.no), tx.row(TIMERS, case.id, effect.no)
    if task is not None:
        tx.batch.change(TASKS, task, task._replace(node=effect.node, title=effect.title, version=task.version + 1))
    if timer is not None:
        tx.batch.change(TIMERS, timer, timer._replace(node=effect.node))


def _close_task(tx: Transaction, case: CaseRow, effect: fx.CloseTask) -> None:
    task = tx.row(TASKS, case.id, effect.no)
    if task is None or task.state != OPEN:
        return  # done by its press, then given up with the rest of its step
    state = WITHDRAWN if effect.outcome is None else DONE
    now = task._replace(
        state=state,
        outcome=effect.outcome,
        closed_at=tx.now,
        assignee=effect.by or task.assignee,
        version=task.version + 1,
    )
    tx.batch.change(TASKS, task, now)
    tx.batch.clear(CLEAR_TASK["task_candidates"], case.id, effect.no)
    _load(tx, task.assignee, None)
    if effect.by is not None:
        tx.batch.put(TASK_PEOPLE, TaskPersonRow(f"person:{effect.by}", DECIDED, tx.now, case.id, effect.no))


def _reopen_task(tx: Transaction, case: CaseRow, no: int, candidates: tuple[str, ...]) -> None:
    task = tx.row(TASKS, case.id, no)
    if task is None:
        raise LookupError(f"case {case.id} has no task {no}")
    tx.batch.change(TASKS, task, task._replace(state=OPEN, outcome=None, closed_at=None, version=task.version + 1))
    _candidates(tx, case, no, candidates, task.due_at)
    _load(tx, None, task.assignee)


def _start_child(case: CaseRow, effect: fx.StartCase, post: Post) -> None:
    event = ev.CaseStarted(
        start=effect.start,
        by=None,
        record=effect.record,
        data=effect.data,
        parent=(case.id, effect.no),
        depth=effect.depth,
        body=effect.body,
        item=effect.item,
        starter=effect.by,
        detached=effect.detached and not effect.body,
    )
    post(OpenChild(effect.workflow, event, case.definition_id if effect.body else None))


def _tell_parent(case: CaseRow, effect: fx.TellParent, post: Post) -> None:
    if case.parent_id is None or case.parent_no is None:
        return
    if effect.escalation is not None:
        post(ToCase(case.parent_id, ev.EscalationRaised(case.parent_no, effect.escalation)))
    else:
        post(ToCase(case.parent_id, ev.ChildEnded(case.parent_no, effect.result, effect.error, effect.answer)))


def _close_incident(tx: Transaction, case: CaseRow, no: int, by: str | None) -> None:
    for row in case_queries.incidents_of_case(tx, case.id):
        if row.token == no and row.closed_at is None:
            tx.batch.change(INCIDENTS, row, row._replace(closed_at=tx.now, closed_by=by))


def keep_message(tx: Transaction, name: str, key: str, payload: Any, message_id: str | None, expires: int) -> None:
    text = msgspec.json.encode(payload).decode()
    tx.batch.put(MESSAGES, MessageRow(tx.ids.next(), name, key, text, message_id, expires))


__all__ = ["KINDS", "NEVER", "Duration", "LoadRow", "apply", "keep_message"]
