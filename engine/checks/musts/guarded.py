"""Whether somebody asked about a rule before a transaction began: then what it writes was looked at beforehand."""

from __future__ import annotations

from engine.checks.dataflow.guards import ANYTHING, Guards
from engine.checks.dataflow.leaving import Effect
from engine.checks.dataflow.surely import Surely
from engine.checks.dataflow.touches import Touches, Way
from engine.checks.dataflow.without import Step, Without
from engine.checks.pack_view import View
from engine.language.kinds.events import Event

MARK = frozenset(["?"])


class Guarded:
    """Over one workflow."""

    def __init__(self, touches: Touches, view: View) -> None:
        self.touches = touches
        self.guards = Guards(touches, view)

    def before(self, node: str, reads: frozenset[str], outside: frozenset[str]) -> bool:
        """Whether every path to `node` passes a condition over several fields of the rule (over its one field), and over
        what is written from outside where something is."""
        enough = min(2, len(reads))

        def left_by(thing: Way | Event) -> Effect:
            names = self.guards.asked_by(thing)
            asks = len(names & reads) >= enough or (bool(names & reads) and bool(names & outside))
            return Effect(MARK) if asks and (not outside or names & outside) else Effect()

        filled = Surely(self.touches, left_by).at(node)
        return filled is not None and filled >= MARK

    def between(self, culprit: str, node: str, reads: frozenset[str]) -> tuple[Step, ...] | None:
        """The shortest path from `culprit`, which writes, to `node` on which nobody asks about the rule, fills in or writes
        anything that it reads; None when there is none."""
        enough = min(2, len(reads))

        def left_by(thing: Way | Event) -> Effect:
            if not isinstance(thing, Way):
                return Effect(MARK)
            if thing.source == culprit:
                return Effect(loses=MARK)
            written = {write.path.rsplit(".", 1)[-1] for write in self.touches.of(thing.source)}
            asks = len(self.guards.asked_by(thing) & reads) >= enough
            unseen = self.touches.nodes[thing.source].type in ANYTHING
            return Effect(MARK) if asks or unseen or written & reads else Effect()

        marked = Surely(self.touches, left_by)
        filled = marked.at(node)
        if filled is None or filled >= MARK:
            return None
        return Without(self.touches, marked, left_by).to(node, "?")
