"""Workflows that wake each other in a circle without a wait: each case begins the next, as fast as the machine can.

Chains of cases are followed with what is known of their records (`world`). One that comes back to the same start while all
is as it was comes back for ever: what is not known of the records stays as it is, and decides the same each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from engine.checks.conditions.asking import Conditions
from engine.checks.pack_view import View
from engine.checks.waking.asking import Asking
from engine.checks.waking.hearing import Entry, Hearing, entries
from engine.checks.waking.playing import Playing, Woken
from engine.checks.waking.world import Frame, Value, World
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.workflow import Workflow
from engine.language.messages import flow

MOST_DEPTH = 30
MOST_LINKS = 2_000
"""Cases that are played in one pack."""
Open = frozenset[tuple[str, Value]]
"""Workflows that have an open case for a record."""


class Link(NamedTuple):
    """One case in a chain: where it began, its record, what was known then, and how it was woken by which step."""

    entry: Entry
    record: Value | None
    world: World
    how: str
    step: str

    def same(self, other: Link) -> bool:
        """Whether all is as it was."""
        mine, others = (
            (self.entry.key, self.record, self.world.store),
            (other.entry.key, other.record, other.world.store),
        )
        return mine == others


def check(view: View) -> Iterator[Diagnostic]:
    """livelock-across-workflows."""
    search = Search(view)
    for entry in search.entries:
        for frame, world in search.hearing.first(entry):
            search.go((), entry, frame, world, frozenset(), "", "")
    told: list[frozenset[tuple[str, str]]] = []
    for circle in sorted(search.circles, key=len):
        names = [link.entry.key for link in circle]
        if any(before <= set(names) for before in told):
            continue
        told.append(frozenset(names))
        first = min(range(len(names)), key=lambda i: names[i])
        turned = [*circle[first:], *circle[:first]]
        trigger = turned[0].entry.trigger
        way = [
            f"{'/'.join(link.entry.key)} > {after.step}"
            for link, after in zip(turned, [*turned[1:], turned[0]], strict=True)
        ]
        whole = " > ".join([*way, "/".join(names[first])])
        yield flow.livelock_across_workflows(trigger.place(trigger.kind), whole)


@dataclass
class Search:
    view: View

    def __post_init__(self) -> None:
        asking = Asking(Conditions(self.view))
        self.hearing, self.playing = Hearing(asking), Playing(asking)
        self.entries = [entry for one in self.view.pack.kind(Workflow).values() for entry in entries(one)]
        self.circles: list[tuple[Link, ...]] = []
        self._tried: set[object] = set()

    def go(
        self, chain: tuple[Link, ...], entry: Entry, frame: Frame, world: World, open_: Open, how: str, step: str
    ) -> None:
        """A case begins in this world."""
        workflow = entry.workflow
        mine = (workflow.name, frame.record) if frame.record is not None else None
        if workflow.available is not None:
            return
        if mine in open_ and workflow.second_start != "allow" and not entry.beside and how != "called":
            return
        link = Link(entry, frame.record, world, how, step)
        for at, before in enumerate(chain):
            if before.same(link):
                circle = (link, *chain[at + 1 :])
                if world.lasts and any(one.how != "called" for one in circle):
                    self.circles.append(circle)
                return
        tried = (entry.key, frame.record, frozenset(world.store.items()), world.assumed, open_)
        if len(chain) >= MOST_DEPTH or len(self._tried) >= MOST_LINKS or tried in self._tried:
            return
        self._tried.add(tried)
        for now in self.playing.plays(frame, str(entry.trigger.next), world):
            still = open_ | {mine} if now.open and mine is not None else open_
            for woken in now.wakes:
                self._wake((*chain, link), frame, woken, world, now.world, still)

    def _wake(self, chain: tuple[Link, ...], by: Frame, woken: Woken, before: World, after: World, open_: Open) -> None:
        if woken.kind == "created":
            open_ = frozenset(one for one in open_ if one[1] != woken.record)
        for entry in self.entries:
            for frame, world in self.hearing.hears(entry, woken, before, after, by):
                self.go(chain, entry, frame, world, open_, woken.kind, woken.step)
