"""What a wait and an event gateway do when their event came: its `if`, and what a message's `into` writes."""

from __future__ import annotations

from engine.interpreter import events as ev
from engine.interpreter.firing import take_message
from engine.interpreter.names import microseconds_of, moment_of
from engine.interpreter.node import Ignore, Outcome, Timer, Wait
from engine.interpreter.run import Run
from engine.language.expressions.things import Row
from engine.language.kinds.events import Event


def heard(run: Run, event: Event, happened: ev.AnyEvent) -> Outcome | None:
    """None when the event counts; else what to do instead: ignore it, or (every) wait for the next time."""
    if isinstance(happened, ev.MessageArrived):
        fields = run.work.workflow.types.message(happened.name)
        run.names["message"] = Row({n: run.typed(v, fields[n]) for n, v in happened.payload.items() if n in fields})
    if event.if_ is not None and not run.holds(event.if_):
        if isinstance(happened, ev.TimerFired) and event.kind == "every":
            return next_time(run, event, happened)
        return Ignore()
    if isinstance(happened, ev.MessageArrived):
        take_message(run, event, happened)
    return None


def next_time(run: Run, event: Event, fired: ev.TimerFired) -> Outcome:
    """The rhythm goes on from when it was due, not from now (no drift)."""
    assert run.awaited is not None
    calendar = run.view.calendar(run.work.workflow.definition.calendar)
    due = microseconds_of(calendar.next_firing(event.every, moment_of(fired.due)))
    return Wait([Timer(run.awaited.purpose, due)], closes=(run.awaited.no,))
