"""What every node may have, whatever its type: arrows, joins, copies, rounds, interrupts, locks, availability.

A node type derives from `Node` (see interpreter/node.py for its behaviour); the loader knows only this declaration.
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from engine.language.diagnostics import only_near, with_article
from engine.language.durations import Duration
from engine.language.expressions import types
from engine.language.expressions.parse import Expression
from engine.language.kinds.events import MORE_ON, Event, Trigger, named
from engine.language.kinds.people import TARGET
from engine.language.shapes import (
    CONDITION,
    DURATION,
    MOMENT,
    PATH,
    QUESTION,
    SCHEDULE,
    TEXT,
    YES_NO,
    ListOf,
    MapOf,
    Moment,
    Name,
    NumberShape,
    OneWord,
    Question,
    Reading,
    Schema,
    Shape,
    Struct,
    StructShape,
    entry_of,
    key,
)
from engine.language.source import Span, Word
from engine.language.yamltree import Mapping, Scalar, Tree


@dataclass(frozen=True, kw_only=True)
class Join(Struct):
    """What happens when tokens arrive (LANGUAGE 13.2). `mode`: each, all, matching, first, batch."""

    first: int | None = key(NumberShape(1, 1000, whole=True), "so many arrivals go on")
    rest: str | None = key(OneWord("finish", "cancel"), "what becomes of the others")
    batch: int | None = key(NumberShape(1, 1000, whole=True), "so many arrivals become one")
    mode: str = "each"


class JoinShape(Shape[Join]):
    """`each`, `all`, `matching`, `{first: n, rest: finish or cancel}`, `{batch: n}`."""

    expected = (
        "each, all, matching, {first: 1, rest: finish} or {batch: 3}",
        "each、all、matching、{first: 1, rest: finish} 或 {batch: 3}",
    )

    def __init__(self) -> None:
        self.struct = StructShape(Join, ("join", "join"))

    def read(self, tree: Tree, reading: Reading) -> Join | None:
        import dataclasses

        if isinstance(tree, Scalar) and tree.text in ("each", "all", "matching"):
            return Join(span=tree.span, mode=tree.text)
        if not isinstance(tree, Mapping):
            self.wrong(tree, reading)
            return None
        join = self.struct.read(tree, reading)
        if join is None:
            return None
        good = (join.first is not None and join.rest is not None and join.batch is None) or (
            join.batch is not None and join.first is None and join.rest is None
        )
        if not good:
            self.wrong(tree, reading)
            return None
        return dataclasses.replace(join, mode="first" if join.first is not None else "batch")

    def json_schema(self, definitions: Schema) -> Schema:
        return {"anyOf": [{"enum": ["each", "all", "matching"]}, self.struct.json_schema(definitions)]}


@dataclass(frozen=True, kw_only=True)
class ForEach(Struct):
    """Several copies of a node (LANGUAGE 5.4)."""

    EXACTLY_ONE: ClassVar = (("in", "count"),)

    in_: Expression | None = key(QUESTION, "a list: one copy an item")
    count: Expression | None = key(QUESTION, "so many copies")
    as_: str = key(Name(), "what a copy calls its item", default="item")
    order: str = key(OneWord("parallel", "in_order"), "side by side, or one after another", default="parallel")
    first: Any = key(TEXT, "done after so many: a number, a percent or an expression")
    until: Expression | None = key(Question(types.YES_NO, also=("done", "total", "results")), "done when true")
    rest: str | None = key(OneWord("finish", "cancel"), "what becomes of the copies still open")
    more_on: Event | None = key(MORE_ON, "an event that adds a copy")
    at_most: int | None = key(NumberShape(1, 100_000, whole=True), "most copies ever")
    detached: bool = key(YES_NO, "the token goes on at once", default=False)
    collect: str | None = key(PATH, "a list of answers: one row a finished copy")


@dataclass(frozen=True, kw_only=True)
class Repeat(Struct):
    """One round after another (LANGUAGE 5.1, 13.5)."""

    EXACTLY_ONE: ClassVar = (("while", "until"),)
    AT_MOST_ONE: ClassVar = (("pause", "every"),)

    while_: Expression | None = key(CONDITION, "tested before a round")
    until: Expression | None = key(CONDITION, "tested after a round")
    at_most: int = key(NumberShape(1, 10_000, whole=True), "most rounds; then exit exhausted", required=True)
    pause: Duration | None = key(DURATION, "from the end of a round to the next")
    every: Any = key(SCHEDULE, "a fixed rhythm")


@dataclass(frozen=True, kw_only=True)
class Mutex(Struct):
    """A lock with one unit."""

    name: str = key(Name(), "the lock", required=True)
    per: Expression | None = key(QUESTION, "over all cases with this value")


class MutexShape(Shape[Mutex]):
    expected = ("a lock's name, or {name: ..., per: ...}", "锁的名称，或 {name: ..., per: ...}")

    def read(self, tree: Tree, reading: Reading) -> Mutex | None:
        if isinstance(tree, Scalar):
            name = Name().read(tree, reading)
            return None if name is None else Mutex(span=tree.span, name=name)
        return StructShape(Mutex, ("mutex", "mutex")).read(tree, reading)

    def json_schema(self, definitions: Schema) -> Schema:
        return {"anyOf": [{"type": "string"}, StructShape(Mutex).json_schema(definitions)]}


@dataclass(frozen=True, kw_only=True)
class Available(Struct):
    """When a step may begin and be done (LANGUAGE 5.1, 13.7)."""

    from_: Moment | None = key(MOMENT, "not before")
    to: Moment | None = key(MOMENT, "not after: exit missed")
    during: str | None = key(Name(), "only in the open hours of this calendar")
    while_: Expression | None = key(CONDITION, "only while this holds")
    at_most: int | None = key(NumberShape(1, 100_000, whole=True), "so many begins in a period")
    per: Duration | None = key(DURATION, "the period")
    same: Expression | None = key(QUESTION, "counted for each value of this")


@dataclass(frozen=True)
class Next:
    """The arrows of a node: exit -> target. `many` is a parallel gateway's list."""

    span: Span
    exits: Map[str, str]
    many: tuple[str, ...] = ()
    plain: bool = False


