"""Exits and arrows: every exit has its arrow, every arrow leads to a node of its own scope."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic, nearest
from engine.language.kinds.node import Node
from engine.language.kinds.workflow import Workflow, walk
from engine.language.messages import reference, syntax
from engine.language.source import Span, place_of
from engine.language.walk import declares, structs

RESERVED = ("end", "back")
MOST_ARROWS = 500
"""Out of one node (LANGUAGE section 1)."""


def check(view: View) -> Iterator[Diagnostic]:
    """unknown-target, arrow-across-scope, no-way-back, missing-exit, unknown-exit, repeated-target."""
    for workflow in view.pack.kind(Workflow).values():
        homes: dict[str, tuple[str, ...]] = {}
        for path, node in workflow.all_nodes():
            if node.name in homes:
                yield reference.defined_twice(place_of(node.name), "node", node.name, _first(workflow, node.name))
            homes.setdefault(path[-1], (workflow.name, *path[:-1]))
        for events, may_end in ((workflow.start, False), (workflow.interrupt, True), (workflow.meanwhile, True)):
            for name, trigger in (events or {}).items():  # no arrow led here, so there is no way back
                yield from _target(trigger.next, workflow.nodes, homes, may_end, str(name))
        yield from _scope(workflow.nodes, homes, view)


def _first(workflow: Workflow, name: str) -> Span:
    return next(place_of(node.name) for _, node in walk(workflow.nodes, ()) if node.name == name)


def _scope(nodes: Mapping[str, Node], homes: Mapping[str, tuple[str, ...]], view: View) -> Iterator[Diagnostic]:
    handlers = {str(node.undo) for node in nodes.values() if node.undo is not None}
    led_to = {target for node in nodes.values() for target in targets_of(node)}
    astray = any(target not in homes and target not in RESERVED for target in led_to)
    if handlers - set(nodes):  # a name is wrong: what looks like a handler is one
        handlers |= {name for name, node in nodes.items() if node.next is None and name not in led_to}
    for node in nodes.values():
        if node.name not in handlers or node.next is not None:  # what takes an effect back leads nowhere
            yield from _exits(node, _expected(node, view))
        yield from _pressed(node)
        targets = targets_of(node)
        if len(targets) > MOST_ARROWS:
            yield syntax.over_limit(
                _own_place(node), f"arrows out of '{node.name}'", f"“{node.name}”的箭头数", MOST_ARROWS
            )
        for target in targets:
            if target == "back":
                if node.name not in led_to and not astray:  # the arrow that is astray may be meant to lead here
                    yield reference.no_way_back(_place_of(target, node), node.name)
                continue
            yield from _target(target, nodes, homes, True, node.name, _place_of(target, node))
        yield from _named(node, nodes, homes)
        if node.next is not None and node.next.many:
            for list_ in node.arrows().values():
                yield from _repeated(list_, True)
        yield from _repeated(node.cancels or (), False)
        inner = node.inner()
        if inner:
            start = getattr(node, "start", None)
            if isinstance(start, str):
                yield from _target(start, inner, homes, False, node.name)
            yield from _scope(inner, homes, view)


def _repeated(targets: Iterable[str], moves: bool) -> Iterator[Diagnostic]:
    """What stands twice in a list. `moves`: each is an arrow that a token takes."""
    seen: set[str] = set()
    for target in targets:
        if target in seen:
            yield reference.repeated_target(place_of(target), target, moves)
        seen.add(target)


def targets_of(node: Node) -> list[str]:
    """Every target that a node draws an arrow to, however."""
    found = [target for targets in node.arrows().values() for target in targets]
    for events in (node.interrupt, node.meanwhile):
        found += [trigger.next for trigger in (events or {}).values()]
    return found + list(node.extra_arrows().values())


def _target(
    target: str,
    nodes: Mapping[str, Node],
    homes: Mapping[str, tuple[str, ...]],
    reserved: bool,
    source: str,
    place: Span | None = None,
) -> Iterator[Diagnostic]:
    if target in nodes or (reserved and target == "end"):
        return
    place = place or place_of(target)
    if target in homes:
        where = "/".join(homes[target])
        yield reference.arrow_across_scope(place, target, where)
    elif target == "back":
        yield reference.no_way_back(place, source)
    else:
        yield reference.unknown_target(place, target, [*nodes, *(["end"] if reserved else [])])


def _pressed(node: Node) -> Iterator[Diagnostic]:
    """`press:` of a deadline or of nobody names one of the step's own buttons."""
    answers = (*node.own_exits(), *node.optional_exits())
    for key in ("deadline", "nobody"):
        outcome = getattr(node, key, None)
        press = getattr(outcome, "press", None)
        if isinstance(press, str) and press not in answers:
            yield reference.unknown_exit(place_of(press), node.name, press, answers)


