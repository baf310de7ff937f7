"""An outside event brought to who awaits it: stray ones are refused before anything is recorded (law 4)."""

from __future__ import annotations

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.copies import failed as failed_copies
from engine.interpreter.dispatch import carry_out_event, raise_incident, start_copies_again
from engine.interpreter.events import Await
from engine.interpreter.firing import happen
from engine.interpreter.instance import Scope
from engine.interpreter.migrating import migrate
from engine.interpreter.throwing import escalate_from, throw_from
from engine.interpreter.work import Work, late


def bring(work: Work, event: ev.Outside) -> bool:
    """Carries an outside event to who awaits it; False when it means nothing now (nothing is recorded then)."""
    match event:
        case ev.RecordsTouched():
            work.record(event)
            return True
        case ev.CaseCancelled():
            work.record(event)
            work.withdraw_scope(0, "cancelled")
            work.close_awaits(work.case.scopes[0].awaits.values())
            work.record(ev.CaseEnded(None, "cancelled"))
            return True
        case ev.CaseMigrated():
            migrate(work, event)
            return True
        case ev.IncidentRetried(no, _):
            return _retry(work, event, no)
        case ev.StepFailed():
            return _fail(work, event)
        case ev.EscalationRaised():
            return _escalated(work, event)
        case ev.CaseStarted():
            raise late("the case")
        case _:
            found = work.case.awaiting(event.no)
            if found is None:
                raise late()
            token, scope, await_ = found
            _must_fit(event, await_.kind)
            before = len(work.events)
            work.record(event)
            if await_.purpose == "detached":
                return _beside_is_over(work, event, scope, await_)
            error = event.error if isinstance(event, ev.ChildEnded) else None
            if error is not None and token is not None:
                owner, thrown = token, error
                if carry_out_event(work, token, event.no, lambda: throw_from(work, owner, thrown)):
                    return True
            if not happen(work, token, scope, await_, event) and len(work.events) == before + 1:
                work.events.clear()
                return False
            return True


KINDS: dict[type[ev.AnyEvent], frozenset[str]] = {
    ev.TaskBegun: frozenset({"task"}),
    ev.TaskGivenBack: frozenset({"task"}),
    ev.TaskCompleted: frozenset({"task"}),
    ev.TaskTransferred: frozenset({"task"}),
    ev.ButtonPressed: frozenset({"button"}),
    ev.TimerFired: frozenset({"timer", "moment"}),
    ev.MessageArrived: frozenset({"message"}),
    ev.SignalReceived: frozenset({"signal"}),
    ev.RecordHappened: frozenset({"record"}),
    ev.ServiceAnswered: frozenset({"service", "outside"}),
    ev.ChildEnded: frozenset({"child"}),
}
"""Which kind of await each outside event answers: a stray one is refused before anything is recorded (law 4)."""


def _must_fit(event: ev.AnyEvent, kind: str) -> None:
    if kind not in KINDS[type(event)]:
        raise late()


def _retry(work: Work, event: ev.IncidentRetried, no: int) -> bool:
    token = next((t for t in work.case.tokens.values() if t.incident == no), None)
    if token is None:
        raise late("the incident")
    work.record(event)
    work.emit(fx.CloseIncident(no, event.by))
    if any(a.kind == "task" for a in token.awaits.values()):
        return True  # its task is still open: the person answers again
    if failed_copies(work.workflow.node(token.node), token.memory):
        start_copies_again(work, token)
        return True
    tokens, scopes = work.held_by([token.no])
    work.release(tokens, scopes)
    if tokens[1:] or scopes:
        work.record(ev.Withdrawn(tuple(tokens[1:]), tuple(scopes), "retried"))
    work.record(ev.Waited(token.no, (), tuple(token.awaits), {}))
    work.ready.append(token.no)
    return True


def _fail(work: Work, event: ev.StepFailed) -> bool:
    """An incident on the token that awaited it; on the case where it was an event of the case as a whole."""
    found = work.case.awaiting(event.no)
    if found is None:
        raise late()
    work.record(event)
    token, _, await_ = found
    if token is not None:
        raise_incident(work, token, event.code, event.message)
    else:
        work.tell_operator("", event.code, f"{await_.purpose}: {event.message}")
    return True


def _beside_is_over(work: Work, event: ev.AnyEvent, scope: Scope, await_: Await) -> bool:
    """A detached copy has ended. By an error: nobody waits to hear of it, so an operator is told."""
    work.record(ev.Armed(scope.no, (), (await_.no,)))
    if isinstance(event, ev.ChildEnded) and event.error is not None:
        said = f"a copy that ran beside the case ended by the error '{event.error}'"
        work.tell_operator(str(await_.data.get("node", "")), "copy-failed", said)
    return True


def _escalated(work: Work, event: ev.EscalationRaised) -> bool:
    found = work.case.awaiting(event.no)
    if found is None:
        raise late()
    work.record(event)
    token, _, _ = found
    if token is not None:
        carry_out_event(work, token, event.no, lambda: escalate_from(work, token, event.code))
    else:  # thrown by a copy that runs beside the case: its step is over
        work.record(ev.EscalationUnheard(event.code))
    return True