class NextShape(Shape[Next]):
    expected = ("a node, or exits with their nodes", "节点，或出口与节点")

    def read(self, tree: Tree, reading: Reading) -> Next | None:
        if isinstance(tree, Scalar):
            target = TARGET.read(tree, reading)
            return None if target is None else Next(tree.span, {"done": target}, plain=True)
        if isinstance(tree, Mapping):
            exits = MapOf(Name(reserved=True), TARGET).read(tree, reading)
            return None if exits is None else Next(tree.span, exits)
        targets = ListOf(TARGET).read(tree, reading)
        return None if targets is None else Next(tree.span, {}, many=targets)

    def json_schema(self, definitions: Schema) -> Schema:
        name: Schema = {"type": "string"}
        return {"anyOf": [name, {"type": "object", "additionalProperties": name}, {"type": "array", "items": name}]}


@dataclass(frozen=True, kw_only=True)
class Node(Struct):
    """What every node may have."""

    TYPE: ClassVar[str] = ""

    name: str = ""
    type: str = key(Name(reserved=True), "the node type", required=True)
    title: str | None = key(TEXT, "how it is called in the pack's language")
    next: Next | None = key(NextShape(), "where it leads: a node, or each exit with its node")
    join: Join | None = key(JoinShape(), "what happens when tokens arrive; must be written where two can meet")
    for_each: ForEach | None = key(StructShape(ForEach, ("for_each", "for_each")), "several copies of this node")
    repeat: Repeat | None = key(StructShape(Repeat, ("repeat", "repeat")), "one round after another")
    interrupt: Map[str, Trigger] | None = key(named("interrupt"), "events that stop the step")
    meanwhile: Map[str, Trigger] | None = key(named("meanwhile"), "events that begin a second path")
    cancels: tuple[str, ...] | None = key(ListOf(Name()), "when this node is left, all that stands there is withdrawn")
    mutex: Mutex | None = key(MutexShape(), "never two at once among the nodes with this lock")
    available: Available | None = key(
        StructShape(Available, ("available", "available")), "when it may begin and be done"
    )
    undo: str | None = key(Name(), "the node that takes its effect back")

    def own_exits(self) -> tuple[str, ...]:
        """The exits that the type gives, in order; overridden by types with others than `done`."""
        return ("done",)

    def optional_exits(self) -> tuple[str, ...]:
        """Exits that exist only where an arrow is drawn for them, as `failed` of a service."""
        return ()

    def exits(self) -> tuple[str, ...]:
        """Every exit that needs an arrow, common attributes included."""
        own = ("done",) if self.for_each is not None else self.own_exits()
        drawn = self.next.exits if self.next is not None else {}
        optional = () if self.for_each is not None else tuple(e for e in self.optional_exits() if e in drawn)
        missed = self.available is not None and (
            self.available.to is not None
            or (self.available.while_ is not None and ".open" in self.available.while_.text)
        )
        return own + optional + (("missed",) if missed else ()) + (("exhausted",) if self.repeat is not None else ())

    def is_done(self, exit_: str) -> bool:
        """Whether the step did its work when it left by this exit: only then is there something to take back (LANGUAGE
        13.8)."""
        return exit_ != "missed" and not (exit_ == "failed" and exit_ in self.optional_exits())

    def arrows(self) -> dict[str, tuple[str, ...]]:
        """Exit -> targets as drawn by `next`; types that draw arrows elsewhere (cases, events) override this."""
        if self.next is None:
            return {}
        if self.next.many:
            return {"done": self.next.many}
        return {exit_: (target,) for exit_, target in self.next.exits.items()}

    def inner(self) -> Map[str, Node]:
        """The nodes of a scope of its own: a subprocess has them."""
        return {}

    def written_at(self, exit_: str) -> Literal["value", "empty", "nothing"]:
        """What the paths that the type itself writes (`into`, `field`, `set`) hold after this exit: a value, nothing
        any more, or what was there before. Of common attributes and of buttons the checker knows itself."""
        return "nothing" if exit_ in self.optional_exits() else "value"

    def fits(self, tree: Mapping, reading: Reading) -> bool:
        """Whether the keys go together; says what does not. For what the declarations cannot say."""
        return True

    def extra_arrows(self) -> dict[str, str]:
        """Arrows drawn elsewhere in the node (a deadline's next): label -> target."""
        return {}


