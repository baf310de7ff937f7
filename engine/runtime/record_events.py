"""What a written record means for others (RUNTIME R15): cases that begin, cases that wait, conditions, scores.

A case does not see its own step's `changed`, nor a scoring its own writes; a case's own conditions are looked at by its
step itself.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from engine.interpreter import events as ev
from engine.interpreter.tagged import to_tagged
from engine.language.expressions.context import CONTEXT
from engine.language.expressions.plain import from_plain
from engine.language.expressions.things import Record, Row
from engine.language.kinds.form import Form
from engine.language.vocabulary import PackTypes
from engine.runtime import mailbox
from engine.runtime.form_facts import facts_of
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
        _starts(handling, listeners, active, change)
        _waits(handling, active, change, own_case)
    _conditions(handling, saved, new, own_case)


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


def _waits(handling: Handling, view: SqlView, change: RecordChange, own_case: int | None) -> None:
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
            handling.post(mailbox.ToCase(row.case_id, ev.RecordHappened(row.no, what, change.form, change.id, fields)))


def _conditions(handling: Handling, saved: Saved, new: set[str], own_case: int | None) -> None:
    by_case: dict[int, set[str]] = defaultdict(set)
    for key in sorted(saved.touched):
        for row in subscribers(handling, "condition", "", key, in_database=key not in new):
            if row.case_id != own_case:
                by_case[row.case_id].add(key)
    watched = tuple(sorted(set(saved.touched) - new))
    if watched:
        handling.post_after_commit(mailbox.LookAgain(watched))
    for case, keys in sorted(by_case.items()):
        handling.post(mailbox.ToCase(case, ev.RecordsTouched(tuple(sorted(keys)))))


def _starts(handling: Handling, listeners: Listeners, view: SqlView, change: RecordChange) -> None:
    _, types = handling.active()
    for start in listeners.by_form.get(change.form, ()):
        record = view.record(change.form, change.id)
        if record is None or change.merged_into is not None:
            continue
        kind = start.trigger.kind
        if kind != "becomes" and (kind == "created") != change.created:
            continue
        if kind == "changed" and start.trigger.fields and not change.fields & {str(f) for f in start.trigger.fields}:
            continue
        if kind == "becomes" and not _became(view, types, start, change, record):
            continue
        case_record = _case_record(start, record)
        if start.workflow.case is not None and case_record is None:
            continue
        env: dict[str, Any] = {CONTEXT: view.context, change.form: record, "message": Row(record=record)}
        if case_record is not None:
            env[case_record.form] = case_record
        if start.trigger.if_ is not None and start.trigger.if_.run(env) is not True:
            continue
        key = (case_record.form, case_record.id) if case_record is not None else None
        message = {"record": to_tagged(record)} if kind != "becomes" else None
        handling.post(mailbox.Start(start.workflow.name, start.name, key, message))


def _case_record(start: Start, record: Record) -> Record | None:
    """The record that the new case follows: this one, or the one that it points at by `of`."""
    form = start.workflow.case
    if form is None or record.form == form:
        return record if form is not None else None
    target = record[str(start.trigger.of)] if start.trigger.of is not None else None
    return target if isinstance(target, Record) and target.form == form else None


def _became(view: SqlView, types: PackTypes, start: Start, change: RecordChange, record: Record) -> bool:
    """`becomes` in a start: true now and not before; a new record counts as false before."""
    expression = start.trigger.becomes
    assert expression is not None
    if expression.run({CONTEXT: view.context, record.form: record}) is not True:
        return False
    if change.created:
        return True
    before = Record(record.form, record.id, source=_Before(view, types, change, record))
    return expression.run({CONTEXT: view.context, record.form: before}) is not True


class _Before:
    """A record as it was before the change: its own fields from the change, all else as it is now."""

    def __init__(self, view: SqlView, types: PackTypes, change: RecordChange, now: Record) -> None:
        self.view, self.types, self.change, self.now = view, types, change, now

    def look_up(self, record: Record, field: str) -> Any:
        if field in self.change.changes:
            type_ = self.view.type_of(record.form, field)
            old = self.change.changes[field][0]
            return from_plain(old, type_, self.view) if type_ is not None else None
        form = self.view.pack.get(Form, record.form)
        declared = form.fields.get(field) if form is not None else None
        if declared is not None and declared.formula is not None:
            rules = facts_of(self.view.pack, self.types).rules(record.form)
            return rules.formula(field, record, self.view.context)
        return self.now[field]


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
