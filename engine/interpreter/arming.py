"""From an event in the vocabulary (LANGUAGE section 3) to what is opened while somebody waits for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.events import Await
from engine.interpreter.names import microseconds_of
from engine.interpreter.node import (
    Child,
    Condition,
    Inside,
    Opening,
    Outside,
    Service,
    Subscription,
    Task,
    Timer,
)
from engine.interpreter.run import Run, start_of
from engine.interpreter.work import Work
from engine.language.expressions.plain import to_plain
from engine.language.expressions.things import Record
from engine.language.kinds.events import Event


def opening_of(run: Run, event: Event, purpose: str) -> Opening | None:
    """What must be opened so that `event` is heard; None for what is thrown inside (error, escalation)."""
    match event.kind:
        case "created" | "changed" | "deleted" as what:
            form = getattr(event, what)
            own = what != "created" and run.record is not None and run.record.form == form
            thing = run.owner_of(f"{event.of}.id") if event.of else run.record if own else None
            return Subscription(
                purpose, "record", f"{what}:{form}", (record_key(thing),) if thing is not None else ("*",)
            )
        case "once" | "becomes" as kind:
            return Condition(purpose, getattr(event, kind), edge=kind == "becomes")
        case "message":
            values = {name: run.evaluate(expression) for name, expression in (event.match or {}).items()}
            return Subscription(purpose, "message", str(event.message), (message_key(values),))
        case "signal":
            return Subscription(purpose, "signal", str(event.signal), ("",))
        case "after":
            return Timer(purpose, run.due_after(event.after, run.opened))
        case "at":
            assert event.at is not None
            moment, keys = run.moment(event.at)
            return Timer(purpose, microseconds_of(moment) if moment else None, tuple(sorted(keys)), moving=True)
        case "every":
            calendar = run.view.calendar(run.work.workflow.definition.calendar)
            return Timer(purpose, microseconds_of(calendar.next_firing(event.every, run.now)))
        case "button":
            return Subscription(purpose, "button", purpose.split(":", 1)[-1], ("",))
        case _:
            return None


def record_key(record: Record) -> str:
    return f"{record.form}:{record.id}"


def message_key(values: Mapping[str, Any]) -> str:
    """The values that a message must have, as one text: the same for publisher and receiver."""
    return json.dumps({n: to_plain(values[n]) for n in sorted(values)}, ensure_ascii=False, separators=(",", ":"))


def open_all(work: Work, run: Run, openings: list[Opening], node: str) -> tuple[Await, ...]:
    """Gives each opening its number, asks the world for it, and returns the awaits to record."""
    return tuple(_open(work, run, opening, node) for opening in openings)


def _open(work: Work, run: Run, opening: Opening, node: str) -> Await:
    no = work.number()
    match opening:
        case Task():
            record = work.case.record
            work.emit(
                fx.OpenTask(
                    no, node, opening.title, opening.assignee, opening.candidates, opening.due, opening.priority, record
                )
            )
            return Await(no, "task", opening.purpose, opening.due, data=dict(opening.data))
        case Timer():
            if opening.due is not None:
                work.emit(fx.SetTimer(no, opening.due, node, opening.purpose))
            if opening.keys:
                work.emit(fx.Subscribe(no, "condition", "", opening.keys, node))
            kind = "moment" if opening.moving else "timer"
            return Await(no, kind, opening.purpose, opening.due, opening.keys, count=opening.count)
        case Subscription():
            work.emit(fx.Subscribe(no, opening.kind, opening.name, opening.keys, node))
            return Await(
                no, opening.kind, opening.purpose, keys=opening.keys, data={"name": opening.name, **opening.data}
            )
        case Condition():
            expression = opening.expression
            assert expression is not None
            seen, keys = work.view.tracked(lambda: run.evaluate(expression) is True)
            read = tuple(sorted(keys))
            if read:
                work.emit(fx.Subscribe(no, "condition", "", read, node))
            work.fresh_conditions.add(no)
            return Await(no, "condition", opening.purpose, keys=read, seen=seen if opening.edge else False)
        case Service():
            key = f"{work.case.id}.{run.token.no}"  # one node visit, all its attempts (RUNTIME R36)
            work.emit(fx.CallService(no, opening.connection, opening.call, dict(opening.give), opening.attempt, key))
            return Await(no, "service", opening.purpose, count=opening.attempt)
        case Outside():
            work.emit(fx.AskOutside(no, opening.topic, dict(opening.give)))
            return Await(no, "outside", opening.purpose)
        case Child():
            work.emit(start_of(work, no, opening))
            return Await(no, "child", opening.purpose, data={"position": opening.item.get("position")})
        case Inside():
            work.record(ev.ScopeOpened(no, run.token.no, run.token.node))
            work.place(no, opening.start)
            return Await(no, "scope", opening.purpose)
        case _:
            raise LookupError(f"nothing opens a {type(opening).__name__}")
