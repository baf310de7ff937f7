"""A scope as a token game: its nodes as units that may rest, and the ways a token may take out of each.

Conditions are free, so every exit is a way; timers are fair, so a step that waits leaves at any time. Steps that do not
wait run inside the transaction that reached them (LANGUAGE 13.1): they never rest. A lock only delays: whoever holds one
can leave, and what is reached while others wait for it is reached without it too; so `mutex` matters only where it makes
a step rest. What a subprocess or a call can come to is known before (LANGUAGE 14: the proof is a sum).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from engine.checks.flow import blocks
from engine.checks.flow.groups import Group
from engine.interpreter.firing import may_come_again
from engine.interpreter.graph import ScopeGraph, arrows_of
from engine.language.kinds.events import Trigger
from engine.language.kinds.node import Node

END, BACK = -1, -2
"""Targets that are no node: the path is over; the step whose arrow led here."""
MOST_CASES = 12
"""Conditions of one inclusive gateway whose combinations are tried."""

Put = tuple[int, int]
"""Where a token goes: a unit (or END, BACK), and the arrow whose queue it waits in, -1 where it runs at once."""


@dataclass(frozen=True)
class Body:
    """What the inside of a node can come to. `exits` None: any that is drawn. `rests`: it is not always over at once."""

    exits: frozenset[str] | None = None
    errors: frozenset[str] = frozenset()
    escalations: frozenset[str] = frozenset()
    rests: bool = True


NO_BODY = Body()


@dataclass(frozen=True)
class Way:
    """What a run may do. `kind`: leave, interrupt, beside (the step goes on), throw (an error), outside (is ended).
    Of a group: `through`, the steps in it that are passed, and `claims`, where no token may be when it is left so."""

    label: str
    kind: str
    puts: tuple[Put, ...] = ()
    code: str = ""
    through: tuple[int, ...] = ()
    claims: frozenset[int] = frozenset()


@dataclass
class Unit:
    """One node. `rests`: a token may stand in it. `watch`: it may be done only while one of these is open.
    `quiet`: it stands for the places of a group, and entering it is no step of a path."""

    no: int
    name: str
    node: Node
    rests: bool
    join: str
    written: bool
    arrows: tuple[int, ...] = ()
    ways: tuple[Way, ...] = ()
    beside: tuple[Way, ...] = ()
    cancels: frozenset[int] = frozenset()
    watch: frozenset[int] = frozenset()
    strict: bool = False
    back: bool = False
    end: str = ""
    result: str = ""
    plain_end: int = 0
    region: frozenset[int] = frozenset()
    quiet: bool = False


@dataclass
class Net:
    """A scope's units by number. `armed`: the workflow's own events, for its outermost scope."""

    graph: ScopeGraph
    at_once: int
    units: list[Unit]
    number: Mapping[str, int]
    arrow_no: Mapping[tuple[int, int, bool], int]
    sources: tuple[int, ...]
    """The unit that each arrow comes from."""
    caught: Mapping[str, int] = field(default_factory=dict)
    """Errors and escalations that the workflow's own interrupts catch: `error x`, `escalation any` -> target."""
    once: tuple[Way, ...] = ()
    """The workflow's meanwhiles that fire once."""
    escalations: frozenset[str] = frozenset()
    """What its subprocesses and calls throw outwards past their own events."""
    ended_from_outside: bool = False
    """Whether an interrupt around this scope can end what stands in it."""
    too_wide: set[int] = field(default_factory=set)
    """Inclusive gateways with too many conditions to try all their combinations."""
    groups: Mapping[int, Group] = field(default_factory=dict)
    """Units that stand for several steps (reductions.py)."""

    def put(self, source: int, target: str, moving: bool = True) -> Put:
        if target == "back":
            return (BACK, -1)
        number = self.number.get(target, END)
        if number == END or self.units[number].join == "each":
            return (number, -1)
        return (number, self.arrow_no.get((source, number, moving), -1))


@dataclass(frozen=True)
class Start:
    """A start, or an event of the workflow: its name and the node that it leads to. `late`: it comes only to a case that
    waits for something."""

    name: str
    target: str
    armed: bool = True
    arrow: int = -1
    late: bool = False


