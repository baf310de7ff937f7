"""What a wait and an event gateway do when their event came: its `if`, and what a message's `into` writes."""

from __future__ import annotations

from engine.interpreter import events as ev
from engine.interpreter.firing import next_due, take_message
from engine.interpreter.node import Fail, Ignore, Outcome, Timer, Wait
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
    """The rhythm goes on until it has come `times` times. A token that then waits for nothing else is an incident: it could
    only stand there for ever."""
    assert run.awaited is not None
    no, purpose, count = run.awaited.no, run.awaited.purpose, run.awaited.count + 1
    if event.times is None or count < event.times:
        return Wait([Timer(purpose, next_due(run, event, fired.due), count=count)], closes=(no,))
    own = purpose.partition(":")[0]
    if any(a.no != no and a.purpose.partition(":")[0] == own for a in run.token.awaits.values()):
        return Wait([], closes=(no,))
    return Fail("no-more-times", f"it came {count} times, and each time its 'if' did not hold")
