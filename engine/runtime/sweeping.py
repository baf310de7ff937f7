"""What must be done now: due timers and schedules, and deliveries in the mailbox (RUNTIME R10, R37-R40).

Each is an event of its own with its own mark: one that fails is undone alone, waits longer, and after five tries an
operator is told. The queue never waits for it (R25).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from engine.interpreter import events as ev
from engine.interpreter.names import microseconds_of, moment_of
from engine.interpreter.view import Refused
from engine.language.kinds.scoring import Scoring
from engine.runtime import delivering, mailbox
from engine.runtime.applying import NEVER
from engine.runtime.mailbox import Posted
from engine.runtime.store.errors import CannotUndo, CaseBusy, Conflict
from engine.runtime.store.queries import due
from engine.runtime.store.rows import CursorRow, DeliveryRow, IncidentRow, TimerRow
from engine.runtime.store.statements import CURSORS, DELIVERIES, INCIDENTS, TIMERS

if TYPE_CHECKING:
    from engine.runtime.handling import Handling

TRIES = 5
_log = logging.getLogger(__name__)


def sweep(handling: Handling, most: int) -> int:
    """Fires what is due, earliest first; how many. `alone`: one only, as the last try before giving it more time."""
    most = 1 if handling.command.alone else most
    fired = schedules(handling)
    for timer in due.claim_timers(handling.tx, handling.tx.now, most):
        if handling.tx.row(TIMERS, timer.case_id, timer.no) == timer:  # not withdrawn by one that fired before it
            _fire(handling, timer)
            fired += 1
    return fired


def _fire(handling: Handling, timer: TimerRow) -> None:
    tx = handling.tx
    mark = tx.batch.mark()
    mail = len(handling.mail)
    try:
        row = tx.load_case(timer.case_id)
        tx.batch.remove(TIMERS, (timer.case_id, timer.no))
        if row is None or row.status != 0:
            return
        try:
            handling.step(row, ev.TimerFired(timer.no, timer.due_at), None)
        except Refused as refused:
            if refused.code != "late":
                handling.step(row, ev.StepFailed(timer.no, refused.code, refused.en), None)
    except CaseBusy:
        _undo(handling, mark, mail)
    except Conflict:
        raise
    except CannotUndo:
        raise
    except Exception as fault:
        if tx.dialect.owns(fault):
            raise
        _undo(handling, mark, mail)
        _later(handling, timer, fault)


def _undo(handling: Handling, mark: object, mail: int) -> None:
    try:
        handling.tx.batch.truncate(mark)  # type: ignore[arg-type]
    except CannotUndo as cannot:
        handling.command.alone = True
        raise Conflict("what failed was flushed with others: again, one at a time") from cannot
    while len(handling.mail) > mail:
        handling.mail.pop()


def _later(handling: Handling, timer: TimerRow, fault: Exception) -> None:
    _log.error("a timer failed: %s", timer, exc_info=fault)
    tx, attempts = handling.tx, timer.attempts + 1
    if attempts < TRIES:
        again = tx.now + (1_000_000 << attempts)
        tx.batch.change(TIMERS, timer, timer._replace(due_at=again, attempts=attempts))
        return
    tx.batch.remove(TIMERS, (timer.case_id, timer.no))
    text = f"{type(fault).__name__}: {fault}"[:2000]
    tx.batch.put(
        INCIDENTS,
        IncidentRow(tx.ids.next(), timer.case_id, timer.no, timer.node, "timer-failed", text, None, tx.now),
    )


def drain(handling: Handling, most: int) -> int:
    """Hands out deliveries that wait; those of one sender in their order (R13)."""
    tx, done = handling.tx, 0
    most = 1 if handling.command.alone else most
    for row in due.claim_deliveries(tx, tx.now, most):
        posted = Posted(mailbox.decode(row.event), row.cause, row.depth)
        mark, mail = tx.batch.mark(), len(handling.mail)
        handling.depth, handling.cause = row.depth, row.cause
        try:
            delivering.deliver(handling, posted.delivery)
            tx.batch.remove(DELIVERIES, (row.id,))
            done += 1
        except CaseBusy:
            _undo(handling, mark, mail)
        except (Conflict, CannotUndo):
            raise
        except Exception as fault:
            if tx.dialect.owns(fault):
                raise
            _undo(handling, mark, mail)
            _failed(handling, row, fault)
    handling.depth, handling.cause = 0, None
    handling.command.alone = False
    return done


def _failed(handling: Handling, row: DeliveryRow, fault: Exception) -> None:
    _log.error("a delivery failed: %s", row.event, exc_info=fault)
    tx, attempts = handling.tx, row.attempts + 1
    pause = min(1_000_000 << attempts, delivering.LONGEST_PAUSE)
    tx.batch.change(DELIVERIES, row, row._replace(attempts=attempts, not_before=tx.now + pause))
    if attempts >= TRIES:
        text = f"{type(fault).__name__}: {fault}"[:2000]
        tx.batch.put(
            INCIDENTS,
            IncidentRow(tx.ids.next(), row.case_id, None, None, "not-delivered", text, row.event, tx.now),
        )


# ---- schedules: starts and scorings that come back by the clock


def schedules(handling: Handling) -> int:
    """Fires what is scheduled and due; after downtime the last one missed, then the next after now (R40)."""
    pack, _ = handling.active()
    fired = 0
    view = handling.view(None)
    for name, what, event in handling.runner.listeners(pack).scheduled:
        schedule = event.every
        row = handling.tx.row(CURSORS, name)
        calendar = view.calendar(None if isinstance(what, Scoring) else what.workflow.calendar)
        if row is None:
            handling.tx.batch.put(CURSORS, CursorRow(name, microseconds_of(calendar.next_firing(schedule, view.now))))
            continue
        if row.position > handling.tx.now:
            continue
        following = microseconds_of(calendar.next_firing(schedule, moment_of(row.position)))
        while following <= handling.tx.now:
            following = microseconds_of(calendar.next_firing(schedule, moment_of(following)))
        if event.times is not None and handling.tx.next_turn(f"{name}/times") >= event.times:
            following = NEVER
        handling.tx.batch.change(CURSORS, row, row._replace(position=following))
        if isinstance(what, Scoring):
            handling.post(mailbox.RescoreAll(what.name))
        else:
            handling.post(mailbox.Start(what.workflow.name, what.name))
        fired += 1
    return fired
