"""Random block-structured workflows as YAML: every block has one way in and one way out, so each must be able to finish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

Block = tuple  # ("task",), ("seq", a, b), ("and", [a, b]), ...
TASK = "type: user_task, assignee: starter, deadline: none"


def blocks() -> st.SearchStrategy[Block]:
    """Trees of blocks, at most about 12 leaves."""
    leaf = st.sampled_from(
        [
            ("task",),
            ("pass",),
            ("wait",),
            ("service",),
            ("copies",),
            ("offer",),
            ("gateway",),
            ("deadline",),
            ("rounds",),
            ("fragile",),
        ]
    )

    def larger(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
        some = st.lists(inner, min_size=2, max_size=3)
        return st.one_of(
            st.tuples(st.just("seq"), inner, inner),
            st.tuples(st.just("and"), some),
            st.tuples(st.just("or"), some),
            st.tuples(st.just("xor"), some),
            st.tuples(st.just("first"), some, st.sampled_from(["finish", "cancel"])),
            st.tuples(st.just("loop"), inner),
            st.tuples(st.just("sub"), inner),
            st.tuples(st.just("watched"), inner),
            st.tuples(st.just("beside"), inner),
            st.tuples(st.just("cancels"), inner),
        )

    return st.recursive(leaf, larger, max_leaves=12)


@dataclass
class Writer:
    """Writes a block's nodes; `write` returns the name of the node to enter the block by."""

    lines: list[str] = field(default_factory=list)
    count: int = 0
    indent: str = "  "

    def name(self) -> str:
        self.count += 1
        return f"n{self.count}"

    def node(self, name: str, keys: str) -> str:
        self.lines.append(f"{self.indent}{name}: {{{keys}}}")
        return name

    def write(self, block: Block, then: str) -> str:
        method: Callable[..., str] = getattr(self, f"_{block[0]}")
        return method(*block[1:], then)

    # ---- leaves

    def _task(self, then: str) -> str:
        return self.node(self.name(), f"{TASK}, next: {then}")

    def _pass(self, then: str) -> str:
        return self.node(self.name(), f"type: set, set: {{case.n: = case.n + 1}}, next: {then}")

    def _wait(self, then: str) -> str:
        return self.node(self.name(), f"type: wait, after: 2 hours, next: {then}")

    def _service(self, then: str) -> str:
        return self.node(
            self.name(), f"type: service, connection: bank, call: book, next: {{done: {then}, failed: {then}}}"
        )

    def _fragile(self, then: str) -> str:
        """A failure is an incident, which a person retries."""
        return self.node(self.name(), f"type: service, connection: bank, call: book, next: {then}")

    def _copies(self, then: str) -> str:
        return self.node(self.name(), f"{TASK}, for_each: {{count: 2}}, next: {then}")

    def _offer(self, then: str) -> str:
        return self.node(self.name(), f"type: user_task, offer: {{role: clerk}}, deadline: none, next: {then}")

    def _gateway(self, then: str) -> str:
        events = f"soon: {{after: 1 days, next: {then}}}, news: {{signal: prices, next: {self._pass(then)}}}"
        return self.node(self.name(), f"type: event_gateway, events: {{{events}}}")

    def _deadline(self, then: str) -> str:
        late = self._pass(then)
        return self.node(
            self.name(),
            f"type: user_task, assignee: starter, deadline: {{within: 3 hours, next: {late}}}, next: {then}",
        )

    def _rounds(self, then: str) -> str:
        """Several tokens through one step, made one again."""
        batch = self.node(self.name(), f"type: set, set: {{case.n: = case.n + 1}}, join: {{batch: 2}}, next: {then}")
        task = self.node(self.name(), f"{TASK}, join: each, next: {batch}")
        return self.node(self.name(), f"type: parallel_gateway, threads: 2, next: [{task}]")

    # ---- blocks of blocks

    def _seq(self, first: Block, second: Block, then: str) -> str:
        return self.write(first, self.write(second, then))

    def _joined(self, inner: list[Block], join: str, then: str) -> list[str]:
        """Branches into a join, each by exactly one arrow; where they begin."""
        end = self.node(self.name(), f"type: set, set: {{case.n: = case.n + 1}}, join: {join}, next: {then}")
        return [self.write(block, self._pass(end)) for block in inner]

    def _and(self, inner: list[Block], then: str) -> str:
        return self.node(self.name(), f"type: parallel_gateway, next: [{', '.join(self._joined(inner, 'all', then))}]")

    def _first(self, inner: list[Block], rest: str, then: str) -> str:
        starts = self._joined(inner, f"{{first: 1, rest: {rest}}}", then)
        return self.node(self.name(), f"type: parallel_gateway, next: [{', '.join(starts)}]")

    def _or(self, inner: list[Block], then: str) -> str:
        starts = self._joined(inner, "matching", then)
        cases = [f"{{if: case.n % {i + 2} == 0, next: {start}}}" for i, start in enumerate(starts)]
        rest = starts[0] if len(starts) == 1 else self._task(starts[0])
        return self.node(
            self.name(), f"type: inclusive_gateway, cases: [{', '.join(cases)}, {{if: otherwise, next: {rest}}}]"
        )

    def _xor(self, inner: list[Block], then: str) -> str:
        starts = [self.write(block, then) for block in inner]
        cases = [f"{{if: case.n % {len(starts)} == {i}, next: {start}}}" for i, start in enumerate(starts[1:])]
        return self.node(
            self.name(), f"type: exclusive_gateway, cases: [{', '.join(cases)}, {{if: otherwise, next: {starts[0]}}}]"
        )

    def _loop(self, inner: Block, then: str) -> str:
        again = self.name()
        start = self.write(inner, again)
        self.node(again, f"type: user_task, assignee: starter, deadline: none, buttons: {{again: {{title: A}}, go: {{title: G}}}}, "
                         f"next: {{again: {start}, go: {then}}}")  # fmt: skip
        return start

    def _scope(self, inner: Block, keys: str, then: str) -> str:
        name = self.name()
        within = Writer(count=self.count + 1000, indent=self.indent + "    ")
        start = within.write(inner, "end")
        self.count = within.count
        self.lines += [f"{self.indent}{name}:", f"{self.indent}  type: subprocess", f"{self.indent}  start: {start}"]
        self.lines += [f"{self.indent}  {keys}"] if keys else []
        self.lines += [f"{self.indent}  nodes:", *within.lines, f"{self.indent}  next: {then}"]
        return name

    def _sub(self, inner: Block, then: str) -> str:
        return self._scope(inner, "", then)

    def _watched(self, inner: Block, then: str) -> str:
        late = self._task(then)
        return self._scope(
            inner, f"interrupt: {{late: {{after: 1 days, next: {late}}}, news: {{signal: prices, next: {then}}}}}", then
        )

    def _beside(self, inner: Block, then: str) -> str:
        """A second path that comes again, closed: it ends by itself."""
        second = self._task("end")
        return self._scope(inner, f"meanwhile: {{news: {{signal: prices, next: {second}}}}}", then)

    def _cancels(self, inner: Block, then: str) -> str:
        """A path that withdraws the other when it is done, and goes on alone."""
        both, other = self.name(), self.name()
        watcher = self.node(self.name(), f"{TASK}, cancels: [{other}], next: {then}")
        self.node(other, f"{TASK}, next: end")
        self.node(both, f"type: parallel_gateway, next: [{watcher}, {other}]")
        return self.write(inner, both)


def workflow(block: Block) -> str:
    writer = Writer()
    first = writer.write(block, "end")
    head = "workflow: sample\nat_once: 200\ndata:\n  n: {type: number, start_with: 0}\n"
    return head + f"start:\n  begin: {{button: Begin, next: {first}}}\nnodes:\n" + "\n".join(writer.lines) + "\n"
