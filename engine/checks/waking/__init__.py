"""Workflows that wake each other in a circle without a wait: each case begins the next, as fast as the machine can.

A circle is told only where it is sure: it is played with what is known of the record (`playing`), and comes back to the same start
with the same knowledge. A condition that is not known counts as lasting where nothing in the circle writes what it reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from engine.checks.pack_view import View
from engine.checks.waking.knowing import Facts, assumed, frozen, of_condition, truth
from engine.checks.waking.playing import Played, Woken, plays
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.events import Trigger
from engine.language.kinds.workflow import Workflow
from engine.language.messages import flow

MOST_DEPTH = 30
Key = tuple[str, str, frozenset[tuple[str, str]]]


class Link(NamedTuple):
    """One case in a chain: which start, what it knows, what was taken for granted on the way here, how it was woken."""

    key: Key
    taken: frozenset[str]
    by: str
    new_record: bool


def check(view: View) -> Iterator[Diagnostic]:
    """livelock-across-workflows."""
    search = Search(view)
    for workflow in search.workflows.values():
        for name, trigger in workflow.start.items():
            search.go(
                (), workflow, str(name), of_condition(trigger, workflow.case), frozenset(), frozenset(), "", False
            )
    for circle in search.circles:
        names = [link.key[:2] for link in circle]
        first = min(range(len(names)), key=lambda i: names[i])
        turned = [*circle[first:], *circle[:first]]
        home, start = turned[0].key[:2]
        trigger = search.workflows[home].start[start]
        way = " > ".join(
            f"{link.key[0]}/{link.key[1]} > {after.by}"
            for link, after in zip(turned, [*turned[1:], turned[0]], strict=True)
        )
        yield flow.livelock_across_workflows(trigger.place(trigger.kind), f"{way} > {home}/{start}")


@dataclass
class Search:
    view: View

    def __post_init__(self) -> None:
        self.workflows = dict(self.view.pack.kind(Workflow))
        self.circles: list[tuple[Link, ...]] = []
        self._told: set[frozenset[tuple[str, str]]] = set()
        self._tried: set[tuple[Key, frozenset[str]]] = set()

    def go(
        self,
        chain: tuple[Link, ...],
        workflow: Workflow,
        start: str,
        facts: Facts,
        taken: frozenset[str],
        open_: frozenset[str],
        by: str,
        new_record: bool,
    ) -> None:
        """A case begins with these facts; `open_`: workflows that still have a case for this record."""
        if workflow.available is not None or (workflow.name in open_ and workflow.second_start != "allow"):
            return
        link = Link((workflow.name, start, frozen(facts)), taken, by, new_record)
        for at, before in enumerate(chain):
            if before.key == link.key:
                self._found((link, *chain[at + 1 :]))
                return
        if len(chain) >= MOST_DEPTH or (link.key, open_) in self._tried:
            return
        self._tried.add((link.key, open_))
        for played in plays(workflow, start, facts, self.view):
            still = open_ | {workflow.name} if played.open else open_
            for woken in played.wakes:
                for other in self.workflows.values():
                    for name, trigger in other.start.items():
                        self._wake((*chain, link), workflow, played, woken, other, str(name), trigger, facts, still)

    def _wake(
        self,
        chain: tuple[Link, ...],
        workflow: Workflow,
        played: Played,
        woken: Woken,
        other: Workflow,
        start: str,
        trigger: Trigger,
        before: Facts,
        open_: frozenset[str],
    ) -> None:
        if trigger.of is not None or not woken.may_start(workflow, other, trigger):
            return
        facts: Facts = {}
        if woken.kind == "created":
            facts = woken.facts if other.case == woken.name else {}
            open_ = frozenset()
        elif woken.kind == "changed":
            facts = played.facts
            if trigger.fields and not {str(f) for f in trigger.fields} & woken.fields:
                return
        if trigger.becomes is not None:
            was = truth(trigger.becomes, before, other.case) if woken.kind == "changed" else False
            if was is not False or truth(trigger.becomes, facts, other.case) is not True:
                return
        holds = truth(trigger.if_, facts, other.case) if trigger.if_ is not None else True
        if holds is False:
            return
        taken = played.taken | (assumed(trigger.if_) if holds is None else frozenset())
        self.go(chain, other, start, facts, taken, open_, woken.step, woken.kind == "created")

    def _found(self, circle: tuple[Link, ...]) -> None:
        names = frozenset(link.key[:2] for link in circle)
        taken = frozenset[str]().union(*(link.taken for link in circle))
        written = {path for name, _ in names for path in written_in(self.workflows[name])}
        lasting = not taken & written and not (taken and any(link.new_record for link in circle))
        if lasting and names not in self._told and any(link.by for link in circle):
            self._told.add(names)
            self.circles.append(circle)


def written_in(workflow: Workflow) -> Iterator[str]:
    """Every path that the workflow may write, by whatever step."""
    for _, node in workflow.all_nodes():
        for key in ("set", "into"):
            places = getattr(node, key, None)
            if isinstance(places, dict):
                yield from (str(path) for path in (places if key == "set" else places.values()))
            elif isinstance(places, str):
                yield str(places)
        yield str(getattr(node, "field", ""))
