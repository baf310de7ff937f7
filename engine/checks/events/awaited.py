"""Messages and signals that are awaited: whether something sends them, and whether the case that they mean can be told."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic, nearest
from engine.language.kinds.events import Event
from engine.language.kinds.message import Message
from engine.language.kinds.scenarios import ScenarioStep
from engine.language.kinds.workflow import Workflow
from engine.language.messages import flow


def check(view: View) -> Iterator[Diagnostic]:
    steps = [node for workflow in view.pack.kind(Workflow).values() for _, node in workflow.all_nodes()]
    sent = {str(getattr(node, "message", "")) for node in steps if node.type == "send"}
    raised = {str(getattr(node, "signal", "")) for node in steps if node.type == "signal"}
    raised |= {str(step.signal) for _, _, step in view.of(ScenarioStep) if step.signal is not None}
    for definition, keys, event in view.of(Event):
        message = view.pack.get(Message, str(event.message)) if event.message is not None else None
        if message is not None:
            if set(message.from_) == {"case"} and message.name not in sent:
                yield _not_sent(event, message.name)
            elif isinstance(definition, Workflow) and not event.match and _must_match(definition, keys):
                yield _not_matched(event, message)
        elif event.signal is not None and event.signal not in raised:
            meant = nearest(str(event.signal), raised)
            if meant is not None:  # any other may come from outside: signals are not declared
                yield _not_raised(event, str(event.signal), meant)


def _must_match(workflow: Workflow, keys: tuple[str, ...]) -> bool:
    """A start without record opens a new case; whatever waits belongs to one case, if cases can be told apart at all."""
    return workflow.case is not None or (keys[:1] != ("start",) and bool(workflow.data))


def _not_sent(event: Event, name: str) -> Diagnostic:
    return flow.unhandled_event(
        event.place("message"),
        f"nothing sends the message '{name}': it comes from cases only, and no step sends it",
        f"没有任何步骤发送消息“{name}”，而它只来自本包的案例",
        "add a step of type send, or the webhook to its `from:`",
        "请添加 send 步骤，或在其 from 中加入 webhook",
    )


def _not_matched(event: Event, message: Message) -> Diagnostic:
    field = next(iter(message.carries), "field")
    return flow.unhandled_event(
        event.place("message"),
        f"without match the message '{message.name}' goes to whichever case waits first, whatever it is about",
        f"未写 match，消息“{message.name}”会交给最先等待的案例，而不论其内容",
        f"write match: {{{field}: ...}} with what this case knows",
        f"请写 match: {{{field}: ...}}，用本案例已知的值对应",
    )


def _not_raised(event: Event, name: str, meant: str) -> Diagnostic:
    return flow.unhandled_event(
        event.place("signal"),
        f"nothing raises the signal '{name}'; a step or a scenario raises '{meant}'",
        f"没有任何步骤或场景发出信号“{name}”，发出的是“{meant}”",
        f"write {meant}, or a scenario in which '{name}' comes from outside",
        f"请写 {meant}，或写一个“{name}”从外部到来的场景",
    )
