"""Entering and resuming nodes, and carrying out their outcomes. Node code runs only here, so its failures stop here."""

from __future__ import annotations

from engine.interpreter import copies, paths
from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.arming import open_all, opening_of
from engine.interpreter.events import Await
from engine.interpreter.instance import Token
from engine.interpreter.node import End, Fail, Ignore, Leave, NodeType, Opening, Outcome, Wait
from engine.interpreter.run import NothingThere, Run
from engine.interpreter.view import Refused, Unfit
from engine.interpreter.work import OverAtOnce, TooLarge, Work
from engine.language.expressions.faults import ExpressionFault, ExpressionLimit
from engine.language.literals import Unreadable


class NodeFailed(Exception):
    """Node code failed at its `entry`-th call in this step: the step is worked out again, with an incident there."""

    def __init__(self, entry: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.entry, self.code, self.message = entry, code, message


def enter(work: Work, token: Token) -> None:
    """A token begins its node."""
    work.entered()
    work.record(ev.NodeEntered(token.no, work.at))
    node = work.workflow.node(token.node)
    run = Run(work, token)

    def begin() -> Outcome:
        if node.for_each is not None and work.case.body != token.node:
            return copies.enter(node, run)
        return node.enter(run)

    outcome = _guarded(work, begin)
    arms = _arms(run, node) if isinstance(outcome, Wait) else []
    carry_out(work, token, outcome, run, arms)


def resume_with(work: Work, token: Token, event: ev.AnyEvent, awaited: Await | None = None) -> None:
    """Something that a token's run awaits happened."""
    work.entered()
    node = work.workflow.node(token.node)
    run = Run(work, token, awaited)

    def go_on() -> Outcome:
        if node.for_each is not None and work.case.body != token.node:
            return (
                copies.resume(node, run, event)
                if isinstance(event, ev.ChildEnded)
                else copies.one_more(node, run, event)
            )
        return node.resume(run, event)

    carry_out(work, token, _guarded(work, go_on), run)


def carry_out(work: Work, token: Token, outcome: Outcome, run: Run, arms: list[Opening] | None = None) -> None:
    """What a node decided becomes events and effects."""
    if token.no not in work.case.tokens:
        return  # the escalation that it threw has withdrawn it
    match outcome:
        case Leave():
            paths.leave(work, token, outcome)
        case Wait():
            closed = [token.awaits[no] for no in outcome.closes if no in token.awaits]
            work.close_awaits(closed)
            opened = open_all(work, run, [*(arms or []), *outcome.opens], token.node)
            memory = dict(outcome.memory) if outcome.memory is not None else None
            work.record(ev.Waited(token.no, opened, tuple(a.no for a in closed), memory))
            for target in outcome.paths:
                paths.go(work, token, [target], beside=True)
        case End():
            paths.end(work, token, outcome)
        case Fail(code, message):
            raise_incident(work, token, code, message)
        case Ignore():
            pass


def raise_incident(work: Work, token: Token, code: str, message: str) -> None:
    """The token stays where it is until somebody repairs the cause and retries."""
    if token.incident is not None:
        return
    no = work.number()
    work.record(ev.IncidentRaised(no, token.no, code, message[:2000]))
    work.emit(fx.OpenIncident(no, token.node, code, message[:2000]))


def _arms(run: Run, node: NodeType) -> list[Opening]:
    """The node's own interrupts and meanwhiles."""
    if run.work.case.body == run.token.node and node.for_each is not None:
        return []  # they belong to the node as a whole, which waits in the parent case
    return arms_of(run, node.interrupt, "interrupt") + arms_of(run, node.meanwhile, "meanwhile")


def arms_of(run: Run, triggers: object, kind: str) -> list[Opening]:
    found = [opening_of(run, trigger, f"{kind}:{name}") for name, trigger in (triggers or {}).items()]  # type: ignore[attr-defined]
    return [opening for opening in found if opening is not None]


def _guarded(work: Work, call: object) -> Outcome:
    """Runs node code. A user's or the data's mistake, and a fault of the node, become a NodeFailed at this entry."""
    entry = work.entries
    failure = work.failures.get(entry)
    if failure is not None:
        return failure
    try:
        outcome: Outcome = call()  # type: ignore[operator]
    except (Refused, NodeFailed, TooLarge, OverAtOnce):
        raise
    except Unfit as unfit:
        raise NodeFailed(entry, "does-not-fit", "; ".join(f"{v.rule}: {v.en}" for v in unfit.violations)) from unfit
    except NothingThere as missing:
        raise NodeFailed(entry, "empty-reference", str(missing)) from missing
    except Unreadable as unreadable:
        raise NodeFailed(entry, unreadable.diagnostic.code, unreadable.diagnostic.message()) from unreadable
    except ExpressionLimit as limit:
        raise NodeFailed(entry, getattr(limit, "code", "expression-limit"), str(limit)) from limit
    except ExpressionFault as fault:
        raise NodeFailed(entry, "expression-fault", str(fault)) from fault
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as fault:
        raise NodeFailed(entry, "node-fault", f"{type(fault).__name__}: {fault}") from fault
    return outcome
