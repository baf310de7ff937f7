"""Errors and escalations thrown by an end or a signal: who catches them (LANGUAGE 13.6, BPMN error and escalation events)."""

from __future__ import annotations

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter import paths
from engine.interpreter.events import Await
from engine.interpreter.instance import Token
from engine.interpreter.work import Work
from engine.language.kinds.events import Trigger


def armed_for_thrown(work: Work) -> tuple[Await, ...]:
    """The case's own events for what is thrown: nobody outside is asked, but they are disarmed with the others (LANGUAGE 4)."""
    definition = work.workflow.definition
    return tuple(
        Await(work.number(), "thrown", f"{how}:{name}")
        for how in ("interrupt", "meanwhile")
        for name, trigger in (getattr(definition, how) or {}).items()
        if trigger.kind in ("error", "escalation")
    )


def _runner(work: Work, scope: int) -> Token | None:
    """The token that runs a scope; None for the case's own."""
    held = work.case.scopes[scope]
    return work.token(held.token) if held.no else None


def _catcher(work: Work, token: Token | None, kind: str, code: str) -> tuple[Token | None, str, str, Trigger] | None:
    """The nearest interrupt or meanwhile outwards, from the run of `token` (None: the case's own), that names the code or
    `any`; its owner. A copy catches nothing itself: the node's events are armed on the node as a whole, in the parent."""
    armed = {await_.purpose for await_ in work.case.scopes[0].awaits.values()}
    while True:
        if work.case.body and (token is None or token.scope == 0):
            return None
        owner = work.workflow.node(token.node) if token is not None else work.workflow.definition
        for wanted in (code, "any"):
            for how in ("interrupt", "meanwhile"):
                for name, trigger in (getattr(owner, how) or {}).items():
                    if getattr(trigger, kind) == wanted and (token is not None or f"{how}:{name}" in armed):
                        return token, how, str(name), trigger
        if token is None:
            return None
        token = _runner(work, token.scope)


def throw_from(work: Work, token: Token, code: str) -> bool:
    """A child case of this token failed with an error: caught on the token's node first, then outwards. Whether it was."""
    from engine.interpreter.firing import interrupt

    caught = _catcher(work, token, "error", code)
    if caught is None:
        return False
    owner, _, name, trigger = caught
    work.record(ev.EventFired(0, name))
    interrupt(work, owner, trigger, f"error {code}")
    return True


def throw_error(work: Work, scope: int, code: str) -> None:
    """The scope is withdrawn already. Nobody catches it: the parent case hears of it if it waits; else it is an incident."""
    from engine.interpreter.dispatch import raise_incident
    from engine.interpreter.firing import interrupt

    caught = _catcher(work, _runner(work, scope), "error", code)
    if caught is not None:
        token, _, name, trigger = caught
        work.record(ev.EventFired(0, name))
        interrupt(work, token, trigger, f"error {code}")
        return
    held = work.case.scopes[scope]
    somebody_waits = work.case.parent is not None and not work.case.detached
    if held.no and not somebody_waits:
        owner = work.token(held.token)
        work.record(ev.Withdrawn((), (scope,), f"error {code}"))
        raise_incident(work, owner, "unhandled-error", f"'{code}' was thrown and nothing catches it")
        return
    work.withdraw_scope(0, f"error {code}")
    work.close_awaits(work.case.scopes[0].awaits.values())
    work.record(ev.CaseEnded(None, "failed"))
    if somebody_waits:
        work.emit(fx.TellParent(error=code))
    else:
        work.tell_operator("", "unhandled-error", f"'{code}' was thrown and nothing catches it")


def throw_escalation(work: Work, scope: int, code: str) -> None:
    """The thrower goes on unless an interrupt stops it. Nobody catches it: the parent case hears of it, else it is logged."""
    _escalate(work, _runner(work, scope), code)


def escalate_from(work: Work, token: Token, code: str) -> None:
    """A child case of this token escalated: caught on the token's node first, then outwards."""
    _escalate(work, token, code)


def _escalate(work: Work, start: Token | None, code: str) -> None:
    from engine.interpreter.firing import interrupt

    caught = _catcher(work, start, "escalation", code)
    if caught is None:
        if work.case.parent is not None and not work.case.detached:
            work.emit(fx.TellParent(escalation=code))
        else:
            work.record(ev.EscalationUnheard(code))
        return
    token, how, name, trigger = caught
    work.record(ev.EventFired(0, name))
    if how == "interrupt":
        interrupt(work, token, trigger, f"escalation {code}")
    else:
        came = token.node if token else ""
        paths.second_path(work, token.scope if token else 0, str(trigger.next), came, f"{came}~{name}", None)
