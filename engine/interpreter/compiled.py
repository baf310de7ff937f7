"""A workflow made ready to run: its graph, its types, and which nodes join. Made once for a closure, never changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar, cast

from engine.interpreter.graph import Graph, ScopeGraph
from engine.interpreter.node import NodeType
from engine.language.expressions.types import Type
from engine.language.kinds.workflow import Workflow
from engine.language.pack import Pack
from engine.language.vocabulary import PackTypes

T = TypeVar("T")


class CompiledWorkflow:
    """`types` are those of the pack that the workflow was loaded with."""

    def __init__(self, workflow: Workflow, pack: Pack, types: PackTypes | None = None) -> None:
        self.definition, self.pack = workflow, pack
        self.types = types or PackTypes(pack)
        self.graph = Graph(workflow)
        self._made: dict[tuple[str, str], Any] = {}

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def at_once(self) -> int:
        return self.definition.at_once

    @cached_property
    def data_types(self) -> Mapping[str, Type]:
        return self.types.case_data(self.definition)

    def made(self, kind: str, name: str, make: Callable[[], T]) -> T:
        """What a node type makes of a definition once and uses at every visit: a compiled table, a scorer."""
        key = (kind, name)
        if key not in self._made:
            self._made[key] = make()
        return cast(T, self._made[key])

    def node(self, name: str) -> NodeType:
        return cast(NodeType, self.graph.nodes[name])

    def has(self, name: str) -> bool:
        return name in self.graph.nodes

    def scope_of(self, node: str) -> ScopeGraph:
        return self.graph.of(node)

    def joins(self, node: str) -> bool:
        """Whether tokens wait on their arrows before this node: any join but `each`."""
        join = self.graph.nodes[node].join
        return join is not None and join.mode != "each"
