"""The search of a reduced net, with the groups taken apart of which it turns out that they cannot be one unit."""

from __future__ import annotations

from collections.abc import Iterable

from engine.checks.flow.explore import Result, Search
from engine.checks.flow.game import Game
from engine.checks.flow.groups import Group, Touched
from engine.checks.flow.net import Net, Start
from engine.checks.flow.reductions import reduced

ENOUGH = 1_500
"""States of a reduced net in which something is wrong already: then what else is wrong is told when that is put right."""
MOST_TRIES = 30
"""Groups that are taken apart before the net is searched as it was written."""


class Smaller:
    """One scope's net, made smaller for each of its searches. `targets`: the nodes where they begin."""

    def __init__(self, net: Net, targets: Iterable[str]) -> None:
        self.net = net
        roots = {net.number[name] for name in (*targets, *net.graph.starts) if name in net.number}
        roots |= {no for no in net.caught.values() if no >= 0}
        roots |= {no for way in net.once for no, _ in way.puts if no >= 0}
        self.roots = frozenset(roots)
        self.apart: list[frozenset[int]] = []

    def search(self, starts: list[Start], most: int) -> Result | None:
        """What the reduced net can do; None where nothing could be reduced."""
        while len(self.apart) < MOST_TRIES:
            smaller = reduced(self.net, self.roots, self.apart)
            if not smaller.groups:
                return None
            try:
                return _searched(smaller, starts, most)
            except Touched as touched:
                self.apart.append(touched.group.nodes)
        return None


def _searched(net: Net, starts: list[Start], most: int) -> Result:
    search = Search(Game(net), starts, most, enough=ENOUGH)
    result = search.finish()
    stood = {search.game.stands[p] for state in search.states if not state.ready for p in state.marking}
    for group in set(net.groups.values()):
        if group.header in result.ran or group.units & stood:
            if not (group.units & stood or result.faults or not _rests(net, group)):
                raise Touched(group)  # it is withdrawn in the event that entered it: what of it has run is not seen
            result.ran |= group.nodes
    return result


def _rests(net: Net, group: Group) -> bool:
    return any(net.units[no].rests for no in group.units)
