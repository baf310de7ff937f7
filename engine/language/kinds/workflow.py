"""workflow: how a case begins, its steps and arrows, and the events that hold for the whole of it."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import ClassVar

from engine.language.kinds.definition import Definition
from engine.language.kinds.events import Trigger, named
from engine.language.kinds.form import VARIABLES, Field
from engine.language.kinds.node import NODES, Available, Node
from engine.language.shapes import Name, NumberShape, OneWord, StructShape, key


@dataclass(frozen=True, kw_only=True)
class Workflow(Definition):
    """A process: one case follows one record of the form `case`, or none."""

    KIND: ClassVar[str] = "workflow"

    case: str | None = key(Name(), "the form whose record a case follows")
    second_start: str | None = key(OneWord("refuse", "ignore", "allow"), "this record already has an open case here")
    calendar: str | None = key(Name(), "the calendar of its deadlines")
    data: Map[str, Field] | None = key(VARIABLES, "case variables, read as case.x")
    start: Map[str, Trigger] = key(named("start"), "how a case begins", required=True)
    interrupt: Map[str, Trigger] | None = key(named("interrupt"), "events that stop everything else in the case")
    meanwhile: Map[str, Trigger] | None = key(named("meanwhile"), "events that begin a second path")
    nodes: Map[str, Node] = key(NODES, "the steps", required=True)
    available: Available | None = key(
        StructShape(Available, ("available", "available")), "no case opens outside its time"
    )
    at_once: int = key(NumberShape(1, 200, whole=True), "most tokens that one node may hold", default=16)

    def all_nodes(self) -> Iterator[tuple[tuple[str, ...], Node]]:
        """Every node with its path: subprocesses are walked into."""
        yield from walk(self.nodes, ())


def walk(nodes: Map[str, Node], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Node]]:
    for name, node in nodes.items():
        yield (*path, name), node
        yield from walk(node.inner(), (*path, name))
