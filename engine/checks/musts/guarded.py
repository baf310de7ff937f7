"""Whether somebody asked about a rule before a transaction began: then what it writes was looked at beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.checks.dataflow.guards import ANYTHING, Guards
from engine.checks.dataflow.leaving import Effect
from engine.checks.dataflow.surely import Surely
from engine.checks.dataflow.touches import Touches, Way, button_of
from engine.checks.dataflow.without import Step, Without, passed
from engine.checks.pack_view import View
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Node
from engine.language.kinds.events import Event

MARK = frozenset(["?"])


class Guarded:
    """Over one workflow."""

    def __init__(self, touches: Touches, view: View) -> None:
        self.touches = touches
        self.guards = Guards(touches, view)

    def before(self, node: str, excludes: Callable[[list[tuple[Node, bool]]], bool]) -> bool:
        """Whether every path to `node` passes conditions that exclude what is asked about."""

        def left_by(thing: Way | Event) -> Effect:
            return Effect(MARK) if excludes(list(self._conditions(thing))) else Effect()

        filled = Surely(self.touches, left_by).at(node)
        return filled is not None and filled >= MARK

    def _conditions(self, thing: Way | Event) -> Iterator[tuple[Node, bool]]:
        """What was asked on a way, or by an event that begins a path, and how it came out."""
        event: object = thing
        if isinstance(thing, Way):
            node = self.touches.nodes[thing.source]
            if thing.kind == "exit":
                yield from passed(node, thing.label)
                button = button_of(node, thing.label)
                if button is not None and button.that is not None:
                    yield button.that.tree, True
            event = thing.trigger if thing.trigger is not None else node if thing.kind == "exit" else None
        for condition in (getattr(event, key, None) for key in ("once", "becomes", "if_", "that")):
            if isinstance(condition, Expression):
                yield condition.tree, True

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
