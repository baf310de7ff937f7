"""available: when a step may begin and be done (LANGUAGE 5.1, 13.7; WCP 18, TP 1, 4-7).

A step of people is shown, and refused to who begins or answers it outside its time (`not-available`). Any other step is
held at its node, its interrupts armed, until its time comes; a node with copies is held as a whole. `to` bounds the
begin: what was begun before may still be done. `at_most` in `per` counts begins over all cases in a ring of cursor rows:
each holds the moment of a begin, so the oldest of the last `at_most` says when the next may be.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.instance import Token
from engine.interpreter.names import microseconds_of, moment_of
from engine.interpreter.node import Condition, Leave, NodeType, Opening, Outcome, Timer, Wait
from engine.interpreter.run import Run
from engine.interpreter.view import Refused
from engine.interpreter.work import Work
from engine.language.expressions.parse import Expression
from engine.language.expressions.plain import to_plain
from engine.language.kinds.node import Available
from engine.language.shapes import Moment

GATE = "gate:"
"""How the purposes of awaits begin that hold a step until its time, or end that time."""
TO, WHILE = "gate:to", "gate:while"
MISSED = "missed"


@dataclass(frozen=True)
class Closed:
    """Why a step may not begin now, and when to look again (None: not known)."""

    why: str
    due: int | None = None
    keys: tuple[str, ...] = ()


def at_entry(node: NodeType, run: Run) -> Outcome | None:
    """None: the node begins now. Else it is missed, or held until its time."""
    available = node.available
    assert available is not None
    closed = _closed(available, run)
    if closed is not None and closed.why == "to":
        return Leave(MISSED)
    if _shown(node):
        return None
    if closed is None:
        closed = _limit(available, run, node.name)
    if closed is None:
        return None
    return Wait((_opening(available, closed), *end_of_time(node, run)))


def end_of_time(node: NodeType, run: Run) -> list[Opening]:
    """The timer of `to`, which follows its record; armed until the work begins."""
    if node.available is None or node.available.to is None or _in_copy(run):
        return []
    if any(a.purpose == TO for a in run.token.awaits.values()):
        return []
    when, keys = run.moment(node.available.to)
    return [Timer(TO, microseconds_of(when) if when is not None else None, tuple(sorted(keys)), moving=True)]


def may_act(node: NodeType, run: Run) -> None:
    """Somebody begins or answers. Raises Refused: `not-available`."""
    available = node.available
    if available is None:
        return
    closed = _closed(available, run)
    begun = run.token.begun
    if closed is None and not begun:
        closed = _limit(available, run, node.name)
    if closed is None or (closed.why == "to" and begun):
        return
    raise not_available(run, closed.due)


def not_available(run: Run, due: int | None) -> Refused:
    if due is None:
        return Refused("not-available", "this cannot be begun or done now", "现在不能开始或办理此步骤")
    when = moment_of(due).astimezone(run.zone)
    return Refused(
        "not-available",
        f"this can be begun and done from {when:%Y-%m-%d %H:%M} on",
        f"{when:%Y-%m-%d %H:%M} 起才能开始或办理此步骤",
    )


def may_open(work: Work, run: Run) -> None:
    """A case opens only in the time of its workflow. Raises Refused: `not-available`."""
    available = work.workflow.definition.available
    if available is None:
        return
    closed = _closed(available, run) or _limit(available, run, "")
    if closed is not None:
        raise not_available(run, None if closed.why == "to" else closed.due)


def moment_for(node: NodeType, purpose: str) -> Moment | None:
    """The moment that a gate's timer follows."""
    if node.available is None:
        return None
    return {TO: node.available.to, f"{GATE}from": node.available.from_}.get(purpose)


def condition_for(work: Work, token: Token | None, purpose: str) -> Expression | None:
    """The condition that holds a step."""
    if token is None or purpose != WHILE:
        return None
    available = work.workflow.node(token.node).available
    return available.while_ if available is not None else None


