"""Errors and escalations thrown by an end or a signal: who catches them (LANGUAGE 13.6, BPMN error and escalation events)."""

from __future__ import annotations

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter import paths
from engine.interpreter.instance import Token
from engine.interpreter.work import Work
from engine.language.kinds.events import Trigger


def _catcher(work: Work, scope: int, kind: str, code: str) -> tuple[Token | None, str, str, Trigger] | None:
    """The nearest interrupt or meanwhile outwards that names the code, then one for `any`; its owner (None: the case)."""
    while True:
        held = work.case.scopes[scope]
        token = work.token(held.token) if held.no else None
        owner = work.workflow.node(token.node) if token is not None else work.workflow.definition
        for wanted in (code, "any"):
            for how in ("interrupt", "meanwhile"):
                for name, trigger in (getattr(owner, how) or {}).items():
                    if getattr(trigger, kind) == wanted:
                        return token, how, str(name), trigger
        if token is None:
            return None
        scope = token.scope


def throw_error(work: Work, scope: int, code: str) -> None:
    """The scope is withdrawn already. Nobody catches it: an incident on the subprocess, or the case has failed."""
    from engine.interpreter.dispatch import raise_incident
    from engine.interpreter.firing import interrupt

    caught = _catcher(work, scope, "error", code)
    if caught is not None:
        token, _, name, trigger = caught
        work.record(ev.EventFired(0, name))
        interrupt(work, token, trigger, f"error {code}")
        return
    held = work.case.scopes[scope]
    if held.no:
        owner = work.token(held.token)
        work.record(ev.Withdrawn((), (scope,), f"error {code}"))
        raise_incident(work, owner, "unhandled-error", f"'{code}' was thrown and nothing catches it")
        return
    work.close_awaits(held.awaits.values())
    work.record(ev.CaseEnded(None, "failed"))
    if work.case.parent is not None:
        work.emit(fx.TellParent(error=code))
    else:
        work.emit(fx.OpenIncident(work.number(), "", "unhandled-error", f"'{code}' was thrown and nothing catches it"))


def throw_escalation(work: Work, scope: int, code: str) -> None:
    """The thrower goes on unless an interrupt stops it. Nobody catches it: the parent case hears of it, else it is logged."""
    from engine.interpreter.firing import interrupt

    caught = _catcher(work, scope, "escalation", code)
    if caught is None:
        if work.case.parent is not None:
            work.emit(fx.TellParent(escalation=code))
        return
    token, how, name, trigger = caught
    work.record(ev.EventFired(0, name))
    if how == "interrupt":
        interrupt(work, token, trigger, f"escalation {code}")
    else:
        paths.second_path(work, token.scope if token else 0, str(trigger.next), token.node if token else "", "", None)


def escalate_from(work: Work, token: Token, code: str) -> None:
    """A child case of this token escalated: caught on the token's node first, then outwards."""
    from engine.interpreter.firing import interrupt

    node = work.workflow.node(token.node)
    for wanted in (code, "any"):
        for how in ("interrupt", "meanwhile"):
            for name, trigger in (getattr(node, how) or {}).items():
                if trigger.escalation == wanted:
                    work.record(ev.EventFired(0, str(name)))
                    if how == "interrupt":
                        interrupt(work, token, trigger, f"escalation {code}")
                    else:
                        paths.second_path(work, token.scope, str(trigger.next), token.node, "", None)
                    return
    throw_escalation(work, token.scope, code)
