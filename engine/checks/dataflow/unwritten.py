"""read-before-write: a case variable or `steps.x.y` is read where, on some path, nothing has written it.

What is asked for by has() or provided for by first_of() may be empty. A finding shows the shortest path. An event that
waits for a fact (`once`, `becomes`) may be there before the fact is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.checks.dataflow.filled import NOTHING, Filled, Read, reads
from engine.checks.dataflow.flows import Flow
from engine.checks.dataflow.standing import case_of, filled_at
from engine.checks.dataflow.surely import Surely
from engine.checks.dataflow.touches import CASE, ReadAt, Touches, Write
from engine.checks.dataflow.without import Step, Without, beside, passed, shown
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.tree import Node
from engine.language.messages import dataflow
from engine.language.source import Span
from engine.language.walk import declares

WAITING = frozenset({"once", "becomes", "at"})
"""Keys of events that wait until what they read is there."""


def check(flows: Iterable[Flow]) -> Iterator[Diagnostic]:
    """read-before-write."""
    for flow in flows:
        yield from _Unwritten(flow.touches, flow.surely).findings()


class _Unwritten:
    def __init__(self, touches: Touches, surely: Surely) -> None:
        self.touches, self.surely = touches, surely
        self.without = Without(touches, surely)
        self.variables = {str(name): field for name, field in (touches.workflow.data or {}).items()}
        given = {str(name) for trigger in touches.workflow.start.values() for name in trigger.called or ()}
        written = {
            w.path.split(".")[1] for w in touches.writes if w.path.startswith("case.") and w.path.count(".") == 1
        }
        starting = {name for name, field in self.variables.items() if field.start_with is not None}
        self.ever = given | written | starting

    def findings(self) -> Iterator[Diagnostic]:
        said: set[tuple[str, str]] = set()
        for read_at in self.touches.reads:
            for read in reads(read_at.expression.tree, filled_at(read_at, self.touches, self.surely)):
                span = read_at.expression.place(read.node)
                for finding in self._read(read_at, read, span):
                    if (key := (read_at.node, ".".join(read.path[:3]))) not in said:
                        said.add(key)
                        yield finding
        for write in self.touches.writes:
            parsed = parse(write.path, write.span)
            if write.path.count(".") >= 2 and isinstance(parsed, Expression) and write.node != CASE:
                at = self.surely.at(write.node)
                owner = tuple(write.path.split(".")[:-1])
                if at is not None and owner[0] == "case":
                    read_at = ReadAt(write.node, ("set",), parsed, self.touches.places[0])
                    yield from self._read(read_at, Read(owner, parsed.tree, at | self._later(write)), write.span)

    def _later(self, write: Write) -> Filled:
        return NOTHING if write.event == "" else frozenset({"case"})

    # -- one read

    def _read(self, read_at: ReadAt, read: Read, span: Span) -> Iterator[Diagnostic]:
        path = read.path
        if path[0] == "case" and len(path) > 1 and path[1] in self.variables:
            yield from self._variable(read_at, read, f"case.{path[1]}", span)
        elif path[0] == "steps" and len(path) > 2 and path[1] in self.touches.nodes and path[2] != "open":
            yield from self._step(read_at, read, span)

    def _variable(self, read_at: ReadAt, read: Read, what: str, span: Span) -> Iterator[Diagnostic]:
        if what in read.known:
            return
        if read.path[1] not in self.ever:
            yield dataflow.never_written(span, what)
            return
        if read_at.keys[-1] in WAITING or (read_at.node == CASE and read_at.keys[-1] == "if"):
            return
        way = self._way(read_at, read, what)
        if way is not None:
            yield dataflow.read_before_write(span, what, shown(way))

    def _step(self, read_at: ReadAt, read: Read, span: Span) -> Iterator[Diagnostic]:
        step, field = read.path[1], read.path[2]
        node = self.touches.nodes[step]
        what = ".".join(read.path[:3])
        given = field in ("by", "opinion")
        fact = what if given else f"steps.{step}" + (".opened_at" if field == "opened_at" else ".done_at")
        if fact in read.known or what in read.known or (read_at.keys[-1] in WAITING and declares(node, "deadline")):
            return
        way = self._way(read_at, read, fact)
        if way is None:
            return
        names = {one.name for one in way[:-1]}
        if given and (f"steps.{step}" in read.known or step in names):
            yield dataflow.nobody_gave(span, what, step, shown(way))
        else:
            yield dataflow.step_not_run(span, what, step, shown(way))

    def _way(self, read_at: ReadAt, read: Read, fact: str) -> tuple[Step, ...] | None:
        if read_at.node == CASE:
            key, name = read_at.keys[0], read_at.keys[1] if len(read_at.keys) > 1 else read_at.keys[0]
            if key not in ("start", "interrupt", "meanwhile"):
                return None
            return (Step(name, read_at.place.span.line),)
        if self.surely.at(read_at.node) is None:
            return None  # no path leads here: a finding of its own
        return self.without.to(read_at.node, fact, tuple(self._conditions(read_at, read)))

    def _conditions(self, read_at: ReadAt, read: Read) -> Iterator[tuple[Node, bool]]:
        """What must come out how for the read to matter."""
        node = self.touches.nodes[read_at.node]
        if read_at.keys[0] == "cases":
            index = case_of(node, read_at)
            passed_here = list(passed(node, f"case_{index + 1}"))
            yield from passed_here[:-1]
        yield from beside(read_at.expression.tree, read.node)
