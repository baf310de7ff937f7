"""A case moves to another version of its workflow: names change, timers and events are armed as they are there (fates.py).

The open tasks, calls and child cases stay; what is on its way answers to the same numbers as before.
"""

from __future__ import annotations

from engine.interpreter import availability
from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.arming import open_all, opening_of
from engine.interpreter.events import Await
from engine.interpreter.firing import event_of, scope_run
from engine.interpreter.instance import Token
from engine.interpreter.node import Opening, Timer
from engine.interpreter.run import Run
from engine.interpreter.work import Work


def migrate(work: Work, event: ev.CaseMigrated) -> None:
    """`work.workflow` is the version that the case goes on with."""
    before = {t.no: t.node for t in work.case.tokens.values()}
    work.record(event)
    work.case_opened = event.began or work.at
    _arm(work, None, event)
    for token in list(work.case.tokens.values()):
        _arm(work, token, event)
        if token.no not in event.anew:
            _tell_the_world(work, token, before[token.no])
    for no in event.anew:
        token = work.case.tokens[no]
        scope, node, came, path = token.scope, token.node, token.came, token.path
        work.withdraw([no], "the case moves to another version")
        work.place(scope, node, came, "", path, token.message)


def _tell_the_world(work: Work, token: Token, before: str) -> None:
    """What is shown outside goes by the node's name and title of now."""
    run = Run(work, token)
    tasks = [a for a in token.awaits.values() if a.kind == "task"]
    shown = token.awaits.values() if before != token.node else tasks
    for await_ in shown:
        work.emit(fx.RenameNode(await_.no, token.node, run.title()))


def _arm(work: Work, token: Token | None, event: ev.CaseMigrated) -> None:
    """Withdraws and opens what the plan says for one token, or for the case as a whole."""
    awaits = token.awaits if token is not None else work.case.scopes[0].awaits
    no = token.no if token is not None else 0
    closed = [a for a in awaits.values() if a.no in event.closes]
    wanted = [purpose for owner, purpose in event.opens if owner == no]
    if not closed and not wanted:
        return
    work.close_awaits(closed)
    run = scope_run(work, token)
    openings = [opening for purpose in wanted for opening in _openings(work, run, token, purpose)]
    opened = open_all(work, run, openings, token.node if token is not None else "")
    gone = tuple(a.no for a in closed)
    work.record(ev.Waited(no, opened, gone) if token is not None else ev.Armed(0, opened, gone))
    due = next((o.due for o in openings if isinstance(o, Timer) and o.purpose == "deadline"), None)
    if token is not None and (due is not None or any(a.purpose == "deadline" for a in closed)):
        for task in [a for a in token.awaits.values() if a.kind == "task"]:
            work.emit(fx.MoveDue(task.no, due))


def _openings(work: Work, run: Run, token: Token | None, purpose: str) -> list[Opening]:
    if token is not None and purpose == "deadline":
        return list(work.workflow.node(token.node).clocks(run))
    if token is not None and purpose == availability.TO:
        return availability.end_of_time(work.workflow.node(token.node), run)
    event = event_of(work, token, Await(0, "", purpose))
    opening = opening_of(run, event, purpose) if event is not None else None
    return [opening] if opening is not None else []


__all__ = ["migrate"]
