"""The engine beside the reference: the same workflow, the same schedule, and after every event the same log, result and state of rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from engine.interpreter import events as ev
from engine.interpreter.advance import advance
from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.instance import Instance
from engine.interpreter.names import microseconds_of
from engine.interpreter.view import Refused
from engine.language.kinds.workflow import Workflow
from engine.language.pack import Pack
from tests.interpreter.stage import MONDAY
from tests.interpreter.world import World, pack_of
from tests.laws import reference
from tests.laws.workflows import Tree, workflow, yaml

MOST_EVENTS = 25
MOST_TOKENS = 60
"""A case that grows beyond this has left what `at_once` allows: the schedule is over."""
AT = microseconds_of(MONDAY)


class Played:
    """One case of the engine, in memory, behind the same three words as the reference."""

    def __init__(self, compiled: CompiledWorkflow, world: World) -> None:
        self.compiled, self.world = compiled, world
        self.case = Instance(1, compiled.name)
        self.log: list[tuple[Any, ...]] = []
        self.give(ev.CaseStarted("begin", "tom", starter="tom"))

    def give(self, event: ev.Outside) -> None:
        self.world.begin(MONDAY)
        self.log = []
        scopes = {no: (s.token, s.node) for no, s in self.case.scopes.items()} or {0: (0, "")}
        tokens = {no: (t.scope, t.node) for no, t in self.case.tokens.items()}
        step = advance(self.compiled, self.case, event, self.world, AT)
        self.case = step.case

        def path(no: int) -> tuple[str, ...]:
            token, node = scopes[no]
            return (*path(tokens[token][0]), node) if no else ()

        for happened in step.events:
            match happened:
                case ev.ScopeOpened():
                    scopes[happened.scope] = (happened.token, happened.node)
                case ev.TokenPlaced():
                    tokens[happened.token] = (happened.scope, happened.node)
                case ev.NodeEntered():
                    scope, node = tokens[happened.token]
                    self.log.append(("in", *path(scope), node))
                case ev.NodeLeft():
                    scope, node = tokens[happened.token]
                    gateway = self.compiled.node(node).TYPE.endswith("gateway") and not self.compiled.node(node).waits()
                    self.log.append(("out", *path(scope), node, "" if gateway else happened.exit))
                case ev.IncidentRaised():
                    self.log.append(("incident", happened.code))
                case ev.CaseEnded():
                    self.log.append(("over", happened.status, happened.result))

    def chain(self, scope: int) -> tuple[str, ...]:
        held = self.case.scopes[scope]
        return (*self.chain(self.case.tokens[held.token].scope), held.node) if scope else ()

    def enabled(self) -> list[tuple[tuple[str, ...], int, str, str, ev.Outside]]:
        found: list[tuple[tuple[str, ...], int, str, str, ev.Outside]] = []
        for token in self.case.tokens.values():
            for await_ in token.awaits.values():
                for what, name, event in self.answers(await_, token.node):
                    label = (*self.chain(token.scope), token.node, what, name)
                    found.append((label, token.no, what, name, event))
        if self.case.status == "active":
            for await_ in self.case.scopes[0].awaits.values():
                for what, name, event in self.answers(await_, ""):
                    found.append((("", what, name), 0, what, name, event))
        return sorted(found, key=lambda one: one[:4])

    def answers(self, await_: ev.Await, node: str) -> Iterator[tuple[str, str, ev.Outside]]:
        what, _, name = await_.purpose.partition(":")
        match await_.kind:
            case "task":
                for button in self.compiled.node(node).own_exits():
                    yield "press", button, ev.TaskCompleted(await_.no, button, "tom")
            case "retry":
                yield "retry", "", ev.IncidentRetried(await_.no, "mia")
            case "child":
                yield "copy", str(await_.data["position"]), ev.ChildEnded(await_.no, "done")
            case "timer":
                yield what if name else "wait", name, ev.TimerFired(await_.no, await_.due or 0)
            case "signal":
                yield what if name else "wait", name, ev.SignalReceived(await_.no, "red")

    def rest(self) -> tuple[Any, ...]:
        tokens = sorted(
            (
                *self.chain(t.scope),
                t.node,
                "in" if t.state == "running" else t.state,
                t.arrow if t.state == "queued" else "",
            )
            for t in self.case.tokens.values()
        )
        return self.case.status, self.case.result, self.case.data.get("n", 0), tuple(tokens)


@dataclass
class Difference:
    tree: Tree
    schedule: list[str]
    what: str

    def size(self) -> tuple[int, int]:
        return len(self.schedule), len(yaml(self.tree))

    def __str__(self) -> str:
        steps = "".join(f"\n  then {step}" for step in self.schedule)
        return f"{yaml(self.tree)}{steps}\n{self.what}"


@dataclass
class Count:
    workflows: int = 0
    schedules: int = 0
    events: int = 0
    bounded: int = 0


def compare(tree: Tree, compiled: CompiledWorkflow, world: World, chance: Random, count: Count) -> Difference | None:
    """One schedule: at every rest both must say the same, and one of the enabled events is let happen."""
    schedule: list[str] = []
    count.schedules += 1
    try:
        expected = reference.Case(tree)
    except reference.TooLarge:
        count.bounded += 1
        return None
    played = Played(compiled, world)
    for _ in range(MOST_EVENTS):
        if expected.log != played.log:
            return Difference(tree, schedule, f"log\n  reference {expected.log}\n  engine    {played.log}")
        if expected.rest() != played.rest():
            return Difference(tree, schedule, f"rest\n  reference {expected.rest()}\n  engine    {played.rest()}")
        may, can = expected.enabled(), played.enabled()
        if [one[0] for one in may] != [one[0] for one in can]:
            return Difference(
                tree, schedule, f"enabled\n  reference {[m[0] for m in may]}\n  engine    {[c[0] for c in can]}"
            )
        if not may:
            break
        choice = chance.randrange(len(may))
        schedule.append("/".join(may[choice][0]))
        count.events += 1
        refused = [False, False]
        try:
            expected.fire(*may[choice][1:])
        except reference.Locked:
            refused[0] = True
        except reference.TooLarge:
            count.bounded += 1
            break
        try:
            played.give(can[choice][4])
        except Refused:
            refused[1] = True
        if refused[0] != refused[1]:
            return Difference(tree, schedule, f"refused by the reference: {refused[0]}, by the engine: {refused[1]}")
        if len(expected.tokens) > MOST_TOKENS:
            count.bounded += 1
            break
    return None


def differences(seeds: Iterable[int], schedules: int, count: Count) -> list[Difference]:
    """The workflows of these seeds under so many schedules each."""
    trees = [workflow(seed) for seed in seeds]
    pack: Pack = pack_of(*(yaml(tree) for tree in trees))
    definitions = pack.kind(Workflow)
    world, found = World(pack, MONDAY), []
    for tree in trees:
        count.workflows += 1
        compiled = CompiledWorkflow(definitions[tree["workflow"]], pack)
        for schedule in range(schedules):
            difference = compare(tree, compiled, world, Random(f"{tree['workflow']}.{schedule}"), count)
            if difference is not None:
                found.append(difference)
                break
    return found