def build(
    graph: ScopeGraph,
    at_once: int,
    body: Callable[[Node], Body],
    interrupts: Mapping[str, Trigger] | None = None,
    meanwhiles: Mapping[str, Trigger] | None = None,
    ended_from_outside: bool = False,
) -> Net:
    """The net of one scope. `interrupts`, `meanwhiles`: the workflow's own, for its outermost scope."""
    number = {name: no for no, name in enumerate(graph.nodes)}
    locks = [str(n.mutex.name) for n in graph.nodes.values() if n.mutex is not None and _waits(n)]
    units = [
        Unit(
            number[name],
            name,
            node,
            _rests(node, locks, body(node)),
            node.join.mode if node.join is not None else "each",
            node.join is not None,
            end=str(getattr(node, "kind", "normal")) if node.type == "end" else "",
            result=str(getattr(node, "result", None) or "") if node.type == "end" else "",
        )
        for name, node in graph.nodes.items()
    ]
    drawn = {arrow.id: no for no, arrow in enumerate(graph.arrows)}
    arrow_no = {(number[a.source], number[a.target], a.moving): drawn[a.id] for a in graph.arrows}
    net = Net(graph, at_once, units, number, arrow_no, tuple(number[a.source] for a in graph.arrows))
    net.ended_from_outside = ended_from_outside
    for unit in units:
        unit.arrows = tuple(drawn[a.id] for a in graph.into[unit.name])
    plain = -1
    for unit in units:
        inside = body(unit.node)
        _draw(net, unit, inside)
        net.escalations |= {code for code in inside.escalations if not _hears(unit.node, code)}
        if unit.end == "normal" and not unit.result and not unit.written:
            plain += 1
            unit.plain_end = 1 << plain
    for unit in units:
        if unit.node.type == "inclusive_gateway":
            unit.ways = blocks.fewer_ways(net, unit)
    for trigger in (interrupts or {}).values():
        code = trigger.error or trigger.escalation
        if code is not None:
            net.caught = {**net.caught, f"{trigger.kind} {code}": net.put(END, str(trigger.next))[0]}
    net.once = tuple(
        Way(str(name), "beside", ((net.put(END, str(trigger.next))[0], -1),))
        for name, trigger in (meanwhiles or {}).items()
        if not may_come_again(trigger)
    )
    return net


def _waits(node: Node) -> bool:
    if node.type == "end" or (node.for_each is not None and node.for_each.detached):
        return False
    waits = getattr(node, "waits", None)
    return bool(waits is not None and waits())


def _rests(node: Node, locks: Iterable[str], inside: Body) -> bool:
    """Whether a token may stand in the node at rest: it waits, or its time, its rounds or its lock holds it. A subprocess
    in which nothing waits is over in the event that reached it."""
    if node.type == "end":
        return False
    by_people = getattr(node, "by_people", None)
    available = node.available
    held = available is not None and not (by_people is not None and by_people() and node.for_each is None) and (
        available.from_ is not None
        or available.during is not None
        or available.while_ is not None
        or available.at_most is not None
    )  # fmt: skip
    rounds = node.repeat is not None and (node.repeat.pause is not None or node.repeat.every is not None)
    locked = node.mutex is not None and str(node.mutex.name) in locks
    if not inside.rests and node.for_each is None and not inside.errors and not inside.escalations:
        events = [*(node.interrupt or {}).values(), *(node.meanwhile or {}).values()]
        return held or rounds or locked or any(not comes_later(trigger) for trigger in events)
    return _waits(node) or held or rounds or locked


def comes_later(trigger: Trigger) -> bool:
    """Whether it comes only to what waits: what is over in the event that began it is gone before."""
    return trigger.kind in ("after", "every", "button", "signal", "error", "escalation")


