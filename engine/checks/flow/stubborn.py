"""Which tokens have to be moved in a state so that nothing is missed: a stubborn set (Valmari 1989), by units of the net.

Without locks, cancelling and tests for absence a scope is a free-choice net: a token that stands in a step can be moved
by that step's own ways only, so moving it alone loses no dead state. What the bounds ask for is added: a step may be left
only after whatever could bring a second token to it; where a join looks at what is on its way, or a step waits for another
to be open, all before it go together; and so do who withdraws, what it withdraws, and what comes there.

(A little long: one choice and the reasons that make it sound.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from engine.checks.flow.game import Game, State
from engine.checks.flow.net import BACK, END, Unit, Way

Source = int
"""A unit in which tokens stand; ~unit: the firing of its join."""


class Chooser:
    """Chooses for the states of one game."""

    def __init__(self, game: Game) -> None:
        self.game, self.net = game, game.net

    def choose(self, state: State) -> frozenset[int] | None:
        """The units whose tokens are moved now; None for all. What only ends goes first: so it is not there, or gone, in
        all that follows."""
        if len(state.marking) < 2:
            return None
        enabled = frozenset(self.game.units_of(state))
        if len(enabled) < 2:
            return None
        queued = {self.game.places[p].arrow for p in state.marking}
        apart = self._apart(state)
        best: frozenset[int] | None = None
        for unit in sorted(enabled, key=lambda no: (bool(self._effects[no][0] or self._effects[no][1]), no)):
            chosen = self._closure(unit, enabled, queued, apart)
            if best is None or len(chosen) < len(best):
                best = chosen
                if len(best) == 1:
                    break
        return best if best is not None and len(best) < len(enabled) else None

    def candidates(self, state: State) -> Iterator[tuple[int, frozenset[int]]]:
        """Merges of steps that do not wait which two events that are possible now may run, with all that may: units, and
        events of the workflow (as `Step.by`)."""
        if not self._merges:
            return
        places = [self.game.places[p] for p in state.marking if self.game.stands[p] >= 0]
        events = [~bit for bit, _ in enumerate(self.net.once, 1) if state.armed >> bit & 1]
        for merge, units in self._merges.items():
            here = [place for place in places if place.unit in units]
            begun = events if merge in self._begun else []
            beside = sum(len(self.net.units[p.unit].beside) - p.fired.bit_count() for p in here)
            if len(here) + len(begun) + beside > 1 or (here and merge in self._split):
                yield merge, frozenset([*(place.unit for place in here), *begun])

    def _apart(self, state: State) -> frozenset[tuple[int, int]]:
        """Unit and `matching` join: the token there leads to other arrows of the join than all others that are before it.
        It keeps the join waiting until it has come or can come no more, so when it moves makes no difference to the join."""
        if (
            not self._matching
            or self.net.once
            or any(u.back or u.cancels or u.region or u.strict for u in self.net.units)
        ):
            return frozenset()
        found = set()
        tokens = [self.game.places[p] for p in state.marking]
        for join, ways in self._matching.items():
            leads: list[tuple[int, frozenset[int]]] = []
            for place in tokens:
                if place.unit == join and place.arrow >= 0:
                    leads.append((-1, frozenset({place.arrow})))
                elif ways.get(place.unit):
                    leads.append((place.unit, ways[place.unit]))
            for at, (unit, arrows) in enumerate(leads):
                if unit >= 0 and not any(arrows & other for i, (_, other) in enumerate(leads) if i != at):
                    found.add((unit, join))
        return frozenset(found)

    def _closure(
        self, unit: int, enabled: frozenset[int], queued: set[int], apart: frozenset[tuple[int, int]]
    ) -> frozenset[int]:
        seen: set[Source] = {unit}
        work: list[Source] = [unit]
        while work:
            source = work.pop()
            if source >= 0 and source in enabled:
                if source in self._enders:
                    return enabled
                more = self._with[source].union(*(w for j, w in self._joined[source] if (source, j) not in apart))
            elif source >= 0:
                more = self._bring[source]
            else:
                more = self._brings_join(~source, queued)
            for other in more:
                if other not in seen:
                    seen.add(other)
                    work.append(other)
        return frozenset(seen & enabled)

    def _brings_join(self, join: int, queued: set[int]) -> frozenset[Source]:
        unit = self.net.units[join]
        empty = [arrow for arrow in unit.arrows if arrow not in queued]
        if unit.join == "all" and empty:
            return self._to_arrow.get(empty[0], frozenset())
        return frozenset(s for arrow in unit.arrows for s in self._to_arrow.get(arrow, ()))

    # ---- worked out once

    @cached_property
    def _effects(self) -> dict[Source, tuple[frozenset[int], frozenset[int], frozenset[int]]]:
        """Source -> the units it puts tokens into, the arrows before joins, the steps that it runs on the way."""
        found: dict[Source, tuple[frozenset[int], frozenset[int], frozenset[int]]] = {}
        for unit in self.net.units:
            if unit.rests:
                found[unit.no] = self._walk(unit)
            if unit.join != "each":
                found[~unit.no] = (
                    (frozenset({unit.no}), frozenset(), frozenset()) if unit.rests else self._walk(unit, True)
                )
        return found

    def _walk(
        self, unit: Unit, own: bool = False, ways: tuple[Way, ...] | None = None
    ) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
        """`ways`: those of the unit itself; without it all that it has."""
        into, arrows, run = set(), set(), {unit.no} if own else set()
        work = [unit]
        while work:
            here = work.pop()
            for way in (*here.ways, *here.beside) if ways is None or here is not unit else ways:
                for target, arrow in way.puts:
                    targets = [(target, arrow)] if target != BACK else [
                        (self.net.sources[a], -1) for a in here.arrows
                    ]  # fmt: skip
                    for no, queue in targets:
                        if no == END:
                            continue
                        if queue >= 0:
                            arrows.add(queue)
                        elif self.net.units[no].rests:
                            into.add(no)
                        elif no not in run:
                            run.add(no)
                            work.append(self.net.units[no])
        return frozenset(into), frozenset(arrows), frozenset(run)

    @cached_property
    def _from_outside(self) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
        """What starts and the workflow's own events put tokens into, as `_effects`: they come by no unit."""
        firsts = {self.net.number[name] for name in self.net.graph.starts}
        firsts |= {no for no in self.net.caught.values() if no >= 0}
        into = frozenset(no for no in firsts if self.net.units[no].rests)
        walked = [self._walk(self.net.units[no], True) for no in firsts - into]
        return (
            into.union(*(w[0] for w in walked)),
            frozenset().union(*(w[1] for w in walked)),
            frozenset().union(*(w[2] for w in walked)),
        )

    @cached_property
    def _bring(self) -> dict[int, frozenset[Source]]:
        found: dict[int, set[Source]] = {unit.no: set() for unit in self.net.units}
        for source, (into, _, _) in self._effects.items():
            for no in into:
                found[no].add(source)
        return {no: frozenset(sources) for no, sources in found.items()}

    @cached_property
    def _to_arrow(self) -> dict[int, frozenset[Source]]:
        found: dict[int, set[Source]] = {}
        for source, (_, arrows, _) in self._effects.items():
            for arrow in arrows:
                found.setdefault(arrow, set()).add(source)
        return {arrow: frozenset(sources) for arrow, sources in found.items()}

    @cached_property
    def _merges(self) -> dict[int, frozenset[int]]:
        """Steps that do not wait and have no join, with the units whose next event may run them, where those are several
        or may hold several tokens."""
        single = {unit.no for unit in self.net.units if not unit.written and not unit.end}
        found: dict[int, set[Source]] = {no: set() for no in self._begun & single}
        for source, (_, _, run) in self._effects.items():
            for no in run:
                unit = self.net.units[no]
                if not unit.written and not unit.end:
                    sources = (
                        {source}
                        if source >= 0
                        else {s for a in self.net.units[~source].arrows for s in self._to_arrow.get(a, ())}
                    )
                    found.setdefault(no, set()).update(s for s in sources if s >= 0)
        return {
            no: frozenset(sources) for no, sources in found.items()
            if len(sources) > 1 or no in self._begun | self._split
            or any(self.net.units[s].written or self.net.units[s].beside for s in sources)
        }  # fmt: skip

    @cached_property
    def _split(self) -> frozenset[int]:
        """Merges that one event may run twice, by a split on the way, where `Game.last` does not make them meet."""
        runs = (
            []
            if self.game.last
            else [(run, run | ({s} if s >= 0 else set())) for s, (_, _, run) in self._effects.items()]
        )
        return frozenset(no for run, through in runs if self._splits(through) for no in run)

    @cached_property
    def split_from_outside(self) -> frozenset[int]:
        """The same of the events that begin a case."""
        run = self._from_outside[2]
        if self.game.last or not self._splits(run):
            return frozenset()
        return frozenset(no for no in run if not self.net.units[no].written and not self.net.units[no].end)

    def _splits(self, units: Iterable[int]) -> bool:
        ways = [way for no in units for way in self.net.units[no].ways]
        return any(sum(put[0] != END for put in way.puts) > 1 for way in ways)

    @cached_property
    def _begun(self) -> frozenset[int]:
        """Steps that do not wait which a meanwhile of the workflow may run in its own event."""
        found: set[int] = set()
        work = [put[0] for way in self.net.once for put in way.puts]
        while work:
            no = work.pop()
            if no >= 0 and no not in found and not self.net.units[no].rests:
                found.add(no)
                work += [put[0] for way in self.net.units[no].ways for put in way.puts]
        return frozenset(found)

    @cached_property
    def _enders(self) -> frozenset[int]:
        """Units that may end the whole scope: moved only together with all others."""
        ends = {
            u.no
            for u in self.net.units
            if u.end not in ("", "normal", "escalation") or any(w.kind == "throw" for w in u.ways)
        }
        throws = {u.no for u in self.net.units if u.node.type == "signal" and self.net.caught}
        ends |= throws | ({u.no for u in self.net.units if u.end == "escalation"} if self.net.caught else set())
        found = set()
        for source, (_, arrows, run) in self._effects.items():
            joins = {~j.no for j in self.net.units if j.join != "each" and set(j.arrows) & arrows}
            chained = frozenset(n for j in joins if not self.net.units[~j].rests for n in self._effects[j][2])
            if source >= 0 and (run | chained | {source}) & ends:
                found.add(source)
        if found:  # what withdraws others may let a join through
            found |= {source for unit in self.net.units if unit.cancels for source in self._that_leave(unit)}
        return frozenset(found)

    @cached_property
    def _in_loop(self) -> frozenset[int]:
        """Units from which an arrow leads round to themselves."""
        net, low, number, stack, found = self.net, {}, {}, [], set()  # type: ignore[var-annotated]
        following: list[list[int]] = [[] for _ in net.units]
        for unit in net.units:
            targets = {target for way in (*unit.ways, *unit.beside) for target, _ in way.puts}
            following[unit.no] = [target for target in targets if target >= 0]
            if BACK in targets:
                following[unit.no] += [net.sources[arrow] for arrow in unit.arrows]
        for root in range(len(net.units)):
            work = [(root, 0)] if root not in number else []
            while work:
                no, at = work.pop()
                if at == 0:
                    number[no] = low[no] = len(number)
                    stack.append(no)
                if at < len(following[no]):
                    work.append((no, at + 1))
                    other = following[no][at]
                    if other not in number:
                        work.append((other, 0))
                    elif other in stack:
                        low[no] = min(low[no], number[other])
                    continue
                if low[no] == number[no]:
                    part = [stack.pop()]
                    while part[-1] != no:
                        part.append(stack.pop())
                    if len(part) > 1 or no in following[no]:
                        found |= set(part)
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[no])
        return frozenset(found)

    @cached_property
    def _several(self) -> frozenset[Source]:
        """Sources that may put two tokens on one place, one after the other or at once: also what a join lets through."""
        found = set()
        for source, (_, _, run) in self._effects.items():
            no = source if source >= 0 else ~source
            threads = any(getattr(self.net.units[u].node, "threads", 1) != 1 for u in (*run, no))
            written = any(self.net.units[u].node.join is not None for u in (*run, no))
            if threads or written or no in self._in_loop or any(u in self._in_loop for u in run) or self._twice(source):
                found.add(source)
        return frozenset(found)

    def _twice(self, source: Source) -> bool:
        """Whether a unit goes where one of its meanwhiles has gone before."""
        unit = self.net.units[source]
        if source < 0 or not unit.beside:
            return False
        seen: set[tuple[str, int]] = set()
        for ways in (unit.ways, *((way,) for way in unit.beside)):
            into, arrows, run = self._walk(unit, ways=ways)
            places = {("in", no) for no in into} | {("before", a) for a in arrows} | {("in", no) for no in run}
            if places & seen:
                return True
            seen |= places
        return False

    @cached_property
    def _with(self) -> dict[int, frozenset[Source]]:
        """Unit -> what must be moved, or brought, together with a token that stands in it."""
        found: dict[int, set[Source]] = {unit.no: set() for unit in self.net.units}
        for no, sources in self._bring.items():
            if len(sources) + (no in self._from_outside[0]) > 1 or sources & self._several:
                found[no] |= sources
        for units in self._merges.values():
            brings = {source for unit in units for source in self._bring[unit]}
            for unit in units:
                found[unit] |= brings | units
        self._with_withdrawals(found)
        self._with_watched(found)
        return {no: frozenset(sources - {no}) for no, sources in found.items()}

    def _with_withdrawals(self, found: dict[int, set[Source]]) -> None:
        """Who withdraws, who stands where it does, and who brings a token there: their order matters. (What a join with
        `rest: cancel` withdraws stands before it, and all before it are moved together already.)"""
        for unit in self.net.units:
            if not unit.cancels:
                continue
            by = self._that_leave(unit)
            there = {no for no in unit.cancels if self.net.units[no].rests}
            brings = {s for no in there for s in self._bring[no]}
            brings |= {s for no in unit.cancels for a in self.net.units[no].arrows for s in self._to_arrow.get(a, ())}
            for no in by:
                found[no] |= there | brings
            for no in there | self._at_rest(brings):
                found[no] |= by

    def _with_watched(self, found: dict[int, set[Source]]) -> None:
        """A step that may be done only while another is open, and all that may open or close that one."""
        for unit in self.net.units:
            if unit.strict:
                together = {unit.no, *unit.watch}.union(*(self._that_reach(no) for no in unit.watch))
                for no in together:
                    found[no] |= together

    def _that_leave(self, unit: Unit) -> set[int]:
        """The units whose next event may leave this one."""
        if unit.rests:
            return {unit.no}
        return self._at_rest({source for source, (_, _, run) in self._effects.items() if unit.no in run})

    def _at_rest(self, sources: Iterable[Source]) -> set[int]:
        """For the firing of a join: the units that bring tokens to it."""
        seen, work = set(sources), list(sources)
        while work:
            source = work.pop()
            for arrow in self.net.units[~source].arrows if source < 0 else ():
                new = self._to_arrow.get(arrow, frozenset()) - seen
                seen |= new
                work += new
        return {source for source in seen if source >= 0}

    def _that_reach(self, no: int) -> frozenset[int]:
        """The units in which a token may stand that is still to come to this one; all where `back` leads anywhere."""
        units, graph, groups = self.net.units, self.net.graph, self.net.groups
        if any(u.back for u in units):
            return frozenset(u.no for u in units if u.rests)
        name = units[no].name
        return frozenset(
            u.no
            for u in units
            if u.rests and graph.reaches(units[groups[u.no].header].name if u.no in groups else u.name, name)
        )

    @cached_property
    def _joined(self) -> dict[int, list[tuple[int, frozenset[int]]]]:
        """Unit -> the joins before which it stands and whose order or absence matters, with all that stand before them."""
        found: dict[int, list[tuple[int, frozenset[int]]]] = {unit.no: [] for unit in self.net.units}
        for join in self.net.units:
            together = self._before(join)
            for no in together:
                found[no].append((join.no, together))
        return found

    @cached_property
    def _matching(self) -> dict[int, dict[int, frozenset[int]]]:
        """Join -> unit -> the arrows of the join to which a token in the unit may come."""
        graph = self.net.graph
        number = {arrow.id: no for no, arrow in enumerate(graph.arrows)}
        return {
            join.no: {
                unit.no: frozenset(number[a] for a in graph.reaches(unit.name, join.name)) for unit in self.net.units
            }
            for join in self.net.units
            if join.join == "matching"
        }  # fmt: skip

    def _before(self, join: Unit) -> frozenset[int]:
        """The units that must be moved together because of a join: all before it, where order or absence matters."""
        if join.join == "each":
            return frozenset()
        arrows = [(arrow, self._to_arrow.get(arrow, frozenset())) for arrow in join.arrows]
        if join.join == "all" and not any(
            len(sources) + (arrow in self._from_outside[1]) > 1 or sources & self._several for arrow, sources in arrows
        ):
            return frozenset()
        return self._that_reach(join.no)
