"""An armed event happened: an interrupt moves the token, a meanwhile begins a second path (LANGUAGE section 4, 13.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter import paths
from engine.interpreter.copies import MORE
from engine.interpreter.dispatch import carry_out_event, resume_with
from engine.interpreter.events import Await, Plain
from engine.interpreter.instance import Scope, Token
from engine.interpreter.names import microseconds_of, moment_of
from engine.interpreter.run import Run
from engine.interpreter.tagged import to_tagged
from engine.interpreter.view import Refused
from engine.interpreter.work import Work
from engine.language.expressions.things import Row
from engine.language.kinds.events import Event, Trigger

AGAIN = frozenset({"created", "changed", "deleted", "becomes", "message", "signal", "every", "button"})
"""Events that may come again while their step runs."""


def may_come_again(trigger: Event) -> bool:
    """Whether it may fire several times in a run (LANGUAGE 13.6): not `after`, `once`, and an `at` that reads no record."""
    if trigger.at is not None:
        parts = [part.reads for part in (trigger.at.base, trigger.at.number) if part is not None]
        reads = {path for paths in parts for path in paths if path[0] not in PLAIN and path[:1] != ("case",)}
        return bool(reads) or any(path[0] == "case" and len(path) > 2 for paths in parts for path in paths)
    return trigger.kind in AGAIN or trigger.escalation is not None


PLAIN = frozenset({"steps", "starter", "assignee", "person", "message"})
"""Names that hold no record which a timer could follow."""


def event_of(work: Work, token: Token | None, await_: Await) -> Event | None:
    """The definition's event that an await stands for, by its purpose."""
    kind, _, name = await_.purpose.partition(":")
    if kind in ("interrupt", "meanwhile"):
        owner: Any = work.workflow.node(token.node) if token is not None else work.workflow.definition
        trigger: Event | None = (getattr(owner, kind) or {}).get(name)
        return trigger
    if token is None:
        return None
    node = work.workflow.node(token.node)
    if await_.purpose == MORE and node.for_each is not None:
        return node.for_each.more_on
    return node.event_for(await_.purpose)


def happen(work: Work, token: Token | None, scope: Scope, await_: Await, event: ev.AnyEvent) -> bool:
    """The awaited thing happened. False when the event's `if` says that it means nothing now."""
    kind, _, name = await_.purpose.partition(":")
    trigger = event_of(work, token, await_)
    if _other_fields(trigger, event):
        return False
    if kind not in ("interrupt", "meanwhile"):
        assert token is not None
        return resume_with(work, token, event, await_)
    assert isinstance(trigger, Trigger)
    run = scope_run(work, token)
    message = message_of(run, event)
    if message is not None:
        run.names["message"] = message
    if trigger.if_ is not None and not run.holds(trigger.if_):
        if isinstance(event, ev.ButtonPressed):
            raise Refused("not-now", "this is not possible now", "现在不能执行此操作")
        _again(work, token, scope, await_, trigger, event)
        return False
    if isinstance(event, ev.ButtonPressed):
        press(run, trigger, event)
    if isinstance(event, ev.MessageArrived):
        take_message(run, trigger, event)
    by = event.by if isinstance(event, ev.ButtonPressed) else None
    work.record(ev.EventFired(await_.no, name, by))
    plain = {key: to_tagged(value) for key, value in message.items()} if message is not None else None
    if kind == "interrupt":
        carry_out_event(work, token, await_.no, lambda: interrupt(work, token, trigger, f"interrupt {name}", plain))
    else:
        _again(work, token, scope, await_, trigger, event)
        carry_out_event(work, token, await_.no, lambda: _meanwhile(work, token, scope, trigger, name, plain))
    return True


def _other_fields(trigger: Event | None, event: ev.AnyEvent) -> bool:
    """A record changed, but none of the fields that `changed:` with `fields:` is about."""
    if not isinstance(event, ev.RecordHappened) or event.what != "changed" or trigger is None or not trigger.fields:
        return False
    return not {str(field) for field in trigger.fields}.intersection(event.fields)


