"""A reduction: an inclusive gateway whose branches come together again in one `join: matching` needs one combination only.

Where every branch is a row of steps with one way each, that nothing else leads into, and the join has no other arrows,
the branches do not disturb each other and the join fires once, when all that were taken are there, whichever they are.
So taking all of them shows what any choice of them could show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.checks.flow.net import Net, Unit, Way


def fewer_ways(net: Net, gateway: Unit) -> tuple[Way, ...]:
    """The ways of an inclusive gateway that must be tried: all, or in a block the widest and that of `otherwise`."""
    widest = max(gateway.ways, key=lambda way: len(way.puts), default=None)
    if widest is None or len(widest.puts) < 2:
        return gateway.ways
    ends = {_row(net, gateway, way.puts[0]) for way in gateway.ways if len(way.puts) == 1}
    ends |= {_row(net, gateway, put) for put in widest.puts}
    joins = {end[0] for end in ends if end is not None} if None not in ends else set()
    if len(joins) != 1:
        return gateway.ways
    join = net.units[joins.pop()]
    if join.join != "matching" or {end[1] for end in ends if end is not None} != set(join.arrows):
        return gateway.ways
    if len({_row(net, gateway, put) for put in widest.puts}) != len(widest.puts):
        return gateway.ways
    net.too_wide.discard(gateway.no)
    others = [way for way in gateway.ways if way.label == "otherwise" and way is not widest]
    return (widest, *others)


def _row(net: Net, gateway: Unit, put: tuple[int, int]) -> tuple[int, int] | None:
    """Where a row of plain steps ends: the join and its arrow; None when it is no such row."""
    seen = {gateway.no}
    while True:
        no, arrow = put
        if no < 0 or no in seen:
            return None
        if arrow >= 0:
            return put
        seen.add(no)
        unit = net.units[no]
        plain = len(unit.ways) == 1 and unit.ways[0].kind == "leave" and len(unit.ways[0].puts) == 1
        if not plain or len(unit.arrows) != 1 or unit.beside or unit.cancels or unit.watch or unit.join != "each":
            return None
        if unit.node.type == "signal" or unit.name in net.graph.starts:
            return None
        put = unit.ways[0].puts[0]
