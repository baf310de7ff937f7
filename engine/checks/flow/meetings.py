"""Where two tokens come at once to a step that does not wait and has no join (LANGUAGE 14 (5)): if it kept the first for a moment,
a second would come, one that the first does not withdraw when it goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from engine.checks.flow.game import Cut, Game, State, Step
from engine.checks.flow.net import END, Start
from engine.checks.flow.stubborn import Chooser


class Meetings:
    """Of one net; `chooser` says where they are worth looking for."""

    def __init__(self, game: Game, chooser: Chooser) -> None:
        self.game, self.chooser = game, chooser

    def at(self, state: State) -> list[tuple[int, tuple[int, ...]]]:
        """Steps that do not wait, without a join, to which two tokens can come at once: if the step kept the first for a
        moment, another event that is possible now would bring the second."""
        found = []
        for unit, sources in self.chooser.candidates(state):
            self.game.slow = unit
            trace = self._met(state, unit, sources)
            self.game.slow = END
            if trace is not None:
                found.append((unit, trace))
        return found

    def of(self, start: Start) -> list[tuple[int, tuple[int, ...]]]:
        """The same of the event that begins the case."""
        found = []
        for unit in sorted(self.chooser.split_from_outside):
            begun = self._rested(self._begun(start), unit)
            if not any(isinstance(step, Step) and step.trace.count(unit) > 1 for step in begun):
                continue
            self.game.slow = unit
            for one in self._rested(self._begun(start), unit):
                if isinstance(one, Cut) and (one.code, one.unit) == ("double-token", unit):
                    at = self.game.net.groups[unit].at if unit in self.game.net.groups else unit
                    found.append((at, one.trace or (unit,)))
                    break
            self.game.slow = END
        return found

    def _begun(self, start: Start) -> list[Step | Cut]:
        try:
            return [Step(END, start.name, *self.game.first(start.target, start.arrow, start.armed))]
        except Cut as cut:
            return [cut]

    def _met(self, state: State, unit: int, sources: frozenset[int]) -> tuple[int, ...] | None:
        for one in self._through(state, sources, unit):
            if isinstance(one, Step):
                if unit not in self.game.units_of(one.state):
                    continue
                ended = self._ended(state, one.by, unit)
                lost = sources.intersection(*(self._lost(step, sources) for step in ended))
                for two in self._through(one.state, sources - one.gone - lost, unit):
                    if isinstance(two, Cut) and (two.code, two.unit) == ("double-token", unit):
                        return (*(no for no in one.trace if no != unit), *two.trace)
            elif (one.code, one.unit) == ("double-token", unit) and any(
                step.trace.count(unit) > 1 for step in self._ended(state, one.by, unit)
            ):
                return one.trace
        return None

    def _ended(self, state: State, by: int, unit: int) -> list[Step]:
        """The ways in which this event runs the step and is not kept there. It is left in the same event: what its `cancels`,
        or an end behind it, withdraws is no second."""
        self.game.slow = END
        steps = self._through(state, frozenset({by}), unit)
        found = [step for step in steps if isinstance(step, Step) and unit in step.trace]
        self.game.slow = unit
        return found

    def _lost(self, step: Step, sources: frozenset[int]) -> frozenset[int]:
        """Those from which nothing comes any more: withdrawn, or events of a workflow that has ended or does not hear them."""
        if step.state.over:
            return sources
        return step.gone | {by for by in sources if by < END and not step.state.armed >> ~by & 1}

    def _through(self, state: State, sources: frozenset[int], unit: int) -> Iterator[Step | Cut]:
        """Every event of `sources`."""
        return self._rested((step for step in self.game.steps(state, sources) if step.by in sources), unit)

    def _rested(self, begun: Iterable[Step | Cut], unit: int) -> Iterator[Step | Cut]:
        """These, worked out until they rest, whatever is chosen on the way; told apart by how often `unit` was run."""
        seen: set[tuple[int, int, frozenset[int], State]] = set()
        queue = deque(begun)
        while queue:
            step = queue.popleft()
            if isinstance(step, Cut) or not step.state.ready:
                yield step
                continue
            key = (step.by, min(2, step.trace.count(unit)), step.gone, step.state)
            if key not in seen:
                seen.add(key)
                queue.extend(more.after(step) for more in self.game.steps(step.state))
