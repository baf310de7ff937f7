"""Clocks that another one always cuts off: a deadline later than the limit around it, waits that outlast it.

A *limit* ends a step or a scope after a time: an interrupt with `after`, a deadline that leaves, the other event of a
gateway. A *clock* is anything that fires a time after its step opened. Steps of people take no time, waits take theirs,
so a clock whose earliest firing lies after the limit, at every opening that is tried, can never fire.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.checks.clocks.in_force import calendars_of, later, openings, reaches
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.durations import Duration
from engine.language.kinds.events import Trigger
from engine.language.kinds.node import Node
from engine.language.kinds.people import Deadline
from engine.language.kinds.workflow import Workflow
from engine.language.messages import time
from engine.language.source import Span
from engine.rules.calendars import WorkCalendar

Times = dict[str, dt.datetime]
"""Node -> when it can be reached at the earliest."""


@dataclass(frozen=True)
class Clock:
    """Something that happens `after` its step opened; `en` and `zh` call it, as "the deadline of 'sign'"."""

    after: Duration
    span: Span
    en: str
    zh: str


def check(view: View) -> Iterator[Diagnostic]:
    """deadline-impossible: what can never come, because something else always comes first."""
    for workflow in view.pack.kind(Workflow).values():
        calendars = calendars_of(view, workflow)
        for _, node in workflow.all_nodes():
            yield from _in_one_step(node, calendars)
        if calendars:
            yield from _in_scopes(workflow, calendars)


# ---- one step


def _in_one_step(node: Node, calendars: list[WorkCalendar]) -> Iterator[Diagnostic]:
    """What stops a step, against what else shall happen in it."""
    limits = list(limits_of(node))
    for clock in clocks_of(node):
        for limit in limits:
            if limit.span != clock.span and reaches(clock.after, 1, limit.after, calendars, or_equal=False).always:
                yield _never(clock, limit)
                break
    deadline = getattr(node, "deadline", None)
    if isinstance(deadline, Deadline) and deadline.at_least is not None and deadline.within is not None:
        never = reaches(deadline.at_least, 1, deadline.within, calendars).always
        if never and node.repeat is None:
            clock = Clock(deadline.at_least, deadline.place("at_least"), "the earliest answer", "最早可办理的时间")
            limit = next(c for c in clocks_of(node) if c.span == deadline.place("within"))
            yield _never(clock, limit) if deadline.next or deadline.press else _late(node, clock, limit)


def _late(node: Node, clock: Clock, limit: Clock) -> Diagnostic:
    """The task stays or is passed on after its deadline, and nobody can keep it."""
    return time.deadline_impossible(
        clock.span,
        (f"'{node.name}' cannot be done before {clock.after}:", f"“{node.name}”在 {clock.after} 之前不能办理，"),
        (f"its deadline of {limit.after} always passes first", f"其期限 {limit.after} 总会先到"),
        (f"make it shorter than {limit.after}, or lengthen that", f"请使其短于 {limit.after}，或放宽后者"),
    )


def limits_of(node: Node) -> Iterator[Clock]:
    """What ends the step when its time has come, whatever the data are."""
    if node.repeat is not None:
        return
    deadline = getattr(node, "deadline", None)
    if isinstance(deadline, Deadline) and deadline.within is not None and (deadline.next or deadline.press):
        yield _deadline(node, deadline, deadline.within)
    yield from _triggers(node, node.interrupt)
    yield from _triggers(node, getattr(node, "events", None))


def clocks_of(node: Node) -> Iterator[Clock]:
    """What shall happen a time after the step opened."""
    if node.repeat is not None:
        return
    deadline = getattr(node, "deadline", None)
    if isinstance(deadline, Deadline) and deadline.within is not None:
        yield _deadline(node, deadline, deadline.within)
    for events in (node.interrupt, node.meanwhile, getattr(node, "events", None)):
        yield from _triggers(node, events, with_if=True)
    after = getattr(node, "after", None)
    if isinstance(after, Duration) and node.TYPE == "wait":
        yield Clock(after, node.place("after"), f"the end of the wait '{node.name}'", f"等待“{node.name}”的结束")


def _deadline(node: Node, deadline: Deadline, within: Duration) -> Clock:
    return Clock(within, deadline.place("within"), f"the deadline of '{node.name}'", f"“{node.name}”的期限")


def _triggers(node: Node, events: object, with_if: bool = False) -> Iterator[Clock]:
    for name, trigger in events.items() if isinstance(events, Mapping) else ():
        if isinstance(trigger, Trigger) and isinstance(trigger.after, Duration) and (with_if or trigger.if_ is None):
            en, zh = f"'{name}' of '{node.name}'", f"“{node.name}”的“{name}”"
            yield Clock(trigger.after, trigger.place("after"), en, zh)


# ---- a scope with a time limit


def _in_scopes(workflow: Workflow, calendars: list[WorkCalendar]) -> Iterator[Diagnostic]:
    starts = [str(trigger.next) for trigger in workflow.start.values()]
    for name, trigger in (workflow.interrupt or {}).items():
        if isinstance(trigger.after, Duration) and trigger.if_ is None:
            limit = Clock(trigger.after, trigger.place("after"), f"'{name}' of the workflow", f"工作流的“{name}”")
            others = [str(t.next) for t in (workflow.interrupt or {}).values()]  # the first that fires disarms this one
            yield from _inside(workflow.nodes, starts, limit, calendars, others)
    for _, node in workflow.all_nodes():
        if node.inner():
            for limit in limits_of(node):
                yield from _inside(node.inner(), [str(getattr(node, "start", ""))], limit, calendars)


def _inside(
    nodes: Mapping[str, Node],
    starts: list[str],
    limit: Clock,
    calendars: list[WorkCalendar],
    unlimited: Sequence[str] = (),
) -> Iterator[Diagnostic]:
    """The clocks of a scope that lie after its limit at every opening; of those behind such a one nothing is said.

    `unlimited`: where the limit no longer holds; what can be reached from there is left out.
    """
    late: dict[Clock, bool] = {}
    for calendar in calendars:
        free = earliest(nodes, dict.fromkeys(unlimited, calendar.at_time(dt.date(2026, 1, 1), dt.time(0))), calendar)
        for opened in openings(calendar):
            ends = later(calendar, opened, limit.after)
            reached = earliest(nodes, dict.fromkeys(starts, opened), calendar)
            for node in _all(nodes):
                at = reached.get(str(node.name)) if node.name not in free else None
                for clock in clocks_of(node):
                    beyond = at is not None and at <= ends < later(calendar, at, clock.after)
                    late[clock] = late.get(clock, True) and beyond
            if not any(late.values()):
                return
    for clock, always in late.items():
        if always:
            yield _never(clock, limit)


def _all(nodes: Mapping[str, Node]) -> Iterator[Node]:
    for node in nodes.values():
        yield node
        yield from _all(node.inner())


def earliest(nodes: Mapping[str, Node], starts: Times, calendar: WorkCalendar) -> Times:
    """When each node of a scope, inner scopes included, can be reached at the earliest; who cannot is left out."""
    found: Times = {}
    waiting = {name: at for name, at in starts.items() if name in nodes}
    while waiting:
        name = min(waiting, key=lambda n: waiting[n])
        at = waiting.pop(name)
        found[name] = at
        for target, leaves in _leaves(nodes[name], at, calendar, found):
            if target in nodes and target not in found and (target not in waiting or leaves < waiting[target]):
                waiting[target] = leaves
    return found


def _leaves(node: Node, at: dt.datetime, calendar: WorkCalendar, found: Times) -> Iterator[tuple[str, dt.datetime]]:
    """The targets of a node that is entered at `at`, each with the earliest moment at which its arrow is taken."""
    done = at
    inside: Times = {}
    if node.inner():
        inside = earliest(node.inner(), {str(getattr(node, "start", "")): at}, calendar)
        found.update({name: when for name, when in inside.items() if name not in found})
    after = getattr(node, "after", None)
    deadline = getattr(node, "deadline", None)
    if node.repeat is not None or node.for_each is not None or node.available is not None:
        pass  # no round, no copy, or missed: it may be left at once
    elif node.TYPE == "wait" and isinstance(after, Duration):
        done = later(calendar, at, after)
    elif isinstance(deadline, Deadline) and deadline.at_least is not None:
        done = later(calendar, at, deadline.at_least)
    elif node.inner():
        ends = list(_ends(node.inner(), inside, calendar))
        done = min(ends, default=at)
    events = getattr(node, "events", None)
    timed: Mapping[str, Trigger] = {**(events or {}), **(node.interrupt or {}), **(node.meanwhile or {})}
    for trigger in timed.values():
        yield str(trigger.next), later(calendar, at, trigger.after) if isinstance(trigger.after, Duration) else at
    for targets in node.arrows().values() if not events else ():
        for target in targets:
            yield str(target), done
    within = deadline.within if isinstance(deadline, Deadline) else None
    for target in node.extra_arrows().values():
        yield str(target), later(calendar, at, within) if within is not None else at


def _ends(nodes: Mapping[str, Node], reached: Times, calendar: WorkCalendar) -> Iterator[dt.datetime]:
    """When paths of a scope end."""
    for name, at in reached.items():
        node = nodes.get(name)
        if node is None:
            continue
        if node.TYPE == "end":
            yield at
        for target, leaves in _leaves(node, at, calendar, {}):
            if target == "end":
                yield leaves


def _never(clock: Clock, limit: Clock) -> Diagnostic:
    after = str(limit.after)
    return time.deadline_impossible(
        clock.span,
        (f"{clock.en} ({clock.after})", f"{clock.zh}（{clock.after}）"),
        (f"never comes: {limit.en} ({after}) always comes first", f"永远不会到：{limit.zh}（{after}）总是先到"),
        (f"make it shorter than {after}, or lengthen that", f"请使其短于 {after}，或放宽后者"),
    )
