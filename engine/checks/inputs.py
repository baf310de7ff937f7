"""What a step gives to what it uses: every name is declared there, and what must be given is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic, nearest
from engine.language.kinds.events import Event
from engine.language.kinds.form import Field, Form
from engine.language.kinds.message import Message
from engine.language.kinds.node import Node
from engine.language.messages import syntax, type_errors
from engine.language.source import place_of
from engine.language.walk import declares


def check(view: View) -> Iterator[Diagnostic]:
    """unknown-variable for a `give`, `into` or `match` that is not declared; wrong-shape for one that is forgotten."""
    for _, _, node in view.of(Node):
        for key, side in (("give", "inputs"), ("into", "outputs")):
            value = getattr(node, key, None)
            declared = getattr(node, side, lambda pack: None)(view.pack)
            if declared is None:
                continue
            if isinstance(value, Mapping):
                yield from _known(value, declared, _used(node))
            if key == "give" and declares(node, key):
                given = value if isinstance(value, Mapping) else {}
                meant = {nearest(name, declared) for name in given if name not in declared}
                for name, field in declared.items():
                    if name not in given and name not in meant and _must_be_given(node, field):
                        yield syntax.missing_key(
                            node.place("give"), name, f"give of '{node.name}'", f"“{node.name}”的 give"
                        )
    for _, _, event in view.of(Event):
        form = view.pack.get(Form, event.changed) if event.changed else None
        for field in event.fields or () if form is not None else ():
            if field not in form.fields:  # type: ignore[union-attr]
                yield type_errors.unknown_variable(place_of(field), field, event.changed, event.changed, form.fields)  # type: ignore
        message = view.pack.get(Message, event.message) if event.message else None
        if message is not None:
            for mapping in (event.match, event.into):
                yield from _known(mapping or {}, message.carries, message.name)


def _known(given: Mapping[str, Any], declared: Mapping[str, Any], owner: str) -> Iterator[Diagnostic]:
    for name in given:
        if name not in declared:
            yield type_errors.unknown_variable(place_of(name), name, owner, owner, declared)


def _used(node: Node) -> str:
    for key in ("use", "call", "message", "workflow", "topic"):
        value = getattr(node, key, None)
        if isinstance(value, str):
            return value
    template = getattr(node, "template", None)
    return str(getattr(template, "text", None) or node.type)


def _must_be_given(node: Node, field: object) -> bool:
    """A decision is asked with every input that may not be empty; everyone else with what is `required`."""
    if not isinstance(field, Field):
        return False
    return not field.may_be_empty if node.type == "decision" else field.required
