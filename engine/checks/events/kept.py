"""How long a message is kept, beside how long cases may take to be there for it.

A message that nobody waits for yet is kept so long and then is gone (LANGUAGE 3). Two waits say that a message may be that early:
a pure delay right before the step that takes it, and the time that this step itself allows for it to come.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.pack_view import View
from engine.interpreter.graph import ScopeGraph
from engine.language.diagnostics import Diagnostic
from engine.language.durations import Duration
from engine.language.kinds.message import Message
from engine.language.kinds.node import Node
from engine.language.messages import flow

DAY = 86_400
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": DAY, "weeks": 7 * DAY}
_BETWEEN = {
    "months": (28 * DAY, 31 * DAY),
    "workminutes": (60, DAY),
    "workhours": (3600, 5 * DAY),
    "workdays": (DAY, 5 * DAY),
}
"""The least and the most that one of them takes on the wall; a workday may come after a weekend and a holiday."""


def check(view: View) -> Iterator[Diagnostic]:
    for graph in view.graphs.values():
        for name, node in graph.nodes.items():
            for message, waits in _taken(node, view):
                delay = list(_delays_before(graph.of(name), name))
                for length, step in [*((d, name) for d in waits), *delay]:
                    if _shorter(message.kept, length):
                        yield _too_short(message, name, length, step)
                        break


def _taken(node: Node, view: View) -> Iterator[tuple[Message, list[Duration]]]:
    """The messages that a step waits for, each with the lengths after which it does something else."""
    events = [node] if node.type == "wait" else list(getattr(node, "events", {}).values())
    others = [*events, *(node.interrupt or {}).values()]
    lengths = [getattr(event, "after", None) for event in others]
    limits = [length for length in lengths if isinstance(length, Duration)]
    for event in events:
        message = view.pack.get(Message, str(getattr(event, "message", None) or ""))
        if message is not None:
            yield message, limits


def _delays_before(scope: ScopeGraph, name: str) -> Iterator[tuple[Duration, str]]:
    """Waits for a length of time that lead here through nothing but gateways: what the message answers was before them."""
    seen, queue = {name}, [name]
    while queue:
        for arrow in scope.into[queue.pop()]:
            before = scope.nodes[arrow.source]
            if before.name in seen:
                continue
            seen.add(before.name)
            after = getattr(before, "after", None)
            if before.type == "wait" and isinstance(after, Duration):
                yield after, before.name
            if before.type.endswith("gateway") and before.type != "event_gateway":
                queue.append(before.name)


def _shorter(kept: Duration, wait: Duration) -> bool:
    """Surely shorter, whatever weekends and months come between."""
    if kept.unit == wait.unit:
        return kept.amount < wait.amount
    return _bounds(kept)[1] < _bounds(wait)[0]


def _bounds(duration: Duration) -> tuple[int, int]:
    least, most = _BETWEEN.get(duration.unit) or (_SECONDS[duration.unit],) * 2
    return int(duration.amount * least), int(duration.amount * most)


def _too_short(message: Message, name: str, length: Duration, step: str) -> Diagnostic:
    early = (
        f"'{name}' waits {length} for it"
        if step == name
        else f"'{step}' lets {length} pass before '{name}' waits for it"
    )
    early_zh = f"“{name}”会等待它 {length}" if step == name else f"“{step}”要先经过 {length}，“{name}”才开始等待它"
    return flow.unhandled_event(
        message.place("kept"),
        f"the message '{message.name}' is thrown away after {message.kept} where no case waits yet, but {early}",
        f"没有案例等待时，消息“{message.name}”在 {message.kept} 后即被丢弃，而{early_zh}",
        f"write kept: {length} or longer",
        f"请写 kept: {length} 或更长",
    )
