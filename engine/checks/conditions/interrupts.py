"""Interrupts that the step itself sets off: own-interrupt.

Steps that do not wait run to rest before a condition is looked at, so a fact that a step sets withdraws what comes to
wait behind it. A field that a task lets people edit ends that task as soon as it is saved, instead of by its buttons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks.conditions.asking import Conditions
from engine.checks.conditions.facts import QUICK, Analysis, Reached, targets_of
from engine.checks.conditions.formula import Formula, negated, terms
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Path, paths
from engine.language.kinds.events import Trigger
from engine.language.kinds.node import Node
from engine.language.kinds.workflow import walk
from engine.language.messages.conditions import edits_own_interrupt, own_interrupt
from engine.language.source import place_of


def check(analysis: Analysis, reached: Reached, conditions: Conditions) -> Iterator[Diagnostic]:
    """own-interrupt, of steps, subprocesses and the workflow."""
    workflow = analysis.workflow
    ordinary = _reached_without_interrupts(analysis)
    yield from _inside(workflow.interrupt, workflow.name, ordinary, workflow.nodes, analysis, reached, conditions)
    for node in analysis.nodes.values():
        inner = {str(other.name): other for _, other in walk(node.inner(), ())}
        if inner:
            yield from _inside(node.interrupt, node.name, inner, node.inner(), analysis, reached, conditions)
        else:
            yield from _edited(node, analysis)


def _inside(
    events: Mapping[str, Trigger] | None,
    owner: str,
    inner: Mapping[str, Node],
    scope: Mapping[str, Node],
    analysis: Analysis,
    reached: Reached,
    conditions: Conditions,
) -> Iterator[Diagnostic]:
    """A step inside that certainly makes the watched fact true, with something behind it that waits."""
    for name, trigger in (events or {}).items():
        expression = trigger.once or trigger.becomes
        formula = conditions.formula(expression) if expression is not None else None
        if formula is None or isinstance(formula, bool) or expression is None:
            continue
        watched = _watched(expression, formula, conditions)
        for node in inner.values():
            state = reached.at.get(str(node.name))
            written = {path for path in _constants(node) if path in watched}
            if state is None or not written or not _waits_behind(node, scope, analysis, set()):
                continue
            if analysis.contradicts(analysis.left(node, state), [negated(formula)]):
                yield own_interrupt(
                    place_of(name), str(name), owner, node.name, place_of(node.name).line, ".".join(min(written))
                )


def _watched(expression: Expression, formula: Formula, conditions: Conditions) -> set[Path]:
    """The stored values that a fact hangs on: also those that a formula among them is worked out from."""
    found = {path for path in expression.reads if len(path) > 1}
    domains = conditions.domains(expression)
    for term in terms([formula]).values():
        worked_out = domains.formula_of(term)
        found |= paths(worked_out) if worked_out is not None else set()
    return found


def _constants(node: Node) -> Iterator[tuple[str, ...]]:
    values = getattr(node, "set", None)
    if isinstance(values, Mapping):
        yield from (tuple(str(path).split(".")) for path in values)


def _waits_behind(node: Node, scope: Mapping[str, Node], analysis: Analysis, seen: set[str]) -> bool:
    """Whether a step that waits comes behind `node` while the interrupt is still armed."""
    home = _home(node, analysis)
    for target in targets_of(node):
        follower = home.get(target)
        if follower is None or follower.type == "end":
            outer = _owner_of(home, analysis)
            if home is not scope and outer is not None and str(outer.name) not in seen:
                seen.add(str(outer.name))
                if _waits_behind(outer, scope, analysis, seen):
                    return True
            continue
        if str(follower.name) in seen:
            continue
        seen.add(str(follower.name))
        if follower.type not in QUICK or _waits_behind(follower, scope, analysis, seen):
            return True
    return False


def _home(node: Node, analysis: Analysis) -> Mapping[str, Node]:
    """The scope in which a node stands."""
    for outer in analysis.nodes.values():
        if outer.inner().get(node.name) is node:
            return outer.inner()
    return analysis.workflow.nodes


def _owner_of(scope: Mapping[str, Node], analysis: Analysis) -> Node | None:
    return next((node for node in analysis.nodes.values() if node.inner() is scope), None)


def _reached_without_interrupts(analysis: Analysis) -> dict[str, Node]:
    """The nodes that run while the workflow's interrupts are still armed."""
    workflow = analysis.workflow
    todo = [str(trigger.next) for trigger in (*workflow.start.values(), *(workflow.meanwhile or {}).values())]
    found: dict[str, Node] = {}
    while todo:
        node = workflow.nodes.get(todo.pop())
        if node is not None and str(node.name) not in found:
            found[str(node.name)] = node
            found.update({str(other.name): other for _, other in walk(node.inner(), ())})
            todo += targets_of(node)
    return found


def _edited(node: Node, analysis: Analysis) -> Iterator[Diagnostic]:
    """A task with buttons that lets people write what its own interrupt watches."""
    case = analysis.workflow.case
    if not node.own_exits() or case is None:
        return
    fields: set[tuple[str, ...]] = {(case, str(field)) for field in getattr(node, "edit", None) or ()}
    buttons = getattr(node, "buttons", None)
    for button in buttons.values() if isinstance(buttons, Mapping) else ():
        fields |= {tuple(str(path).split(".")) for path in button.needs or ()}
    for name, trigger in (node.interrupt or {}).items():
        expression = trigger.once or trigger.becomes
        reads = set(expression.reads) if isinstance(expression, Expression) else set()
        if trigger.changed == case and trigger.changed is not None:
            reads = {path for path in fields if not trigger.fields or path[-1] in trigger.fields}
        for path in sorted(fields & reads):
            yield edits_own_interrupt(place_of(name), str(name), node.name, ".".join(path))
            break
