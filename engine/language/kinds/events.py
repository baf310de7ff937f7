"""The one vocabulary of events: in starts, interrupts, meanwhiles, event gateways, waits, more_on and `again`."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from engine.language.expressions import types
from engine.language.expressions.parse import Expression
from engine.language.kinds.people import PEOPLE, TARGET
from engine.language.messages import syntax
from engine.language.shapes import (
    CONDITION,
    MOMENT,
    PATH,
    QUESTION,
    SCHEDULE,
    TEXT,
    ByLook,
    DurationOrFormula,
    ListOf,
    MapOf,
    Moment,
    Name,
    NumberShape,
    Question,
    Reading,
    Schema,
    Shape,
    Struct,
    StructShape,
    key,
)
from engine.language.yamltree import Mapping, Tree

EVENTS: tuple[str, ...] = (
    "created", "changed", "deleted", "once", "becomes", "message", "signal", "after", "at", "every", "button", "error", "escalation",
    "called",
)  # fmt: skip
DETAILS: dict[str, frozenset[str]] = {
    "of": frozenset({"created", "changed", "deleted"}),
    "fields": frozenset({"changed"}),
    "match": frozenset({"message"}),
    "into": frozenset({"message"}),
    "times": frozenset({"every"}),
    "by": frozenset({"button"}),
    "needs": frozenset({"button"}),
    "that": frozenset({"button"}),
    "say": frozenset({"button"}),
}
WHERE: dict[str, frozenset[str]] = {
    "start": frozenset(EVENTS) - {"deleted", "once", "after", "at", "error", "escalation"},
    "interrupt": frozenset(EVENTS) - {"called"},
    "meanwhile": frozenset(EVENTS) - {"called", "error"},
    "events": frozenset(EVENTS) - {"called", "error", "escalation", "button"},
    "wait": frozenset(EVENTS) - {"called", "error", "escalation", "button"},
    "more_on": frozenset({"created", "message", "button"}),
    "again": frozenset({"created", "changed", "deleted", "every", "becomes", "message", "signal"}),
}
_FIRST_A_WAIT = (
    "start the workflow with created, and let its first node be a wait: {type: wait, at: 7 days before contract.ends_on at 09:00, "
    "next: {reached: ..., passed: ...}}; by the clock alone: every: day at 09:00",
    "请用 created 开始流程，并以 wait 作为第一个节点：{type: wait, at: 7 days before contract.ends_on at 09:00, "
    "next: {reached: ..., passed: ...}}；只按时钟开始：every: day at 09:00",
)
INSTEAD: dict[tuple[str, str], tuple[str, str]] = {
    ("start", "at"): _FIRST_A_WAIT,
    ("start", "after"): (
        "start the workflow with created, and let its first node be a wait: {type: wait, after: 2 days, next: ...}",
        "请用 created 开始流程，并以 wait 作为第一个节点：{type: wait, after: 2 days, next: ...}",
    ),
    ("start", "once"): (
        "write becomes: a start fires when it turns from false to true; a new record counts as false before",
        "请写 becomes：条件由假变真时开始；新记录之前视为假",
    ),
    ("events", "button"): (
        "write the button under interrupt: of this node, or let a user_task have it",
        "请把按钮写在本节点的 interrupt: 下，或写在 user_task 中",
    ),
    ("wait", "button"): (
        "write a user_task with this button",
        "请写一个带此按钮的 user_task",
    ),
}
"""What to write instead of an event that cannot stand there: en and zh."""


@dataclass(frozen=True, kw_only=True)
class Event(Struct):
    """One event and its details. `kind` is the key that names it."""

    EXACTLY_ONE: ClassVar[tuple[tuple[str, ...], ...]] = (EVENTS,)

    created: str | None = key(Name(), "a record of this form is created")
    changed: str | None = key(Name(), "a record of this form is changed")
    deleted: str | None = key(Name(), "a record of this form is deleted")
    once: Expression | None = key(CONDITION, "as soon as it is true, also when it already is; one time")
    becomes: Expression | None = key(CONDITION, "when it turns from false to true")
    message: str | None = key(Name(), "a message with equal fields is there")
    signal: str | None = key(Name(), "a signal, to all who wait at that moment")
    after: Any = key(DurationOrFormula(), "so long after the step opened")
    at: Moment | None = key(MOMENT, "at that moment")
    every: Any = key(SCHEDULE, "each time")
    button: str | None = key(TEXT, "a person presses it on the record's page")
    error: str | None = key(Name(reserved=True), "thrown inside: a code, or any")
    escalation: str | None = key(Name(reserved=True), "thrown inside: a code, or any")
    called: tuple[str, ...] | None = key(ListOf(Name(), at_least=0), "a call opens this workflow and gives these data")
    of: str | None = key(PATH, "it points at this record")
    fields: tuple[str, ...] | None = key(ListOf(Name(reserved=True)), "only a change of these fields")
    match: Map[str, Expression] | None = key(
        MapOf(Name(reserved=True), QUESTION), "its field equals this: finds the case"
    )
    into: Map[str, str] | None = key(MapOf(Name(reserved=True), PATH), "its field is written there")
    times: int | None = key(NumberShape(at_least=1, whole=True), "at most so many times")
    by: Any = key(PEOPLE, "who may press it")
    needs: tuple[str, ...] | None = key(ListOf(PATH), "asked for in the press, must be filled")
    that: Expression | None = key(CONDITION, "must hold, else it is refused")
    say: str | None = key(TEXT, "why it is refused")
    if_: Expression | None = key(Question(types.YES_NO, also=("message",)), "only then")

    @cached_property
    def kind(self) -> str:
        return next(name for name in EVENTS if self.was_written(name))


@dataclass(frozen=True, kw_only=True)
class Trigger(Event):
    """An event with an arrow: in starts, interrupts, meanwhiles and event gateways."""

    next: str = key(TARGET, "the node that it leads to", required=True)


def details_fit(struct: Struct, tree: Mapping, place: str, reading: Reading) -> bool:
    """Whether the event may stand in this kind of place, and its details belong to it; says what does not."""
    written = [name for name, _ in tree.entries if name.text in EVENTS]
    if len(written) != 1:
        return False
    kind = written[0]
    if kind.text not in WHERE[place]:
        allowed = ", ".join(e for e in EVENTS if e in WHERE[place])
        reading.say(
            syntax.wrong_shape(
                kind.span,
                f"another event: '{kind.text}' cannot stand under {place}; {allowed} can",
                f"其他事件：{place} 下不能写“{kind.text}”，可以写 {allowed}",
                *INSTEAD.get((place, kind.text), ("", "")),
            )
        )
        return False
    good = True
    for name, _ in tree.entries:
        if kind.text not in DETAILS.get(name.text, {kind.text}):
            reading.say(
                syntax.unknown_key(
                    name.span, name.text, f"the event '{kind.text}'", _allowed(kind.text), f"事件 {kind.text}"
                )
            )
            good = False
    return good


def _allowed(kind: str) -> Iterable[str]:
    return [name for name in [*Event.keys()] if name not in EVENTS and kind in DETAILS.get(name, {kind})]


class EventShape(Shape[Any]):
    """An event where only some events may stand."""

    def __init__(self, place: str, cls: type[Event] = Trigger) -> None:
        self.place = place
        self.struct = StructShape(cls, ("an event", "事件"))
        self.expected = ("one event as {created: lead, next: score}", "一个事件，如 {created: lead, next: score}")

    def read(self, tree: Tree, reading: Reading) -> Event | None:
        event = self.struct.read(tree, reading)
        if event is None or not isinstance(tree, Mapping) or not details_fit(event, tree, self.place, reading):
            return None
        return event

    def json_schema(self, definitions: Schema) -> Schema:
        return self.struct.json_schema(definitions)


def named(place: str) -> MapOf:
    """Named events: an arrow each."""
    return MapOf(Name(), EventShape(place))


AGAIN = EventShape("again", Event)
MORE_ON = EventShape("more_on", Event)

__all__ = ["AGAIN", "EVENTS", "MORE_ON", "ByLook", "Event", "EventShape", "Trigger", "details_fit", "named"]
