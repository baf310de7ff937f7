"""parallel-write-race: two steps that can be active at once write the same variable or the same field of one record.

At once are branches of a split up to where a join waits for them, a meanwhile path and what it runs beside, and the
copies of a for_each. Silent where the order cannot matter or is wanted: both write the same constant, each only adds
to what is there, both share a mutex, a join takes the `first`, or one is over before the other can begin.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from engine.checks.dataflow.assumed import constant_value
from engine.checks.dataflow.flows import Flow
from engine.checks.dataflow.surely import Scope
from engine.checks.dataflow.touches import Touches, Way, Write
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.tree import paths
from engine.language.kinds.node import Node
from engine.language.kinds.workflow import walk
from engine.language.messages import dataflow
from engine.language.values import Formula, formulas_of


def check(flows: Iterable[Flow]) -> Iterator[Diagnostic]:
    """parallel-write-race."""
    for flow in flows:
        touches = flow.touches
        for name, scope in flow.surely.scopes.items():
            yield from _of_scope(name, scope, touches)
        yield from _of_copies(touches)


def _of_scope(name: str, scope: Scope, touches: Touches) -> Iterator[Diagnostic]:
    inside = {n: _inside(node) for n, node in scope.nodes.items()}
    said: set[tuple[str, str, str]] = set()
    for one, other in sorted(_at_once(name, scope, touches)):
        for first in inside[one]:
            for second in inside[other]:
                for a, b in _clashes(first, second, touches):
                    key = (min(first, second), max(first, second), a.path)
                    if key not in said:
                        said.add(key)
                        early, late = sorted((a, b), key=lambda w: w.span)
                        yield dataflow.parallel_write_race(late.span, late.path, late.node, early.node, early.span.line)


def _inside(node: Node) -> tuple[str, ...]:
    """The node and all nodes below it."""
    return (str(node.name), *(str(inner.name) for _, inner in walk(node.inner(), ())))


# -- which nodes can be active at once


def _at_once(name: str, scope: Scope, touches: Touches) -> set[tuple[str, str]]:
    """Pairs of nodes of a scope, in order of their names, that two tokens can be in or pass independently."""
    found: set[tuple[str, str]] = set()
    for node, ways in scope.ways.items():
        moving = [w for w in ways if w.kind == "exit" and w.target in scope.nodes]
        several = (touches.nodes[node].next is not None and bool(touches.nodes[node].next.many)) or (  # type: ignore[union-attr]
            touches.nodes[node].type == "inclusive_gateway"
        )
        if several:
            for a, b in combinations(dict.fromkeys(w.target for w in moving), 2):
                found |= _branches(scope, a, b)
        for way in ways:
            if way.kind == "beside" and way.target in scope.nodes:
                path = _reach(scope, way.target, frozenset())
                beside = {node} | _going_on(scope, node, frozenset())
                joins = frozenset(n for n in path & beside if _waits_for_others(scope.nodes[n]))
                path = _reach(scope, way.target, joins)
                found |= _pairs(({node} | _going_on(scope, node, joins)) - path, path)
    if name == "":
        for event in (touches.workflow.meanwhile or {}).values():
            if event.next in scope.nodes:
                path = _reach(scope, str(event.next), frozenset())
                found |= _pairs(set(scope.nodes) - path - _interrupts(scope, touches), path)
    return found


def _interrupts(scope: Scope, touches: Touches) -> set[str]:
    """What only an interrupt of the whole case leads to: everything else is withdrawn before it begins."""
    main: set[str] = set()
    for trigger in touches.workflow.start.values():
        main |= _reach(scope, str(trigger.next), frozenset())
    return set(scope.nodes) - main


def _going_on(scope: Scope, node: str, stops: frozenset[str]) -> set[str]:
    """Where the token of a node may stand later, while a path that began beside it still runs."""
    found: set[str] = set()
    for way in scope.ways[node]:
        if way.moving and way.kind != "undo" and way.target in scope.nodes:
            found |= _reach(scope, way.target, stops)
    return found


def _branches(scope: Scope, a: str, b: str) -> set[tuple[str, str]]:
    both = _reach(scope, a, frozenset()) & _reach(scope, b, frozenset())
    joins = frozenset(n for n in both if _waits_for_others(scope.nodes[n]))
    meet = (n for n in joins if all(n in _reach(scope, start, joins - {n}) for start in (a, b)))
    if any(_first_wins(scope.nodes[n]) for n in meet):
        return set()
    left, right = _reach(scope, a, joins), _reach(scope, b, joins)
    fast_left, fast_right = at_the_split(scope, a), at_the_split(scope, b)
    found = _pairs(left - right, right) | _pairs(right - left, left)
    # what is done in the step that splits is over before anything that waited can begin
    return {
        (x, y)
        for x, y in found
        if not (
            (x in fast_left and y in right - fast_right)
            or (y in fast_left and x in right - fast_right)
            or (x in fast_right and y in left - fast_left)
            or (y in fast_right and x in left - fast_left)
        )
    }


def _pairs(some: Iterable[str], others: Iterable[str]) -> set[tuple[str, str]]:
    beside = list(others)
    return {(min(a, b), max(a, b)) for a in some for b in beside if a != b}


def _waits_for_others(node: Node) -> bool:
    return node.join is not None and node.join.mode != "each"


def _first_wins(node: Node) -> bool:
    return node.join is not None and node.join.mode == "first"


def _reach(scope: Scope, start: str, stops: frozenset[str]) -> set[str]:
    """The nodes that a token from `start` can come to; it does not pass `stops`."""
    found: set[str] = set()
    queue = [start] if start in scope.nodes and start not in stops else []
    while queue:
        node = queue.pop()
        if node in found:
            continue
        found.add(node)
        ways: Iterable[Way] = scope.ways[node]
        queue += [w.target for w in ways if w.kind != "undo" and w.target in scope.nodes and w.target not in stops]
    return found


def at_the_split(scope: Scope, start: str) -> set[str]:
    """The nodes from `start` on that are done in the same step: none that waits comes before them."""
    found: set[str] = set()
    queue = [start]
    while queue:
        node = queue.pop()
        if node in found or node not in scope.nodes or _may_wait(scope.nodes[node]):
            continue
        found.add(node)
        queue += [w.target for w in scope.ways[node] if w.moving]
    return found


def _may_wait(node: Node) -> bool:
    waits = getattr(node, "waits", None)
    held = node.available is not None or node.mutex is not None or node.repeat is not None or _waits_for_others(node)
    return held or waits is None or bool(waits())


# -- which writes clash


def _clashes(one: str, other: str, touches: Touches) -> Iterator[tuple[Write, Write]]:
    if one == other or _shared_lock(touches.nodes[one], touches.nodes[other]):
        return
    for a in _sure(one, touches):
        for b in _sure(other, touches):
            if a.path == b.path and not (a.asked and b.asked) and not _no_matter(a, b):
                yield a, b


def _sure(node: str, touches: Touches) -> Iterator[Write]:
    """The writes to one thing: not to records that the node makes itself or that its copies stand for."""
    declared = touches.nodes[node]
    own = {*map(str, getattr(declared, "records", None) or ()), *_items_around(node, touches)}
    for write in touches.of(node):
        if write.event != "edit" and write.path.split(".")[0] not in own:
            yield write


def _items_around(node: str, touches: Touches) -> Iterator[str]:
    """What the copies that a node stands in call their items."""
    for path, _ in touches.workflow.all_nodes():
        if path[-1] == node:
            for name in path:
                copies = touches.nodes[name].for_each if name in touches.nodes else None
                if copies is not None:
                    yield str(copies.as_)


def _shared_lock(one: Node, other: Node) -> bool:
    return one.mutex is not None and other.mutex is not None and one.mutex.name == other.mutex.name


def _no_matter(a: Write, b: Write) -> bool:
    """Both write one constant, or each only adds to what is there: steps are done one after another."""
    if a.value is None or b.value is None:
        return False
    same = constant_value(a.value)
    if same is not None and same == constant_value(b.value):
        return True
    return (a.clears and b.clears) or (_adds_to_itself(a) and _adds_to_itself(b))


def _adds_to_itself(write: Write) -> bool:
    path = tuple(write.path.split("."))
    return isinstance(write.value, Formula) and path in paths(write.value.expression.tree)


# -- copies


def _of_copies(touches: Touches) -> Iterator[Diagnostic]:
    for node in touches.nodes.values():
        if node.for_each is None:
            continue
        item = str(node.for_each.as_)
        for name in _inside(node):
            for write in touches.of(name):
                if write.path.startswith("case.") and write.path.count(".") == 1:
                    if not _of_the_node(write, node):
                        yield dataflow.copy_writes_case(write.span, write.path, str(node.name))
                elif node.for_each.order == "parallel" and _differs(write, item, name, touches):
                    yield dataflow.copies_write_one(write.span, write.path, str(node.name))


def _of_the_node(write: Write, node: Node) -> bool:
    """Its row of `collect`, or what an event or a deadline of the node as a whole writes."""
    assert node.for_each is not None
    return write.node == str(node.name) and (
        write.path == node.for_each.collect or write.event.startswith(("interrupt", "meanwhile"))
    )


def _differs(write: Write, item: str, name: str, touches: Touches) -> bool:
    """Whether every copy writes its own value into a field of one record: the case's, or one that it leads to."""
    if write.asked or write.path.split(".")[0] != touches.workflow.case or write.value is None:
        return False
    reads = {path for formula in formulas_of(write.value) for path in paths(formula.tree)}
    return not _adds_to_itself(write) and any(path[0] in (item, "position") for path in reads)
