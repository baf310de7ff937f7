"""One world, a value for each of a few paths, led through a workflow: which steps can be reached while they hold.

Conditions are three-valued: what reads anything but those paths may be either way. A step that may write one of the
paths sets it free (any value from then on), or to the literal that it writes. A decision table that is asked with one of
them gives the outputs of the rows that may fit. So "reached" may say too much, never too little: who needs certainty
that a step is reached looks at conditions that read nothing else. A little longer than 300 lines: steps, what they write
and conditions are one walk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from engine.checks.acting.staff import NOT_KNOWN
from engine.checks.acting.standing import persons_read
from engine.checks.dataflow.filled import path_of
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.context import CONTEXT
from engine.language.expressions.parse import Expression
from engine.language.expressions.things import Row
from engine.language.expressions.tree import Logic, Node, Not
from engine.language.kinds.decision import Decision
from engine.language.kinds.events import Trigger
from engine.language.kinds.node import Node as Step
from engine.language.kinds.workflow import Workflow
from engine.language.literals import read_literal
from engine.language.values import Formula, Literal
from engine.rules.tables import table_of

World = Mapping[str, frozenset[Any]]
"""Path -> the values that it may have; a path that is not there may have any."""
_MOST_STATES, _MOST_VALUES = 400, 256


@dataclass(frozen=True)
class _State:
    node: str
    world: tuple[tuple[str, frozenset[Any]], ...]


def reached(view: View, workflow: Workflow, world: World) -> Mapping[str, list[tuple[World, tuple[str, ...]]]]:
    """Step -> the worlds in which it may be reached, each with a shortest way there; empty when it cannot be told."""
    found: dict[str, list[tuple[World, tuple[str, ...]]]] = {}
    graph = view.graphs[workflow.name].nodes
    waiting: list[tuple[_State, tuple[str, ...]]] = []
    for trigger in workflow.start.values():
        begun = _begun_by(trigger, world)
        asked = (trigger.if_, trigger.that, trigger.becomes)
        if begun is not None and all(True in truth(view, condition, begun) for condition in asked):
            for condition in asked:
                begun = _narrowed(view, condition, begun)
            waiting.append((_state(str(trigger.next), begun), ()))
    for events in (workflow.interrupt, workflow.meanwhile):
        for trigger in (events or {}).values():
            waiting.append((_state(str(trigger.next), {}), ()))
    seen = {state for state, _ in waiting}
    while waiting:
        state, way = waiting.pop(0)
        step = graph.get(state.node)
        if step is None:
            continue
        now = dict(state.world)
        found.setdefault(state.node, []).append((now, (*way, state.node)))
        for target, after in _after(view, workflow, step, now):
            for place in _targets(target, step, workflow):
                following = _state(place, after)
                if following not in seen:
                    if len(seen) > _MOST_STATES:
                        return {}
                    seen.add(following)
                    waiting.append((following, (*way, state.node)))
    return found


def _begun_by(trigger: Trigger, world: World) -> World | None:
    """The world of a case that this start opens: a button is pressed by a person, a clock or a message is nobody."""
    if "starter" not in world:
        return world
    fitting = frozenset(
        person for person in world["starter"] if (trigger.button is None if person is None else not by_itself(trigger))
    )
    return {**world, "starter": fitting} if fitting else None


def by_itself(trigger: Trigger) -> bool:
    """Whether no person is behind a start."""
    return trigger.kind in ("every", "message")


def _state(node: str, world: World) -> _State:
    return _State(node, tuple(sorted(((p, v) for p, v in world.items()), key=lambda item: item[0])))


def _targets(target: str, step: Step, workflow: Workflow) -> Iterator[str]:
    """`end` inside a subprocess goes on behind it; `back` goes to who led here, which was reached already."""
    if target not in ("end", "back"):
        yield target


def _after(view: View, workflow: Workflow, step: Step, world: dict[str, frozenset[Any]]) -> Iterator[tuple[str, World]]:
    """The steps that may follow, each with the world then."""
    events = [*(step.interrupt or {}).values(), *(step.meanwhile or {}).values()]
    after = _written(view, workflow, step, world)
    for trigger in events:
        yield str(trigger.next), after
    cases = getattr(step, "cases", None)
    if cases and step.TYPE == "exclusive_gateway":
        possible = True
        for case in cases:
            condition = None if case.is_otherwise else case.if_
            may = truth(view, condition, world)
            if possible and True in may:
                yield str(case.next), _narrowed(view, condition, world)
            possible = possible and False in may
        return
    inner = step.inner()
    if inner:
        yield str(getattr(step, "start", "")), world
        free = {path for one in _all(inner) for path in world if may_write(view, one, path)}
        after = {path: values for path, values in world.items() if path not in free}
    buttons = getattr(step, "buttons", None)
    for exit_, targets in step.arrows().items():
        button = buttons.get(exit_) if isinstance(buttons, Mapping) else None
        that = getattr(button, "that", None)
        if True in truth(view, that, after):
            yield from ((str(target), _narrowed(view, that, after)) for target in targets)
    for target in step.extra_arrows().values():
        yield str(target), after


def _all(nodes: Mapping[str, Step]) -> Iterator[Step]:
    for node in nodes.values():
        yield node
        yield from _all(node.inner())


def _narrowed(view: View, condition: Expression | None, world: World) -> World:
    """The world where a condition held: the values that fit each part of it over one path."""
    if condition is None:
        return world
    tree = condition.tree
    for part in tree.operands if isinstance(tree, Logic) and tree.operator == "and" else (tree,):
        paths = [".".join(path) for path in Expression("", part).reads]
        if len(paths) == 1 and len(world.get(paths[0], ())) > 1:
            fitting = (v for v in world[paths[0]] if True in _truth(view, part, {paths[0]: frozenset([v])}))
            world = {**world, paths[0]: frozenset(fitting)}
    return world


# ---- what a step writes


def _written(view: View, workflow: Workflow, step: Step, world: dict[str, frozenset[Any]]) -> World:
    after = {path: values for path, values in world.items() if not may_write(view, step, path)}
    values = getattr(step, "set", None)
    if step.TYPE == "set" and isinstance(values, Mapping):
        for path, value in values.items():
            if str(path) in world and (source := _copied(value)) in world:
                after[str(path)] = world[str(source)]
            if str(path) in world and isinstance(value, Literal):
                read = _literal(view, step, str(path), value)
                if read is not None:
                    after[str(path)] = frozenset([read])
    if step.TYPE == "decision":
        after.update(_decided(view, step, world))
    return after


def _copied(value: Any) -> str | None:
    """The path that a formula only copies."""
    path = path_of(value.expression.tree) if isinstance(value, Formula) else None
    return ".".join(path) if path is not None else None


def sources_of(workflow: Workflow, path: str) -> frozenset[str]:
    """The paths that steps of the workflow copy to this one."""
    sets = [getattr(node, "set", None) for _, node in workflow.all_nodes()]
    found = [_copied(values.get(path)) for values in sets if isinstance(values, Mapping)]
    return frozenset(one for one in found if one is not None)


def _literal(view: View, step: Step, path: str, value: Literal) -> Any:
    for place in view.places:
        if place.holds is value and place.wants is not None and not isinstance(place.wants, tuple):
            read = read_literal(str(value.text), value.span, place.wants, view.staff.zone)
            return None if isinstance(read, Diagnostic) else read
    return None


def _decided(view: View, step: Step, world: World) -> dict[str, frozenset[Any]]:
    """What a table may write: the outputs of the rows that may fit what is known of its inputs."""
    decision = view.pack.get(Decision, str(getattr(step, "use", "")))
    give, into = getattr(step, "give", None) or {}, getattr(step, "into", None) or {}
    if decision is None:
        return {}
    table = table_of(
        decision, view.types.decision_inputs(decision.name), view.types.decision_outputs(decision.name), view.staff.zone
    )
    if isinstance(table, list):
        return {}
    known: dict[str, frozenset[Any]] = {}
    for name, value in give.items():
        path = ".".join(next(iter(value.expression.reads), ())) if isinstance(value, Formula) else ""
        if isinstance(value, Formula) and value.expression.text.strip() == path and path in world:
            known[str(name)] = world[path]
    if not known:
        return {}
    found: dict[str, set[Any]] = {str(output): set() for output in into}
    for row in table.rows:
        fits = all(
            any(cell.matches(value, {}) for value in known[name])
            for name, cell in zip(table.inputs, row.cells, strict=False)
            if name in known and not _compares(cell)
        )
        if fits:
            for output, value in zip(table.outputs, row.outputs, strict=False):
                if output in found:
                    found[output].add(value)
    if table.if_none or table.hit in ("collect", "sum", "min", "max", "count", "rule_order", "output_order"):
        return {}
    return {str(into[name]): frozenset(values) for name, values in found.items() if values}


def _compares(cell: Any) -> bool:
    from engine.language.cells import others

    return any(True for _ in others(cell))


def may_write(view: View, step: Step, path: str) -> bool:
    """Whether a step may change what a path holds. `steps.x` and `starter` are nobody's to write."""
    root, _, field = path.rpartition(".")
    if path == "starter" or path.startswith("steps."):
        return False
    for key in ("set", "into"):
        values = getattr(step, key, None)
        paths = values if isinstance(values, Mapping) and key == "set" else (
            [str(v) for v in values.values()] if isinstance(values, Mapping) else [str(values)] if values else []
        )  # fmt: skip
        if any(str(p) == path or (root.count(".") and str(p).endswith("." + field)) for p in paths):
            return True
    if step.TYPE == "assign":
        return str(getattr(step, "field", "")) == path
    if step.TYPE in ("score", "merge", "call", "external"):
        return not path.startswith("case.")
    edits = [str(name) for name in (getattr(step, "edit", None) or ())]
    buttons = getattr(step, "buttons", None)
    needs = [str(p) for b in (buttons.values() if isinstance(buttons, Mapping) else ()) for p in (b.needs or ())]
    return (field in edits and root != "case") or path in needs