def _named(node: Node, nodes: Mapping[str, Node], homes: Mapping[str, tuple[str, ...]]) -> Iterator[Diagnostic]:
    """`cancels`, `undo` and the `of` of an undo step name nodes of their own scope."""
    of = getattr(node, "of", None)
    others: Iterable[str] = [*(node.cancels or ()), *([node.undo] if isinstance(node.undo, str) else [])]
    others = [*others, *(of if isinstance(of, tuple) else ())]
    for other in others:
        yield from _target(other, nodes, homes, False, node.name)
    for key in ("different_from", "same_as"):
        for other in getattr(node, key, None) or ():
            if other not in homes:
                yield reference.unknown_target(place_of(other), other, homes)


def _expected(node: Node, view: View) -> tuple[str, ...]:
    """The node's exits; those of a call are the results of what it calls, known only with the whole pack."""
    called = view.pack.get(Workflow, str(getattr(node, "workflow", "")))
    if called is None or not declares(node, "max_depth") or getattr(node, "detached", False) or node.for_each:
        return node.exits()
    own = list(dict.fromkeys(results(called.nodes))) or ["done"]
    drawn = node.next.exits if node.next is not None else {}
    if "done" in drawn and may_end_without_result(called):
        own = list(dict.fromkeys([*own, "done"]))
    if getattr(node, "max_depth", None) is not None:
        own.append("too_deep")
    return (*own, *(e for e in ("missed", "exhausted") if e in node.exits()))


def results(nodes: Mapping[str, Node]) -> Iterator[str]:
    """The results that the ends of one scope name."""
    for node in nodes.values():
        result = getattr(node, "result", None)
        if node.type == "end" and result and getattr(node, "kind", "normal") not in ("error", "escalation"):
            yield str(result)


def may_end_without_result(workflow: Workflow) -> bool:
    return any("end" in targets_of(node) for node in workflow.nodes.values()) or any(
        node.type == "end" and not getattr(node, "result", None) for node in workflow.nodes.values()
    )


def _exits(node: Node, exits: tuple[str, ...]) -> Iterator[Diagnostic]:
    """Of `next` only: cases and events draw their arrows themselves."""
    if _draws_itself(node):
        if node.next is not None:
            yield reference.no_next(node.next.span, node.name)
        return
    drawn: Mapping[str, str] = node.next.exits if node.next is not None else {}
    if node.next is not None and node.next.many:
        return
    for exit_ in drawn:
        if exit_ not in exits:
            place = node.next.span if node.next is not None and node.next.plain else place_of(exit_)
            plain = node.next is not None and node.next.plain
            yield from _plain(node, exits, place) if plain else [_no_exit(place, node, exit_, exits)]
    if node.next is not None and node.next.plain and "done" not in exits:
        return
    meant = {nearest(exit_, exits) for exit_ in drawn if exit_ not in exits}
    for exit_ in exits:
        if exit_ not in drawn and exit_ not in meant:  # a slip of an exit is not also a missing one
            yield reference.missing_exit(_place(node), node.name, exit_)


def _plain(node: Node, exits: tuple[str, ...], place: Span) -> Iterator[Diagnostic]:
    """A plain `next: x` means the exit `done`, which this node does not have."""
    if exits:
        for exit_ in exits:
            yield reference.missing_exit(place, node.name, exit_)
    else:
        yield reference.no_next(place, node.name)


def _no_exit(place: Span, node: Node, exit_: str, exits: tuple[str, ...]) -> Diagnostic:
    return reference.unknown_exit(place, node.name, exit_, exits) if exits else reference.no_next(place, node.name)


def _place(node: Node) -> Span:
    if node.next is not None:
        return node.next.span
    return _own_place(node)


def _own_place(node: Node) -> Span:
    own = place_of(node.name)
    return own if own.line else node.span


def _place_of(target: str, node: Node) -> Span:
    """Where a target is written: it knows itself, or the deadline or nobody in which it stands does."""
    place = place_of(target)
    if place.line:
        return place
    for _, struct in structs(node):
        for key in ("next", "meanwhile"):
            if getattr(struct, key, None) == target and struct.was_written(key):
                return struct.place(key)
    return _own_place(node)


def _draws_itself(node: Node) -> bool:
    """Whether the type draws its arrows under other keys than `next`: cases, events, a list of targets."""
    return type(node).arrows is not Node.arrows
