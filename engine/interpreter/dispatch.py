"""Entering and resuming nodes, and carrying out their outcomes. Node code runs only here, so its failures stop here."""

from __future__ import annotations

from collections.abc import Callable

from engine.interpreter import availability, copies, locks, paths, rounds
from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.arming import open_all, opening_of
from engine.interpreter.events import Await
from engine.interpreter.instance import Token
from engine.interpreter.node import End, Fail, Ignore, Leave, NodeType, Opening, Outcome, Task, Wait
from engine.interpreter.run import NothingThere, Run
from engine.interpreter.view import Refused, Unfit
from engine.interpreter.work import OverAtOnce, TooLarge, Work
from engine.language.expressions.faults import ExpressionFault, ExpressionLimit
from engine.language.literals import Unreadable

GO_ON = Wait()
"""Nothing stands before the node."""


class NodeFailed(Exception):
    """Node code failed at its `entry`-th call in this step: the step is worked out again, with an incident there."""

    def __init__(self, entry: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.entry, self.code, self.message = entry, code, message


def enter(work: Work, token: Token, again: bool = False, awaited: Await | None = None) -> None:
    """A token begins its node, unless its lock or its time holds it. `again`: a next round, or its time has come."""
    work.entered()
    node = work.workflow.node(token.node)
    run = Run(work, token, awaited)

    def before() -> Outcome:
        if not locks.on_entry(node, work, token):
            return Ignore()
        return (rounds.over(node, run) if again and token.rounds else None) or GO_ON

    def begin() -> Outcome:
        if work.case.body == token.node:
            return node.enter(run)
        held = rounds.before(node, run) if node.repeat is not None else None
        if held is None and node.available is not None:
            held = availability.at_entry(node, run)
        if held is not None:
            return held
        if node.for_each is not None:
            return copies.enter(node, run)
        return _round(node, run, node.enter(run))

    first = _guarded(work, before)
    if isinstance(first, Ignore | Leave):
        carry_out(work, token, first, run)
        return
    work.record(ev.NodeEntered(token.no, work.at, again))
    carry_out(work, token, first if isinstance(first, Fail) else _guarded(work, begin), run)


def _round(node: NodeType, run: Run, outcome: Outcome) -> Outcome:
    """With `repeat` an outcome that leaves the node may only end a round."""
    if node.repeat is None or run.work.case.body == run.token.node:
        return outcome
    return rounds.after(node, run, outcome)


def resume_with(work: Work, token: Token, event: ev.AnyEvent, awaited: Await | None = None) -> bool:
    """Something that a token's run awaits happened. False when it means nothing to it (its `if` says no)."""
    if awaited is not None and _enters(work, token, awaited):
        return True
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
        if isinstance(event, ev.TaskBegun | ev.TaskCompleted):
            _begin_work(node, run)
        outcome = node.resume(run, event)
        if isinstance(event, ev.TaskGivenBack):
            _set_down(node, run)
        return _round(node, run, outcome)

    known = len(work.events)
    outcome = _guarded(work, go_on)
    carry_out(work, token, outcome, run)
    return not isinstance(outcome, Ignore) or len(work.events) > known


def start_copies_again(work: Work, token: Token) -> None:
    """A retry of failed copies: they run anew, nothing else is touched."""
    work.entered()
    node, run = work.workflow.node(token.node), Run(work, token)
    carry_out(work, token, _guarded(work, lambda: copies.start_again(node, run)), run)


def _enters(work: Work, token: Token, awaited: Await) -> bool:
    """What held the token before its node, or before its next round, is over."""
    if awaited.purpose == availability.TO:
        work.entered()
        carry_out(work, token, Leave(availability.MISSED), Run(work, token, awaited))
    elif awaited.purpose == locks.WAITING:
        work.ready.append(token.no)
    elif awaited.purpose == rounds.ROUND or awaited.purpose.startswith(availability.GATE):
        enter_again(work, token, awaited)
    else:
        return False
    return True


def enter_again(work: Work, token: Token, awaited: Await | None = None) -> None:
    """The next round begins, or the step's time has come; its interrupts and meanwhiles stay armed."""
    over = [a for a in token.awaits.values() if a.purpose == rounds.ROUND or a.purpose.startswith(availability.GATE)]
    if over:
        work.close_awaits(over)
        work.record(ev.Waited(token.no, (), tuple(a.no for a in over)))
    enter(work, token, True, awaited)


def look_at_time(work: Work) -> bool:
    """At rest: steps that may be begun only while another is open go on, or are missed. Whether one did."""
    for token in sorted(work.case.tokens.values(), key=lambda t: t.no):
        try:
            said = availability.look(work, token)
        except ExpressionFault as fault:
            raise_incident(work, token, "expression-fault", f"available: {fault}")
            continue
        if said == availability.MISSED:
            work.entered()
            carry_out(work, token, Leave(availability.MISSED), Run(work, token))
            return True
        if said:
            enter_again(work, token)
            return True
    return False


def _begin_work(node: NodeType, run: Run) -> None:
    """A person begins or answers: in its time, and with its lock, which it takes."""
    if node.available is None and node.mutex is None:
        return
    availability.may_act(node, run)
    lock = locks.begin(node, run.work, run.token)
    if not run.token.begun or lock != run.token.lock:
        run.work.record(ev.WorkBegun(run.token.no, lock))
    availability.begun(run)


def _set_down(node: NodeType, run: Run) -> None:
    """A person gave the begun task back: its lock is free, and its time may end again."""
    if not run.token.begun:
        return
    run.work.free([run.token.no])
    run.work.record(ev.WorkSetDown(run.token.no))
    again = open_all(run.work, run, availability.end_of_time(node, run), run.token.node)
    if again:
        run.work.record(ev.Waited(run.token.no, again))


def carry_out(work: Work, token: Token, outcome: Outcome, run: Run) -> None:
    """What a node decided becomes events and effects. Its interrupts and meanwhiles are armed when it first waits."""
    if token.no not in work.case.tokens:
        return  # the escalation that it threw has withdrawn it
    match outcome:
        case Leave():
            undrawn = paths.undrawn(work, token, outcome)
            if undrawn is not None:
                raise_incident(work, token, "missing-exit", f"the exit '{undrawn}' of '{token.node}' has no arrow")
            else:
                paths.leave(work, token, outcome)
        case Wait():
            if outcome.alone:
                work.withdraw_scope(token.scope, f"{token.node} is alone", but=token.no)
            closed = [token.awaits[no] for no in outcome.closes if no in token.awaits]
            work.close_awaits(closed)
            node = work.workflow.node(token.node)
            shown = any(isinstance(o, Task) for o in outcome.opens) and not token.begun
            ends = availability.end_of_time(node, run) if shown else []
            arms = _arms(run, node) if not token.armed else []
            opened = open_all(work, run, [*arms, *outcome.opens, *ends], token.node)
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


def carry_out_event(work: Work, token: Token | None, no: int, begin: Callable[[], bool | None]) -> bool:
    """What event `no` of a token, or of the case as a whole, begins; where that goes beyond at_once an incident in its place:
    the step goes on. False when `begin` says that nothing came of it."""
    failure = work.failures.get(-no)
    if failure is None:
        work.cause = -no
        return begin() is not False
    if token is not None and token.incident is None:
        raise_incident(work, token, failure.code, failure.message)
    else:
        work.tell_operator(token.node if token is not None else "", failure.code, failure.message)
    return True


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
