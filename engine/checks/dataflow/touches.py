"""What the nodes of one workflow write and read, and by which ways they are left: the model that the other files share.

Writes and reads are the declared places of LANGUAGE (engine/language/places.py), so a node type of a third party is
covered; after which exit its writes stand it says itself (`Node.written_at`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.checks.pack_view import View
from engine.language.expressions.parse import Expression
from engine.language.kinds.events import Event, Trigger
from engine.language.kinds.node import Node
from engine.language.kinds.people import Adds, Button
from engine.language.kinds.workflow import Workflow
from engine.language.places import Place, Written
from engine.language.source import Span, place_of
from engine.language.values import Fields, Formula, Items, Literal, Value, formulas_of

EVENTS = ("start", "interrupt", "meanwhile", "events")
"""Keys under which named events stand: the name of each is the key below."""
CASE = ""
"""The node's name of what belongs to the workflow as a whole."""


@dataclass(frozen=True)
class Write:
    """`path` is written by `node`; `event` is the one of its events (or its button) that does it, '' for the node itself.

    `asked`: a person fills it in. `value` is what is written, where the definition says it.
    """

    node: str
    path: str
    span: Span
    event: str = ""
    asked: bool = False
    value: Value | None = None

    @property
    def clears(self) -> bool:
        value = self.value
        if isinstance(value, Literal):
            return value.text == "empty"
        return isinstance(value, Formula) and value.expression.text == "empty"


@dataclass(frozen=True)
class ReadAt:
    """An expression and where it stands: `keys` are those below the node, or below the workflow."""

    node: str
    keys: tuple[str, ...]
    expression: Expression
    place: Place


@dataclass(frozen=True)
class Way:
    """One way out of a node. `kind`: exit, event (an interrupt), beside (a meanwhile), late (deadline, nobody), undo."""

    source: str
    label: str
    target: str
    kind: str
    trigger: Trigger | None = field(default=None, compare=False)

    @property
    def moving(self) -> bool:
        return self.kind != "beside"


def ways_of(node: Node) -> Iterator[Way]:
    """Every way out of a node inside its scope; targets may be `end` and `back`."""
    name, events = str(node.name), getattr(node, "events", None) or {}
    for exit_, targets in node.arrows().items():
        trigger = events.get(exit_)
        for target in targets:
            yield Way(name, exit_, str(target), "exit", trigger if isinstance(trigger, Trigger) else None)
    for key, kind in (("interrupt", "event"), ("meanwhile", "beside")):
        for event, trigger in (getattr(node, key) or {}).items():
            yield Way(name, f"{key} {event}", str(trigger.next), kind, trigger)
    for label, target in node.extra_arrows().items():
        yield Way(name, label, str(target), "beside" if label.endswith("meanwhile") else "late")
    if node.undo is not None:
        yield Way(name, "undo", str(node.undo), "undo")


def button_of(node: Node, exit_: str) -> Button | None:
    buttons = getattr(node, "buttons", None)
    found = buttons.get(exit_) if isinstance(buttons, Mapping) else None
    return found if isinstance(found, Button) else None


def pressed_by_nobody(node: Node) -> frozenset[str]:
    """The exits that are also taken when nobody comes out: nobody answered, and nothing was asked for."""
    press = getattr(getattr(node, "nobody", None), "press", None)
    return frozenset([str(press)] if press is not None else [])


class Touches:
    """The writes and reads of one workflow."""

    def __init__(self, workflow: Workflow, view: View) -> None:
        self.workflow, self.view = workflow, view
        self.nodes = {str(node.name): node for _, node in workflow.all_nodes()}

    @cached_property
    def places(self) -> tuple[Place, ...]:
        return tuple(place for place in self.view.places if place.definition is self.workflow)

    @cached_property
    def writes(self) -> tuple[Write, ...]:
        found = [w for place in self.places if isinstance(place.holds, Written) for w in self._write(place)]
        for node in self.nodes.values():
            found += _edits(node, self.workflow)
        return tuple(found)

    def of(self, node: str) -> tuple[Write, ...]:
        return self._by_node.get(node, ())

    @cached_property
    def _by_node(self) -> dict[str, tuple[Write, ...]]:
        found: dict[str, tuple[Write, ...]] = {}
        for write in self.writes:
            found[write.node] = (*found.get(write.node, ()), write)
        return found

    @cached_property
    def reads(self) -> tuple[ReadAt, ...]:
        return tuple(read for place in self.places for read in self._read(place))

    # -- how a place is a write or a read

    def _write(self, place: Place) -> Iterator[Write]:
        written = place.holds
        assert isinstance(written, Written)
        node, keys = self._where(place)
        asked = "needs" in keys
        if (written.read and not asked) or keys[-1:] == ("of",):
            return
        path = self._full(str(written.path), place)
        if path is None:
            return
        event = next((f"{key} {keys[i + 1]}" for i, key in enumerate(keys[:-1]) if key in EVENTS), "")
        if asked and not event and len(keys) > 1 and keys[0] == "buttons":
            event = f"button {keys[1]}"
        yield Write(node, path, place_of(written.path), event, asked, self._value(place, keys))

    def _full(self, path: str, place: Place) -> str | None:
        """A bare name in `needs` is a field of the case's record; the opinion and what `adds` asks for are none."""
        if "." in path:
            return path
        case = self.workflow.case
        asked: tuple[str, ...] = getattr(getattr(place.node, "adds", None), "ask", None) or ()
        known = case is not None and path in self.view.types.form(str(case))
        return f"{case}.{path}" if known and path not in asked else None

    def _value(self, place: Place, keys: tuple[str, ...]) -> Value | None:
        values = getattr(place.node, "set", None) if keys[:1] == ("set",) else None
        return values.get(keys[-1]) if values is not None else None

    def _read(self, place: Place) -> Iterator[ReadAt]:
        node, keys = self._where(place)
        held: Any = place.holds
        if isinstance(held, Expression):
            yield ReadAt(node, keys, held, place)
        elif isinstance(held, Literal | Formula | Items | Fields):
            for expression in formulas_of(held):
                yield ReadAt(node, keys, expression, place)

    def _where(self, place: Place) -> tuple[str, tuple[str, ...]]:
        """The innermost node, and the keys below it."""
        if place.node is None:
            return CASE, place.keys
        name = str(place.node.name)
        at = max(i for i, key in enumerate(place.keys) if key == name and i and place.keys[i - 1] == "nodes")
        return name, place.keys[at + 1 :]


def _edits(node: Node, workflow: Workflow) -> Iterator[Write]:
    """What a person may write in a task: fields of the case's record."""
    case = workflow.case
    for name in getattr(node, "edit", None) or ():
        if case is not None and isinstance(name, str):
            yield Write(str(node.name), f"{case}.{name}", place_of(name), "edit", asked=True)


def events_of(struct: Node | Workflow) -> Iterator[tuple[str, Event]]:
    """The named events of a node or a workflow: their label and the event."""
    for key in EVENTS:
        for name, event in (getattr(struct, key, None) or {}).items():
            yield f"{key} {name}", event


def adds_of(node: Node) -> Adds | None:
    found = getattr(node, "adds", None)
    return found if isinstance(found, Adds) else None
