"""form-flow-clash, records that are made and values that are written: a required field left out or emptied, a rule of the
form that what is written breaks, a rule that begins to apply on a path where nothing made sure of it.

The last is said only of rules over single fields, where no condition, question or write on some path touches what the
rule asks: a record's own list is checked where people fill it in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.checks.dataflow.assumed import constant_value
from engine.checks.dataflow.filled import Filled, filled_if
from engine.checks.dataflow.flows import Flow
from engine.checks.dataflow.guards import Guards
from engine.checks.dataflow.partly import EMPTY, FILLED, truth
from engine.checks.dataflow.races import at_the_split
from engine.checks.dataflow.touches import adds_of
from engine.checks.dataflow.without import shown
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic, nearest
from engine.language.expressions.tree import Call, Node
from engine.language.expressions.types import RECORD_FIELDS, RecordType
from engine.language.kinds.form import Field, Form, Must
from engine.language.kinds.node import Node as StepNode
from engine.language.messages import dataflow
from engine.language.source import Span, place_of
from engine.language.values import Formula, Value

NOT_FILLED_IN = frozenset({"records", "serial"})


def check(view: View, flows: Iterable[Flow]) -> Iterator[Diagnostic]:
    """form-flow-clash: of what steps make and write."""
    for flow in flows:
        guards = Guards(flow.touches, view)
        for node in flow.touches.nodes.values():
            later = _written_in_the_same_step(str(node.name), flow)
            yield from _made(node, view, later)
            yield from _written(node, flow, guards, view, later)


def _written_in_the_same_step(node: str, flow: Flow) -> frozenset[str]:
    """The fields that steps right behind write, before the rules are looked at: that happens when all comes to rest."""
    scope = flow.surely.scopes.get(flow.surely.of.get(node, "?"))
    if scope is None:
        return frozenset()
    after = {n for way in scope.ways[node] if way.moving for n in at_the_split(scope, way.target)}
    return frozenset(w.path.rsplit(".", 1)[-1] for n in after for w in flow.touches.of(n) if not w.asked)


# -- records that are made


def _made(node: StepNode, view: View, later: frozenset[str]) -> Iterator[Diagnostic]:
    for made, new in (getattr(node, "records", None) or {}).items():
        own = {
            str(p).partition(".")[2]: v
            for p, v in (getattr(node, "set", None) or {}).items()
            if p.startswith(f"{made}.")
        }
        form, given = getattr(new, "form", None), {**(getattr(new, "with_", None) or {}), **own}
        yield from _complete(view.pack.get(Form, str(form)), given, tuple(later), place_of(form))
    adds = adds_of(node)
    if adds is not None:
        yield from _complete(
            view.pack.get(Form, adds.form), adds.with_ or {}, (*(adds.ask or ()), *later), place_of(adds.form)
        )


def _complete(
    form: Form | None, given: Mapping[str, Value], asked: tuple[str, ...], span: Span
) -> Iterator[Diagnostic]:
    if form is None:
        return
    known: dict[str, str | bool | None] = {}
    meant = {nearest(str(name), map(str, form.fields)) for name in given if name not in form.fields}
    asked = (*asked, *filter(None, meant))
    whole = True
    for name, field in form.fields.items():
        value = given.get(name)
        if value is not None:
            known |= {str(name): found} if (found := _value(value)) is not ... else {}
        elif name not in asked and field.start_with is not None:
            begin = constant_value(field.start_with)
            known[str(name)] = begin if begin is not None else FILLED
        elif name not in asked and field.formula is None and field.type not in (*NOT_FILLED_IN, "list"):
            known[str(name)] = EMPTY
            if field.required and field.visible_if is None:
                whole = False
                yield dataflow.left_out(span, form.name, str(name))
    for name, rule in (form.must or {}).items() if whole else ():
        if _applies(rule, known) and truth(rule.that.tree, known) is False:
            yield dataflow.rule_broken(span, form.name, str(name))


def _applies(rule: Must, known: Mapping[str, str | bool | None]) -> bool:
    """Whether the rule is surely looked at."""
    if rule.only_if is not None:
        return truth(rule.only_if.tree, known) is True
    return rule.unless is None or truth(rule.unless.tree, known) is False


def _value(value: Value) -> Any:
    """A constant, EMPTY, FILLED; Ellipsis where nothing is known."""
    found = constant_value(value)
    if found is not None:
        return EMPTY if found == "empty" else found
    if isinstance(value, Formula):
        tree = value.expression.tree
        if value.expression.text == "empty":
            return EMPTY
        if isinstance(tree, Call) and tree.function in ("today", "now"):
            return FILLED
    return ...


# -- fields that are written


def _written(node: StepNode, flow: Flow, guards: Guards, view: View, later: frozenset[str]) -> Iterator[Diagnostic]:
    values: Mapping[str, Value] = getattr(node, "set", None) or {}
    by_owner: dict[str, dict[str, Value]] = {}
    for path, value in values.items():
        owner, _, field = str(path).rpartition(".")
        if owner not in ("", "case"):
            by_owner.setdefault(owner, {})[field] = value
    made = getattr(node, "records", None) or {}
    for owner, fields in by_owner.items():
        form = None if owner in made else _form_of(owner, node, flow, view)
        if form is None:
            continue
        spans = {str(path).rpartition(".")[2]: place_of(path) for path in values if str(path).startswith(f"{owner}.")}
        yield from _emptied(form, {name: value for name, value in fields.items() if name not in later}, spans)
        filled = flow.surely.at(str(node.name))
        if filled is not None:
            yield from _rules(form, owner, fields, spans, node, guards, filled, later)


def _form_of(owner: str, node: StepNode, flow: Flow, view: View) -> Form | None:
    """The form of the record that a path leads to."""
    for place in flow.touches.places:
        if place.node is not None and place.node.name == node.name and "set" in place.keys:
            type_ = view.walker.path_type(owner, place.names)
            one = isinstance(type_, RecordType) and len(type_.forms) == 1
            return view.pack.get(Form, type_.forms[0]) if one and isinstance(type_, RecordType) else None
    return None


def _emptied(form: Form, fields: Mapping[str, Value], spans: Mapping[str, Span]) -> Iterator[Diagnostic]:
    for name, value in fields.items():
        field = form.fields.get(name)
        if field is not None and field.required and field.visible_if is None and _value(value) is EMPTY:
            yield dataflow.required_emptied(spans[name], f"{form.name}.{name}")


def _rules(
    form: Form,
    owner: str,
    fields: Mapping[str, Value],
    spans: Mapping[str, Span],
    node: StepNode,
    guards: Guards,
    filled: Filled,
    later: frozenset[str],
) -> Iterator[Diagnostic]:
    written = {name: found for name, value in fields.items() if (found := _value(value)) is not ...}
    known: dict[str, str | bool | None] = {
        str(name): FILLED
        for name, field in form.fields.items()
        if field.required or field.start_with is not None or f"{owner}.{name}" in filled
    }
    known |= dict.fromkeys(RECORD_FIELDS, FILLED)
    for name in fields:
        known.pop(name, None)
    for name, rule in (form.must or {}).items():
        reads = {path[0] for path in rule.that.reads}
        about = {
            path[0] for condition in (rule.only_if, rule.unless) if condition is not None for path in condition.reads
        }
        hit = [field for field in fields if field in reads | about]
        if not hit or (reads | about) & later or not _applies(rule, {**known, **written}):
            continue
        holds = truth(rule.that.tree, {**known, **written})
        if holds is False and _applies(rule, written) and truth(rule.that.tree, written) is False:
            yield dataflow.rule_broken(spans[hit[0]], form.name, str(name))
        elif not holds and about & set(fields):
            for that, asked in _obligations(rule.that.tree, reads - set(fields), form, known):
                way = guards.way(str(node.name), that, asked)
                if way is not None:
                    said = ", ".join(sorted(f"{owner}.{field}" for field in asked))
                    yield dataflow.form_flow_clash(spans[hit[0]], form.name, str(name), shown(way), said)
                    break


def _obligations(
    that: Node, asked: set[str], form: Form, known: Mapping[str, str | bool | None]
) -> Iterator[tuple[Node, frozenset[str]]]:
    """What the rest of the record must be: of a rule over single fields the whole rule; of one over a list, or over
    fields with bounds of their own, only that what it compares is there at all."""
    declared = [form.fields.get(name) for name in asked]
    if asked and all(field is not None and field.type != "list" and not _bounded(field) for field in declared):
        yield that, frozenset(asked)
        return
    for path in sorted(filled_if(that, True)):
        name = path.split(".")[0]
        field = form.fields.get(name)
        stored = field is not None and field.formula is None and field.type not in NOT_FILLED_IN
        if name in asked and name not in known and name == path and stored:
            yield that, frozenset([name])


def _bounded(field: Field) -> bool:
    return any(getattr(field, key) is not None for key in ("at_least", "at_most", "above", "below"))
