"""Carries out one delivery: an event for a case, a child, a start, a message, a signal, a cancelled child, a score."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from engine.interpreter import events as ev
from engine.interpreter.view import Refused
from engine.language.kinds.scoring import Model, Scoring
from engine.rules.scored import score_record, scorer_of
from engine.runtime import in_order, mailbox, messages, opening
from engine.runtime.applying import KINDS
from engine.runtime.mailbox import AnyDelivery, Posted
from engine.runtime.store.queries import cases as case_queries
from engine.runtime.store.queries import records as record_queries
from engine.runtime.store.queries import waiting
from engine.runtime.store.rows import IncidentRow
from engine.runtime.store.statements import INCIDENTS
from engine.runtime.subscribers import subscribers

if TYPE_CHECKING:
    from engine.runtime.handling import Handling

CHUNK = 5000
PAGE = 200
TRIES = 5
LONGEST_PAUSE = 3_600_000_000
_log = logging.getLogger(__name__)


def deliver(handling: Handling, delivery: AnyDelivery) -> None:
    """Raises Conflict when its target is busy, anything else when it fails."""
    match delivery:
        case mailbox.ToCase(case, event):
            _to_case(handling, case, event)
        case mailbox.OpenChild():
            opening.child(handling, delivery)
        case mailbox.Start():
            opening.by_event(handling, delivery)
        case mailbox.Match(name, key):
            messages.match(handling, name, key)
        case mailbox.LookAgain(keys):
            look_again(handling, keys)
        case mailbox.Tell():
            _signal(handling, delivery)
        case mailbox.CancelChildren(parent, no):
            for child in case_queries.active_children(handling.tx, parent):
                if child.parent_no == no:
                    handling.post(mailbox.ToCase(child.id, ev.CaseCancelled(why="withdrawn")))
        case mailbox.Rescore(scoring, form, id):
            rescore(handling, scoring, form, id)
        case mailbox.RescoreAll():
            _rescore_all(handling, delivery)


def _to_case(handling: Handling, case: int, event: ev.Outside) -> None:
    row = handling.tx.load_case(case)
    if row is None or row.status != 0:
        return  # it is over: what comes late means nothing (R14)
    try:
        handling.step(row, event, None)
    except Refused as refused:
        no = getattr(event, "no", None)
        if refused.code == "late" or no is None:
            return
        # a rule does not hold, and no person is there to be told: an incident on what awaited the event
        handling.step(row, ev.StepFailed(no, refused.code, refused.en), None)


def look_again(handling: Handling, keys: tuple[str, ...]) -> None:
    """Every case with a condition over one of these records looks at it once more; one that fired does not again."""
    for key in keys:
        for row in subscribers(handling, "condition", "", key):
            handling.post(mailbox.ToCase(row.case_id, ev.RecordsTouched((key,))))


def _signal(handling: Handling, tell: mailbox.Tell) -> None:
    last = tell.last
    if last is None:
        last = waiting.last_subscription(handling.tx, KINDS["signal"], tell.name, "")
    rows = waiting.subscriptions_up_to(handling.tx, KINDS["signal"], tell.name, "", tell.after, last, CHUNK)
    in_order.post(handling, [(row.case_id, row.no, ev.SignalReceived(row.no, tell.name)) for row in rows])
    if tell.last is None:
        for start in handling.runner.listeners(handling.active()[0]).by_signal.get(tell.name, ()):
            handling.post(mailbox.Start(start.workflow.name, start.name))
    if len(rows) == CHUNK:
        handling.post(mailbox.Tell(tell.name, rows[-1].id, last))


def rescore(handling: Handling, name: str, form: str, id: int) -> None:
    """Works out a record's score anew and writes it if it differs; its own write does not wake it again."""
    pack, _ = handling.active()
    scoring = pack.get(Scoring, name)
    if scoring is None:
        return
    scorer = scorer_of(scoring, pack.kind(Model))
    view = handling.view(None)
    record = view.record(form, id)
    if record is None or isinstance(scorer, list):
        return
    _, writes, _ = score_record(scoring, scorer, record, view.context)
    fresh = {field: value for field, value in writes.items() if record[field] != value}
    if not fresh:
        return
    view.write(record, fresh)
    if view.settle():
        return  # the record is at odds with its rules already: a score is no reason to fail
    saved = view.save(f"scoring {name}")
    handling.records_written(saved, view, scoring=name)


def _rescore_all(handling: Handling, delivery: mailbox.RescoreAll) -> None:
    pack, _ = handling.active()
    scoring = pack.get(Scoring, delivery.scoring)
    if scoring is None:
        return
    rows = record_queries.records_of_form(handling.tx, scoring.of, delivery.after, PAGE)
    for row in rows:
        if row.merged_into is None:
            handling.post(mailbox.Rescore(delivery.scoring, scoring.of, row.id))
    if len(rows) == PAGE:
        handling.post(mailbox.RescoreAll(delivery.scoring, rows[-1].id))


def failed(handling: Handling, posted: Posted, fault: Exception, attempts: int = 0) -> None:
    """A delivery that failed waits longer each time; after five tries it is parked, and an operator is told (R25)."""
    _log.error("a delivery failed: %s", posted.delivery, exc_info=fault)
    attempts += 1
    pause = min(1_000_000 << attempts, LONGEST_PAUSE)
    handling.keep(posted, attempts, handling.tx.now + pause)
    if attempts >= TRIES:
        case = mailbox.case_of(posted.delivery)
        text = f"{type(fault).__name__}: {fault}"[:2000]
        event = mailbox.encode(posted.delivery)
        row = IncidentRow(handling.tx.ids.next(), case, None, None, "not-delivered", text, event, handling.tx.now)
        handling.tx.batch.put(INCIDENTS, row)
