"""advance: one outside event worked out to rest. The one function that checker, scenarios, simulation and server all run.

    advance(workflow, case, event, view, at) -> Step(case, events, effects)

Time arrives as `at` (microseconds UTC), the world through `view`, which is read-only but for what this step lays over it.
The awaited token moves, then all steps that do not wait run to rest, oldest token first; then joins, conditions and ended
scopes are looked at until nothing moves. Raises Refused when the event is not possible now: then nothing has happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.interpreter import availability, locks, paths
from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.arming import open_all
from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.conditions import Watch
from engine.interpreter.dispatch import (
    NodeFailed,
    arms_of,
    enter,
    enter_again,
    look_at_time,
)
from engine.interpreter.firing import scope_run
from engine.interpreter.instance import Instance, copy_of, evolve
from engine.interpreter.joins import look_at_joins
from engine.interpreter.node import Fail
from engine.interpreter.outside import bring
from engine.interpreter.throwing import armed_for_thrown
from engine.interpreter.view import Refused, View, Violation
from engine.interpreter.work import OverAtOnce, TooLarge, Work, late
from engine.language.expressions.faults import ExpressionFault
from engine.language.expressions.plain import to_plain

MOST_FAILURES = 20


@dataclass(frozen=True)
class Step:
    """What one outside event led to: the case after it, what happened (the event first), what the world must do."""

    case: Instance
    events: tuple[ev.AnyEvent, ...]
    effects: tuple[fx.AnyEffect, ...]


def advance(workflow: CompiledWorkflow, case: Instance, event: ev.Outside, view: View, at: int) -> Step:
    """Works out `event` for `case` at time `at`. The given case is not changed.

    Node code that fails is no reason to lose the rest: the step is worked out again with an incident in its place.
    """
    failures: dict[int, Fail] = {}
    while True:
        work = Work(workflow, copy_of(case), view, max(at, case.last_at))
        work.failures = failures
        try:
            _work_out(work, event)
        except NodeFailed as failed:
            _again(view, failures, failed.entry, Fail(failed.code, failed.message))
        except TooLarge as large:
            _again(view, failures, 1, Fail("step-too-large", str(large)))
        except OverAtOnce as over:
            _again(view, failures, work.cause, Fail("over-at-once", str(over)))
        except ExpressionFault as fault:  # an event's own `if`; what nodes and conditions read is looked after there
            raise Refused(
                "expression-fault", f"a condition cannot be worked out: {fault}", f"条件无法计算：{fault}"
            ) from fault
        else:
            work.case.seq += 1
            work.case.last_at = work.at
            return Step(work.case, tuple(work.events), tuple(work.effects))


def opens(workflow: CompiledWorkflow, event: ev.CaseStarted, view: View, at: int) -> bool:
    """Whether a case may be opened now (`available` of a workflow); a start that a person presses is refused instead."""
    if workflow.definition.available is None or event.body:
        return True
    work = Work(workflow, Instance(0, workflow.name), view, at)
    work.record(event)
    try:
        availability.may_open(work, scope_run(work, None))
    except Refused:
        return False
    return True


def _again(view: View, failures: dict[int, Fail], entry: int, fail: Fail) -> None:
    if entry in failures or len(failures) >= MOST_FAILURES:
        raise RuntimeError(f"the incident at entry {entry} cannot be carried out: {fail.code}: {fail.message}")
    failures[entry] = fail
    view.forget()


def replay(case: Instance, steps: Iterable[Iterable[ev.AnyEvent]], moments: Iterable[int] = ()) -> Instance:
    """The fold of recorded events: equal to the live case, without touching the world (law 1).

    `moments`: when each step was, as its history row says; without them `last_at` stays as it is.
    """
    times = iter(moments)
    for step in steps:
        first = True
        case.last_at = max(case.last_at, next(times, case.last_at))
        for event in step:
            if first:
                case.seq += 1
                first = False
            evolve(case, event)
    return case


def _work_out(work: Work, event: ev.Outside) -> None:
    if isinstance(event, ev.CaseStarted):
        _start(work, event)
    else:
        if work.case.status != "active":
            raise late("the case")
        if not bring(work, event):
            return
    _to_rest(work, event)


def _start(work: Work, event: ev.CaseStarted) -> None:
    work.record(event)
    run = scope_run(work, None)
    definition = work.workflow.definition
    if not event.body:
        availability.may_open(work, run)
    if event.body:
        work.place(0, event.body)
        return
    for name, field in (definition.data or {}).items():
        if field.start_with is not None and name not in event.data:
            value = run.value(field.start_with, work.workflow.data_types.get(name))
            work.record(ev.VariableSet(name, to_plain(value)))
    trigger = definition.start[event.start]
    openings = arms_of(run, definition.interrupt, "interrupt") + arms_of(run, definition.meanwhile, "meanwhile")
    opened = open_all(work, run, openings, "") + armed_for_thrown(work)
    if opened:
        work.record(ev.Armed(0, opened))
    if trigger.next != "end":
        work.place(0, str(trigger.next), message=event.message)


def _to_rest(work: Work, event: ev.Outside) -> None:
    """Runs everything that can move: ready tokens, joins, conditions, ended scopes, queued paths; then the rules hold."""
    watch = Watch(work)
    if isinstance(event, ev.RecordsTouched):
        watch.touched(event.keys, False)
    while work.case.status == "active":
        if work.ready:
            token = work.case.tokens.get(min(work.ready))
            work.ready.remove(min(work.ready))
            if token is None or token.state not in ("ready", "held", "running"):
                continue
            if token.no in work.again:
                work.again.discard(token.no)
                enter_again(work, token)
            else:
                enter(work, token)
            continue
        if look_at_joins(work) or locks.wake(work):
            continue
        _rules_hold(work)
        data_changed = any(isinstance(e, ev.VariableSet) for e in work.events)
        watch.touched(work.view.touched(), data_changed and not watch_done(work))
        if watch.look() or look_at_time(work):
            continue
        if _next_in_path(work):
            continue
        if paths.close_scopes(work):
            continue
        break
    _rules_hold(work)


def watch_done(work: Work) -> bool:
    """Whether the last variable written has been looked at already: each write is looked at once."""
    last = max((i for i, e in enumerate(work.events) if isinstance(e, ev.VariableSet)), default=-1)
    done = work.looked_at >= last
    work.looked_at = max(work.looked_at, last)
    return done


def _next_in_path(work: Work) -> bool:
    """A meanwhile that fired while its path still ran begins now that the path is over."""
    for scope in work.case.scopes.values():
        for path in list(scope.queued):
            if any(t.path == path and t.scope == scope.no for t in work.case.tokens.values()):
                continue
            came, _, name = path.partition("~")
            owner = work.workflow.node(came) if came else work.workflow.definition
            trigger = (owner.meanwhile or {})[name]
            message = scope.queued[path][0]
            work.record(ev.PathQueued(scope.no, path, None, taken=True))
            paths.second_path(work, scope.no, str(trigger.next), came, path, message)
            return True
    return False


def _rules_hold(work: Work) -> None:
    violations = work.view.settle()
    if violations:
        raise broken(violations)


def broken(violations: Iterable[Violation]) -> Refused:
    """A `must` that fails refuses the whole event and says why."""
    found = tuple(violations)
    first = found[0]
    return Refused(first.rule, first.en, first.zh, found)


__all__ = ["Step", "advance", "opens", "replay"]
