"""Keys that would change nothing where they stand: they are said, never ignored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.events import Event
from engine.language.kinds.node import Node
from engine.language.kinds.people import Button
from engine.language.kinds.workflow import Workflow
from engine.language.messages import syntax
from engine.language.source import place_of


def check(view: View) -> Iterator[Diagnostic]:
    """wrong-shape."""
    said: list[Button | Event] = [struct for _, _, struct in view.of(Button)]
    said += [struct for _, _, struct in view.of(Event)]
    for struct in said:
        if struct.say is not None and struct.that is None:
            yield syntax.wrong_shape(
                struct.place("say"),
                "that beside say",
                "say 旁的 that",
                "say is shown when that does not hold: write that: ..., or take say out",
                "say 在 that 不成立时显示：请写 that: ...，或去掉 say",
            )
    for workflow in view.pack.kind(Workflow).values():
        yield from _scope(workflow.nodes)


def _scope(nodes: Mapping[str, Node]) -> Iterator[Diagnostic]:
    for node in nodes.values():
        yield from _events(node)
        if node.type == "undo":
            yield from _undo(node, nodes)
        yield from _scope(node.inner())


def _events(node: Node) -> Iterator[Diagnostic]:
    """An event of a step that never stands open; an end has a finding of its own."""
    if node.type == "end" or _stands(node):
        return
    for key, events in (("interrupt", node.interrupt), ("meanwhile", node.meanwhile)):
        for name, trigger in (events or {}).items():
            yield syntax.wrong_shape(
                place_of(name) if place_of(name).line else trigger.span,
                f"{key} on a step that waits: '{node.name}' ({node.type}) is done at once, and '{name}' never fires",
                f"会等待的步骤上的 {key}：“{node.name}”（{node.type}）立即完成，“{name}”永不触发",
                "write it on a step that waits, on a subprocess around it, or on the workflow",
                "请写在会等待的步骤、包含它的 subprocess 或流程上",
            )


def _stands(node: Node) -> bool:
    """Whether a token can rest there: the type waits, or its time, its rounds, its lock or its copies hold it."""
    waits = getattr(node, "waits", None)
    paused = node.repeat is not None and (node.repeat.pause is not None or node.repeat.every is not None)
    held = node.available is not None or node.mutex is not None or node.for_each is not None
    return bool(waits is not None and waits()) or paused or held


def _undo(node: Node, nodes: Mapping[str, Node]) -> Iterator[Diagnostic]:
    """What is to be taken back says how: the step has `undo`, or a step inside it has."""
    of = getattr(node, "of", None)
    if of is None:
        if not any(_can_be_undone(other) for other in nodes.values()):
            yield syntax.wrong_shape(
                place_of(node.name),
                "a step with undo in this scope: there is nothing to take back",
                "本作用域内写了 undo 的步骤：没有可撤销的内容",
                "write undo: <node> on the steps that can be taken back",
                "请在可撤销的步骤上写 undo: <节点>",
            )
        return
    for name in of:
        if name in nodes and not _can_be_undone(nodes[name]):
            yield syntax.wrong_shape(
                place_of(name),
                f"a step with undo: '{name}' does not say what takes it back",
                f"写了 undo 的步骤：“{name}”没有说明如何撤销",
                f"write undo: <node> on '{name}', or take it out",
                f"请在“{name}”上写 undo: <节点>，或从此处删除",
            )


def _can_be_undone(node: Node) -> bool:
    return node.undo is not None or any(_can_be_undone(inner) for inner in node.inner().values())