# ---- conditions


def truth(view: View, condition: Expression | None, world: World) -> frozenset[bool]:
    """Whether a condition may hold, and whether it may fail, in a world. No condition holds."""
    if condition is None:
        return frozenset([True])
    return _truth(view, condition.tree, {**_persons(view, condition), **world})


def _persons(view: View, condition: Expression) -> World:
    """The persons whom a condition reads and nothing is known of: each may be anybody, and nobody where they may be empty."""
    key = ("persons", id(condition))
    if key not in view.remembered:
        view.remembered[key] = persons_read(view, condition)
    found: World = view.remembered[key]
    return found


def _truth(view: View, tree: Node, world: World) -> frozenset[bool]:
    expression = Expression("", tree)
    paths = {".".join(path) for path in expression.reads}
    if all(path in world for path in paths):
        choices = [[(path, value) for value in world[path]] for path in sorted(paths)]
        size = 1
        for choice in choices:
            size *= len(choice)
        if size <= _MOST_VALUES:
            try:
                found = frozenset(
                    expression.run(environment(view, dict(chosen))) is True for chosen in product(*choices)
                )
            except NOT_KNOWN:
                return frozenset([True, False])
            return found
    if isinstance(tree, Not):
        return frozenset([True, False])
    if isinstance(tree, Logic):
        parts = [_truth(view, operand, world) for operand in tree.operands]
        if tree.operator == "and":
            can = all(True in part for part in parts)
            cannot = any(False in part for part in parts)
        else:
            can = any(True in part for part in parts)
            cannot = all(False in part for part in parts)
        return frozenset(([True] if can else []) + ([False] if cannot else []))
    return frozenset([True, False])


def environment(view: View, values: Mapping[str, Any]) -> dict[str, Any]:
    """Nested names for a world with one value for each path: `order.owner` is the field of a row `order`."""
    env: dict[str, Any] = {CONTEXT: view.staff}
    for path, value in values.items():
        parts = path.split(".")
        into = env
        for part in parts[:-1]:
            into = into.setdefault(part, Row())
        into[parts[-1]] = value
    return env
