"""On which paths something touched what a rule asks: a condition that came out, a press that asked, a step that wrote.

Each rule becomes a mark that such a way leaves behind; the must-analysis of surely.py then says on which path no mark was
left. A field counts by its name, and a formula by all that it reads: rather silent than wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.checks.dataflow.assumed import constant, constant_value
from engine.checks.dataflow.filled import path_of
from engine.checks.dataflow.leaving import Effect
from engine.checks.dataflow.partly import EMPTY, FILLED, truth
from engine.checks.dataflow.surely import Surely
from engine.checks.dataflow.touches import Touches, Way, button_of
from engine.checks.dataflow.without import Step, Without, passed
from engine.checks.pack_view import View
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Compare, Logic, Node, paths
from engine.language.kinds.events import Event
from engine.language.kinds.form import Form
from engine.language.kinds.node import Node as StepNode
from engine.language.kinds.scoring import Scoring
from engine.language.values import Value

ANYTHING = frozenset({"call", "merge", "external"})
"""Node types that may write what this workflow does not see."""
MOST_ROUNDS = 8


class Guards:
    """Over one workflow."""

    def __init__(self, touches: Touches, view: View) -> None:
        self.touches, self.view = touches, view
        if "guards" not in view.remembered:  # of the pack, whichever workflow asks
            view.remembered["guards"] = (_formulas(view), _written_beside(view))
        self._formulas, self._beside = view.remembered["guards"]

    def way(self, node: str, that: Node, asked: frozenset[str]) -> tuple[Step, ...] | None:
        """The shortest path to `node` on which nothing touched the fields of the record that the condition asks, or the last
        write was against it; None when there is none."""
        ends = {path[-1] for path in paths(that) if path[0] in asked}
        wanted = self._expanded(asked | ends)
        mark = frozenset(["?"])

        def left_by(thing: Way | Event) -> Effect:
            names = self._by_way(thing) if isinstance(thing, Way) else self._by_event(thing)
            if names is None or names & wanted:
                return Effect(mark)
            written = (
                self._writes(thing, that, asked, wanted) if isinstance(thing, Way) and thing.kind == "exit" else None
            )
            return Effect() if written is None else Effect(mark) if written else Effect(loses=mark)

        marked = Surely(self.touches, left_by)
        filled = marked.at(node)
        if filled is None or mark <= filled:
            return None
        return Without(self.touches, marked, left_by).to(node, "?")

    def asked_by(self, thing: Way | Event) -> frozenset[str]:
        """The names of fields that a way, or an event that begins a path, asks about; of what is not seen: none."""
        return (self._by_way(thing) if isinstance(thing, Way) else self._by_event(thing)) or frozenset()

    def _writes(self, way: Way, that: Node, asked: frozenset[str], wanted: frozenset[str]) -> bool | None:
        """Whether what is written is for the rule (True) or against it (False); None when it is about something else."""
        found: bool | None = None
        for write in self.touches.of(way.source):
            field = write.path.rsplit(".", 1)[-1]
            if field not in wanted or (write.event.startswith("button ") and write.event != f"button {way.label}"):
                continue
            if field not in asked:
                return True
            value = EMPTY if write.clears or write.event == "edit" else constant_value(write.value) or FILLED
            if truth(that, {field: value}) is not False:
                return True
            if write.event != "edit":  # who may fill it in need not
                found = False
        return found

    def _by_way(self, way: Way) -> frozenset[str] | None:
        """The names of fields that a condition on this way is about; None: anything may have happened on it."""
        node = self.touches.nodes[way.source]
        if node.type in ANYTHING:
            return None
        names: set[str] = set()
        if way.kind == "exit":
            for condition, _ in passed(node, way.label):
                names |= self._names(condition)
            button = button_of(node, way.label)
            if button is not None and button.that is not None:
                names |= self._names(button.that.tree)
            if isinstance(node, Event):
                names |= self._by_event(node) or set()
            if node.repeat is not None and node.repeat.until is not None:
                names |= self._names(node.repeat.until.tree)
            scoring = self.view.pack.get(Scoring, str(getattr(node, "use", "")))
            if scoring is not None:
                names |= {str(word) for word in (scoring.writes.total, scoring.writes.grade) if word is not None}
        if way.trigger is not None:
            names |= self._by_event(way.trigger) or set()
        return self._expanded(names)

    def _by_event(self, event: Event) -> frozenset[str] | None:
        names: set[str] = {str(path).rsplit(".", 1)[-1] for path in event.needs or ()}
        names |= {str(path).rsplit(".", 1)[-1] for path in (event.into or {}).values()}
        names |= set(map(str, event.fields or ()))
        for condition in (event.once, event.becomes, event.if_, event.that):
            if isinstance(condition, Expression):
                names |= self._names(condition.tree)
                for field, value in _equalities(condition.tree):
                    names |= self._beside.get((field, value), frozenset())
        return self._expanded(names)

    def _names(self, tree: Node) -> set[str]:
        return {part for path in paths(tree) for part in path}

    def _expanded(self, names: Iterable[str]) -> frozenset[str]:
        """With all that formulas of these names read."""
        found, new = set(names), set(names)
        for _ in range(MOST_ROUNDS):
            new = {part for name in new for part in self._formulas.get(name, ())} - found
            if not new:
                break
            found |= new
        return frozenset(found)


def _equalities(tree: Node) -> Iterator[tuple[str, str]]:
    """The fields that a condition asks to equal a constant: (name of the field, constant)."""
    for part in tree.operands if isinstance(tree, Logic) and tree.operator == "and" else (tree,):
        if isinstance(part, Compare) and part.operator == "==":
            path, value = path_of(part.left), constant(part.right)
            if path is not None and value is not None:
                yield path[-1], value


def _written_beside(view: View) -> dict[tuple[str, str], frozenset[str]]:
    """(field, constant) -> the fields that every step of the pack which writes it writes in the same breath: what a
    status stands for is as its steps left it."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for _, _, node in view.of(StepNode):
        values: Mapping[str, Value] = getattr(node, "set", None) or {}
        names = frozenset(str(path).rsplit(".", 1)[-1] for path in values)
        for path, value in values.items():
            written = constant_value(value)
            if written is not None:
                key = (str(path).rsplit(".", 1)[-1], written)
                found[key] = found.get(key, names) & names
    return found


def _formulas(view: View) -> dict[str, frozenset[str]]:
    """Name of a formula -> the names that it reads, in whatever form."""
    found: dict[str, frozenset[str]] = {}
    for form in view.pack.kind(Form).values():
        for name, field in form.fields.items():
            if field.formula is not None:
                read = frozenset(part for path in paths(field.formula.tree) for part in path)
                found[str(name)] = found.get(str(name), frozenset()) | read
    return found