def _draw(net: Net, unit: Unit, body: Body) -> None:
    """The ways out of a unit, as its node draws them."""
    node, no = unit.node, unit.no
    if unit.join == "first" and node.join is not None and node.join.rest == "cancel":
        unit.region = frozenset(net.number[name] for name in net.graph.region(unit.name))
    if unit.end:
        return
    ways = list(_exits(net, unit, body))
    if unit.rests:
        for name, trigger in (node.interrupt or {}).items():
            if _fires(trigger, body):
                ways.append(Way(str(name), "interrupt", (net.put(no, str(trigger.next)),)))
        ways += [Way(code, "throw", (), code) for code in sorted(body.errors) if not _catches(node, code)]
        beside = [
            Way(str(name), "beside", (net.put(no, str(trigger.next), False),))
            for name, trigger in (node.meanwhile or {}).items()
            if not may_come_again(trigger)
        ]
        for label, target in node.extra_arrows().items():
            if label.endswith("meanwhile"):
                beside.append(Way(label.split()[0], "beside", (net.put(no, target, False),)))
        unit.beside = tuple(beside)
        if not ways and net.ended_from_outside:
            ways.append(Way("", "outside"))
    seen: dict[tuple[str, tuple[Put, ...], str], Way] = {}
    for way in ways:  # two cases that lead to the same node are one way
        key = (way.kind if way.label != "missed" else "missed", way.puts, way.code)
        seen.setdefault(key, way)
    unit.ways = tuple(seen.values())
    unit.back = any(put[0] == BACK for way in unit.ways for put in way.puts)
    unit.cancels = frozenset(net.number[str(n)] for n in node.cancels or () if str(n) in net.number)
    while_ = node.available.while_ if node.available is not None else None
    if while_ is not None:
        names = [p[1] for p in while_.reads if len(p) == 3 and p[0] == "steps" and p[2] == "open"]
        unit.watch = frozenset(net.number[name] for name in names if name in net.number)
        unit.strict = len(names) == 1 and while_.text.strip() == f"steps.{names[0]}.open" and bool(unit.watch)


def _exits(net: Net, unit: Unit, body: Body) -> Iterable[Way]:
    """Every exit that is drawn and can be taken. An exit without arrow has its own finding: here the path is over."""
    node, no = unit.node, unit.no
    if node.type == "inclusive_gateway":
        yield from _inclusive(net, unit)
        return
    threads = int(getattr(node, "threads", 1) or 1)
    arrows = node.arrows()
    for label, targets in arrows.items():
        if body.exits is not None and label not in body.exits and label not in ("missed", "exhausted", "too_deep"):
            continue
        puts = tuple(net.put(no, str(target)) for target in targets) * threads
        yield Way(label, "leave", puts)
    for label, target in node.extra_arrows().items():
        if not label.endswith("meanwhile"):
            yield Way(label, "leave", (net.put(no, target),))
    missing = [e for e in node.exits() if e not in arrows and (body.exits is None or e in body.exits)]
    if missing:
        yield Way(missing[0], "leave", ((END, -1),))


def _inclusive(net: Net, unit: Unit) -> Iterable[Way]:
    cases = getattr(unit.node, "cases", ())
    targets = [net.put(unit.no, str(case.next)) for case in cases if not case.is_otherwise]
    counts = range(1, len(targets) + 1)
    if len(targets) > MOST_CASES:  # only where the branches form a block are the rest not needed (blocks.py)
        net.too_wide |= {unit.no}
        counts = range(len(targets), len(targets) + 1)
    for count in counts:
        for chosen in combinations(targets, count):
            yield Way(f"{count}", "leave", chosen)
    for case in cases:
        if case.is_otherwise:
            yield Way("otherwise", "leave", (net.put(unit.no, str(case.next)),))


def _fires(trigger: Trigger, body: Body) -> bool:
    """Whether an interrupt can happen: what is thrown must be thrown inside."""
    for kind, thrown in (("error", body.errors), ("escalation", body.escalations)):
        code = getattr(trigger, kind)
        if code is not None:
            return bool(thrown) if code == "any" else code in thrown
    return True


def _hears(node: Node, code: str) -> bool:
    events = [*(node.interrupt or {}).values(), *(node.meanwhile or {}).values()]
    return any(trigger.escalation in (code, "any") for trigger in events)


def _catches(node: Node, code: str) -> bool:
    return any(trigger.error in (code, "any") for trigger in (node.interrupt or {}).values())


__all__ = ["BACK", "END", "Body", "Net", "Put", "Unit", "Way", "arrows_of", "build", "comes_later"]
