"""Joins of the token game: when one fires at rest and what it takes (LANGUAGE 13.2 to 13.4; engine/interpreter/joins.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.checks.flow.net import Unit

if TYPE_CHECKING:
    from engine.checks.flow.game import Draft


def fire(draft: Draft) -> bool:
    """Every join that can fire now fires once, in the order of their names; of what they let through the oldest token goes
    first (13.1), as far as this event has brought it. Whether one did."""
    queues = _queues(draft)
    fired = False
    for unit in sorted((draft.net.units[no] for no in {*queues, *draft.rounds}), key=lambda u: u.name):
        if _look(draft, unit, queues.get(unit.no, {})):
            fired, queues = True, _queues(draft)
    if len(draft.ready) > 1:
        draft.ready.sort(key=lambda ready: draft.ages[ready[0]])
    return fired


def _look(draft: Draft, unit: Unit, queues: dict[int, list[int]]) -> bool:
    match unit.join:
        case "all":
            if not queues or len(queues) < len(unit.arrows):
                return False
            _through(draft, unit, [queue[0] for queue in queues.values()])
        case "matching":
            if not queues or on_its_way(draft, unit, set(queues)):
                return False
            _through(draft, unit, [queue[0] for queue in queues.values()])
        case "batch":
            wanted = (unit.node.join.batch or 1) if unit.node.join is not None else 1
            queued = [place for queue in queues.values() for place in queue]
            if len(queued) < wanted:
                return False
            _through(draft, unit, queued[:wanted])
        case "first":
            return _first(draft, unit, queues)
    return True


def _queues(draft: Draft) -> dict[int, dict[int, list[int]]]:
    """Unit -> arrow, in their order -> the places of the tokens queued on it."""
    stands, places = draft.game.stands, draft.game.places
    queued = [(places[p].unit, places[p].arrow, p) for p in draft.marking if stands[p] < 0]
    found: dict[int, dict[int, list[int]]] = {}
    for unit, arrow, place in sorted(queued, key=lambda q: q[:2]):
        found.setdefault(unit, {}).setdefault(arrow, []).append(place)
    return found


def _through(draft: Draft, unit: Unit, taken: list[int]) -> None:
    """The tokens become one, which begins the unit."""
    for place in taken:
        draft.marking.remove(place)
    _go(draft, unit, taken)


def _go(draft: Draft, unit: Unit, taken: list[int]) -> None:
    came = tuple(sorted({one for place in taken for one in draft.game.places[place].came}))
    draft.ages[unit.no] = min(draft.queued.index(place) if place in draft.queued else -1 for place in taken)
    draft.arrive(unit, came)


def _first(draft: Draft, unit: Unit, queues: Mapping[int, list[int]]) -> bool:
    join = unit.node.join
    assert join is not None
    given, fired = draft.rounds.get(unit.no, (0, False))
    taken: list[int] = []
    goes: int | None = None
    for arrow, queue in queues.items():
        if given >> arrow & 1:
            continue
        taken.append(queue[0])
        given |= 1 << arrow
        if not fired and given.bit_count() == join.first:
            fired, goes = True, queue[0]
            if join.rest == "cancel":
                break
    if not taken and not fired:
        return False
    for place in taken:
        draft.marking.remove(place)
    if fired and join.rest == "cancel":
        draft.withdraw(unit.region, queued=unit.no)
        if goes is not None:
            _go(draft, unit, [goes])
        return True
    served = {arrow for arrow in unit.arrows if given >> arrow & 1}
    closes = fired and (len(served) == len(unit.arrows) or not on_its_way(draft, unit, served, goes is not None))
    if closes:
        draft.rounds.pop(unit.no, None)
    else:
        draft.rounds[unit.no] = (given, fired)
    if goes is not None:
        _go(draft, unit, [goes])
    return bool(taken) or closes


def on_its_way(draft: Draft, unit: Unit, served: set[int], goes: bool = False) -> bool:
    """Whether a token may still come to an arrow outside `served` (13.3). `goes`: the join lets one through now, which
    stands in its node and may come round to another arrow."""
    net, places = draft.net, draft.game.places
    ids = frozenset(net.graph.arrows[arrow].id for arrow in served)
    standing = {there.unit for p in draft.marking if not ((there := places[p]).unit == unit.no and there.arrow >= 0)}
    standing |= {no for no, _ in draft.ready}
    if goes:
        standing.add(unit.no)
    for no in standing:
        name = net.units[no].name
        if net.graph.reaches(name, unit.name) - ids and not net.graph.reaches(name, unit.name, True) & ids:
            return True
    return False
