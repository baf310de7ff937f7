"""Units of a reduced net that stand for several steps, and what says that they must not (reductions.py makes them)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.checks.flow.net import Unit


@dataclass(frozen=True)
class Group:
    """Steps entered by `header` that hold one token between them, or are left as one when there are several.

    `units`: those that are left of it in the net. `nodes`: all that it stands for. `stands`: those of them in which, or
    before which, a token may rest. `open`: it may be left while a token stays in it. `first`: a step without a join in which
    whatever enters may rest before it moves on; `at`: one that does not wait and is run by what enters.
    """

    header: int
    units: frozenset[int]
    nodes: frozenset[int]
    stands: frozenset[int]
    open: bool = False
    first: int = -1
    at: int = -1


class Touched(Exception):
    """Something happened for which it matters where in the group a token is: the group has to be taken apart."""

    def __init__(self, group: Group) -> None:
        super().__init__(group.header)
        self.group = group


def sensitive(units: Sequence[Unit]) -> frozenset[int]:
    """Steps that do not wait and withdraw others, or lead to such a one within their event: what else runs in that event
    may come before or after."""
    found = {u.no for u in units if not u.rests and (u.cancels or u.end not in ("", "normal") or _throws(u))}
    before: dict[int, list[int]] = {}
    for unit in units:
        for target in _targets(unit) if not unit.rests else ():
            before.setdefault(target, []).append(unit.no)
    work = list(found)
    while work:
        for no in before.get(work.pop(), ()):
            if no not in found:
                found.add(no)
                work.append(no)
    return frozenset(found)


def _throws(unit: Unit) -> bool:
    return unit.node.type == "signal" and getattr(unit.node, "escalation", None) is not None


def _targets(unit: Unit) -> Iterable[int]:
    return (target for way in unit.ways for target, arrow in way.puts if target >= 0 and arrow < 0)
