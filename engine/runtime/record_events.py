"""What a written record means for others (RUNTIME R15): cases that begin, cases that wait, conditions, scores.

First the cases that wait, each in the order of LANGUAGE 12.2, then starts of other cases. A case does not see its own step's
`changed`, nor a scoring its own writes; a case's own conditions are looked at by its step itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.interpreter import events as ev
from engine.interpreter.tagged import to_tagged
from engine.language.expressions.context import CONTEXT
from engine.language.expressions.things import Record, Row
from engine.language.kinds.form import Form
from engine.runtime import in_order, mailbox
from engine.runtime.before import Before
from engine.runtime.listeners import Listeners, Start
from engine.runtime.saving import RecordChange
from engine.runtime.subscribers import subscribers
from engine.runtime.view import Saved, SqlView

if TYPE_CHECKING:
    from engine.runtime.handling import Handling

ANYWHERE = "*"


def tell(handling: Handling, saved: Saved, view: SqlView, own_case: int | None, scoring: str | None) -> None:
    """Posts a delivery to everyone who listens to these changes."""
    if not saved.changes and not saved.touched:
        return
    pack, _ = handling.active()
    listeners = handling.runner.listeners(pack)
    active = view
    if view.pack is not pack:
        active = handling.view(view.actor, changed_fields={change.key: change.fields for change in saved.changes})
    handling.fresh.update((change.form, change.id) for change in saved.changes if change.created)
    new = {f"{form}:{id}" for form, id in handling.fresh}
    for change in saved.changes:
        _scores(handling, listeners, active, change, scoring)
    heard = [one for change in saved.changes for one in _waits(handling, active, change, own_case)]
    in_order.post(handling, [*heard, *_conditions(handling, saved, new, own_case)])
    before = Before(active, handling.active()[1], saved.changes)
    for change in saved.changes:
        _starts(handling, listeners, active, before, change)
    _starts_above(handling, listeners, active, before, saved)


def _references(view: SqlView, change: RecordChange) -> list[str]:
    """The records that this one points at, as form:id."""
    form = view.pack.get(Form, change.form)
    record = view.record(change.form, change.id)
    if form is None or record is None:
        return []
    found = []
    for name, field in form.fields.items():
        if field.type == "record":
            target = record[name]
            if isinstance(target, Record):
                found.append(f"{target.form}:{target.id}")
    return found


def _waits(handling: Handling, view: SqlView, change: RecordChange, own_case: int | None) -> Iterator[in_order.Heard]:
    what = "created" if change.created else "changed"
    name = f"{what}:{change.form}"
    keys = [ANYWHERE, *_references(view, change)]
    if not change.created:
        keys.append(change.key)
    for key in dict.fromkeys(keys):
        for row in subscribers(handling, "record", name, key):
            if row.case_id == own_case and what == "changed":
                continue
            fields = () if change.created else tuple(sorted(change.fields))
            yield row.case_id, row.no, ev.RecordHappened(row.no, what, change.form, change.id, fields)


def _conditions(handling: Handling, saved: Saved, new: set[str], own_case: int | None) -> Iterator[in_order.Heard]:
    """One event a case, for all its conditions over what was touched: its step takes them in their order."""
    by_case: dict[int, tuple[list[int], set[str]]] = defaultdict(lambda: ([], set()))
    for key in sorted(saved.touched):
        for row in subscribers(handling, "condition", "", key, in_database=key not in new):
            if row.case_id != own_case:
                by_case[row.case_id][0].append(row.no)
                by_case[row.case_id][1].add(key)
    watched = tuple(sorted(set(saved.touched) - new))
    if watched:
        handling.post_after_commit(mailbox.LookAgain(watched))
    for case, (nos, keys) in sorted(by_case.items()):
        event = ev.RecordsTouched(tuple(sorted(keys)))
        for no in nos:
            yield case, no, event


def _starts(handling: Handling, listeners: Listeners, view: SqlView, before: Before, change: RecordChange) -> None:
    for start in listeners.by_form.get(change.form, ()):
        record = view.record(change.form, change.id)
        if record is None or change.merged_into is not None:
            continue
        kind = start.trigger.kind
        if kind != "becomes" and (kind == "created") != change.created:
            continue
        if kind == "changed" and start.trigger.fields and not change.fields & {str(f) for f in start.trigger.fields}:
            continue
        if kind == "becomes" and not _became(view, before, start, record):
            continue
        _start(handling, view, start, record)


def _starts_above(handling: Handling, listeners: Listeners, view: SqlView, before: Before, saved: Saved) -> None:
    """A `becomes` over a formula or a list of a record that was not written itself: what it reads over was (LANGUAGE 12.2)."""
    written = {change.key for change in saved.changes}
    for key in sorted(saved.touched - written):
        form, _, id = key.partition(":")
        for start in listeners.by_form.get(form, ()):
            record = view.record(form, int(id)) if start.trigger.kind == "becomes" else None
            if record is None or view.merged_into(record) is not None:
                continue
            if _became(view, before, start, record):
                _start(handling, view, start, record)


def _start(handling: Handling, view: SqlView, start: Start, record: Record) -> None:
    """It happened: a case begins, if the start's `if` says so and there is a record that it can follow."""
    case_record = _case_record(start, record)
    if start.workflow.case is not None and case_record is None:
        return
    env: dict[str, Any] = {CONTEXT: view.context, record.form: record, "message": Row(record=record)}
    if case_record is not None:
        env[case_record.form] = case_record
    if start.trigger.if_ is not None and start.trigger.if_.run(env) is not True:
        return
    key = (case_record.form, case_record.id) if case_record is not None else None
    message = {"record": to_tagged(record)} if start.trigger.kind != "becomes" else None
    handling.post(mailbox.Start(start.workflow.name, start.name, key, message))


def _case_record(start: Start, record: Record) -> Record | None:
    """The record that the new case follows: this one, or the one that it points at by `of`."""
    form = start.workflow.case
    if form is None or record.form == form:
        return record if form is not None else None
    target = record[str(start.trigger.of)] if start.trigger.of is not None else None
    return target if isinstance(target, Record) and target.form == form else None


def _became(view: SqlView, before: Before, start: Start, record: Record) -> bool:
    """`becomes` in a start: true now and not before; a new record counts as false before."""
    expression = start.trigger.becomes
    assert expression is not None
    if expression.run({CONTEXT: view.context, record.form: record}) is not True:
        return False
    was = before.record(record.form, record.id)
    return was is None or expression.run({CONTEXT: view.context, record.form: was}) is not True


def _scores(handling: Handling, listeners: Listeners, view: SqlView, change: RecordChange, own: str | None) -> None:
    """A scoring's `again`: a change of what it reads, or an event record that points at what it scores."""
    for scoring, event in listeners.scorings.get(change.form, ()):
        if scoring.name == own:
            continue
        if change.form == scoring.of:
            reads = listeners.scoring_reads[scoring.name]
            if event.kind == "changed" and not change.created and change.fields & reads:
                handling.post(mailbox.Rescore(scoring.name, scoring.of, change.id))
            continue
        if (event.kind == "created") != change.created:
            continue
        for key in _references(view, change):
            form, _, id = key.partition(":")
            if form == scoring.of:
                handling.post(mailbox.Rescore(scoring.name, form, int(id)))
