"""Which nodes and arrows of a workflow the histories of its cases walked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.interpreter import events as ev
from engine.language.kinds.node import Node
from engine.language.kinds.workflow import Workflow
from engine.play.report import Coverage


class Arrow(NamedTuple):
    """`source` is empty for the starts and events of the workflow itself."""

    source: str
    label: str
    target: str
    kind: str = "exit"

    def __str__(self) -> str:
        label = f" ({self.label})" if self.label not in ("", "done") else ""
        return f"{self.source or self.kind}{label} -> {self.target}"


def arrows_of(workflow: Workflow) -> Iterator[Arrow]:
    """Every arrow that the definition draws, with the exit or event that takes it."""
    for name, trigger in workflow.start.items():
        yield Arrow("", str(name), str(trigger.next), "start")
    yield from _triggers("", workflow)
    for path, node in workflow.all_nodes():
        for exit_, targets in node.arrows().items():
            for target in targets:
                yield Arrow(path[-1], str(exit_), str(target))
        for label, target in node.extra_arrows().items():
            yield Arrow(path[-1], label, target, "beside" if label.endswith("meanwhile") else "exit")
        yield from _triggers(path[-1], node)


def _triggers(source: str, owner: Workflow | Node) -> Iterator[Arrow]:
    for kind in ("interrupt", "meanwhile"):
        for name, trigger in (getattr(owner, kind) or {}).items():
            yield Arrow(source, str(name), str(trigger.next), kind)


class Walked:
    """Gathers what histories walked, over any number of cases of one workflow."""

    def __init__(self) -> None:
        self.nodes: set[str] = set()
        self.left: set[tuple[str, str]] = set()
        self.went: set[tuple[str, str]] = set()
        self.fired: set[str] = set()
        self.started: set[str] = set()

    def add(self, events: Iterable[ev.AnyEvent]) -> None:
        """One case's events, oldest first."""
        node_of: dict[int, str] = {}
        for event in events:
            match event:
                case ev.CaseStarted() if not event.body:
                    self.started.add(event.start)
                case ev.TokenPlaced():
                    node_of[event.token] = event.node
                    self.went.add((event.came, event.node))
                case ev.NodeEntered():
                    self.nodes.add(node_of[event.token])
                case ev.NodeLeft():
                    self.left.add((node_of[event.token], event.exit))
                case ev.EventFired():
                    self.fired.add(event.name)

    def walked(self, arrow: Arrow) -> bool:
        match arrow.kind:
            case "start":
                return arrow.label in self.started
            case "interrupt" | "meanwhile":
                to_a_node = arrow.target not in ("end", "back")
                return arrow.label in self.fired and (not to_a_node or (arrow.source, arrow.target) in self.went)
            case "beside":
                return (arrow.source, arrow.target) in self.went
            case _:
                exit_ = arrow.label.removeprefix("deadline ")
                return (arrow.source, exit_) in self.left or (arrow.source, arrow.target) in self.went

    def coverage(self, workflow: Workflow) -> Coverage:
        nodes = [path[-1] for path, _ in workflow.all_nodes()]
        arrows = list(arrows_of(workflow))
        return Coverage(
            workflow.name,
            len(nodes),
            len(arrows),
            tuple(n for n in nodes if n not in self.nodes),
            tuple(str(a) for a in arrows if not self.walked(a)),
        )
