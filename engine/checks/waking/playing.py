"""What a case does at once, token by token, until it rests; and what of that can begin other cases.

Where it is not known which way it goes, each way is played with what it needs of the unknown values. A step that waits holds its
token; so does one of whose outcome nothing is known.
(A little long: the rules of one player, which call each other.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from engine.checks.conditions.formula import Formula
from engine.checks.waking.asking import Asking, NotKnown, differ
from engine.checks.waking.world import EMPTY, UNSURE, Frame, Seeing, Value, World
from engine.checks.waking.writing import Refused, Writer, literal
from engine.language.expressions import tree
from engine.language.kinds.node import ForEach, Node
from engine.language.kinds.workflow import Workflow
from engine.language.values import Literal

MOST_ROUNDS = 3
"""Times that one node is entered: what goes round inside one case is another finding."""
MOST_CALLS = 4
MOST_ENTRIES = 150
"""Node entries of one case until it rests."""


@dataclass(frozen=True)
class Woken:
    """Something that can begin a case. `kind`: created, changed, message, signal, called; `name` the form or what is told;
    `step` did it. `values`: of the message or the call. `fields`: what changed, with what that needs of the unknown values."""

    kind: str
    name: str
    step: str
    record: Value | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    fields: Mapping[str, Formula] = field(default_factory=dict)


@dataclass(frozen=True)
class Now:
    """A case on its way to rest. `touched`: records that were written, with form and the last step; `open`: a token is held."""

    world: World
    wakes: tuple[Woken, ...] = ()
    touched: Mapping[Value, str] = field(default_factory=dict)
    open: bool = False
    result: str | None = None
    entered: tuple[str, ...] = ()

    @property
    def held(self) -> Now:
        return replace(self, open=True)


Queue = tuple[tuple[str, str], ...]
"""Tokens on arrows: target and source, the oldest first."""
Arrived = Mapping[str, tuple[str, ...]]
"""A join -> the sources whose tokens it holds."""


class Playing:
    """Plays the cases of a pack."""

    def __init__(self, asking: Asking) -> None:
        self.asking, self.view = asking, asking.view

    def plays(self, frame: Frame, first: str, world: World) -> Iterator[Now]:
        """Every way of a case until it rests, the net changes of records last."""
        begun = Now(world.with_(self._data(frame, {})))
        for now in self.scope(frame.workflow.nodes, ((first, ""),), {}, frame, begun):
            made = {wake.record for wake in now.wakes if wake.kind == "created"}
            changes = [
                Woken("changed", record.form, step, record, fields=fields)
                for record, step in now.touched.items()
                if record not in made and (fields := self._changes(record, frame, world, now.world))
            ]
            yield replace(now, world=now.world.without(frame.data.text), wakes=(*now.wakes, *changes))

    def _data(self, frame: Frame, given: Mapping[str, Value]) -> dict[tuple[str, str], Value]:
        """A case's data when it begins."""
        found = {}
        for name, declared in (frame.workflow.data or {}).items():
            begin = declared.start_with
            known = Value("is", literal(begin)) if isinstance(begin, Literal) else UNSURE if begin else EMPTY
            found[frame.data.text, str(name)] = given.get(str(name), known)
        return found

    def _changes(self, record: Value, frame: Frame, before: World, after: World) -> dict[str, Formula]:
        """Its fields that may be others than before, with what that needs."""
        found: dict[str, Formula] = {}
        for (name, changed), value in after.store.items():
            if name == record.text:
                was = Seeing(self.view, frame, before).field(record, changed)
                try:
                    needs = differ(was, value, self.view.types.form_field(record.form, changed))
                except NotKnown:
                    continue
                if needs is not False:
                    found[changed] = needs
        return found

    # -- tokens

    def scope(self, nodes: Mapping[str, Node], queue: Queue, arrived: Arrived, frame: Frame, now: Now) -> Iterator[Now]:
        """Runs the tokens of one scope to rest."""
        if not queue:
            fires = next((n for n, got in arrived.items() if got and _mode(nodes[n]) == "matching"), None)
            if fires is None:
                yield now.held if any(arrived.values()) else now
                return
            yield from self.enter(nodes, fires, (), {**arrived, fires: ()}, frame, now)
            return
        (name, source), rest = queue[0], queue[1:]
        node = nodes.get(name)
        if node is None:
            yield from self.scope(nodes, rest, arrived, frame, now if name == "end" else now.held)
            return
        mode = _mode(node)
        if mode != "each":
            got = (*arrived.get(name, ()), source)
            arrived = {**arrived, name: got}
            if not _fires(node, mode, got, nodes):
                yield from self.scope(nodes, rest, arrived, frame, now)
                return
            arrived = {**arrived, name: ()}
        yield from self.enter(nodes, name, rest, arrived, frame, now)

    def enter(
        self, nodes: Mapping[str, Node], name: str, rest: Queue, arrived: Arrived, frame: Frame, now: Now
    ) -> Iterator[Now]:
        node = nodes[name]
        if now.entered.count(name) >= MOST_ROUNDS or len(now.entered) >= MOST_ENTRIES:
            return
        now = replace(now, entered=(*now.entered, name))
        if node.type == "end":
            kind, result = str(getattr(node, "kind", "normal")), getattr(node, "result", None)
            if kind in ("error", "cancel"):
                return
            over = replace(now, result=str(result) if result else now.result)
            if kind == "terminate":
                yield replace(over, open=False)
            else:
                yield from self.scope(nodes, rest, arrived, frame, over)
            return
        try:
            self.asking.spend()
            for targets, after in self.left(node, frame, now):
                queue = (*rest, *((str(target), name) for target in targets))
                yield from self.scope(nodes, queue, arrived, frame, after)
        except (NotKnown, Refused):
            yield from self.scope(nodes, rest, arrived, frame, now.held)

    # -- steps

    def left(self, node: Node, frame: Frame, now: Now) -> Iterator[tuple[tuple[str, ...], Now]]:
        """Every way out of a step that is done at once: where it leads, and what is then. Raises NotKnown, Refused."""
        if node.available is not None or (node.repeat is not None and (node.repeat.pause or node.repeat.every)):
            raise NotKnown
        arrows = node.arrows()
        inside, now = self._copy(node.for_each, frame, now) if node.for_each is not None else (frame, now)
        match node.type:
            case "exclusive_gateway":
                yield from self._cases(node, inside, now)
            case "inclusive_gateway":
                yield from self._chosen(tuple(getattr(node, "cases", ())), (), inside, now)
            case "parallel_gateway" | "notify":
                yield tuple(target for targets in arrows.values() for target in targets), now
            case "subprocess":
                for after in self.scope(
                    node.inner(), ((str(getattr(node, "start", "")), ""),), {}, inside, replace(now, open=False)
                ):
                    yield from self._out(arrows, after, now, single=node.for_each is None)
            case "call":
                yield from self._called(node, inside, now)
            case "find":
                yield from self._found(node, inside, now)
            case "set" | "create" | "signal" | "send" | "decision" | "score" | "assign":
                yield arrows.get("assigned" if node.type == "assign" else "done", ()), self._done(node, inside, now)
            case _:
                raise NotKnown

    def _out(
        self, arrows: Mapping[str, tuple[str, ...]], after: Now, before: Now, single: bool = True
    ) -> Iterator[tuple[tuple[str, ...], Now]]:
        """Out of what ran inside a step: by its result, if nothing is held there."""
        if after.open:
            yield (), after.held
            return
        exit_ = after.result if single and after.result in arrows else "done"
        yield arrows.get(str(exit_), ()), replace(after, open=before.open, result=before.result)

    def _copy(self, copies: ForEach, frame: Frame, now: Now) -> tuple[Frame, Now]:
        """One of the copies; a record in a list of those that point at another points at it."""
        seeing = Seeing(self.view, frame, now.world)
        rows = seeing.value(copies.in_.tree) if copies.in_ is not None else Value("as", "number")
        if rows.kind != "as":
            raise NotKnown
        row = Value("as", f"each of {rows.text}", rows.form)
        if copies.in_ is not None and isinstance(copies.in_.tree, tree.Field):
            of = seeing.value(copies.in_.tree.of)
            declared = seeing.declared(of.form).get(copies.in_.tree.name)
            if declared is not None and declared.by is not None:
                now = replace(now, world=now.world.with_({(row.text, str(declared.by)): of}))
        names = {**frame.names, str(copies.as_): row, "position": Value("as", "position")}
        return replace(frame, names=names), now

    def _cases(self, node: Node, frame: Frame, now: Now) -> Iterator[tuple[tuple[str, ...], Now]]:
        for case in getattr(node, "cases", ()):
            if case.is_otherwise:
                yield (str(case.next),), now
                return
            yes, no = self.asking.both_ways(case.if_, frame, now.world)
            if yes is not None:
                yield (str(case.next),), replace(now, world=yes)
            if no is None:
                return
            now = replace(now, world=no)

    def _chosen(
        self, cases: tuple[object, ...], taken: tuple[str, ...], frame: Frame, now: Now
    ) -> Iterator[tuple[tuple[str, ...], Now]]:
        if not cases:
            yield taken, now
            return
        case, rest = cases[0], cases[1:]
        target = str(getattr(case, "next", ""))
        if getattr(case, "is_otherwise", False):
            yield from self._chosen(rest, taken or (target,), frame, now)
            return
        yes, no = self.asking.both_ways(getattr(case, "if_"), frame, now.world)  # noqa: B009
        if yes is not None:
            yield from self._chosen(rest, (*taken, target), frame, replace(now, world=yes))
        if no is not None:
            yield from self._chosen(rest, taken, frame, replace(now, world=no))

    def _called(self, node: Node, frame: Frame, now: Now) -> Iterator[tuple[tuple[str, ...], Now]]:
        workflow = self.view.pack.get(Workflow, str(getattr(node, "workflow", "")))
        start = (
            next((t for t in workflow.start.values() if t.called is not None), None) if workflow is not None else None
        )
        if workflow is None or start is None:
            raise NotKnown
        writer = Writer(self.view, frame, now.world)
        for_ = getattr(node, "for_", None)
        record = writer.see(for_.tree) if for_ is not None else None
        if (record is None) != (workflow.case is None) or (record is not None and record.form != workflow.case):
            raise NotKnown
        values = {str(name): writer.given(value) for name, value in (getattr(node, "give", None) or {}).items()}
        now = replace(now, world=writer.world)
        step = f"{frame.workflow.name}/{node.name}"
        if getattr(node, "detached", False):
            woken = Woken("called", workflow.name, str(node.name), record, values)
            yield node.arrows().get("done", ()), replace(now, wakes=(*now.wakes, woken))
            return
        if now.entered.count(f"call {step}") or sum(n.startswith("call ") for n in now.entered) >= MOST_CALLS:
            raise NotKnown
        inside = Frame(workflow, record)
        begun = replace(
            now,
            world=now.world.with_(self._data(inside, values)),
            open=False,
            result=None,
            entered=(*now.entered, f"call {step}"),
        )
        for after in self.scope(workflow.nodes, ((str(start.next), ""),), {}, inside, begun):
            back = replace(after, world=after.world.without(inside.data.text))
            yield from self._out(node.arrows(), back, now)

    def _found(self, node: Node, frame: Frame, now: Now) -> Iterator[tuple[tuple[str, ...], Now]]:
        """The same question finds the same as long as what it asks for does not change."""
        form, where, into = str(getattr(node, "form", "")), getattr(node, "where"), str(getattr(node, "into", ""))  # noqa: B009
        writer = Writer(self.view, frame, now.world)
        asked = []
        for path in sorted(where.reads):
            if path[0] != form:
                seeing = Seeing(self.view, frame, now.world)
                value = seeing.path(path)
                if value.kind in ("unsure", "moves"):
                    raise NotKnown
                asked.append(value.text)
        relied = frozenset((form, path[1]) for path in where.reads if path[0] == form and path[1:])
        writer.world = replace(writer.world, relied=writer.world.relied | relied)
        arrows, named = node.arrows(), f"found by {frame.workflow.name}/{node.name} ({', '.join(asked)})"
        one = str(getattr(node, "take", "1")) == "1"
        none = replace(writer.world, relied=writer.world.relied | {(form, "*")})
        for exit_, world, value in (
            ("found", writer.world if one else none, Value("as", named, form)),
            ("none", none, EMPTY if one else UNSURE),
        ):
            into_ = Writer(self.view, frame, world)
            into_.write(*into_.place(into), value)
            yield arrows.get(exit_, ()), self._written(into_, str(node.name), now)

    def _done(self, node: Node, frame: Frame, now: Now) -> Now:
        """What a step does that surely leaves by one exit."""
        writer = Writer(self.view, frame, now.world)
        name = str(node.name)
        wakes: list[Woken] = []
        match node.type:
            case "signal" if getattr(node, "signal", None):
                wakes.append(Woken("signal", str(getattr(node, "signal", "")), name))
            case "send":
                values = {str(n): writer.given(v) for n, v in (getattr(node, "give", None) or {}).items()}
                wakes.append(Woken("message", str(getattr(node, "message", "")), name, values=values))
            case "create":
                made: dict[str, Value] = {}
                for called, new in getattr(node, "records", {}).items():
                    writer.frame = replace(frame, names={**frame.names, **made})
                    made[str(called)] = record = writer.make(f"new {called} by {frame.workflow.name}/{name}", new)
                    wakes.append(Woken("created", record.form, name, record))
                writer.frame = replace(frame, names={**frame.names, **made})
            case "decision":
                writer.decide(
                    str(getattr(node, "use", "")), getattr(node, "give", None) or {}, getattr(node, "into", None) or {}
                )
            case "score":
                writer.score(str(getattr(node, "use", "")))
            case "assign":
                writer.write(*writer.place(str(getattr(node, "field", ""))), UNSURE)
        if node.type in ("set", "create"):
            writer.set(getattr(node, "set", None) or {})
        after = self._written(writer, name, now)
        return replace(after, wakes=(*after.wakes, *wakes))

    def _written(self, writer: Writer, step: str, now: Now) -> Now:
        records = {of: step for of, _ in writer.wrote if " " not in of.form}
        return replace(now, world=writer.world, touched={**now.touched, **records})


def _mode(node: Node) -> str:
    return node.join.mode if node.join is not None else "each"


def _fires(node: Node, mode: str, got: tuple[str, ...], nodes: Mapping[str, Node]) -> bool:
    join = node.join
    sources = {n for n, other in nodes.items() if any(str(node.name) in targets for targets in other.arrows().values())}
    match mode:
        case "all":
            return set(got) >= sources
        case "first":
            return join is not None and len(set(got)) == join.first
        case "batch":
            return join is not None and len(got) == join.batch
    return False
