"""Loops that nothing inside can end, and copies or completion rules that cannot be: endless-or-impossible-loop.

(A little long: the kinds of circles share what they know of a round.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.checks.conditions.asking import Conditions
from engine.checks.conditions.counters import counter, never_leaves, writes
from engine.checks.conditions.facts import QUICK, Analysis, Reached, targets_of
from engine.checks.conditions.formula import Atom, Denied, Formula, Sum, Term, literals, negated, terms
from engine.checks.conditions.reading import constant
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.compile import calls_world
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Items, Path
from engine.language.expressions.types import NUMBER
from engine.language.kinds.node import ForEach, Node, Repeat
from engine.language.kinds.workflow import walk
from engine.language.messages.conditions import endless_or_impossible_loop
from engine.language.source import Span, place_of

STILL = frozenset({"set", "notify", "exclusive_gateway", "inclusive_gateway", "send", "signal"})
"""Types whose way out follows from values alone; in a circle of these only a write makes a difference."""


def check(analysis: Analysis, reached: Reached, conditions: Conditions) -> Iterator[Diagnostic]:
    """endless-or-impossible-loop of one workflow."""
    for node in analysis.nodes.values():
        if node.repeat is not None:
            yield from _repeat(node, node.repeat, analysis, reached, conditions)
        if node.for_each is not None:
            yield from _copies(node.for_each, conditions)
    scopes = [analysis.workflow.nodes, *(node.inner() for node in analysis.nodes.values() if node.inner())]
    for scope in scopes:
        yield from _circles(scope, analysis, conditions)
        yield from _uncounted(scope, analysis, conditions)


# -- repeat


def _repeat(
    node: Node, repeat: Repeat, analysis: Analysis, reached: Reached, conditions: Conditions
) -> Iterator[Diagnostic]:
    key, expression = ("while", repeat.while_) if repeat.while_ is not None else ("until", repeat.until)
    formula = conditions.formula(expression) if expression is not None else None
    if formula is None or expression is None:
        return
    span = repeat.place(key)
    state = reached.at.get(str(node.name))
    held = (
        node.mutex or node.available or repeat.every is not None or (node.join is not None and node.join.mode != "each")
    )
    if state and key == "while" and not held and analysis.contradicts(state, [formula]):
        yield endless_or_impossible_loop(
            span,
            f"'{node.name}' never begins a round: what comes before it makes this condition no",
            f"“{node.name}”一轮也不会执行：前面的步骤已使该条件不成立",
            "change the condition, or what is set before",
            "请修改条件或前面写入的值",
        )
        return
    if isinstance(formula, bool) or conditions.impossible(expression, [formula]):
        if (formula is not True and (key == "until" or not expression.reads)) or (formula is True and key == "while"):
            yield _never(span, node, key)
        return
    inner = [node, *(other for _, other in walk(node.inner(), ()))]
    if not _can_change(expression, inner, analysis, waits=_waits(node)):
        reads = ", ".join(sorted(".".join(path) for path in expression.reads))
        yield endless_or_impossible_loop(
            span,
            f"no round of '{node.name}' changes {reads}: after the first it is the same again, until exhausted",
            f"“{node.name}”的任何一轮都不会改变 {reads}：第一轮之后一直相同，直到 exhausted",
        )


def _never(span: Span, node: Node, key: str) -> Diagnostic:
    return endless_or_impossible_loop(
        span,
        f"'{node.name}' is never done by its {key}: it always runs until exhausted",
        f"“{node.name}”永远不会因 {key} 而结束：总是执行到 exhausted",
        "write a condition that a round can make true",
        "请写一个某一轮可以使其成立的条件",
    )


def _waits(node: Node) -> bool:
    """Whether time passes in a round or between two."""
    repeat = node.repeat
    paused = repeat is not None and (repeat.pause is not None or repeat.every is not None)
    inner = [other for _, other in walk(node.inner(), ())]
    if not inner:
        return paused or node.type not in QUICK
    return paused or any(other.type not in QUICK | {"end"} or _held(other) for other in inner)


def _held(node: Node) -> bool:
    joins = node.join is not None and node.join.mode != "each"
    return bool(node.mutex or node.available or node.for_each or joins or (node.repeat is not None and _waits(node)))


def _can_change(expression: Expression, inner: list[Node], analysis: Analysis, waits: bool) -> bool:
    """Whether anything the condition reads can be different the next time."""
    if calls_world(expression.tree) and waits:
        return True
    reads = {path for path in expression.reads if len(path) > 1 or path[0] in ("item", "position")}
    if len(reads) < len(expression.reads):
        return True  # a record as such, a person: not looked into
    return any(_changes(path, inner, analysis, waits) for path in reads)


def _changes(path: Path, inner: list[Node], analysis: Analysis, waits: bool) -> bool:
    names = {str(node.name) for node in inner}
    writers = list(analysis.nodes.values()) if waits and not analysis.alone else inner
    if path[0] == "steps":
        return path[1] in names or (waits and not analysis.alone)
    if path[0] not in ("case", analysis.workflow.case) or (path[0] != "case" and waits):
        return True
    hops = analysis.domains.hops(path)
    if hops is None or any(
        f is not None and (f.formula is not None or f.type in ("records", "list")) for h in hops for f in h
    ):
        return path[0] != "case" or len(path) > 2 or _written_by(path, writers, analysis) or waits
    if len(path) > 2 and waits:
        return True  # a record that case data points at: anybody may edit it
    return _written_by(path, writers, analysis)


def _written_by(path: Path, writers: Iterable[Node], analysis: Analysis) -> bool:
    """Whether one of the steps can write what the path reads."""
    hops = analysis.domains.hops(path) or []
    mine = [field for hop in hops for field in hop if field is not None]
    for node in writers:
        if node.type not in STILL and node.type not in QUICK and not node.waits() and node.type != "end":  # type: ignore[attr-defined]
            return True
        fields = [
            f for written in analysis.written.get(str(node.name), ()) for f in analysis.fields_of(str(written.path))
        ]
        fields += list(analysis.scored(node))
        if any(f is other for f in fields for other in mine) or node.type in ("merge", "undo"):
            return True
        if any(str(written.path).split(".")[-1] in path for written in analysis.written.get(str(node.name), ())):
            return True
    return False


# -- for_each


def _copies(copies: ForEach, conditions: Conditions) -> Iterator[Diagnostic]:
    number = _count(copies)
    if copies.in_ is not None and isinstance(copies.in_.tree, Items) and not copies.in_.tree.items:
        yield _said(copies.place("in"), "this list is empty: there is never a copy", "该列表为空：永远没有副本")
        return
    if copies.count is not None and number is not None and number < 1:
        yield _said(
            copies.place("count"), f"{number} copies: the step is never done", f"{number} 个副本：该步骤永远不会执行"
        )
        return
    if number is not None and copies.at_most is not None and number > copies.at_most:
        yield _said(
            copies.place("at_most"),
            f"there are always {number} copies, more than at_most: the step always fails",
            f"副本总是 {number} 个，超过 at_most：该步骤总是失败",
        )
    if copies.first is not None:
        yield from _first(copies, number)
    if copies.until is not None:
        yield from _until(copies, number, conditions)


def _count(copies: ForEach) -> int | Decimal | None:
    """How many copies there are, where that is written."""
    if copies.in_ is not None:
        return len(copies.in_.tree.items) if isinstance(copies.in_.tree, Items) else None
    value = constant(copies.count.tree) if copies.count is not None else None
    return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _first(copies: ForEach, number: int | Decimal | None) -> Iterator[Diagnostic]:
    span, text = copies.place("first"), str(copies.first)
    percent = re.fullmatch(r"(\d+)%", text)
    if percent:
        if not 0 < int(percent[1]) <= 100:
            yield _said(span, f"{text} of the copies: write 1% to 100%", f"{text} 的副本：请写 1% 到 100%")
        return
    if not re.fullmatch(r"\d+", text):
        return
    most = min(
        (n for n in (number, copies.at_most if copies.more_on is None or number is None else None) if n is not None),
        default=None,
    )
    if int(text) == 0:
        yield _said(span, "done after 0 copies: no copy is ever waited for", "完成 0 个副本即结束：不会等待任何副本")
    elif most is not None and int(text) > most:
        yield _said(
            span,
            f"there are at most {most} copies, so the first {text} are never reached: it waits for all",
            f"最多只有 {most} 个副本，永远达不到前 {text} 个：将等待全部完成",
        )


def _until(copies: ForEach, number: int | Decimal | None, conditions: Conditions) -> Iterator[Diagnostic]:
    expression = copies.until
    formula = conditions.formula(expression) if expression is not None else None
    if formula is None or expression is None:
        return
    asked = terms([formula])
    done, total = (_named(name, asked) for name in ("done", "total"))
    known: list[Formula] = [Atom(done, ">=", (1,)), Sum(((done, 1), (total, -1)), 0, "<=")]  # type: ignore[arg-type]
    most = copies.at_most if copies.at_most is not None else None
    if number is not None and copies.more_on is None:
        known.append(Atom(total, "==", (number,)))
    elif most is not None:
        known.append(Atom(total, "<=", (most,)))
    span = copies.place("until")
    if conditions.impossible(expression, [formula, *known]):
        yield _said(span, "this can never hold, however many copies are done", "无论完成多少副本，该条件都不会成立")
    elif not isinstance(formula, bool) and conditions.impossible(expression, [negated(formula), *known]):
        yield _said(span, "this holds as soon as one copy is done: write first: 1", "完成一个副本即成立：请写 first: 1")


def _named(name: str, asked: Mapping[str, Term]) -> Term:
    from engine.language.expressions.tree import Name

    return asked.get(name) or Term(name, NUMBER, Name(0, len(name), 1, name), (name,))


def _said(span: Span, en: str, zh: str) -> Diagnostic:
    return endless_or_impossible_loop(span, en, zh, "change the number or the condition", "请修改数量或条件")


# -- circles of steps that do not wait


def _circles(scope: Mapping[str, Node], analysis: Analysis, conditions: Conditions) -> Iterator[Diagnostic]:
    """A way round through steps that do not wait, on which nothing is written that its gateways ask for."""
    quick = {
        str(node.name): node
        for node in scope.values()
        if node.type in STILL and not _held(node) and node.repeat is None and not node.meanwhile
    }
    for circle in _components(quick):
        nodes = [quick[name] for name in circle]
        gateways = [node for node in nodes if getattr(node, "cases", None)]
        ways_out = [node for node in gateways if any(target not in circle for target in targets_of(node))]
        expressions = [case.if_ for node in gateways for case in node.cases if isinstance(case.if_, Expression)]  # type: ignore[attr-defined]
        if not ways_out or any(conditions.formula(expression) is None for expression in expressions):
            continue
        if not any(_can_change(expression, nodes, analysis, waits=False) for expression in expressions):
            named = " > ".join([*circle, circle[0]])
            yield endless_or_impossible_loop(
                place_of(ways_out[0].name),
                f"once round {named} it goes round for ever: no step there waits or writes what the cases ask",
                f"一旦进入 {named} 就会无限循环：其中没有步骤等待，也没有写入分支条件读取的内容",
            )


def _uncounted(scope: Mapping[str, Node], analysis: Analysis, conditions: Conditions) -> Iterator[Diagnostic]:
    """A way round that a counter is to end, and no step of the workflow counts."""
    for circle in _components(scope):
        for node in (scope[name] for name in circle):
            cases = getattr(node, "cases", ())
            if all(str(case.next) in circle for case in cases) or all(str(case.next) not in circle for case in cases):
                continue
            for case in cases:
                formula = conditions.formula(case.if_) if isinstance(case.if_, Expression) else None
                counters = {term.path for term in terms([formula]).values()} if formula is not None else set()
                asked = [one.atom if isinstance(one, Denied) else one for one in literals(formula or True)]
                words = {atom.operator if isinstance(atom, Atom) else "" for atom in asked}
                bounds = words <= {"has", "<", "<=", ">", ">="} and words != {"has"}
                if counters and bounds and all(_never_counts(path, analysis) for path in counters):
                    names = ", ".join(sorted(".".join(path) for path in counters if path is not None))
                    yield endless_or_impossible_loop(
                        case.place("if"),
                        f"no step writes {names}: this answers the same in every round of {' > '.join([*circle, circle[0]])}",
                        f"没有步骤写入 {names}：{' > '.join([*circle, circle[0]])} 的每一轮结果都相同",
                        f"add a step to the round, set: {{{names}: = {names} + 1}}",
                        f"请在循环中加一个步骤 set: {{{names}: = {names} + 1}}",
                    )
                elif formula is not None and counters and bounds and node.type == "exclusive_gateway":
                    yield from _counted_away(case, formula, circle, analysis)


def _never_counts(path: Path | None, analysis: Analysis) -> bool:
    """Whether a number of the case has a start value and nobody ever writes it."""
    return path is not None and counter(path, analysis) is not None and not list(writes(path, analysis))


def _counted_away(case: Any, formula: Formula, circle: Sequence[str], analysis: Analysis) -> Iterator[Diagnostic]:
    """A counter that is counted away from the bound that is to end the round, or only ever set to the same side of it."""
    asked = list(terms([formula]).values())
    sign = never_leaves(asked[0], formula, str(case.next) in circle, analysis) if len(asked) == 1 else None
    if sign is None:
        return
    name, way = asked[0].text, " > ".join([*circle, circle[0]])
    turned = "-" if sign == "+" else "+"
    yield endless_or_impossible_loop(
        case.place("if"),
        f"what the steps write into {name} never changes this answer: it is the same in every round of {way}",
        f"各步骤写入 {name} 的值都不会改变该条件的结果：{way} 的每一轮结果都相同",
        f"count towards the bound, set: {{{name}: = {name} {turned} 1}}",
        f"请向边界方向计数 set: {{{name}: = {name} {turned} 1}}",
    )


def _components(nodes: Mapping[str, Node]) -> Iterator[list[str]]:
    """The groups of nodes that reach each other, each in the order of the file; a node alone only with an arrow to itself."""
    reach = {name: _reach(name, nodes) for name in nodes}
    seen: set[str] = set()
    for name in nodes:
        if name not in seen and name in reach[name]:
            group = [other for other in nodes if other in reach[name] and name in reach[other]]
            seen.update(group)
            yield group


def _reach(start: str, nodes: Mapping[str, Node]) -> set[str]:
    found: set[str] = set()
    todo = [t for t in targets_of(nodes[start]) if t in nodes]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [t for t in targets_of(nodes[name]) if t in nodes]
    return found
