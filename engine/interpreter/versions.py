"""Two versions of a workflow side by side: what a person chose for their cases, and which node of one is which of the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property

from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.events import Plain
from engine.language.expressions.types import Choice, ListOf, Rows, Type
from engine.language.expressions.types import Choices as SeveralChoices


@dataclass(frozen=True)
class Choices:
    """What a person chose. `nodes`: old name -> new name; `anew`: old nodes whose step begins again; `votes`: node ->
    keep or again; `empty`: variables whose value is given up; `moved_on`: keep takes back what has moved on, too."""

    nodes: Mapping[str, str] = field(default_factory=dict)
    anew: Collection[str] = ()
    votes: Mapping[str, str] = field(default_factory=dict)
    empty: Collection[str] = ()
    moved_on: str = ""


class Versions:
    """Two versions of a workflow, and which nodes of the old one the new one has under another name."""

    def __init__(self, old: CompiledWorkflow, new: CompiledWorkflow, choices: Choices | None = None) -> None:
        self.old, self.new, self.choices = old, new, choices or Choices()

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Old name -> new name: what a person says, the same name, or the one new node that is the same but for it."""
        said = {str(old): str(new) for old, new in self.choices.nodes.items()}
        gone = [n for n in self.old.graph.nodes if not self.new.has(n) and n not in said]
        fresh = [n for n in self.new.graph.nodes if not self.old.has(n) and n not in said.values()]
        alike = {n: [m for m in fresh if self._alike(n, m)] for n in gone}
        for name, found in alike.items():
            if len(found) == 1 and sum(found[0] in others for others in alike.values()) == 1:
                said[name] = found[0]
        return {n: said.get(n, n) for n in self.old.graph.nodes}

    def _alike(self, name: str, other: str) -> bool:
        """The same but for its name, its title and where its arrows lead; at least something of its own is said."""
        old, new = self.old.node(name), self.new.node(other)
        if type(old) is not type(new) or bool(old.inner()) or self.depth(self.old, name) != self.depth(self.new, other):
            return False
        ignored = {"name", "title", "next"}
        return all(
            getattr(old, f.name) == getattr(new, f.name) for f in fields(old) if f.compare and f.name not in ignored
        )

    @staticmethod
    def depth(version: CompiledWorkflow, node: str) -> tuple[str, ...]:
        """The subprocesses that a node lies in, outermost first."""
        found: list[str] = []
        while scope := version.graph.node_scope[node]:
            found.insert(0, scope)
            node = scope
        return tuple(found)

    def new_name(self, old: str) -> str | None:
        name = self.names.get(old, old)
        return name if self.new.has(name) else None

    def still_fits(self, name: str, value: Plain) -> bool:
        """Whether the value of a variable is one of its type of now."""
        return _fits(self.old.data_types[name], self.new.data_types[name], value)

    def same_scope(self, old: str, new: str) -> bool:
        return tuple(self.names.get(s, s) for s in self.depth(self.old, old)) == self.depth(self.new, new)


def _fits(old: Type, new: Type, value: Plain) -> bool:
    """Whether a stored value of type `old` is one of `new`: the same type, with every entry and field that it holds."""
    match old, new:
        case Choice(), Choice():
            return value is None or value in new.entries
        case SeveralChoices(), SeveralChoices():
            return all(_fits(old.of, new.of, one) for one in value or ())
        case ListOf(), ListOf():
            return all(_fits(old.of, new.of, one) for one in value or ())
        case Rows(), Rows():
            fields = [f for f in old.fields if f in new.fields]
            return all(_fits(old.fields[f], new.fields[f], (value or {}).get(f)) for f in fields)
    return old == new
