"""Names of other definitions: every one must exist, and what nobody names is noted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks.pack_view import View
from engine.checks.uses import measures, uses
from engine.language.broken import broken
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.types import RecordType
from engine.language.kinds.connection import Connection
from engine.language.kinds.form import Access, Field, Form
from engine.language.kinds.matching import Matching
from engine.language.kinds.node import Node
from engine.language.kinds.organization import Attribute
from engine.language.kinds.people import Adds
from engine.language.kinds.scoring import BehaviourPart, Model, Scoring
from engine.language.messages import reference, type_errors
from engine.language.source import Span, place_of
from engine.language.vocabulary import PackTypes

MAY_LIE_IDLE = frozenset(
    {"decision", "scoring", "matching", "model", "message", "connection", "template", "calendar", "form"}
)
"""Kinds whose definitions do nothing by themselves."""


def check(view: View) -> Iterator[Diagnostic]:
    """unknown-resource, unused-definition, and unknown-variable for fields that declarations name."""
    found = uses(view)
    known: dict[str, list[str]] = {}
    for kind, name in view.pack.definitions:
        known.setdefault(kind, []).append(name)
    for use in found:
        if not use.kind.endswith("?") and not view.known(use.kind, use.name):
            yield reference.unknown_resource(use.span, use.kind, use.name, known.get(use.kind, ()))
    used = {(use.kind.rstrip("?"), use.name) for use in found if (use.kind, use.name) != (use.by.KIND, use.by.name)}
    for (kind, name), definition in view.pack.definitions.items():
        if kind in MAY_LIE_IDLE and (kind, name) not in used and not view.broken:
            yield reference.unused_definition(definition.span, kind, name)
    yield from _nodes(view)
    yield from _fields(view)
    yield from _declared(view)


def _nodes(view: View) -> Iterator[Diagnostic]:
    """Calls of connections and policies, by name; channels of `via`."""
    root = view.pack.root
    policies = list((root.approval_policies or {}) if root else {})
    channels = ["app", *((root.channels or {}) if root else {})]
    for _, _, node in view.of(Node):
        connection, call = getattr(node, "connection", None), getattr(node, "call", None)
        if isinstance(connection, str) and isinstance(call, str):
            found = view.pack.get(Connection, connection)
            if found is not None and call not in (found.calls or {}):
                yield reference.unknown_resource(
                    _at(call, node.span), f"call of {connection}", call, found.calls or {}, f"{connection} 的 call"
                )
        policy = getattr(node, "policy", None)
        if isinstance(policy, str) and policy not in policies and root is not None:
            yield reference.unknown_resource(_at(policy, node.span), "policy", policy, policies)
        via = getattr(node, "via", None)
        for channel in via if isinstance(via, tuple) else ():
            if isinstance(channel, str) and channel not in channels and root is not None:
                yield reference.unknown_resource(_at(channel, node.span), "channel", channel, channels)


def _at(word: str, otherwise: Span) -> Span:
    place = place_of(word)
    return place if place.line else otherwise


def _fields(view: View) -> Iterator[Diagnostic]:
    """`of: form.field`, `by`, `of_my`, and the measure of an attribute."""
    for definition, _, field in view.of(Field):
        if field.type in ("choice", "choices") and isinstance(field.of, str):
            yield from _choice(field, view.types)
        if field.type == "records" and isinstance(field.of, str) and field.by is not None:
            yield from _points_back(field, definition.name, view)
        if field.of_my is not None and isinstance(definition, Form) and field.of_my not in definition.fields:
            yield type_errors.unknown_variable(
                place_of(field.of_my), field.of_my, definition.name, definition.name, definition.fields
            )
        if (
            isinstance(field, Attribute)
            and field.measure is not None
            and field.measure not in measures(view)
            and not any(kind == "dashboard" for kind, _ in view.broken)
        ):
            yield reference.unknown_resource(place_of(field.measure), "measure", field.measure, sorted(measures(view)))


def _choice(field: Field, types: PackTypes) -> Iterator[Diagnostic]:
    owner, _, name = str(field.of).rpartition(".")
    fields = _owner(owner, types)
    place = place_of(field.of)
    if fields is None and any(name_ == owner for _, name_ in broken(types.pack)):
        return
    if fields is None:
        known = [n for kind, n in types.pack.definitions if kind in ("form", "decision", "message")]
        yield reference.unknown_resource(place, "form", owner or str(field.of), known)
    elif name not in fields:
        yield type_errors.unknown_variable(place, name, owner, owner, fields)
    elif types.choice(field, str(field.of)) is None:
        yield type_errors.type_mismatch(
            place, f"a field of type {fields[name].type}", f"{fields[name].type} 类型的字段", "a choice", "选项"
        )


def _owner(owner: str, types: PackTypes) -> Mapping[str, Field] | None:
    from engine.language.kinds.decision import Decision
    from engine.language.kinds.message import Message

    form = types.pack.get(Form, owner)
    if form is not None:
        return form.fields
    decision = types.pack.get(Decision, owner)
    if decision is not None:
        return {**decision.inputs, **decision.outputs}
    message = types.pack.get(Message, owner)
    return message.carries if message is not None else None


def _points_back(field: Field, form: str, view: View) -> Iterator[Diagnostic]:
    """`by` is a field of the other form that points at this one."""
    other = view.pack.get(Form, str(field.of))
    if other is None or field.by is None:
        return
    back = other.fields.get(field.by)
    if back is None:
        yield type_errors.unknown_variable(place_of(field.by), field.by, other.name, other.name, other.fields)
        return
    forms = back.of if isinstance(back.of, tuple) else (back.of,)
    if field.of_my is not None:
        mine = view.types.form_field(form, field.of_my)
        form = mine.forms[0] if isinstance(mine, RecordType) else form
    if back.type != "record" or form not in forms:
        yield type_errors.type_mismatch(
            place_of(field.by),
            f"{other.name}.{field.by} of type {back.type}",
            f"{back.type} 类型的 {other.name}.{field.by}",
            f"a reference to {form}",
            f"指向 {form} 的引用",
        )


def _declared(view: View) -> Iterator[Diagnostic]:
    """Fields of a form that other declarations list by name."""
    for definition, _, struct in view.structs:
        form: str | None = None
        names: list[str] = []
        match struct:
            case Access():
                form, names = definition.name, [*(struct.only or ()), *(struct.except_ or ())]
            case Adds():
                form, names = struct.form, list(struct.ask or ())
            case BehaviourPart() if isinstance(definition, Scoring):
                continue
            case Scoring():
                form = struct.of
                names = [word for word in (struct.writes.total, struct.writes.grade) if word is not None]
            case Model():
                form, names = struct.of, [term.field for term in struct.terms]
            case Matching():
                yield from _matching(struct, view)
                continue
            case Node():
                form = getattr(definition, "case", None)
                names = [
                    name
                    for key in ("read", "edit")
                    for name in getattr(struct, key, None) or ()
                    if isinstance(name, str)
                ]
        yield from _known_fields(form, names, view)
        if isinstance(getattr(struct, "form", None), str) and not isinstance(struct, Node):
            yield from _known_fields(struct.form, list(getattr(struct, "with_", None) or ()), view)  # type: ignore[attr-defined]
            reuse = getattr(struct, "reuse", None)
            yield from _known_fields(struct.form, [reuse] if isinstance(reuse, str) else [], view)  # type: ignore[attr-defined]


def _known_fields(form: str | None, names: list[str], view: View) -> Iterator[Diagnostic]:
    if form is None or view.pack.get(Form, form) is None:
        return
    for name in names:
        first = name.removeprefix(f"{form}.").split(".")[0]
        if view.types.form_field(form, first) is None:
            yield type_errors.unknown_variable(place_of(name), first, form, form, view.types.form(form))


def _matching(matching: Matching, view: View) -> Iterator[Diagnostic]:
    for form, look in matching.look_in.items():
        for pairs in (look.any_same, look.or_similar):
            yield from _known_fields(matching.of, list(pairs or ()), view)
            for theirs in (pairs or {}).values():
                yield from _known_fields(form, [theirs], view)
