"""What leaving a node by one of its ways makes surely filled, and what it empties: the step from a node to the next.

`steps.x.y` counts as written when step x has run; `by` and `opinion` only after an exit at which a person gave them.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.checks.dataflow.filled import NOTHING, Filled, filled_if, with_way
from engine.checks.dataflow.touches import CASE, Touches, Way, button_of, pressed_by_nobody
from engine.language.expressions.parse import Expression
from engine.language.kinds.events import Event
from engine.language.kinds.node import Node
from engine.language.kinds.pack import PackDefinition
from engine.language.walk import declares

WHEN_OPENED = ("opened_at",)
WHEN_DONE = (*WHEN_OPENED, "done_at", "changed", "answer")
GIVEN = ("by", "opinion")


class Effect(NamedTuple):
    """`gains` are filled afterwards, `loses` are empty (what is in both is filled)."""

    gains: Filled = NOTHING
    loses: Filled = NOTHING


def effect_of(way: Way, touches: Touches) -> Effect:
    """Of one way out of a node; what happens inside a subprocess is added by whoever walks into it."""
    node = touches.nodes[way.source]
    gains = _ran(node, way, touches)
    loses: Filled = NOTHING
    if way.kind == "exit":
        gains |= _of_condition(node, way.label)
        gains |= _of_button(node, way.label)
        own = _own(node, way.label, touches)
        gains, loses = gains | own.gains, own.loses
    if way.trigger is not None:
        key = "events" if way.kind == "exit" else way.label.partition(" ")[0]
        name = way.label if way.kind == "exit" else way.label.partition(" ")[2]
        gains |= of_event(way.trigger) | _event_writes(way.source, f"{key} {name}", touches)
    elif way.kind == "exit" and isinstance(node, Event):
        gains |= of_event(node)
    return Effect(gains, loses)


def of_event(event: Event, until: Expression | None = None) -> Filled:
    """What is filled when an event has happened: its condition held, what it needs was given, its match was equal.

    `until`: while this condition of it is asked, so that neither it nor those after it say anything yet.
    """
    found: Filled = NOTHING
    for condition in (event.once, event.becomes, event.if_, event.that):
        if condition is until and until is not None:
            break
        if isinstance(condition, Expression):
            found |= filled_if(condition.tree, True)
    for path in event.needs or ():
        found |= with_way(tuple(str(path).split(".")))
    for expression in (event.match or {}).values():
        found |= filled_if(expression.tree, True)
    if event.at is not None:
        for part in (event.at.base, event.at.number):
            if part is not None:
                found |= filled_if(part.tree, True)
    return found


def of_start(name: str, touches: Touches, until: Expression | None = None) -> Filled:
    """What is filled when a start has opened the case: starting values, what a call gives, what a message brought."""
    workflow = touches.workflow
    found: Filled = NOTHING
    for variable, field in (workflow.data or {}).items():
        if field.start_with is not None:
            found |= with_way(("case", str(variable)))
    trigger = workflow.start[name]
    for variable in trigger.called or ():
        found |= with_way(("case", str(variable)))
    return found | of_event(trigger, until) | _event_writes(CASE, f"start {name}", touches)


def of_whole(key: str, name: str, event: Event, touches: Touches) -> Filled:
    """The same of an event of the workflow as a whole."""
    return of_event(event) | _event_writes(CASE, f"{key} {name}", touches)


def _event_writes(node: str, event: str, touches: Touches) -> Filled:
    return NOTHING.union(*(with_way(tuple(w.path.split("."))) for w in touches.of(node) if w.event == event))


def _of_condition(node: Node, label: str) -> Filled:
    """A gateway's case: its condition holds; of an exclusive one, those before it do not."""
    cases = getattr(node, "cases", None)
    if not isinstance(cases, tuple) or not label.startswith("case_"):
        return NOTHING
    index = int(label.removeprefix("case_")) - 1
    found: Filled = NOTHING
    case = cases[index]
    if isinstance(case.if_, Expression):
        found |= filled_if(case.if_.tree, True)
    if node.type == "exclusive_gateway":
        passed = cases[:index]
    else:
        passed = cases if case.is_otherwise else ()
    for other in passed:
        if isinstance(other.if_, Expression):
            found |= filled_if(other.if_.tree, False)
    return found


def _of_button(node: Node, exit_: str) -> Filled:
    button = button_of(node, exit_)
    if button is None or exit_ in pressed_by_nobody(node):
        return NOTHING
    found: Filled = filled_if(button.that.tree, True) if button.that is not None else NOTHING
    for path in button.needs or ():
        found |= with_way(tuple(str(path).split(".")))
    return found


def _own(node: Node, exit_: str, touches: Touches) -> Effect:
    """What the node's own keys write. No copy and no round may have run: then nothing is sure."""
    gains, loses = NOTHING, NOTHING
    sure = node.for_each is None and (node.repeat is None or node.repeat.while_ is None)
    written = "nothing" if exit_ == "missed" else node.written_at(exit_)
    for write in touches.of(str(node.name)):
        if write.event or write.asked:
            continue
        collected = node.for_each is not None and write.path == node.for_each.collect
        if written == "empty" or write.clears:
            loses |= {write.path}
        elif written == "value" and (sure or collected):
            gains |= with_way(tuple(write.path.split(".")))
    return Effect(gains, loses)


def _ran(node: Node, way: Way, touches: Touches) -> Filled:
    if way.label == "missed":
        return NOTHING
    step = f"steps.{node.name}"
    found = {"steps", step} | {f"{step}.{field}" for field in (WHEN_OPENED if way.kind == "beside" else WHEN_DONE)}
    if way.kind == "exit":
        found |= {f"{step}.{field}" for field in GIVEN if _given(node, way.label, field, touches)}
    return frozenset(found)


def _given(node: Node, exit_: str, field: str, touches: Touches) -> bool:
    """Whether a person's name, or an opinion, is there after this exit."""
    if not declares(node, "deadline"):
        return True  # of a type that people do not do the checker knows no more
    pressed = getattr(getattr(node, "deadline", None), "press", None)
    if node.for_each is not None or exit_ == pressed or exit_ in pressed_by_nobody(node):
        return False
    if field == "by":
        return True
    button = button_of(node, exit_)
    if button is not None and "opinion" in (button.needs or ()):
        return True
    rule = _opinion_rule(node, touches)
    return rule == "always" or (rule == "when_refusing" and exit_ in ("refused", "returned"))


def _opinion_rule(node: Node, touches: Touches) -> str | None:
    """The approval's own rule about opinions, else that of its policy."""
    root = touches.view.pack.root
    policies = (root.approval_policies or {}) if isinstance(root, PackDefinition) else {}
    own = getattr(node, "opinion", None)
    policy = policies.get(str(getattr(node, "policy", "")))
    return own or (policy.opinion if policy is not None else None)
