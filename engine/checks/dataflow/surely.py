"""What is surely filled when a node is reached, on every path: a must-analysis over the arrows of each scope.

Where paths meet, what all of them filled stays; a join that waits for several arrows adds up what each of them brought
(LANGUAGE 13.2). A subprocess is walked into; of copies nothing comes out. The greatest solution: a loop takes nothing
away that was there before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from engine.checks.dataflow.filled import NOTHING, Filled
from engine.checks.dataflow.leaving import Effect, effect_of, of_start, of_whole
from engine.checks.dataflow.touches import Touches, Way, ways_of
from engine.language.kinds.events import Event
from engine.language.kinds.node import Join, Node

LeftBy = Callable[[Way | Event], Effect]
"""What else a way, or an event that begins a path, leaves behind: marks of whoever asks."""
Entries = tuple[tuple[str, Filled], ...]
"""Where tokens come into a scope, and what is filled then."""


class Scope:
    """One scope solved: `at` what is filled when a node is reached (None: it never is), `ways` its arrows."""

    def __init__(
        self, nodes: Mapping[str, Node], entries: Entries, touches: Touches, left_by: LeftBy | None = None
    ) -> None:
        self.nodes, self.entries, self.touches, self.left_by = nodes, entries, touches, left_by
        self.ways = {name: tuple(ways_of(node)) for name, node in nodes.items()}
        self.inner = {
            name: Scope(node.inner(), ((str(getattr(node, "start", "")), NOTHING),), touches, left_by)
            for name, node in nodes.items()
            if node.inner()
        }
        self.effects = {way: self._effect(way) for ways in self.ways.values() for way in ways}
        self.into: dict[str, list[Way]] = {name: [] for name in nodes}
        for ways in self.ways.values():
            for way in ways:
                if way.target in nodes:
                    self.into[way.target].append(way)
        self.at: dict[str, Filled | None] = dict.fromkeys(nodes)
        self._solve()

    @property
    def loses(self) -> Filled:
        """Everything that some step of the scope empties."""
        return NOTHING.union(*(effect.loses for effect in self.effects.values()))

    def _effect(self, way: Way) -> Effect:
        effect = effect_of(way, self.touches)
        if self.left_by is not None:
            more = self.left_by(way)
            effect = Effect(effect.gains | more.gains, effect.loses | more.loses)
        inner = self.inner.get(way.source)
        if inner is None:
            return effect
        copies = self.nodes[way.source].for_each is not None
        brought = inner.result(way.label) if way.kind == "exit" and not copies else None
        return Effect(effect.gains | (brought or NOTHING), effect.loses | inner.loses)

    def after(self, way: Way) -> Filled | None:
        """What is filled when this way was taken."""
        before = self.at[way.source]
        effect = self.effects[way]
        return None if before is None else (before - effect.loses) | effect.gains

    def _handled(self, way: Way) -> list[Filled]:
        """What a handler finds: what the step left behind at each exit by which it was done."""
        done = self.nodes[way.source].is_done
        exits = [w for w in self.ways[way.source] if w.kind in ("exit", "late") and done(w.label)]
        found = [self.after(w) for w in exits or [way]]
        return [filled for filled in found if filled is not None]

    def _solve(self) -> None:
        waiting_for_all = {n: self._unavoidable(frozenset([n])) for n, node in self.nodes.items() if _matching(node)}
        changed = True
        while changed:
            changed = False
            for name, node in self.nodes.items():
                now = self._arrived(name, node.join)
                if now is not None and name in waiting_for_all:
                    now |= waiting_for_all[name]
                if now != self.at[name]:
                    self.at[name], changed = now, True

    def _arrived(self, name: str, join: Join | None) -> Filled | None:
        arrows: dict[tuple[str, bool], list[Filled | None]] = {}
        at_once = [filled for target, filled in self.entries if target == name]
        for way in self.into[name]:
            if way.kind == "undo":
                at_once += self._handled(way)
            else:
                arrows.setdefault((way.source, way.moving), []).append(self.after(way))
        joined = _joined(join, [_meet(found) for found in arrows.values()])
        return _meet([joined, *at_once])

    # -- the end of a scope

    def result(self, exit_: str) -> Filled | None:
        """What is filled when the scope is over by this result; `done`: by none."""
        ends = [n for n, node in self.nodes.items() if node.type == "end"]
        named = {n: getattr(self.nodes[n], "result", None) for n in ends}
        goals = frozenset(n for n in ends if named[n] == exit_ or (exit_ == "done" and named[n] is None))
        found = [self.at[n] for n in goals]
        if exit_ == "done":
            found += [self.after(way) for ways in self.ways.values() for way in ways if way.target == "end"]
        met = _meet(found)
        if met is None or any(getattr(self.nodes[n], "kind", "normal") != "normal" for n in ends):
            return met
        return met | self._unavoidable(goals if exit_ != "done" else frozenset(), met)

    def _unavoidable(self, goals: frozenset[str], known: Filled = NOTHING) -> Filled:
        """What every run that comes to a goal has filled on one of its branches: to a join, all that were started come.

        Without goals: what every run has filled when all its branches are over.
        """
        facts = NOTHING.union(*(effect.gains for effect in self.effects.values())) - known
        return frozenset(fact for fact in facts if not self._avoidable(fact, goals))

    @cached_property
    def _backwards(self) -> list[tuple[str, bool, list[tuple[str, Filled]]]]:
        """Node, whether it starts all its branches, where its ways lead and what they fill: as an answer spreads, from the
        ends back."""
        return [
            (
                name,
                node.next is not None and bool(node.next.many),
                [
                    (way.target, self.effects[way].gains)
                    for way in self.ways[name]
                    if way.moving and way.kind != "undo" and way.target != "back"
                ],
            )
            for name, node in reversed(list(self.nodes.items()))
        ]

    def _avoidable(self, fact: str, goals: frozenset[str]) -> bool:
        over: set[str] = {n for n, node in self.nodes.items() if node.type == "end" or n in goals}
        come: set[str] = set(goals)
        steps = [
            (name, every, len(ways), [target for target, gains in ways if fact not in gains])
            for name, every, ways in self._backwards
        ]
        changed = True
        while changed:
            changed = False
            for name, every, all_ways, free in steps:
                if name in over and name in come:
                    continue
                done = sum(target == "end" or target in over for target in free)
                goal = any(target in come for target in free)
                is_over = done == all_ways > 0 if every else done > 0
                comes = goal and (not every or done == all_ways)
                for yes, found in ((is_over, over), (comes, come)):
                    if yes and name not in found:
                        found.add(name)
                        changed = True
        reached = come if goals else over
        return any(target in reached and fact not in filled for target, filled in self.entries)


def _matching(node: Node) -> bool:
    return node.join is not None and node.join.mode == "matching"


def _joined(join: Join | None, arrows: list[Filled | None]) -> Filled | None:
    """What is filled when the join fires; an arrow that nothing comes on has everything."""
    mode = join.mode if join is not None else "each"
    if mode == "all":
        known = [arrow for arrow in arrows if arrow is not None]
        return NOTHING.union(*known) if arrows and len(known) == len(arrows) else None
    if mode == "first" and join is not None and join.first is not None:
        known = [arrow for arrow in arrows if arrow is not None]
        if len(known) < join.first:
            return None  # it cannot fire yet; else facts would come and go as arrows are found, for ever
        without = len(arrows) - join.first  # so many arrows may still be on their way
        missing = len(arrows) - len(known)
        return frozenset(f for f in NOTHING.union(*known) if sum(f in a for a in known) + missing > without)
    return _meet(arrows)


def _meet(found: Iterable[Filled | None]) -> Filled | None:
    known = [filled for filled in found if filled is not None]
    return known[0].intersection(*known[1:]) if known else None


class Surely:
    """All scopes of a workflow: what is surely filled at each node, and as long as the case runs."""

    def __init__(self, touches: Touches, left_by: LeftBy | None = None) -> None:
        workflow = touches.workflow
        starts = [
            (str(event.next), of_start(name, touches) | (left_by(event).gains if left_by is not None else NOTHING))
            for name, event in workflow.start.items()
        ]
        always = starts[0][1].intersection(*(filled for _, filled in starts[1:])) if starts else NOTHING
        probe = Scope(workflow.nodes, tuple(starts), touches, left_by)
        self.always = always - probe.loses
        whole = [
            (
                str(event.next),
                self.always
                | of_whole(key, name, event, touches)
                | (left_by(event).gains if left_by is not None else NOTHING),
            )
            for key in ("interrupt", "meanwhile")
            for name, event in (getattr(workflow, key) or {}).items()
        ]
        self.scopes: dict[str, Scope] = {}
        """Scope -> its solution: '' is the case's own, a subprocess's is called by its node's name."""
        self.of: dict[str, str] = {}
        self._add("", Scope(workflow.nodes, (*starts, *whole), touches, left_by))

    def _add(self, name: str, scope: Scope) -> None:
        self.scopes[name] = scope
        for node, inner in scope.inner.items():
            before = scope.at[node]
            if before is not None:
                self._add(node, Scope(inner.nodes, ((inner.entries[0][0], before),), inner.touches, inner.left_by))
        self.of |= dict.fromkeys(map(str, scope.nodes), name)

    def at(self, node: str) -> Filled | None:
        """What is filled whenever this node is reached; None: it never is."""
        scope = self.scopes.get(self.of.get(node, "?"))
        return scope.at.get(node) if scope is not None else None
