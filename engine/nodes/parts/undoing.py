"""Compensation: handlers of finished steps, one by one, last first, once each, with the data recorded then (LANGUAGE 13.8)."""

from __future__ import annotations

from collections.abc import Iterable

from engine.interpreter import events as ev
from engine.interpreter.node import Child, Fail, Outcome, Wait
from engine.interpreter.run import Run

UNDO = "undo"
"""The purpose of the await of a running handler."""


def next_undo(run: Run, of: Iterable[str] | None, closes: tuple[int, ...] = (), alone: bool = False) -> Wait | None:
    """The next handler of this scope's list, as a case of its own; None when all are done. `of`: only of these steps."""
    listed = run.case.scopes[run.token.scope].undo
    names = {str(name) for name in of} if of is not None else None
    for index in range(len(listed) - 1, -1, -1):
        node, handler, data = listed[index]
        if names is None or node in names:
            run.work.record(ev.CompensationTaken(run.token.scope, index))
            child = Child(UNDO, run.case.workflow, run.case.record, data=data, body=handler, item=dict(run.case.item))
            return Wait([child], closes=closes, memory={"undoing": [node, handler, data]}, alone=alone)
    return None


def undo_failed(run: Run, event: ev.ChildEnded) -> Outcome:
    """The handler stands in the list again, so that a retry runs it once more."""
    node, handler, data = run.memory["undoing"]
    run.work.record(ev.CompensationListed(run.token.scope, node, handler, data))
    return Fail("undo-failed", f"taking back '{node}' failed: {event.error}")
