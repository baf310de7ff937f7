"""Opening cases: by a person's button or an operator, by an event, as a child of another case (LANGUAGE section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.interpreter import events as ev
from engine.interpreter.advance import advance, opens
from engine.interpreter.names import finder
from engine.interpreter.tagged import from_tagged
from engine.interpreter.view import Refused
from engine.language.expressions.context import CONTEXT
from engine.language.expressions.things import Person, Record, Row
from engine.language.kinds.events import Trigger
from engine.language.kinds.people import Group
from engine.language.kinds.workflow import Workflow
from engine.runtime import mailbox
from engine.runtime.commands import StartCase
from engine.runtime.store.queries import cases as case_queries
from engine.runtime.store.rows import CaseRow, IncidentRow
from engine.runtime.store.statements import CASES, INCIDENTS
from engine.runtime.view import SqlView

if TYPE_CHECKING:
    from engine.runtime.handling import Handling


def by_hand(handling: Handling, command: StartCase) -> dict[str, Any]:
    """A start that a person presses, or that an operator or a program asks for by name."""
    pack, _ = handling.active()
    workflow = pack.get(Workflow, command.workflow)
    trigger = workflow.start.get(command.start) if workflow is not None else None
    if workflow is None or trigger is None:
        known = ", ".join(workflow.start) if workflow is not None else ", ".join(pack.kind(Workflow))
        what = f"{command.workflow} {command.start}"
        raise Refused("not-found", f"there is no start '{what}'; there are: {known}", f"没有“{what}”，可用：{known}")
    by = command.actor or None
    record = _record(handling, workflow, command.record)
    view = handling.view(by)
    mine = view.record(*record) if record is not None else None
    _may_start(view, workflow, trigger, mine, by)
    if command.fill or trigger.needs:
        _fill(handling, view, workflow, trigger, mine, command.fill)
    unknown = [name for name in command.data if name not in (workflow.data or {})]
    if unknown:
        raise Refused("unknown-field", f"the workflow has no data '{unknown[0]}'", f"该流程没有数据“{unknown[0]}”")
    row = open_case(
        handling,
        workflow.name,
        ev.CaseStarted(start=command.start, by=by, record=record, data=dict(command.data), starter=by),
        by,
    )
    if row is None:
        raise _open_already(workflow)
    return {"case": str(row.id)}


def _record(handling: Handling, workflow: Workflow, id: int | None) -> tuple[str, int] | None:
    if workflow.case is None:
        if id is not None:
            raise Refused("no-record", f"'{workflow.name}' follows no record", f"“{workflow.name}”不对应记录")
        return None
    if id is None:
        raise Refused("no-record", f"say which {workflow.case} it is about", f"请指定对应的 {workflow.case}")
    if handling.view(None).record(str(workflow.case), id) is None:
        raise Refused("not-found", f"there is no {workflow.case} {id}", f"没有编号为 {id} 的 {workflow.case}")
    return str(workflow.case), id


def _env(view: SqlView, workflow: Workflow, record: Record | None, by: str | None) -> dict[str, Any]:
    env: dict[str, Any] = {CONTEXT: view.context, "case": {}, "steps": {}, "starter": view.person(by) if by else None}
    if record is not None:
        env[record.form] = record
    return env


def _may_start(view: SqlView, workflow: Workflow, trigger: Trigger, record: Record | None, by: str | None) -> None:
    env = _env(view, workflow, record, by)
    if trigger.by is not None and by is not None:
        person = view.person(by)
        if person is None or person not in _people(view, trigger.by, env):
            raise Refused("not-yours", "this button is not yours", "您无权执行此操作")
    if trigger.if_ is not None and trigger.kind in ("button", "called") and trigger.if_.run(env) is not True:
        raise Refused("not-now", "this is not possible now", "现在不能执行此操作")
    if trigger.that is not None and trigger.that.run(env) is not True:
        say = str(trigger.say or "")
        raise Refused(say or "not-now", say or "this is not possible now", say or "现在不能执行此操作")


def _people(view: SqlView, who: Any, env: Mapping[str, Any]) -> list[Person]:
    if isinstance(who, Group):
        members = view.members(who.role, who.team)
        return [p for p in members if who.where is None or who.where.run({**env, "person": p}) is True]
    value = who.run(env)
    return [p for p in (value if isinstance(value, tuple) else (value,)) if isinstance(p, Person)]


def _fill(
    handling: Handling,
    view: SqlView,
    workflow: Workflow,
    trigger: Trigger,
    record: Record | None,
    fill: Mapping[str, Any],
) -> None:
    """What the start's button asks for, written into the record."""
    needs = {str(path).rsplit(".", 1)[-1] for path in trigger.needs or ()}
    other = next((name for name in fill if name not in needs), None)
    if other is not None:
        raise Refused("not-granted", f"'{other}' cannot be written here", f"此处不能填写“{other}”")
    if record is not None and fill:
        view.write(record, fill)
    empty = next((n for n in sorted(needs) if record is None or record[n] in (None, "", ())), None)
    if empty is not None:
        raise Refused(empty, f"'{empty}' must be filled in", f"“{empty}”必须填写")
    violations = view.settle()
    if violations:
        raise Refused(violations[0].rule, violations[0].en, violations[0].zh, violations)
    handling.records_written(view.save(f"start {workflow.name}"), view)


