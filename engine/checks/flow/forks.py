"""A rule of reduction: a fork whose branches are one unit each and meet in one join that nothing else leads into, a block of
the program structure tree (Johnson, Pearson, Pingali 1994; Vanhatalo, Voelzer, Leymann 2007).

What is left is the fork, a unit that stands for all places of its branches, and the step behind the join. Of a join
`first` with `rest: finish` one unit more is left: those that still come when it has let one through.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.checks.flow.net import BACK, END, Unit, Way
from engine.checks.flow.reducing import Reducing, but


@dataclass(frozen=True)
class Branch:
    """What a fork puts a token on: the join where it ends, by which arrows, and its units. `stays`: it never gets there
    within the event in which it begins."""

    join: int
    arrows: frozenset[int]
    units: tuple[int, ...] = ()
    stays: bool = False


class Forks(Reducing):
    """The rule on blocks."""

    def forks(self) -> bool:
        """Branches that are one unit each and meet in one join."""
        return any(self._fork(no) for no in sorted(self.live) if no in self.live)

    def _fork(self, no: int) -> bool:
        fork = self.units[no]
        if fork.rests or fork.end or fork.beside or not any(len(way.puts) > 1 for way in fork.ways):
            return False
        branches: dict[tuple[int, int], Branch] = {}
        join: Unit | None = None
        for way in sorted(fork.ways, key=lambda way: -len(way.puts)):
            for put in way.puts:
                branch = branches.get(put) or self._branch(no, put)
                if len(way.puts) == 1 and (branch is None or join is None or branch.join != join.no):
                    continue
                if branch is None or (join is not None and branch.join != join.no):
                    return False
                branches[put], join = branch, self.units[branch.join]
        if join is None:
            return False
        inner = [way for way in fork.ways if any(put in branches for put in way.puts)]
        outer = [way for way in fork.ways if way not in inner]
        if join.no == no or join.back or {a for b in branches.values() for a in b.arrows} != set(join.arrows):
            return False
        if any(len(set(way.puts)) < len(way.puts) for way in inner):
            return False
        begun = [[branches[put] for put in way.puts] for way in inner]
        return all(self._meets(join, some, len(branches)) for some in begun) and (
            self._as_one(fork, join, list(branches.values()), begun, outer)
        )

    def _branch(self, fork: int, put: tuple[int, int]) -> Branch | None:
        no, arrow = put
        if arrow >= 0:
            return Branch(no, frozenset({arrow}))
        if no < 0 or not self._may_follow_alone(no, fork):
            return None
        units, unit, stays = [no], self.units[no], self.units[no].rests
        if not unit.rests:
            rests = {way.puts[0][0] for way in unit.ways if way.puts and way.puts[0][1] < 0}
            if len(rests) > 1:
                return None
            for rest in rests:
                if rest < 0 or not self.units[rest].rests or not self._may_follow_alone(rest, no):
                    return None
                units.append(rest)
            stays = bool(rests) and all(way.puts and way.puts[0][1] < 0 for way in unit.ways)
        puts = [way.puts for u in units for way in self.units[u].ways]
        if any(len(to) != 1 or to[0][0] == BACK for to in puts):
            return None
        out = {to[0] for to in puts if to[0][0] not in units}
        if not out or any(a < 0 for _, a in out) or len({join for join, _ in out}) != 1:
            return None
        if any(not self.group(u).units <= set(units) for u in units):
            return None
        return Branch(next(iter(out))[0], frozenset(a for _, a in out), tuple(units), stays)

    def _may_follow_alone(self, no: int, source: int) -> bool:
        unit = self.units[no]
        alone = no not in self.roots and unit.join == "each" and self.into[no] == {source}
        return alone and self.plain(unit) and not unit.back and not (self.backs.get(no, set()) & self.live)

    def _meets(self, join: Unit, branches: list[Branch], all_of_them: int) -> bool:
        """Whether the join lets one token through when so many branches were begun, and keeps none."""
        at_once = sum(not branch.stays for branch in branches)
        single = all(len(branch.arrows) == 1 for branch in branches)
        wanted = join.node.join
        match join.join:
            case "all":
                return single and len(branches) == all_of_them
            case "matching":
                return True
            case "batch":
                return wanted is not None and wanted.batch == len(branches)
            case "first":
                if wanted is None or wanted.first is None or not 0 < wanted.first <= len(branches):
                    return False
                if wanted.rest == "cancel":
                    return at_once < wanted.first
                return single and not at_once and wanted.first < len(branches) == all_of_them
        return False

    def _seen_as_it_is(self, join: Unit, branches: Iterable[Branch], inside: frozenset[int]) -> bool:
        """Whether the arrows as drawn say of each branch that it leads to its own arrows of the join, and of what is
        elsewhere that it leads to all of them or none, by ways that move the token: so it never makes the join wait."""
        reaches = self.net.graph.reaches
        for branch in branches:
            for no in branch.units:
                if self.units[no].rests and not reaches(self.units[no].name, join.name) <= self._drawn(branch.arrows):
                    return False
        every = self._drawn(join.arrows)
        for unit in self.net.units:
            reached = reaches(unit.name, join.name)
            if unit.no not in inside and reached and (reached != every or reaches(unit.name, join.name, True) != every):
                return False
        return True

    def _drawn(self, arrows: Iterable[int]) -> frozenset[str]:
        return frozenset(self.net.graph.arrows[arrow].id for arrow in arrows)

    def _as_one(
        self, fork: Unit, join: Unit, branches: list[Branch], begun: list[list[Branch]], outer: list[Way]
    ) -> bool:
        units = [u for branch in branches for u in branch.units]
        resting = [u for branch in branches for u in branch.units if self.units[u].rests]
        group = self.joined(fork.no, {fork.no, *units}, (fork.no, *(b.units[0] for b in branches if b.units)))
        group = replace(group, stands=group.stands | {join.no})
        first = join.join == "first" and join.node.join is not None
        cancel = first and join.node.join is not None and join.node.join.rest == "cancel"
        signs = {self.sign(u, join.no) for u in (*resting, join.no)}
        if len(signs) != 1 or not self.may(group.nodes):
            return False
        looks = join.join == "matching" or (first and not cancel)
        if looks and not self._seen_as_it_is(join, branches, group.nodes):
            return False
        if cancel and not group.stands - {join.no} <= join.region:
            return False
        claims = join.region - group.stands if cancel else frozenset()
        claims |= frozenset(c for u in units for way in self.units[u].ways for c in way.claims) - group.stands
        puts: tuple[tuple[int, int], ...] = ((join.no, -1),)
        passed = next((some for some in begun if not first and not any(branch.stays for branch in some)), None)
        into = [*outer, *([Way("", "leave", puts, through=self._rows(passed))] if passed is not None else [])]
        now = []
        if first and not cancel:
            if len(resting) < 2:
                return False
            puts = (*puts, (resting[1], -1))
            now = [but(self.units[resting[1]], ways=(Way("", "leave", ((END, -1),)),), quiet=True, written=False)]
            group = replace(group, open=True)
        if resting:
            rest = self.units[resting[0]]
            out = Way("", "leave", puts, through=self._rows(branches), claims=claims)
            now.append(but(rest, ways=(out,), quiet=True, written=False))
            into.append(Way("", "leave", ((rest.no, -1),)))
        now.append(but(fork, ways=tuple(into), written=group.at < 0))
        group = replace(group, units=frozenset(u.no for u in now))
        self.change({fork.no, *units}, now, group)
        self.units[join.no] = but(join, join="each", region=frozenset())
        self.forked.add(fork.no)
        self._looking = self._lookers()
        self._signs.clear()
        return True

    def _rows(self, branches: Iterable[Branch]) -> tuple[int, ...]:
        """The steps of a way through each branch."""
        found: list[int] = []
        for branch in branches:
            for no in branch.units:
                found += [] if self.units[no].quiet else [no]
                found += next((way.through for way in self.units[no].ways if way.puts[0][0] == branch.join), ())
        return tuple(found)
