"""Which of several events that fire together comes first (LANGUAGE 12.2): interrupts of the outermost scope, inner ones, what a
step itself waits for, then `meanwhile`; among equals the one that was armed first."""

from __future__ import annotations

from engine.interpreter.events import Await
from engine.interpreter.instance import Instance, Scope, Token

Rank = tuple[int, int, int]
_KINDS = {"interrupt": 0, "meanwhile": 2}


def rank(case: Instance, token: Token | None, scope: Scope, await_: Await) -> Rank:
    """The smaller comes first. The events of the case as a whole (no token) lie outside every scope."""
    depth = -1 if token is None else case.depth_of(scope.no)
    return _KINDS.get(await_.purpose.partition(":")[0], 1), depth, await_.no


def rank_of(case: Instance, no: int) -> Rank:
    """By the number of the await; last of all when nothing waits under it any more."""
    found = case.awaiting(no)
    return rank(case, *found) if found is not None else (3, 0, no)