def look(work: Work, token: Token) -> str:
    """At rest: what `while: steps.x.open` says now of a step that it holds or ends: missed, open, or nothing."""
    if token.state != "running" or not _watched(work.workflow.node(token.node)):
        return ""
    return MISSED if _lost(work, token) else "open" if _opened(work, token) else ""


def _lost(work: Work, token: Token) -> bool:
    """`while: steps.x.open` can no longer hold: it is false, no x is open, and nothing is on its way to one."""
    node = work.workflow.node(token.node)
    names = _watched(node)
    if not names or work.case.body == token.node:
        return False
    assert node.available is not None
    if any(_may_open(work, token, name) for name in names):
        return False
    return not Run(work, token).holds(node.available.while_)


def _opened(work: Work, token: Token) -> bool:
    """A step held for `while: steps.x.open` may go on."""
    node = work.workflow.node(token.node)
    held = any(a.purpose == WHILE for a in token.awaits.values())
    return (
        held and bool(_watched(node)) and node.available is not None and Run(work, token).holds(node.available.while_)
    )


def begun(run: Run) -> None:
    """The work begins: `to` no longer ends it."""
    gone = [a for a in run.token.awaits.values() if a.purpose == TO]
    if gone:
        run.work.close_awaits(gone)
        run.work.record(ev.Waited(run.token.no, (), tuple(a.no for a in gone)))


def _shown(node: NodeType) -> bool:
    return node.by_people() and node.for_each is None


def _watched(node: NodeType) -> tuple[str, ...]:
    """The steps that `while` reads as open."""
    if node.available is None or node.available.while_ is None:
        return ()
    reads: Iterable[tuple[str, ...]] = node.available.while_.reads
    return tuple(sorted(p[1] for p in reads if len(p) == 3 and p[0] == "steps" and p[2] == "open"))


def _may_open(work: Work, own: Token, name: str) -> bool:
    """x is open, or a token of this scope is on its way to it."""
    graph = work.workflow.scope_of(own.node)
    others = [t for t in work.case.tokens.values() if t.scope == own.scope and t.no != own.no]
    return any(t.node == name or (name in graph.nodes and graph.reaches(t.node, name)) for t in others)


def _closed(available: Available, run: Run) -> Closed | None:
    """The first of to, from, during and while that is not so now."""
    now = run.now
    copy = _in_copy(run)
    if available.to is not None and not copy:  # its copies are begun with the node
        when, _ = run.moment(available.to)
        if when is not None and when <= now:
            return Closed("to")
    if available.from_ is not None:
        when, keys = run.moment(available.from_)
        if when is None or when > now:
            return Closed("from", microseconds_of(when) if when is not None else None, tuple(sorted(keys)))
    if available.during is not None:
        calendar = run.view.calendar(str(available.during))
        if not calendar.is_open(now):
            return Closed("during", microseconds_of(calendar.next_opening(now)))
    if available.while_ is not None and not (copy and ".open" in available.while_.text):
        return None if run.holds(available.while_) else Closed("while")
    return None


def _in_copy(run: Run) -> bool:
    return bool(run.case.body) and run.case.body == run.token.node


def _limit(available: Available, run: Run, node: str) -> Closed | None:
    """Takes a place among the begins of the period, or says when one is free."""
    if available.at_most is None or available.per is None:
        return None
    same = to_plain(run.evaluate(available.same)) if available.same is not None else None
    said = json.dumps(same, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    ring = f"begins {run.work.workflow.name}.{node} {said}"
    count = max(run.work.cursor(ring), 0)
    place = f"{ring} {count % available.at_most}"
    last = run.work.cursor(place)
    if last >= 0:
        due = run.due_after(available.per, moment_of(last))
        assert due is not None
        if due > run.work.at:
            return Closed("limit", due)
    run.emit(fx.MoveCursor(place, run.work.at))
    run.emit(fx.MoveCursor(ring, count + 1))
    return None


def _opening(available: Available, closed: Closed) -> Opening:
    if closed.why == "while":
        return Condition(WHILE, available.while_)
    return Timer(GATE + closed.why, closed.due, closed.keys, moving=closed.why == "from")
