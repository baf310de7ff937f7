"""The states that the real `advance` reaches, every condition free, and what they say of a workflow: what the proof is measured by.

An oracle answers each condition in turn, both ways. Every event that a case at rest awaits is let happen. States are told apart by
where the tokens stand, not by their numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from engine.interpreter import events as ev
from engine.interpreter.advance import Step, advance
from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.instance import Instance
from engine.interpreter.run import Run
from engine.interpreter.work import OverAtOnce
from tests.interpreter.stage import MONDAY
from tests.interpreter.world import World
from tests.laws.agree import AT, Played
from tests.laws.reference import Tree
from tests.laws.soundness_reference import TooLarge, back, spread

MOST_STATES = 600
MOST_STEPS = 3_000
"""Of `advance` in one workflow: a loop of steps that do not wait has as many ways through as there are answers to 200 questions."""
Results = Mapping[int, int]
"""How many results each scope has had so far; an interrupt of the case begins anew."""


class Oracle:
    """Answers as it is told, no where it is not; `asked` is how often."""

    def __init__(self, answers: tuple[bool, ...]) -> None:
        self.answers, self.asked = answers, 0

    def holds(self, run: Run, condition: Any, **names: Any) -> bool:
        self.asked += 1
        return self.asked <= len(self.answers) and self.answers[self.asked - 1]


@contextmanager
def answering(oracle: Oracle) -> Iterator[None]:
    real = Run.holds
    Run.holds = lambda run, condition, **names: oracle.holds(run, condition, **names)  # type: ignore[method-assign]
    try:
        yield
    finally:
        Run.holds = real  # type: ignore[method-assign]


class Explored(Played):
    """Every state of one workflow at rest."""

    def __init__(self, tree: Tree, compiled: CompiledWorkflow, world: World) -> None:
        self.compiled, self.world, self.tree = compiled, world, tree
        self.faults: set[str] = set()
        self.seen: dict[Any, list[Any]] = {}
        """State -> the states after it that do not need an event of the case as a whole."""
        self.done: set[Any] = set()
        self.steps = 0
        begin = Instance(1, compiled.name)
        queue = [(begin, {0: 0}, ev.CaseStarted(name, "tom", starter="tom"), True, None) for name in tree["start"]]
        while queue:
            case, results, event, own, source = queue.pop()
            for after, count in self.outcomes(case, results if own else {}, event):
                key = self.key(after, count)
                if source is not None and own:
                    self.seen[source].append(key)
                if key in self.seen:
                    continue
                self.seen[key] = []
                if len(self.seen) > MOST_STATES:
                    raise TooLarge
                if after is None or after.status != "active":
                    self.done.add(key)
                    continue
                self.case = after
                queue += [(after, count, event, mine, key) for event, mine in self.possible()]
        good = spread(self.done, back(self.seen))
        if set(self.seen) - good:
            self.faults.add("stuck")

    def possible(self) -> Iterator[tuple[ev.Outside, bool]]:
        """What may happen now; False: it ends all else in the case, which is no way to be done."""
        for label, _, what, name, event in self.enabled():
            again = any(path.endswith(f"~{name}") for t in self.case.tokens.values() for path in [t.path] if name)
            if not (what == "meanwhile" and again):
                yield event, not (label[0] == "" and what == "interrupt")

    def outcomes(
        self, case: Instance, results: Results, event: ev.Outside
    ) -> Iterator[tuple[Instance | None, Results]]:
        """Each end of this one event, by all answers to the conditions it asks; no case: beyond at_once."""
        left: list[tuple[bool, ...]] = [()]
        while left:
            oracle = Oracle(left.pop())
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise TooLarge
            self.world.begin(MONDAY)
            try:
                with answering(oracle):
                    step = advance(self.compiled, case, event, self.world, AT)
            except RuntimeError as crash:  # no node is entered whose incident it could be
                if not isinstance(crash.__context__, OverAtOnce):
                    raise
                self.faults.add("over-at-once")
                yield None, {}
                continue
            told = oracle.answers
            more = [(*told, *([False] * i), True) for i in range(oracle.asked - len(told))]
            left += more
            incidents = {e.code for e in step.events if isinstance(e, ev.IncidentRaised)}
            if "step-too-large" in incidents:
                raise TooLarge
            if "over-at-once" in incidents:
                self.faults.add("over-at-once")
                yield None, {}
            elif not incidents:  # no case of a gateway holds: another finding
                yield step.case, self.counted(case, results, step)

    def counted(self, case: Instance, results: Results, step: Step) -> Results:
        count, scopes = dict(results), {t.no: t.scope for t in case.tokens.values()}
        for happened in step.events:
            if isinstance(happened, ev.TokenPlaced):
                scopes[happened.token] = happened.scope
            elif isinstance(happened, ev.TokenEnded) and happened.result is not None:
                scope = scopes[happened.token]
                count[scope] = count.get(scope, 0) + 1
                if count[scope] > 1:
                    self.faults.add("double-result")
        return {scope: min(many, 2) for scope, many in count.items() if scope in step.case.scopes}

    def key(self, case: Instance | None, results: Results) -> Any:
        if case is None:
            return "over"
        self.case = case
        if case.status != "active":
            return case.status
        tokens = sorted(
            (
                self.chain(t.scope),
                t.node,
                t.state,
                t.arrow,
                t.came,
                t.path,
                tuple(sorted(a.purpose for a in t.awaits.values())),
            )
            for t in case.tokens.values()
        )
        scopes = sorted(
            (
                self.chain(s.no),
                results.get(s.no, 0),
                tuple(sorted((n, tuple(sorted(r.given)), r.fired) for n, r in s.rounds.items())),
                tuple(sorted(a.purpose for a in s.awaits.values())),
            )
            for s in case.scopes.values()
        )
        return tuple(tokens), tuple(scopes)