def by_event(handling: Handling, start: mailbox.Start) -> None:
    """A start caused by a record, a message, a signal or a schedule. A second one is ignored, or told as an incident."""
    pack, _ = handling.active()
    workflow = pack.get(Workflow, start.workflow)
    if workflow is None or start.start not in workflow.start:
        return  # a later deployment took it away
    if not _means_it(handling, workflow, workflow.start[start.start], start):
        return
    event = ev.CaseStarted(start=start.start, by=start.by, record=start.record, message=start.message)
    if not _in_time(handling, workflow.name, event):
        return  # no case opens outside its time
    if open_case(handling, workflow.name, event, None) is None and workflow.second_start == "refuse":
        tx = handling.tx
        named = f"{start.record[0]} {start.record[1]}" if start.record else "-"
        text = f"'{workflow.name}' was to start for {named}, which has an open case there already"
        case = _open_for(handling, workflow.name, start.record)
        tx.batch.put(INCIDENTS, IncidentRow(tx.ids.next(), case, None, None, "second-start", text, None, tx.now))


def _means_it(handling: Handling, workflow: Workflow, trigger: Trigger, start: mailbox.Start) -> bool:
    """The `if` of a start by message, signal or schedule; a record's was asked when it was written."""
    if trigger.if_ is None or trigger.kind not in ("message", "signal", "every"):
        return True
    view = handling.view(None)
    record = view.record(*start.record) if start.record is not None else None
    env = _env(view, workflow, record, None)
    if start.message is not None:
        env["message"] = Row({name: from_tagged(value, finder(view)) for name, value in start.message.items()})
    return trigger.if_.run(env) is True


def child(handling: Handling, opened: mailbox.OpenChild) -> None:
    """A called case, or a copy of a node. It does not count for second_start. Called outside its time: an error to the caller."""
    event = opened.event
    assert isinstance(event, ev.CaseStarted)
    if not _in_time(handling, opened.workflow, event, opened.definition):
        _not_opened(handling, opened.workflow, event)
        return
    open_case(handling, opened.workflow, event, None, definition=opened.definition)


def _not_opened(handling: Handling, workflow: str, event: ev.CaseStarted) -> None:
    """A call outside the time of what it calls: an error to who waits for it, else an incident."""
    tx = handling.tx
    if event.parent is not None and not event.detached:
        handling.post(mailbox.ToCase(event.parent[0], ev.ChildEnded(event.parent[1], error="not_available")))
        return
    case = event.parent[0] if event.parent is not None else None
    text = f"'{workflow}' was called outside its time"
    tx.batch.put(INCIDENTS, IncidentRow(tx.ids.next(), case, None, None, "not-available", text, None, tx.now))


def _in_time(handling: Handling, workflow: str, event: ev.CaseStarted, definition: int | None = None) -> bool:
    """`available` of a workflow; a start that a person presses is refused by the step itself."""
    compiled = handling.compiled(definition if definition is not None else handling.definition_of(workflow))
    return opens(compiled, event, handling.view(None, compiled), handling.tx.now)


def open_case(
    handling: Handling, workflow: str, event: ev.CaseStarted, actor: str | None, definition: int | None = None
) -> CaseRow | None:
    """A new case, worked out to rest; None when the record has an open case there and a second is not allowed."""
    tx = handling.tx
    definition_id = definition if definition is not None else handling.definition_of(workflow)
    compiled = handling.compiled(definition_id)
    key = None
    if event.record is not None and event.parent is None and compiled.definition.second_start != "allow":
        key = f"{event.record[0]}:{event.record[1]}"
        if _open_for(handling, workflow, event.record) is not None:
            return None
    row = tx.open_case(
        workflow=workflow,
        definition_id=definition_id,
        state="",
        record=event.record,
        parent=event.parent,
        business_key=key,
    )
    view = handling.view(actor, compiled)
    step = advance(compiled, handling.new_instance(row), event, view, tx.now)
    return handling.save(row, step, view, event, actor)


def _open_for(handling: Handling, workflow: str, record: tuple[str, int] | None) -> int | None:
    """The open case of a record in a workflow: in this batch, or in the database."""
    if record is None:
        return None
    key = f"{record[0]}:{record[1]}"
    for row in handling.tx.batch.rows(CASES):
        if row.workflow == workflow and row.business_key == key and row.status == 0:
            return row.id
    if record in handling.fresh:
        return None
    found = case_queries.active_case_with_key(handling.reader, workflow, key)
    if found is None:
        return None
    now = handling.tx.row(CASES, found.id)
    return found.id if now is not None and now.status == 0 else None


def _open_already(workflow: Workflow) -> Refused:
    return Refused(
        "second-start", f"this record already has an open case in '{workflow.name}'", "该记录在此流程中已有进行中的事项"
    )
