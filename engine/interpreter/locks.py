"""mutex: never two at once among the nodes with one lock (LANGUAGE 13.7; WCP 17, 39, 40).

A token holds its lock until it is gone, so withdrawing frees it. Steps of people take it when somebody begins or answers,
all others on entry, first come; a node with copies takes it for all of them. Inside a subprocess that holds it the same
name is free to enter. With `per` the lock is one over all cases: a cursor row says which case holds it, and a signal
with the row's name tells those who wait that it is free. An empty value of `per` locks in the case only.
"""

from __future__ import annotations

import json

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.events import Await
from engine.interpreter.instance import Token
from engine.interpreter.node import NodeType
from engine.interpreter.run import Run
from engine.interpreter.view import Refused
from engine.interpreter.work import OVER_ALL, Work
from engine.language.expressions.plain import to_plain

WAITING = "lock"
"""The purpose of the await of a token that waits for a lock over all cases."""


def on_entry(node: NodeType, work: Work, token: Token) -> bool:
    """Whether the token may enter now; if not it is held before the node."""
    if node.mutex is None or token.lock or work.case.body == token.node:
        return True
    if node.by_people() and node.for_each is None:
        return True
    name = _name(node, work, token)
    if _free(work, token, name) and not _others_wait(work, token, name):
        _stop_waiting(work, token)
        _take(work, token, name)
        return True
    if token.state != "held":
        work.record(ev.TokenHeld(token.no))
    if name.startswith(OVER_ALL) and not token.awaits:
        no = work.number()
        work.emit(fx.Subscribe(no, "signal", name, ("",), token.node))
        work.record(ev.Waited(token.no, (Await(no, "signal", WAITING),)))
    return False


def begin(node: NodeType, work: Work, token: Token) -> str:
    """Somebody begins the work or answers: the lock to take, empty where there is none. Raises Refused: `locked`."""
    if node.mutex is None or token.lock or work.case.body == token.node:
        return token.lock
    name = _name(node, work, token)
    if not _free(work, token, name) or _others_wait(work, token, name):
        raise Refused("locked", "another step that excludes this one is being worked on", "与其互斥的步骤正在办理")
    _note(work, name)
    return name


def wake(work: Work) -> bool:
    """At rest: the oldest token whose lock has become free in this case goes on. Whether one did."""
    for token in sorted(
        (t for t in work.case.tokens.values() if t.state == "held" and not t.awaits), key=lambda t: t.no
    ):
        name = _name(work.workflow.node(token.node), work, token)
        if _free(work, token, name) and not _others_wait(work, token, name):
            work.ready.append(token.no)
            return True
    return False


def _name(node: NodeType, work: Work, token: Token) -> str:
    """The lock's own name: over all cases with the value of `per`, else in this case."""
    assert node.mutex is not None
    if node.mutex.per is None:
        return str(node.mutex.name)
    value = to_plain(Run(work, token).evaluate(node.mutex.per))
    if value is None:
        return str(node.mutex.name)
    said = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{OVER_ALL}{work.workflow.name}.{node.mutex.name} {said}"


def _free(work: Work, token: Token, name: str) -> bool:
    around = set(_around(work, token))
    if any(t.lock == name and t.no != token.no and t.no not in around for t in work.case.tokens.values()):
        return False
    return not name.startswith(OVER_ALL) or work.cursor(name) in (-1, 0, work.case.id)


def _others_wait(work: Work, token: Token, name: str) -> bool:
    """First come: an older token waits for it and could have it."""
    older = [t for t in work.case.tokens.values() if t.state == "held" and t.no < token.no]
    return any(_name(work.workflow.node(t.node), work, t) == name and _free(work, t, name) for t in older)


def _around(work: Work, token: Token) -> list[int]:
    """The tokens that run the subprocesses in which this one stands."""
    found, scope = [], token.scope
    while scope:
        found.append(work.case.scopes[scope].token)
        scope = work.token(found[-1]).scope
    return found


def _take(work: Work, token: Token, name: str) -> None:
    _note(work, name)
    work.record(ev.WorkBegun(token.no, name))


def _note(work: Work, name: str) -> None:
    if name.startswith(OVER_ALL):
        work.emit(fx.MoveCursor(name, work.case.id))


def _stop_waiting(work: Work, token: Token) -> None:
    gone = [a for a in token.awaits.values() if a.purpose == WAITING]
    if gone:
        work.close_awaits(gone)
        work.record(ev.Waited(token.no, (), tuple(a.no for a in gone)))
