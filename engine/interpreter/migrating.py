"""A case moves to another version of its workflow: names change, timers and events are armed as they are there (fates.py).

The open tasks, calls and child cases stay; what is on its way answers to the same numbers as before.
"""

from __future__ import annotations

from engine.interpreter import availability
from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.arming import open_all, opening_of
from engine.interpreter.dispatch import carry_out, carry_out_event
from engine.interpreter.events import Await
from engine.interpreter.firing import event_of, scope_run
from engine.interpreter.instance import Token
from engine.interpreter.node import Opening, Timer
from engine.interpreter.restoring import restore
from engine.interpreter.run import Run
from engine.interpreter.work import Work
from engine.language.expressions.plain import to_plain


def migrate(work: Work, event: ev.CaseMigrated) -> None:
    """`work.workflow` is the version that the case goes on with."""
    if event.restores:
        restore(work, event)
        return
    before = {t.no: t.node for t in work.case.tokens.values()}
    work.record(event)
    work.case_opened = event.began or work.at
    again = [work.case.tokens[no] for no in event.anew]
    work.withdraw(event.anew, "the case moves to another version")
    _arm(work, None, event)
    for token in list(work.case.tokens.values()):
        _arm(work, token, event)
        _tell_the_world(work, token, before[token.no])
    for name in event.fills:
        field = (work.workflow.definition.data or {})[name]
        assert field.start_with is not None
        value = scope_run(work, None).value(field.start_with, work.workflow.data_types.get(name))
        work.record(ev.VariableSet(name, to_plain(value)))
    for token in again:
        work.place(token.scope, token.node, token.came, "", token.path, token.message)
    for no in event.takes_up:
        token = work.case.tokens[no]
        carry_out_event(work, token, no, lambda token=token: _take_up(work, token))  # type: ignore[misc]


def _take_up(work: Work, token: Token) -> None:
    run = Run(work, token)
    carry_out(work, token, work.workflow.node(token.node).take_up(run), run)


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
    gone = tuple(a.no for a in closed)
    if gone:
        work.record(ev.Waited(no, (), gone) if token is not None else ev.Armed(0, (), gone))
    run = scope_run(work, token)
    openings = [opening for purpose in wanted for opening in _openings(work, run, token, purpose)]
    opened = open_all(work, run, openings, token.node if token is not None else "")
    if opened:
        work.record(ev.Waited(no, opened) if token is not None else ev.Armed(0, opened))
    due = next((o.due for o in openings if isinstance(o, Timer) and o.purpose == "deadline"), None)
    if token is not None and (due is not None or any(a.purpose == "deadline" for a in closed)):
        for task in [a for a in token.awaits.values() if a.kind == "task"]:
            work.emit(fx.MoveDue(task.no, due))


def _openings(work: Work, run: Run, token: Token | None, purpose: str) -> list[Opening]:
    if token is not None and purpose in ("deadline", "remind"):
        return [o for o in work.workflow.node(token.node).clocks(run) if o.purpose == purpose]
    if token is not None and purpose == availability.TO:
        return availability.end_of_time(work.workflow.node(token.node), run)
    event = event_of(work, token, Await(0, "", purpose))
    opening = opening_of(run, event, purpose) if event is not None else None
    return [opening] if opening is not None else []


__all__ = ["migrate"]