def interrupt(
    work: Work, token: Token | None, trigger: Trigger, why: str, message: Mapping[str, Plain] | None = None
) -> None:
    """The step, or the whole case, is withdrawn with all it holds; the token leaves by the event's arrow."""
    if token is None:
        work.close_awaits(work.case.scopes[0].awaits.values())
        work.record(ev.Armed(0, (), tuple(work.case.scopes[0].awaits)))
        work.withdraw_scope(0, why)
        if trigger.next != "end":
            work.place(0, str(trigger.next), message=message)
        return
    target = token.came if trigger.next == "back" else str(trigger.next)
    came, scope, path, node = token.came, token.scope, token.path, token.node
    work.withdraw([token.no], why)
    if target != "end":
        work.place(scope, target, came if trigger.next == "back" else node, f"{node}>{target}", path, message)


def _meanwhile(
    work: Work, token: Token | None, scope: Scope, trigger: Trigger, name: str, message: Mapping[str, Plain] | None
) -> None:
    inside = token.scope if token is not None else scope.no
    came = token.node if token is not None else ""
    path = f"{came}~{name}" if may_come_again(trigger) else ""
    paths.second_path(work, inside, str(trigger.next), came, path, message)


def _again(work: Work, token: Token | None, scope: Scope, await_: Await, trigger: Event, event: ev.AnyEvent) -> None:
    """After firing (or being passed over): armed for the next time, or gone."""
    if isinstance(event, ev.TimerFired) and trigger.kind == "every":
        count = await_.count + 1
        if trigger.times is None or count < trigger.times:
            due = next_due(scope_run(work, token), trigger, event.due)
            work.record(ev.Looked(await_.no, None, (), due, count))
            work.emit(fx.SetTimer(await_.no, due, token.node if token else "", await_.purpose))
            return
    elif isinstance(event, ev.TimerFired) and await_.keys:
        work.record(ev.Looked(await_.no, None, await_.keys, None, await_.count + 1))
        return
    elif trigger.kind in AGAIN:
        return
    gone = await_ if not isinstance(event, ev.TimerFired) else None
    if gone is not None:
        work.close_awaits([gone])
    if token is not None:
        work.record(ev.Waited(token.no, (), (await_.no,)))
    else:
        work.record(ev.Armed(scope.no, (), (await_.no,)))


def next_due(run: Run, event: Event, due: int) -> int:
    """When an `every` comes again: counted from when it was due, so it does not drift; after downtime the last missed one has
    fired, and the next lies ahead (RUNTIME R40)."""
    calendar = run.view.calendar(run.work.workflow.definition.calendar)
    while True:
        due = microseconds_of(calendar.next_firing(event.every, moment_of(due)))
        if due > run.work.at:
            return due


def scope_run(work: Work, token: Token | None) -> Run:
    """A window for the case as a whole where no token stands."""
    return Run(work, token if token is not None else Token(0, 0, "", opened=work.case_opened))


def message_of(run: Run, event: ev.AnyEvent) -> Row | None:
    """What `message` is in the event's keys: a message's fields by their types, or the record that was written."""
    if isinstance(event, ev.MessageArrived):
        fields = run.work.workflow.types.message(event.name)
        return Row({name: run.typed(value, fields[name]) for name, value in event.payload.items() if name in fields})
    if isinstance(event, ev.RecordHappened):
        record = run.view.record(event.form, event.id)
        return Row(record=record) if record is not None else Row()
    return None


def take_message(run: Run, event: Event, arrived: ev.MessageArrived) -> None:
    """`into`: the message's fields are written where the event says."""
    fields = run.work.workflow.types.message(arrived.name)
    values = [(path, run.typed(arrived.payload.get(name), fields[name])) for name, path in (event.into or {}).items()]
    for path, value in values:
        run.write(str(path), value)


def may_press(run: Run, trigger: Event, event: ev.ButtonPressed) -> None:
    """Refused when the button is not this person's."""
    person = run.view.person(event.by)
    if trigger.by is not None and person not in run.people(trigger.by):
        raise Refused("not-yours", "this button is not yours", "您无权执行此操作")
    if person is not None:
        run.names["person"] = person


def press(run: Run, trigger: Event, event: ev.ButtonPressed) -> None:
    """A button on the record's page: who may press it, what it asks for, what must hold."""
    may_press(run, trigger, event)
    from engine.interpreter.filling import fill_needs

    fill_needs(run, trigger.needs or (), event.fill)
    must_hold(run, trigger)


def must_hold(run: Run, trigger: Event) -> None:
    """Refused with its `say` when the button's `that` does not hold."""
    if trigger.that is not None and not run.holds(trigger.that):
        say = str(trigger.say or "")
        raise Refused(say or "not-now", say or "this is not possible now", say or "现在不能执行此操作")
