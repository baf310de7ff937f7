"""The token game of one scope: its states, and every step out of one, as `advance` carries them out (LANGUAGE 13).

A state at rest holds only tokens that stand in steps that wait, or on arrows before a join. A step of the game is one
outside event worked out until it rests, or until a choice that is free: a choice is a state too, so loops of steps that
do not wait are loops of states.

(A little long: the rules of one game, held beside `advance` as a whole.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.checks.flow import joins
from engine.checks.flow.groups import Group, Touched, sensitive
from engine.checks.flow.net import BACK, END, Net, Unit, Way

Came = tuple[int, ...]
"""The units whose arrow may have brought a token; empty where nothing asks (`back` does)."""
DONE, OUTSIDE = "done", "outside"
MOST_STEPS = 400
"""Steps without a choice that are taken as one; a longer run is cut into several states."""


class State(NamedTuple):
    """`marking`: places by number, sorted. `ready`: steps that do not wait, oldest first. `rounds`: of `first` joins:
    unit, arrows given, fired. `armed`: bit 0 the workflow's own interrupts, then its meanwhiles that have not fired.
    `over`: done, outside, or the error thrown."""

    marking: tuple[int, ...]
    ready: tuple[tuple[int, Came], ...] = ()
    rounds: tuple[tuple[int, int, bool], ...] = ()
    armed: int = 0
    ends: int = 0
    result: str = ""
    over: str = ""


class Place(NamedTuple):
    """Where a token stands: in a unit, or queued on an arrow before it. `fired`: the meanwhiles of this run."""

    unit: int
    arrow: int = -1
    came: Came = ()
    fired: int = 0


class Step(NamedTuple):
    """`by`: the unit whose token moved; below END an event of the workflow (~1 the first of `Net.once`). `trace`: the units
    entered, in order. `gone`: the units in which none is left of the tokens that stood there before."""

    by: int
    label: str
    trace: tuple[int, ...]
    state: State
    gone: frozenset[int] = frozenset()

    def after(self, step: Step) -> Step:
        """Both as one."""
        trace, gone = (*step.trace, *self.trace), step.gone | self.gone
        return self._replace(by=step.by, label=step.label, trace=trace, gone=gone)


class Cut(Exception):
    """Something that must not be: the state is not gone into any further."""

    def __init__(self, code: str, unit: int) -> None:
        super().__init__(code)
        self.code, self.unit, self.by = code, unit, END
        self.trace: tuple[int, ...] = ()

    def after(self, step: Step) -> Cut:
        """Both as one."""
        self.by, self.trace = step.by, (*step.trace, *self.trace)
        return self


class Draft:
    """A state being worked out."""

    def __init__(self, game: Game, state: State) -> None:
        self.game, self.net = game, game.net
        self.marking = list(state.marking)
        self.ready = list(state.ready)
        self.rounds = {unit: (given, fired) for unit, given, fired in state.rounds}
        self.armed, self.ends, self.result, self.over = state.armed, state.ends, state.result, state.over
        self.trace: list[int] = []
        self.gone: frozenset[int] = frozenset()
        self.queued: list[int] = []
        """The places before joins that tokens came to in this draft, in order: tokens in others are older."""
        self.ages: dict[int, int] = {}
        """Of the units that joins let through: which of `queued` goes on."""

    def done(self) -> State:
        if self.over:
            return State((), (), (), 0, 0, self.result if self.over == DONE else "", self.over)
        rounds = tuple(sorted((unit, *held) for unit, held in self.rounds.items()))
        return State(
            tuple(sorted(self.marking)), tuple(self.ready), rounds, self.armed, self.ends, self.result, self.over
        )

    # ---- placing and withdrawing

    def standing(self, unit: int) -> int:
        stands = self.game.stands
        here = [stands[p] for p in self.marking].count(unit)
        return here + [no for no, _ in self.ready].count(unit) if self.ready else here

    def put(self, target: int, arrow: int, source: int) -> None:
        if target == END:
            return
        unit = self.net.units[target]
        came: Came = (source,) if unit.back and source >= 0 else ()
        if arrow < 0:
            self.arrive(unit, came)
            return
        place = self.game.place(Place(target, arrow, came))
        self.marking.append(place)
        self.queued.append(place)
        if self.marking.count(place) > self.net.at_once:
            raise Cut("over-at-once", target)

    def arrive(self, unit: Unit, came: Came) -> None:
        """A token is ready to begin the unit: it does when those that are older have."""
        group = self.net.groups.get(unit.no)
        if group is not None and group.header == unit.no and any(self.standing(no) for no in group.units):
            if group.first < 0:
                raise Touched(group)
            raise Cut("double-token", group.first)  # where the other may still be
        standing = self.standing(unit.no) + 1
        if standing > 1 and not unit.written and not unit.end:
            raise Cut("double-token", unit.no)
        if standing > self.net.at_once:
            raise Cut("over-at-once", unit.no)
        self.ready.append((unit.no, came))

    def withdraw(self, units: frozenset[int], queued: int = END) -> None:
        """All that stands in these units, and what is queued before `queued`; open rounds of both are closed."""
        places = self.game.places
        for group in self.groups():
            if group.stands & units and not group.stands <= units:
                raise Touched(group)
        self.gone |= units.intersection(self.game.stands[p] for p in self.marking)
        self.marking = [
            p for p in self.marking
            if places[p].unit not in units and not (places[p].unit == queued and places[p].arrow >= 0)
        ]  # fmt: skip
        self.ready = [r for r in self.ready if r[0] not in units]
        self.rounds = {unit: held for unit, held in self.rounds.items() if unit not in units and unit != queued}

    def groups(self) -> Iterator[Group]:
        """Those in which a token is at rest, or comes to rest now."""
        if self.net.groups:
            units = [
                *(self.game.stands[p] for p in self.marking),
                *(no for no, _ in self.ready if self.net.units[no].rests),
            ]
            yield from (g for no in units if (g := self.net.groups.get(no)) is not None)

    def clear(self) -> None:
        self.gone |= {self.game.stands[p] for p in self.marking}
        self.marking, self.ready, self.rounds = [], [], {}

    # ---- what a run does

    def take(self, unit: Unit, way: Way, came: Came) -> None:
        """The token, already taken from where it stood, goes this way."""
        self.trace += way.through
        if way.claims:
            self.claim(unit, way.claims)
        match way.kind:
            case "throw":
                self.throw(way.code)
                return
            case "outside":
                self.clear()
                self.over = OUTSIDE
                return
            case "leave":
                if unit.cancels:
                    self.withdraw(unit.cancels)
        for target, arrow in way.puts:
            if target == BACK:
                back = came[0] if came else END
                self.put(back, self.net.arrow_no.get((unit.no, back, True), -1) if self.joins(back) else -1, unit.no)
            else:
                self.put(target, arrow, unit.no)

    def claim(self, unit: Unit, units: frozenset[int]) -> None:
        """What a join inside the group would withdraw outside it: nothing may be there."""
        standing = {self.game.places[p].unit for p in self.marking} | {no for no, _ in self.ready} | self.rounds.keys()
        if standing & units or any(group.stands & units for group in self.groups()):
            raise Touched(self.net.groups[unit.no])

    def joins(self, unit: int) -> bool:
        return unit >= 0 and self.net.units[unit].join != "each"

    def throw(self, code: str) -> None:
        target = self.caught("error", code)
        self.clear()
        if target is None:
            self.over = f"error:{code}"
        else:
            self.armed = 0
            if target != END:
                self.arrive(self.net.units[target], ())
            else:
                self.over = DONE

    def caught(self, kind: str, code: str) -> int | None:
        if not self.armed & 1:
            return None
        return self.net.caught.get(f"{kind} {code}", self.net.caught.get(f"{kind} any"))

    def end(self, unit: Unit) -> None:
        if unit.result:
            if self.result:
                raise Cut("double-result", unit.no)
            self.result = unit.result
        if unit.plain_end:
            if self.ends & unit.plain_end:
                raise Cut("improper-completion", unit.no)
            self.ends |= unit.plain_end
        code = str(getattr(unit.node, "code", None) or "")
        if unit.end == "error":
            self.throw(code)
        elif unit.end == "escalation":
            self.escalate(code)
        elif unit.end != "normal":
            self.clear()
            self.over = DONE

    def escalate(self, code: str) -> None:
        self.game.escalations.add(code)
        target = self.caught("escalation", code)
        if target is not None:
            self.clear()
            self.armed = 0
            self.put(target, -1, END)

    # ---- to rest

    def to_rest(self) -> Draft:
        """Runs what is ready, fires joins, until everything rests or a choice is free."""
        units = self.net.units
        for _ in range(MOST_STEPS):
            if self.over:
                return self
            if self.ready:
                at = self.game.next_ready(self.ready)
                unit = units[self.ready[at][0]]
                if unit.rests or unit.no == self.game.slow:
                    _, came = self.ready.pop(at)
                    if not unit.quiet:
                        self.trace.append(unit.no)
                    self.marking.append(self.game.place(Place(unit.no, -1, came)))
                    continue
                if len(unit.ways) > 1 or len(self.ready[at][1]) > 1 or unit.no in self.trace:
                    return self
                _, came = self.ready.pop(at)
                self.enter(unit)
                if unit.end:
                    self.end(unit)
                elif unit.ways:
                    self.run(unit, unit.ways[0], came)
            elif not (joins.fire(self) or self.missed()):
                break
        if not self.ready and not self.marking and not any(not fired for _, fired in self.rounds.values()):
            self.over = self.over or DONE
        return self

    def enter(self, unit: Unit) -> None:
        if unit.no in self.net.groups and self.ready:
            order = self.game.order
            if order and (unit.no in order or any(no in order for no, _ in self.ready)):
                raise Touched(self.net.groups[unit.no])
        self.trace.append(unit.no)

    def run(self, unit: Unit, way: Way, came: Came) -> None:
        """A step that does not wait is done; one that throws an escalation may be withdrawn by it."""
        code = getattr(unit.node, "escalation", None)
        if unit.node.type == "signal" and code is not None:
            self.escalate(str(code))
            if not self.armed and self.net.caught and not self.marking:
                return
        self.take(unit, way, came)

    def missed(self) -> bool:
        """`while: steps.x.open` can no longer hold: no x is open, and nothing is on its way to one."""
        if not self.game.strict:
            return False
        places = self.game.places
        for place in self.marking:
            unit, arrow, came, _ = places[place]
            node = self.net.units[unit]
            if arrow >= 0 or not node.strict or any(self.may_open(place, x) for x in node.watch):
                continue
            way = next((w for w in node.ways if w.label == "missed"), None)
            if way is not None:
                self.marking.remove(place)
                self.take(node, way, came)
                return True
        return False

    def may_open(self, own: int, x: int) -> bool:
        name = self.net.units[x].name
        others = list(self.marking)
        others.remove(own)
        places, units = self.game.places, self.net.units
        return any(
            places[p].unit == x or self.net.graph.reaches(units[places[p].unit].name, name) for p in others
        )  # fmt: skip


class Game:
    """The game of one net. `places` by number; `escalations`: the codes thrown outwards so far."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.places: list[Place] = []
        self.stands: list[int] = []
        """Place -> the unit that a token there stands in, END where it is queued."""
        self._numbers: dict[Place, int] = {}
        self.escalations: set[str] = set()
        self.slow = END
        """A step that does not wait and for the moment keeps what comes, to see whether a second can come."""
        self.strict = any(u.strict for u in net.units)
        self.order = sensitive(net.units) if net.groups else frozenset()
        """Where groups are: steps that come before or after others in one event with another outcome."""
        self.last = frozenset(
            u.no for u in net.units if not u.rests and not u.written and not u.end and len(u.arrows) > 1
        )
        """Merges without a join: run after what else is ready, so that what can meet there meets."""
        if any(u.cancels or u.region or u.end not in ("", "normal", "escalation") for u in net.units):
            self.last = frozenset()

    def place(self, place: Place) -> int:
        number = self._numbers.get(place)
        if number is None:
            number = self._numbers[place] = len(self.places)
            self.places.append(place)
            self.stands.append(place.unit if place.arrow < 0 else END)
        return number

    def next_ready(self, ready: list[tuple[int, Came]]) -> int:
        if len(ready) > 1 and self.last:
            for at, (unit, _) in enumerate(ready):
                if unit not in self.last:
                    return at
        return 0

    def first(self, target: str, arrow: int = -1, armed: bool = False) -> tuple[tuple[int, ...], State]:
        """The state after a start, or after an event of the workflow, whose arrow leads to `target`."""
        flags = (1 << (len(self.net.once) + 1)) - 1 if armed else 0
        draft = Draft(self, State((), armed=flags))
        draft.put(self.net.put(END, target)[0], arrow, END)
        draft.to_rest()
        return tuple(draft.trace), draft.done()

    def units_of(self, state: State) -> list[int]:
        """The units in which a token stands that may move by itself."""
        return sorted({self.stands[p] for p in state.marking} - {END})

    def steps(
        self, state: State, only: frozenset[int] | None = None, known: dict[int, tuple[Step | Cut, ...]] | None = None
    ) -> Iterator[Step | Cut]:
        """Every step out of a state; `only`: of the tokens in these units; `known`: of this state by place, filled here."""
        known = {} if known is None else known
        if state.over:
            return
        if state.ready:
            yield from self._choices(state)
            return
        for place in sorted(set(state.marking)):
            unit = self.stands[place]
            if unit >= 0 and (only is None or unit in only):
                if place not in known:
                    known[place] = tuple(self._of_token(state, place, self.places[place]))
                yield from known[place]
        for bit, way in enumerate(self.net.once, 1):
            if state.armed >> bit & 1 and state.marking:
                draft = Draft(self, state)
                draft.armed &= ~(1 << bit)
                yield self._done(draft, ~bit, way, ())

    def _choices(self, state: State) -> Iterator[Step | Cut]:
        at = self.next_ready(list(state.ready))
        no, came = state.ready[at]
        unit = self.net.units[no]
        if unit.rests or no == self.slow:  # a long run was cut here
            yield self._done(Draft(self, state), END, Way("", "beside"), ())
            return
        for one in self._backs(unit, came):
            for way in unit.ways or (Way("", "leave"),):
                draft = Draft(self, state)
                del draft.ready[at]
                draft.enter(unit)
                yield self._done(draft, no, way, one)

    def _of_token(self, state: State, place: int, here: Place) -> Iterator[Step | Cut]:
        unit = self.net.units[here.unit]
        closed = unit.strict and not any(self.stands[p] in unit.watch for p in state.marking)
        to = unit.node.available is not None and unit.node.available.to is not None
        for way in unit.ways:
            if way.kind == "leave" and ((way.label == "missed" and unit.strict and not to) or
                                        (closed and way.label != "missed" and way.label in unit.node.exits())):  # fmt: skip
                continue
            for one in self._backs(unit, here.came):
                draft = Draft(self, state)
                draft.marking.remove(place)
                if not draft.standing(unit.no):
                    draft.gone = frozenset({unit.no})
                yield self._done(draft, unit.no, way, one)
        for bit, way in enumerate(unit.beside):
            if not here.fired >> bit & 1:
                draft = Draft(self, state)
                draft.marking.remove(place)
                draft.marking.append(self.place(here._replace(fired=here.fired | 1 << bit)))
                yield self._done(draft, unit.no, way, here.came)

    def _backs(self, unit: Unit, came: Came) -> Iterable[Came]:
        return [(one,) for one in came] if unit.back and len(came) > 1 else [came]

    def _done(self, draft: Draft, by: int, way: Way, came: Came) -> Step | Cut:
        try:
            if by < 0:
                for target, arrow in way.puts:
                    draft.put(target, arrow, END)
            elif way.kind == "beside":
                draft.take(self.net.units[by], Way(way.label, "beside", way.puts), came)
            elif self.net.units[by].rests:
                draft.take(self.net.units[by], way, came)
            elif self.net.units[by].end:
                draft.end(self.net.units[by])
            else:
                draft.run(self.net.units[by], way, came)
            draft.to_rest()
        except Cut as cut:
            cut.by = by
            cut.trace = (*draft.trace, cut.unit) if cut.code in ("double-token", "over-at-once") else tuple(draft.trace)
            return cut
        return Step(by, way.label, tuple(draft.trace), draft.done(), draft.gone)
