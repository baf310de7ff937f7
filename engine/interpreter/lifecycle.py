"""The life of a case and of a token, as a table: what may follow what. Everything else is a mistake of the engine.

A case is new until CaseStarted; completed, cancelled and failed are final. A token is queued on its arrow until the join
fires, ready until its node is entered, running until it is left or withdrawn (then it is no more). `held` waits for a
lock. A running one is entered anew by a next round, when it becomes available, and by a retry.
"""

from __future__ import annotations

TRANSITIONS: dict[str, frozenset[str]] = {
    "new": frozenset({"active"}),
    "active": frozenset({"completed", "cancelled", "failed"}),
    "completed": frozenset(),
    "cancelled": frozenset(),
    "failed": frozenset(),
    "queued": frozenset({"ready"}),
    "ready": frozenset({"running", "held"}),
    "held": frozenset({"running"}),
    "running": frozenset({"running", "ready", "held"}),
}


class Impossible(Exception):
    """The engine tried a step that no case may take."""


def may_follow(now: str, then: str) -> None:
    """Raises Impossible unless the table allows it."""
    if then not in TRANSITIONS[now]:
        raise Impossible(f"'{then}' cannot follow '{now}'")