class NodeShape(Shape[Node]):
    """A node, read by the declaration of its type."""

    expected = ("a node as {type: set, next: end}", "节点，如 {type: set, next: end}")

    def read(self, tree: Tree, reading: Reading) -> Node | None:
        from engine.language.messages import syntax

        if not isinstance(tree, Mapping):
            self.wrong(tree, reading)
            return None
        type_ = tree.get("type")
        if not isinstance(type_, Scalar):
            slip = next((key for key, _ in tree.entries if type_ is None and only_near(key.text, ("type",))), None)
            if slip is not None:
                reading.say(syntax.unknown_key(slip.span, slip.text, "a node", ("type",), "节点"))
                return None
            place = Span(*tree.span[:3], tree.span.line, tree.span.column + 1)
            only = _only_type(tree, reading)
            reading.say(syntax.missing_key(place, "type", "a node", "节点", only, entry_of(tree, "type", only)))
            return None
        cls = reading.node_types.get(type_.text)
        if cls is None:
            reading.say(syntax.unknown_word(type_.span, type_.text, ("node type", "节点类型"), reading.node_types))
            return None
        node: Node | None = StructShape(cls, (with_article(type_.text), type_.text)).read(tree, reading)
        return node if node is not None and node.fits(tree, reading) else None

    def json_schema(self, definitions: Schema) -> Schema:
        return {"$ref": "#/definitions/Node"}


def _only_type(tree: Mapping, reading: Reading) -> str | None:
    """The one type that has all the keys that are written, and needs no other."""
    written = {name.text for name, _ in tree.entries}
    if "type" in written:
        return None
    types = [name for name, cls in reading.node_types.items() if _has_just(cls, written | {"type"})]
    return types[0] if len(types) == 1 else None


def _has_just(cls: type[Node], written: set[str]) -> bool:
    keys = cls.keys()
    needed = {name for name, declared in keys.items() if declared.metadata["required"]}
    return (
        needed <= written <= keys.keys()
        and "next" in written
        and all(len(written.intersection(group)) == 1 for group in cls.EXACTLY_ONE)
    )


class NodesShape(Shape[Map[str, Node]]):
    """Nodes by name; each node learns its name."""

    expected = ("nodes by name", "按名称列出的节点")

    def read(self, tree: Tree, reading: Reading) -> Map[str, Node] | None:
        import dataclasses

        nodes = MapOf(Name(), NodeShape()).read(tree, reading)
        if nodes is None:
            return None
        return {
            name: dataclasses.replace(node, name=Word.at(name, getattr(name, "span", node.span)))
            for name, node in nodes.items()
        }

    def json_schema(self, definitions: Schema) -> Schema:
        return {"type": "object", "additionalProperties": {"$ref": "#/definitions/Node"}}


NODES = NodesShape()
