"""Runs scenarios: those of a workflow, or those in a folder, each test on a fresh database at its own moment.

report = run_folder(Path("definitions"))      # a path inside a pack means that part of it
print("\\n".join(report.lines("zh")))
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from engine.folder import pack_root, read_folder, shown_path
from engine.interpreter.names import microseconds_of
from engine.language import durations
from engine.language.diagnostics import Diagnostic, Severity, in_order
from engine.language.expressions.plain import to_plain
from engine.language.kinds.scenarios import Scenario, Scenarios, ScenarioStep
from engine.language.kinds.workflow import Workflow
from engine.language.loader import load
from engine.language.pack import Pack
from engine.language.source import place_of
from engine.language.vocabulary import PackTypes
from engine.language.wall_clock import to_utc, zone_named
from engine.language.yamltree import Mapping as MappingTree
from engine.language.yamltree import Scalar, Tree
from engine.nodes import catalogue
from engine.play.coverage import Walked
from engine.play.expecting import Expecting
from engine.play.report import Coverage, NotMet, Outcome, Report
from engine.play.stage import Stage
from engine.play.values import Known, typed, value_of
from engine.play.verbs import Verbs
from engine.runtime.store.errors import Refused

Heard = Callable[[Outcome], None]
"""Told of each test when it is over: a progress bar."""


def run_folder(path: Path, heard: Heard | None = None, node_types: Mapping[str, type[Any]] | None = None) -> Report:
    """Every scenarios file at `path` or below it. Definitions with errors are not run: the report has the findings."""
    root = pack_root(path)
    sources, problems = read_folder(root)
    pack = load(sources, node_types if node_types is not None else catalogue())
    prefix = shown_path(path)
    inside = {
        name: one
        for name, one in pack.kind(Scenarios).items()
        if path.resolve() == root.resolve() or one.path == prefix or one.path.startswith(f"{prefix}/")
    }
    return run_pack(pack, inside.values(), heard, problems, node_types)


def run_scenarios(pack: Pack, name: str, node_types: Mapping[str, type[Any]] | None = None) -> Report:
    """The scenarios of one workflow. LookupError when it has none."""
    found = pack.get(Scenarios, name)
    if found is None:
        raise LookupError(f"'{name}' has no scenarios")
    return run_pack(pack, [found], None, (), node_types)


def run_pack(
    pack: Pack,
    wanted: Iterable[Scenarios],
    heard: Heard | None = None,
    problems: Iterable[Diagnostic] = (),
    node_types: Mapping[str, type[Any]] | None = None,
) -> Report:
    findings = tuple(in_order([*problems, *pack.diagnostics]))
    if any(found.severity is Severity.ERROR for found in findings):
        return Report(findings=findings, sources=pack.sources)
    types = PackTypes(pack)
    outcomes: list[Outcome] = []
    walked: dict[str, Walked] = {}
    for scenarios in wanted:
        walked.setdefault(scenarios.name, Walked())
        for name, scenario in scenarios.tests.items():
            outcome = _run(_Test(pack, types, scenarios, name, scenario, node_types or catalogue()), walked)
            outcomes.append(outcome)
            if heard is not None:
                heard(outcome)
    return Report(tuple(outcomes), tuple(_coverage(pack, walked)), findings, pack.sources)


def _coverage(pack: Pack, walked: Mapping[str, Walked]) -> Iterable[Coverage]:
    for name, one in walked.items():
        workflow = pack.get(Workflow, name)
        if workflow is not None:
            yield one.coverage(workflow)


class _Test:
    def __init__(
        self,
        pack: Pack,
        types: PackTypes,
        scenarios: Scenarios,
        name: str,
        scenario: Scenario,
        node_types: Mapping[str, type[Any]],
    ) -> None:
        self.pack, self.types, self.scenarios, self.name, self.scenario = pack, types, scenarios, name, scenario
        self.node_types = node_types

    def stage(self) -> Stage:
        place = place_of(self.scenario.at)
        local = durations.read_wall_clock(str(self.scenario.at))
        root = self.pack.root
        if local is None or root is None:
            raise NotMet(place, f"'{self.scenario.at}' is no moment", f"“{self.scenario.at}”不是时刻")
        at = microseconds_of(to_utc(local, zone_named(str(root.time_zone))))
        live = None if self.scenarios.live == "all" else {str(name) for name in self.scenarios.live}
        return Stage(self.texts(live), self.node_types, at, live, {})

    def texts(self, live: set[str] | None) -> dict[str, str]:
        """What is deployed: all but the scenarios, and the workflows that sleep unless a waking one calls them."""
        workflows = self.pack.kind(Workflow)
        awake, found = list(workflows if live is None else live), set[str]()
        while awake:
            name = awake.pop()
            if name in workflows and name not in found:
                found.add(name)
                called = (getattr(node, "workflow", None) for _, node in workflows[name].all_nodes())
                awake += [str(other) for other in called if other is not None]
        return {
            one.path: self.pack.sources[one.path].text
            for (kind, name), one in self.pack.definitions.items()
            if kind != Scenarios.KIND and (kind != Workflow.KIND or name in found)
        }

    def answers(self, stage: Stage) -> dict[str, dict[str, Any]]:
        """`services:` with what each gives as plain data by the types of its call."""
        found: dict[str, dict[str, Any]] = {}
        for name, answer in (self.scenarios.services or {}).items():
            connection, _, call = str(name).partition(".")
            gives = self.types.call(connection, call)[1]
            for key, tree in answer.items():
                if key not in ("exit", "gives"):
                    raise NotMet(place_of(key), f"'{key}' is neither exit nor gives", f"“{key}”不是 exit 或 gives")
                found.setdefault(str(name), {})[str(key)] = self._answer(str(key), tree, gives, stage)
        return found

    def _answer(self, key: str, tree: Tree, gives: Mapping[str, Any], stage: Stage) -> Any:
        if key == "exit":
            if not isinstance(tree, Scalar) or tree.text not in ("done", "failed"):
                raise NotMet(tree.span, "exit: done or failed is wanted", "exit：请写 done 或 failed")
            return str(tree.text)
        if not isinstance(tree, MappingTree):
            raise NotMet(tree.span, "gives: names with values are wanted", "gives：请写名称与值")
        values: dict[str, Any] = {}
        for name, part in tree.entries:
            value = value_of(part, self.scenarios.path, self.pack)
            values[name.text] = to_plain(typed(value, gives.get(name.text), Known(stage), part.span))
        return values


def _run(test: _Test, walked: dict[str, Walked]) -> Outcome:
    begun = time.perf_counter()
    problem: NotMet | None = None
    stage: Stage | None = None
    try:
        stage = test.stage()
        stage.canned.answers.update(test.answers(stage))
        stage.quiet()
        verbs = Verbs(stage, test.pack, test.types, test.scenarios)
        for step in test.scenario.steps:
            _step(verbs, step)
    except NotMet as not_met:
        problem = not_met
    finally:
        if stage is not None:
            for workflow, events in stage.histories():
                if workflow in walked:
                    walked[workflow].add(events)
            stage.close()
    return Outcome(str(test.scenarios.name), str(test.name), place_of(test.name), problem, time.perf_counter() - begun)


def _step(verbs: Verbs, step: ScenarioStep) -> None:
    if step.verb == "expect":
        Expecting(verbs, step).look()
        return
    place = place_of(getattr(step, step.verb))
    wanted = str(step.refused) if step.refused is not None else None
    try:
        verbs.carry_out(step)
    except Refused as refused:
        en, zh = str(refused.detail.get("en", refused.code)), str(refused.detail.get("zh", refused.code))
        if wanted is None:
            raise NotMet(place, f"refused ({refused.code}): {en}", f"被拒绝（{refused.code}）：{zh}") from refused
        if wanted not in _words_of(refused):
            raise NotMet(
                place_of(step.refused),
                f"refused with '{refused.code}' ({en}), expected '{wanted}'",
                f"拒绝原因为“{refused.code}”（{zh}），期望“{wanted}”",
            ) from refused
    else:
        if wanted is not None:
            raise NotMet(place_of(step.refused), f"not refused, expected '{wanted}'", f"未被拒绝，期望“{wanted}”")


def _words_of(refused: Refused) -> set[str]:
    """By which words a refusal may be named: its code, what it says, the rules that are broken, the fields they are about."""
    found = {refused.code, str(refused.detail.get("en", "")), str(refused.detail.get("zh", ""))}
    for violation in refused.detail.get("violations") or ():
        found |= {str(violation.get(key)) for key in ("rule", "field", "en", "zh") if violation.get(key)}
    return found
