"""repeat: one round of a node after another with the same token (LANGUAGE 5.1, 13.5; WCP 21, TP 9 and 10).

A round ends by one of the type's own exits; any other exit (deadline, failed, nobody, missed) leaves the node at once.
`while` is tested before a round, `until` after; the node is left by the exit of its last round, or by `done` where there
was none. `pause` counts from the end of a round; with `every` each round, the first too, begins at a firing.
"""

from __future__ import annotations

from dataclasses import replace

from engine.interpreter import events as ev
from engine.interpreter.names import microseconds_of, moment_of
from engine.interpreter.node import Ignore, Leave, NodeType, Outcome, Timer, Wait
from engine.interpreter.run import Run

ROUND = "round"
"""The purpose of the timer that begins the next round."""
EXHAUSTED = "exhausted"


def before(node: NodeType, run: Run) -> Outcome | None:
    """What stands before the first round: None lets it begin."""
    repeat = node.repeat
    assert repeat is not None
    due = run.awaited is not None and run.awaited.purpose == ROUND
    if repeat.every is not None and not due and not run.token.rounds:
        return Wait((Timer(ROUND, _firing(node, run, run.work.at)),))
    return over(node, run) if not run.token.rounds else None


def over(node: NodeType, run: Run) -> Leave | None:
    """`while` does not hold, so no round begins: the node is left as its last round was."""
    repeat = node.repeat
    if repeat is None or repeat.while_ is None or run.holds(repeat.while_):
        return None
    step = run.case.steps.get(run.token.node) if run.token.rounds else None
    if step is None:
        return Leave()
    return Leave(step.exit, (), step.by, step.answer, step.opinion, step.changed, None, step.voters)


def after(node: NodeType, run: Run, outcome: Outcome) -> Outcome:
    """A round is over: the node is left, or the next round begins now, after the pause, at the next firing."""
    repeat = node.repeat
    assert repeat is not None
    if not isinstance(outcome, Leave) or outcome.exits or outcome.exit not in node.own_exits():
        return outcome
    _close(run)
    because = dict(outcome.because) if outcome.because is not None else None
    run.work.record(
        ev.RoundDone(
            run.token.no, outcome.exit, run.work.at, outcome.by, outcome.answer, outcome.opinion, outcome.changed, because, outcome.voters
        )
    )  # fmt: skip
    fresh = Run(run.work, run.token)
    if repeat.until is not None and fresh.holds(repeat.until):
        return outcome
    if run.token.rounds >= repeat.at_most:
        return over(node, fresh) or replace(outcome, exit=EXHAUSTED)
    if repeat.pause is not None:
        return Wait((Timer(ROUND, run.due_after(repeat.pause)),))
    if repeat.every is not None:
        return Wait((Timer(ROUND, _firing(node, run, run.token.opened)),))
    if (done := over(node, fresh)) is not None:
        return done
    run.work.next_round(run.token.no)
    return Ignore()


def _firing(node: NodeType, run: Run, since: int) -> int:
    """The rhythm goes on from the last firing; rounds that took too long, or downtime, skip what lies behind (R40)."""
    assert node.repeat is not None
    calendar = run.view.calendar(run.work.workflow.definition.calendar)
    due = microseconds_of(calendar.next_firing(node.repeat.every, moment_of(since)))
    while due <= run.work.at:
        due = microseconds_of(calendar.next_firing(node.repeat.every, moment_of(due)))
    return due


def _close(run: Run) -> None:
    """What the round opened is withdrawn; the node's interrupts and meanwhiles stay armed until it is left."""
    work, token = run.work, run.token
    inner, scopes = work.held_by([token.no])
    work.release(inner[1:], scopes)
    gone = [a for a in token.awaits.values() if not a.purpose.startswith(("interrupt:", "meanwhile:"))]
    work.close_awaits(gone)
    work.free(inner[1:])
    if inner[1:] or scopes:
        work.record(ev.Withdrawn(tuple(inner[1:]), tuple(scopes), f"a round of {token.node} is over"))
    work.record(ev.Waited(token.no, (), tuple(a.no for a in gone), {}))
