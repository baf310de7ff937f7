"""Moments in words that lie the wrong way round: always past when they are armed, or the end of a window before its begin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.durations import Duration
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Call, Field, Name
from engine.language.kinds.events import Event
from engine.language.kinds.node import Available, Node
from engine.language.kinds.people import Deadline
from engine.language.messages import time
from engine.language.shapes import Moment, Struct

_PAST_FIELDS = ("created_at", "changed_at", "opened_at", "done_at")
"""Fields that hold a moment at which something happened: never later than now."""


def check(view: View) -> Iterator[Diagnostic]:
    """deadline-impossible: for `by`, `at`, and the windows of `available`."""
    for _, _, struct in view.structs:
        for key in ("by", "at", "to"):
            moment = _moment(struct, key)
            if moment is not None and _always_past(moment):
                yield time.deadline_impossible(
                    moment.span, (moment.text, moment.text), ("is always past when it is read", "在读取时总是已经过去"),
                    ("write after instead of before", "请把 before 改为 after"),
                )  # fmt: skip
    for _, _, node in view.of(Node):
        yield from _windows(node)


def _moment(struct: Struct, key: str) -> Moment | None:
    if not isinstance(struct, Event | Deadline | Available) or (key == "at") != isinstance(struct, Event):
        return None
    value = getattr(struct, key, None)
    return value if isinstance(value, Moment) else None


def _always_past(moment: Moment) -> bool:
    """`2 days before order.created_at`, `1 days before today() at 09:00`: whatever the data hold."""
    words = moment.words
    if words.direction != "before" or words.number is None or words.number <= 0 or moment.base is None:
        return False
    tree = moment.base.tree
    if isinstance(tree, Call):
        return tree.function in ("today", "now") and not tree.arguments
    return isinstance(tree, Field) and tree.name in _PAST_FIELDS and _is_path(moment.base)


def _is_path(expression: Expression) -> bool:
    node = expression.tree
    while isinstance(node, Field):
        node = node.of
    return isinstance(node, Name)


# ---- windows


@dataclass(frozen=True)
class _Offset:
    """A moment as so many units after its base (millionths, negative before it), then at a wall clock."""

    base: str
    unit: str
    amount: int
    rest: str


def _windows(node: Node) -> Iterator[Diagnostic]:
    """`available` ends before it begins; a deadline that is over before the step is available."""
    available = node.available
    begins = available.from_ if available is not None else None
    if begins is None or available is None:
        return
    deadline = getattr(node, "deadline", None)
    ends = [available.to, deadline.by if isinstance(deadline, Deadline) else None]
    for end in ends:
        if end is not None and _before(end, begins):
            yield time.deadline_impossible(
                end.span,
                (end.text, end.text),
                (f"is before the step is available ({begins.text})", f"早于该步骤可办理的时间（{begins.text}）"),
                (f"write a moment after {begins.text}", f"请写晚于 {begins.text} 的时刻"),
            )


def _before(end: Moment, begin: Moment) -> bool:
    """Whether `end` is certainly not after `begin`: two fixed moments, or two offsets of the same base in one unit."""
    fixed_end, fixed_begin = end.words.wall_clock, begin.words.wall_clock
    if fixed_end is not None and fixed_begin is not None:
        return fixed_end <= fixed_begin
    a, b = _offset(end), _offset(begin)
    if a is None or b is None or a.base != b.base:
        return False
    units = {u for u in (a.unit, b.unit) if u}
    if len(units) > 1:
        return False
    if a.amount != b.amount:
        return a.amount < b.amount and (a.rest == "") == (b.rest == "")
    return (a.rest == "") == (b.rest == "") and a.rest <= b.rest


def _offset(moment: Moment) -> _Offset | None:
    words = moment.words
    base = words.base_text or (str(words.base_date) if words.base_date is not None else None)
    if base is None or (words.unit is not None and words.number is None):
        return None
    rest = f"{words.at:%H:%M}" if words.at is not None else ""
    if words.unit is None:
        return _Offset(base, "", 0, rest)
    duration = Duration.of(words.number, words.unit)
    if duration is None:
        return None
    micro = int(duration.amount * 1_000_000)
    return _Offset(base, words.unit, -micro if words.direction == "before" else micro, rest)
