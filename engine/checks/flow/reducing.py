"""A net that is being made smaller: which units are left, what each stands for, and what a rule must ask before it joins some."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy

from engine.checks.flow.groups import Group
from engine.checks.flow.net import BACK, END, Net, Unit


class Reducing:
    """`live`: the units that are left; `into`: unit -> those that lead to it; `second`: those of them that bring a token more."""

    def __init__(self, net: Net, roots: frozenset[int], apart: tuple[frozenset[int], ...]) -> None:
        self.net, self.roots, self.apart = net, roots, apart
        self.units = list(net.units)
        self.live = set(range(len(self.units)))
        self.forked: set[int] = set()
        self.groups: dict[int, Group] = {}
        self.into: list[set[int]] = [set() for _ in self.units]
        self.second: list[set[int]] = [set() for _ in self.units]
        self.backs: dict[int, set[int]] = {}
        for unit in self.units:
            self.link(unit)
            if unit.back:
                for arrow in unit.arrows:
                    self.backs.setdefault(net.sources[arrow], set()).add(unit.no)
        self.watched = frozenset(x for u in self.units if u.strict for x in u.watch)
        self.cancelled = [u.cancels for u in self.units if u.cancels]
        self._signs: dict[tuple[int, int], tuple[object, ...]] = {}
        self._looking = self._lookers()

    def plain(self, unit: Unit) -> bool:
        """Whether one token in the unit stays one, and nothing is withdrawn, thrown at others or watched."""
        no = unit.no
        return (
            bool(unit.ways)
            and not (unit.beside or unit.cancels or unit.strict or unit.end or no in self.watched)
            and all(len(way.puts) <= 1 for way in unit.ways)
            and not (unit.node.type == "signal" and getattr(unit.node, "escalation", None) is not None)
            and not (no in self.groups and self.groups[no].open)
        )

    def may(self, nodes: frozenset[int]) -> bool:
        return not any(together <= nodes for together in self.apart)

    def group(self, no: int) -> Group:
        unit, here = self.units[no], frozenset({no})
        if no in self.groups:
            return self.groups[no]
        named = -1 if unit.written or unit.end else no
        if unit.rests:
            return Group(no, here, here, here, first=named)
        return Group(no, here, here, frozenset(), at=named)

    def joined(self, header: int, units: Iterable[int], entered: Iterable[int]) -> Group:
        """The groups of these units as one; `entered`: those that run in the event that enters it."""
        groups, begun = [self.group(no) for no in units], [self.group(no) for no in entered]
        return Group(
            header,
            frozenset(),
            frozenset().union(*(g.nodes for g in groups)),
            frozenset().union(*(g.stands for g in groups)),
            first=next((g.first for g in begun if g.first >= 0), -1),
            at=next((g.at for g in begun if g.at >= 0), -1),
        )

    def change(self, old: set[int], now: list[Unit], group: Group) -> None:
        """`now` stand for the `old` units from here on."""
        for no in old:
            self.link(self.units[no], False)
            self.groups.pop(no, None)
            self.live.discard(no)
            self.units[no] = but(
                self.units[no], ways=(), beside=(), arrows=(), rests=False, join="each", back=False, region=frozenset()
            )
        for unit in now:
            self.units[unit.no] = unit
            self.live.add(unit.no)
            self.link(unit)
            self.groups[unit.no] = group

    def sources(self, unit: Unit) -> list[int]:
        return [self.net.sources[arrow] for arrow in unit.arrows]

    def leads(self, unit: Unit) -> Iterator[tuple[int, int, bool]]:
        """Where the unit's tokens go: target, arrow, and whether it goes there alone."""
        for ways, moving in ((unit.ways, True), (unit.beside, False)):
            for way in ways:
                alone = moving and len(way.puts) == 1
                for target, arrow in way.puts:
                    if target == BACK:
                        yield from ((source, -1, alone) for source in self.sources(unit))
                    elif target != END:
                        yield target, arrow, alone

    def link(self, unit: Unit, there: bool = True) -> None:
        for target, _, alone in self.leads(unit):
            if there:
                self.into[target].add(unit.no)
                if not alone:
                    self.second[target].add(unit.no)
            else:
                self.into[target].discard(unit.no)
                self.second[target].discard(unit.no)

    def _lookers(self) -> list[int]:
        """Joins that look at what is on its way, and steps of which it is watched whether they are open."""
        looks = [u.no for u in self.units if u.join == "matching" or (u.join == "first" and not u.region)]
        return [*looks, *sorted(self.watched)]

    def sign(self, no: int, but: int = END) -> tuple[object, ...]:
        """What a token that stands in the unit means to those who look."""
        key = (no, but)
        if key not in self._signs:
            reaches, name = self.net.graph.reaches, self.units[no].name
            found: list[object] = [no in cancelled for cancelled in self.cancelled]
            for looker in self._looking:
                if looker != but:
                    to = self.units[looker].name
                    found += [reaches(name, to), reaches(name, to, True)]
            self._signs[key] = tuple(found)
        return self._signs[key]


def but(unit: Unit, **changes: object) -> Unit:
    other = copy(unit)
    for name, value in changes.items():
        setattr(other, name, value)
    return other
