"""A migration that nothing followed is taken back exactly: the case becomes what it was, and the world hears of what differs.

    in_the_way(before, case, since) -> why it cannot be so, or None
    restore(work, event)

What the migration withdrew is opened again under its own number, what it opened is withdrawn. What is answered from outside
(calls, child cases) cannot be opened again as it was, nor can what steps did be undone: then only a migration back is left.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import json

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.events import Await
from engine.interpreter.instance import Instance, Token
from engine.interpreter.run import Run
from engine.interpreter.work import OVER_ALL, Work

ONLY_MOVES = (
    ev.CaseMigrated, ev.Waited, ev.Armed, ev.Looked, ev.Withdrawn, ev.TokenPlaced, ev.TokenHeld, ev.NodeEntered, ev.ScopeOpened,
    ev.WorkBegun, ev.VariableSet, ev.IncidentRaised,
)  # fmt: skip
"""What a migration may have recorded without any step having done something."""
ANSWERED_OUTSIDE = ("service", "outside", "child", "retry")


def in_the_way(before: Instance, case: Instance, since: Iterable[ev.AnyEvent]) -> str | None:
    """A key of remarks.WORDS, or None. `since`: all events from the migration on; `before`: the case as it was then."""
    if not all(isinstance(event, ONLY_MOVES) for event in since):
        return "moved-on"
    kept = {await_.no for await_ in case.all_awaits()}
    lost = [await_ for await_ in before.all_awaits() if await_.no not in kept]
    locks = [t for t in before.tokens.values() if t.no not in case.tokens and t.lock.startswith(OVER_ALL)]
    return "withdrew-calls" if locks or any(await_.kind in ANSWERED_OUTSIDE for await_ in lost) else None


def restore(work: Work, event: ev.CaseMigrated) -> None:
    """`work.workflow` is the version that the case goes back to, `event.restores` the case as it was on it."""
    before = json.decode(event.restores, type=Instance)
    now, was = _held(work.case), _held(before)
    work.close_awaits(await_ for no, (_, await_) in now.items() if no not in was or was[no][1] != await_)
    work.free([no for no in work.case.tokens if no not in before.tokens])
    work.record(event)
    for no, (token, await_) in was.items():
        if no not in now or now[no][1] != await_:
            _open_again(work, token, await_)
        if token is not None:
            work.emit(fx.RenameNode(no, token.node, Run(work, token).title()))
    for token in before.tokens.values():
        _due_as_it_was(work, token, now)


def _held(case: Instance) -> dict[int, tuple[Token | None, Await]]:
    """Every await by its number, with its token (None: the case's own)."""
    found: dict[int, tuple[Token | None, Await]] = {}
    for scope in case.scopes.values():
        found |= {no: (None, await_) for no, await_ in scope.awaits.items()}
    for token in case.tokens.values():
        found |= {no: (token, await_) for no, await_ in token.awaits.items()}
    return found


def _open_again(work: Work, token: Token | None, await_: Await) -> None:
    node = token.node if token is not None else ""
    match await_.kind:
        case "task" if token is not None:
            run = Run(work, token, await_)
            work.emit(fx.ReopenTask(await_.no, work.workflow.node(node).offered(run)))
        case "timer" | "moment":
            if await_.due is not None:
                work.emit(fx.SetTimer(await_.no, await_.due, node, await_.purpose))
            if await_.keys:
                work.emit(fx.Subscribe(await_.no, "condition", "", await_.keys, node))
        case "condition":
            if await_.keys:
                work.emit(fx.Subscribe(await_.no, "condition", "", await_.keys, node))
        case "message" | "signal" | "record" | "button":
            work.emit(fx.Subscribe(await_.no, await_.kind, str(await_.data["name"]), await_.keys, node))
        case _:
            pass


def _due_as_it_was(work: Work, token: Token, now: dict[int, tuple[Token | None, Await]]) -> None:
    """The due date of its tasks, where the migration moved it."""
    deadline = next((a for a in token.awaits.values() if a.purpose == "deadline"), None)
    other = any(a.purpose == "deadline" and holder is not None and holder.no == token.no for holder, a in now.values())
    if (deadline is None and other) or (deadline is not None and now.get(deadline.no, (None, None))[1] != deadline):
        for task in [a for a in token.awaits.values() if a.kind == "task"]:
            work.emit(fx.MoveDue(task.no, deadline.due if deadline is not None else None))


__all__ = ["in_the_way", "restore"]
