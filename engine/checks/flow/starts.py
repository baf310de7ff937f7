"""How workflows begin and end: a start there must be, two that cannot be told apart open twice, and nothing follows an end."""

from __future__ import annotations

from collections.abc import Iterator

from engine.language.diagnostics import Diagnostic
from engine.language.kinds.events import Trigger
from engine.language.kinds.workflow import Workflow
from engine.language.messages import flow
from engine.language.source import Span, place_of


def starts_and_ends(workflow: Workflow) -> Iterator[Diagnostic]:
    """start-end."""
    if not workflow.start:
        yield flow.start_end(
            workflow.place("start"),
            f"'{workflow.name}' has no start: no case can open",
            f"“{workflow.name}”没有开始：无法产生流程实例",
            "write under start: a name, an event and where it leads",
            "请在 start: 下写名称、事件和去向",
        )
    yield from _alike(workflow)
    for _, node in workflow.all_nodes():
        if node.type != "end":
            continue
        for key, events in (("interrupt", node.interrupt), ("meanwhile", node.meanwhile)):
            for name, trigger in (events or {}).items():
                yield flow.start_end(
                    _place(name, trigger),
                    f"'{node.name}' is an end: nothing happens to it any more, and '{name}' under {key} never fires",
                    f"“{node.name}”是结束：之后不再发生任何事，{key} 下的“{name}”永不触发",
                    "write the event on a step before the end, or on the workflow",
                    "请把事件写在结束之前的步骤上，或写在流程上",
                )


def _alike(workflow: Workflow) -> Iterator[Diagnostic]:
    """Several starts `called:`, and starts on one event that no `if` tells apart."""
    seen: dict[tuple[object, ...], str] = {}
    for name, trigger in workflow.start.items():
        key = _key(trigger)
        if key is None:
            continue
        first = seen.setdefault(key, str(name))
        if first == name:
            continue
        if trigger.called is not None:
            yield flow.start_end(
                _place(name, trigger),
                f"'{name}' is a second start called: a call opens '{first}', and never this one",
                f"“{name}”是第二个 called 开始：调用只会打开“{first}”",
                "keep one start called, and choose behind it with a gateway",
                "请只保留一个 called 开始，在其后用网关选择",
            )
        else:
            yield flow.start_end(
                _place(name, trigger),
                f"'{name}' begins on the same event as '{first}' and neither has an if: each event would open two cases",
                f"“{name}”与“{first}”由同一事件开始且都没有 if：每次事件会产生两个流程实例",
                "keep one of them and lead it to a parallel_gateway, or write if: on both",
                "请只保留一个并指向 parallel_gateway，或为两者都写 if:",
            )


def _key(trigger: Trigger) -> tuple[object, ...] | None:
    """What a start listens to; None where it can be told from every other."""
    if trigger.called is not None:
        return ("called",)
    if trigger.if_ is not None or trigger.kind == "button":
        return None
    event = getattr(trigger, trigger.kind)
    if trigger.kind == "becomes":
        return (trigger.kind, event.text)
    fields = tuple(sorted(str(f) for f in trigger.fields or ()))
    match = tuple(sorted((str(k), v.text) for k, v in (trigger.match or {}).items()))
    return (trigger.kind, str(event), str(trigger.of or ""), fields, match)


def _place(name: object, trigger: Trigger) -> Span:
    return place_of(name) if place_of(name).line else trigger.span
