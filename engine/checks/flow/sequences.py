"""Two rules of reduction. A *sequence*: steps entered at one of them only, through which one token goes whatever it chooses:
rows, choices that come together, loops, returns. (The intervals of Allen and Cocke, by the greatest fixed point, so that
returns among several steps are one too.) An *aside*: a path begun by a meanwhile that ends within its event.

What is left of a sequence is its first step, which may be left by all its ways out. Where the first step does not wait,
a second unit stands for the places in which the token may rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.checks.flow.groups import Group
from engine.checks.flow.net import BACK, END, Unit, Way
from engine.checks.flow.reducing import Reducing, but

LARGEST = 100
"""Units that become one in one application of a rule: rows of hundreds are made in several."""


class Sequences(Reducing):
    """The rules on what one token goes through."""

    def sequences(self) -> bool:
        """Steps entered at one of them only, through which one token goes."""
        changed = False
        for header in sorted(self.live, key=lambda no: (no not in self.roots, no)):
            if header in self.live and self.plain(self.units[header]) and not self.units[header].back:
                members = self._grown(header)
                changed |= bool(members) and self._one_token(header, members)
        return changed

    def asides(self) -> bool:
        """Paths of meanwhiles that end within their event: they leave nothing behind. One that several begin must say so by
        its join, else two may meet in it."""
        changed = False
        for no in sorted(self.live):
            for way in self.units[no].beside if no in self.live else ():
                unit, (target, arrow) = self.units[no], way.puts[0]
                if target < 0 or arrow >= 0 or not self._ends_at_once(self.units[target]):
                    continue
                alone = self.into[target] == {no} and target not in self.roots
                if not self.units[target].written and (not alone or target in self._ahead(unit)):
                    continue
                group = self.group(no)
                nodes = group.nodes | self.group(target).nodes
                if not self.may(nodes):
                    continue
                changed = True
                left = tuple(other for other in unit.beside if other is not way)
                self.change({no}, [but(unit, beside=left)], replace(group, nodes=nodes))
        return changed

    def _ahead(self, unit: Unit) -> set[int]:
        return {target for target, _, alone in self.leads(unit) if alone}

    def _ends_at_once(self, unit: Unit) -> bool:
        return (
            not unit.rests
            and unit.join == "each"
            and self.plain(unit)
            and not unit.back
            and all(put == (END, -1) for way in unit.ways for put in way.puts)
        )

    def _grown(self, header: int) -> list[int]:
        """The units that can be reached only through the header, each of them plain."""
        found: list[int] = []
        queue, seen = [header], {header}
        sign = self.sign(header) if self.units[header].rests else None
        while queue and len(found) < LARGEST:
            for target, arrow, _ in self.leads(self.units[queue.pop(0)]):
                if target in seen or arrow >= 0 or target < 0 or not self._may_follow(target):
                    continue
                if self.units[target].rests:
                    sign = sign or self.sign(target)
                    if sign != self.sign(target):
                        continue
                seen.add(target)
                found.append(target)
                queue.append(target)
        while True:
            inside = {header, *found}
            left = [
                no
                for no in found
                if self.into[no] <= inside
                and self.backs.get(no, set()) & self.live <= inside
                and self.group(no).units <= inside
            ]
            if len(left) == len(found):
                back = self.units[header].rests or self.backs.get(header, set()) & self.live <= inside
                return found if back and self.group(header).units <= inside else []
            found = left

    def _may_follow(self, no: int) -> bool:
        unit = self.units[no]
        return (
            no not in self.roots
            and unit.join == "each"
            and not self.second[no]
            and self.plain(unit)
            and (not unit.back or all(self.units[s].join == "each" for s in self.sources(unit)))
        )

    def _one_token(self, header: int, members: list[int]) -> bool:
        region = {header, *members}
        first = self.units[header]
        resting = [no for no in (header, *members) if self.units[no].rests]
        pair = bool(resting) and not first.rests
        at_once = self._paths(header, region, True)
        group = self.joined(header, region, at_once)
        if len(region) <= 1 + pair or not self.may(group.nodes) or not self._can_be_left(region):
            return False
        reach = self._paths(header, region, False)
        changes = {"written": group.at < 0 and not first.rests, "arrows": self._from_outside(first, region)}
        if not pair:
            now = [but(first, ways=different(self._exits(region, reach, reach, group)), **changes)]
        else:
            rest, autos = resting[0], [no for no in at_once if not self.units[no].rests]
            later = self._after_rest(region, resting)
            passed = different([*self._exits(region, autos, at_once, group), Way("", "leave", ((rest, -1),))])
            ways = different(self._exits(region, [no for no in reach if no in later], reach, group))
            now = [
                but(first, ways=passed, **changes),
                but(self.units[rest], ways=ways, written=False, quiet=True, back=False),
            ]
        self.change(region, now, replace(group, units=frozenset(u.no for u in now)))
        return True

    def _from_outside(self, unit: Unit, region: set[int]) -> tuple[int, ...]:
        if unit.join != "each":
            return unit.arrows
        nodes = frozenset().union(*(self.group(no).nodes for no in region))
        return tuple(arrow for arrow in unit.arrows if self.net.sources[arrow] not in nodes)

    def _can_be_left(self, region: set[int]) -> bool:
        """Whether from each of them a way leads out. `back` leads to where the token came from, and so no further."""
        before: dict[int, list[int]] = {no: [] for no in region}
        good = []
        for no in region:
            for way in self.units[no].ways:
                inside = self._inside(self.units[no], way, region)
                if inside is None:
                    good.append(no)
                elif way.puts[0][0] != BACK:
                    before[inside[0]].append(no)
        seen = set(good)
        while good:
            for no in before[good.pop()]:
                if no not in seen:
                    seen.add(no)
                    good.append(no)
        return all(no in seen or (self.units[no].back and seen >= set(self.sources(self.units[no]))) for no in region)

    def _inside(self, unit: Unit, way: Way, region: set[int]) -> list[int] | None:
        """Where in the region the way leads; None when it leads out of it."""
        if not way.puts or (way.puts[0][0] != BACK and (way.puts[0][0] not in region or way.puts[0][1] >= 0)):
            return None
        return self.sources(unit) if way.puts[0][0] == BACK else [way.puts[0][0]]

    def _paths(self, header: int, region: set[int], at_once: bool) -> dict[int, tuple[int, ...]]:
        """Unit -> the steps entered after the header to come there; `at_once`: within the event that entered it."""
        found: dict[int, tuple[int, ...]] = {header: ()}
        queue = [header]
        while queue:
            no = queue.pop(0)
            unit = self.units[no]
            for way in unit.ways if not (at_once and unit.rests) else ():
                for target in self._inside(unit, way, region) or ():
                    if target not in found:
                        entered = () if self.units[target].quiet else (target,)
                        found[target] = (*found[no], *way.through, *entered)
                        queue.append(target)
        return found

    def _after_rest(self, region: set[int], resting: list[int]) -> set[int]:
        seen, work = set(resting), list(resting)
        while work:
            unit = self.units[work.pop()]
            for way in unit.ways:
                for target in self._inside(unit, way, region) or ():
                    if target not in seen:
                        seen.add(target)
                        work.append(target)
        return seen

    def _exits(
        self, region: set[int], units: Iterable[int], paths: dict[int, tuple[int, ...]], group: Group
    ) -> Iterator[Way]:
        for no in units:
            for way in self.units[no].ways:
                if self._inside(self.units[no], way, region) is None:
                    yield replace(way, through=(*paths[no], *way.through), claims=way.claims - group.stands)


def different(ways: Iterable[Way]) -> tuple[Way, ...]:
    """Of ways that do the same, the first."""
    found: dict[tuple[object, ...], Way] = {}
    for way in ways:
        kind = "leave" if way.kind == "interrupt" else way.kind
        found.setdefault((kind, way.puts, way.code, way.claims), way)
    return tuple(found.values())
