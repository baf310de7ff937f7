"""The search: every state that a scope can reach, the shortest way to each, and those from which nothing leads to an end."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.checks.flow.game import Cut, Game, State, Step
from engine.checks.flow.meetings import Meetings
from engine.checks.flow.net import Start
from engine.checks.flow.stubborn import Chooser


@dataclass(frozen=True)
class Path:
    """How a state is reached: the start or event, and the units entered one after another."""

    start: str
    trace: tuple[int, ...]


@dataclass
class Fault:
    """`units`: where it is; for a deadlock the join that waits, for a livelock the units of the loop. `queued`: the arrows
    of that join on which a token waits, or has been taken."""

    code: str
    units: tuple[int, ...]
    path: Path
    queued: frozenset[int] = frozenset()


@dataclass
class Result:
    """What a scope can do. `done`: the results it ends with ('' for none); `ran`: the units that can run."""

    faults: list[Fault] = field(default_factory=list)
    ran: set[int] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    errors: set[str] = field(default_factory=set)
    states: int = 0
    decided: bool = True
    rests: bool = False
    """Whether anything waits in it: else it is over in one event."""


class Search:
    """One exploration. `reduced`: of tokens that cannot disturb each other only one moves first (stubborn.py).
    `enough`: so many states are looked at when something is wrong already."""

    def __init__(
        self, game: Game, starts: Iterable[Start], most: int, reduced: bool = True, enough: int | None = None
    ) -> None:
        self.game, self.most, self.enough = game, most, most if enough is None else min(enough, most)
        self.chooser, self.reduced = Chooser(game), reduced
        self.meetings = Meetings(game, self.chooser)
        self.index: dict[State, int] = {}
        self.states: list[State] = []
        self.came: list[tuple[int, tuple[int, ...], str]] = []
        self.next: list[list[int]] = []
        self.cut: set[int] = set()
        self.partly: dict[int, frozenset[int]] = {}
        self.put_off = False
        """Whether a token was left standing anywhere: if not, this was the search of all states."""
        self.queue: deque[int] = deque()
        self.result = Result()
        starts = list(starts)
        self.own = any(start.armed for start in starts)
        """Whether this is a workflow's own scope, whose states know if its interrupts are still armed."""
        self._seen: set[tuple[str, int]] = set()
        for late in (False, True):
            for start in starts:
                if start.late == late and (self.result.rests or not late):
                    self._begin(start)
            self._run()

    def _begin(self, start: Start) -> None:
        try:
            trace, state = self.game.first(start.target, start.arrow, start.armed)
            found = [("double-token", unit, met) for unit, met in self.meetings.of(start)]
        except Cut as cut:
            found = [(cut.code, cut.unit, (cut.unit,))]
        for code, unit, met in found:
            if self._new(code, unit):
                self.result.faults.append(Fault(code, (unit,), Path(start.name, met)))
        if not found:
            self._add(state, -1, trace, start.name)

    def begin(self, state: State) -> None:
        """Looks on from a state as well, as from a start."""
        self._add(state, -1, ())
        self._run()

    def _add(self, state: State, before: int, trace: tuple[int, ...], start: str = "") -> int:
        self.result.ran.update(trace)
        found = self.index.get(state)
        if found is None:
            found = self.index[state] = len(self.states)
            self.states.append(state)
            self.came.append((before, trace, start))
            self.next.append([])
            self.queue.append(found)
            self.result.rests |= not state.over and not state.ready
            if state.over:
                if state.over == "done":
                    self.result.done.add(state.result)
                elif state.over.startswith("error:"):
                    self.result.errors.add(state.over[6:])
        return found

    def _run(self) -> None:
        while self.queue:
            most = self.enough if self.result.faults else self.most
            if len(self.states) > most or self.game.net.too_wide:
                self.result.decided = False
                break
            no = self.queue.popleft()
            state = self.states[no]
            only = None
            if self.reduced and not state.ready and not state.over:
                only = self.chooser.choose(state)
                if only is not None:
                    self.partly[no], self.put_off = only, True
            self._expand(no, only)
        self.result.states = len(self.states)

    def _expand(self, no: int, only: frozenset[int] | None) -> None:
        state = self.states[no]
        meeting = self.meetings.at(state) if not state.ready else []
        groups = self.game.net.groups
        if meeting:
            for unit, trace in meeting:
                unit = groups[unit].at if unit in groups else unit
                self._fault("double-token", unit, no, trace)
            self.cut.add(no)
            return
        for step in self.game.steps(state, only):
            if isinstance(step, Cut):
                self._fault(step.code, step.unit, no, step.trace)
                self.cut.add(no)
                continue
            self.next[no].append(self._add(step.state, no, step.trace))

    def _fault(self, code: str, unit: int, no: int, trace: tuple[int, ...]) -> None:
        if self._new(code, unit):
            self.result.faults.append(Fault(code, (unit,), self.path(no, trace)))

    def _new(self, code: str, unit: int) -> bool:
        """Whether this is said for the first time."""
        new = (code, unit) not in self._seen
        self._seen.add((code, unit))
        return new

    def path(self, no: int, more: tuple[int, ...] = ()) -> Path:
        """The first way found to a state."""
        traces = [more]
        while no >= 0:
            no, trace, start = self.came[no]
            traces.append(trace)
        return Path(start, tuple(unit for trace in reversed(traces) for unit in trace))

    # ---- what cannot end

    def finish(self) -> Result:
        """Adds deadlocks and livelocks: the states from which no end is reached."""
        while True:
            bad = self._without_end()
            if not bad:
                break
            again = False
            knots = list(self._knots(bad))
            for knot in knots:
                never_rests = any(self.states[no].ready for no in knot)  # and nothing else moves any more
                held = [no for no in (sorted(bad) if never_rests else knot) if no in self.partly]
                if held and self.next[knot[0]]:
                    again = True  # what was put off is tried before anything is said of a loop
                    for no in held:
                        del self.partly[no]
                        self.next[no] = []
                        self._expand(no, None)
            if again and self.result.decided:
                self._run()
                continue
            for knot in knots:
                self._stuck(knot)
            break
        self.result.states = len(self.states)
        return self.result

    def _without_end(self) -> set[int]:
        before: list[list[int]] = [[] for _ in self.states]
        for no, following in enumerate(self.next):
            for other in following:
                before[other].append(no)
        open_ = set(self.queue)
        good = [no for no, s in enumerate(self.states) if s.over or no in self.cut or no in open_]
        seen = set(good)
        while good:
            for no in before[good.pop()]:
                if no not in seen:
                    seen.add(no)
                    good.append(no)
        return set(range(len(self.states))) - seen

    def _knots(self, bad: set[int]) -> Iterable[list[int]]:
        """The sets of bad states that, once entered, are never left (Tarjan's strongly connected components)."""
        low: dict[int, int] = {}
        number: dict[int, int] = {}
        stack: list[int] = []
        on: set[int] = set()
        found: list[list[int]] = []
        for root in sorted(bad):
            if root in number:
                continue
            work = [(root, 0)]
            while work:
                no, at = work.pop()
                if at == 0:
                    number[no] = low[no] = len(number)
                    stack.append(no)
                    on.add(no)
                following = self.next[no]
                if at < len(following):
                    work.append((no, at + 1))
                    other = following[at]
                    if other not in number:
                        work.append((other, 0))
                    elif other in on:
                        low[no] = min(low[no], number[other])
                    continue
                if low[no] == number[no]:
                    part = []
                    while True:
                        top = stack.pop()
                        on.discard(top)
                        part.append(top)
                        if top == no:
                            break
                    members = set(part)
                    if all(other in members for one in part for other in self.next[one]):
                        found.append(sorted(part))
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[no])
        return found

    def _stuck(self, knot: list[int]) -> None:
        first, state = knot[0], self.states[knot[0]]
        if not self.next[first]:
            for unit, queued in self._waiting(state):
                if self._new("deadlock", unit):
                    self.result.faults.append(Fault("deadlock", (unit,), self.path(first), queued))
            return
        units: dict[int, None] = {}
        for no in knot:
            for step in self.game.steps(self.states[no], self.partly.get(no)):
                if isinstance(step, Step):
                    units.update(dict.fromkeys(step.trace))
        path = self.path(first)
        rests = any(not self.states[no].ready for no in knot)  # else no event can come between
        if rests and self.game.net.ended_from_outside and (state.armed & 1 or not self.own):
            held = set.intersection(*(self._held(self.states[no]) for no in knot)) - set(units)
            for unit, queued in self._waiting(state):
                if unit in held and self._new("deadlock", unit):
                    self.result.faults.append(Fault("deadlock", (unit,), path, queued))
            return
        entered = next((unit for unit in reversed(path.trace) if unit in units), None)
        if units and self._new("livelock", min(units)):
            if entered is not None:
                units = dict.fromkeys([entered, *sorted(units)])
            self.result.faults.append(Fault("livelock", tuple(units), path))

    def _held(self, state: State) -> set[int]:
        """The joins before which tokens wait, or in whose open round."""
        places = self.game.places
        queued = {places[p].unit for p in state.marking if places[p].arrow >= 0}
        return queued | {unit for unit, given, fired in state.rounds if given and not fired}

    def _waiting(self, state: State) -> list[tuple[int, frozenset[int]]]:
        """The joins that wait in a dead state, and the arrows they have: only those whose missing tokens are not held by
        another that waits, where there are such."""
        net, places = self.game.net, self.game.places
        queued: dict[int, set[int]] = {}
        for p in state.marking:
            if places[p].arrow >= 0:
                queued.setdefault(places[p].unit, set()).add(places[p].arrow)
        for unit, given, _ in state.rounds:
            queued.setdefault(unit, set()).update(a for a in net.units[unit].arrows if given >> a & 1)
        standing = {places[p].unit for p in state.marking}
        if not queued:
            return [(unit, frozenset()) for unit in sorted(standing)]
        roots = []
        for unit, arrows in queued.items():
            missing = frozenset(net.graph.arrows[a].id for a in net.units[unit].arrows if a not in arrows)
            others = standing - {unit}
            if not any(net.graph.reaches(net.units[o].name, net.units[unit].name) & missing for o in others):
                roots.append(unit)
        return [(unit, frozenset(queued[unit])) for unit in sorted(roots or queued)]
