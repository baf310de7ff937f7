"""What is known of records while a circle is played: for every field a value, which may be an unknown one that stays the same.

Records go by what they are called here: `order` the one that the first case follows, `order.customer` what it points at,
`new by a/first` what a step made. A field that nobody wrote has the value that it had, under its own name; so whatever does
not change is the same text the next time round, and a circle is one when all of it is. Two names are two records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

from engine.checks.conditions.formula import Formula
from engine.checks.conditions.reading import NOTHING, constant
from engine.checks.pack_view import View
from engine.language.expressions import tree
from engine.language.kinds.form import Field, Form
from engine.language.kinds.message import Message
from engine.language.kinds.workflow import Workflow

CASE, MESSAGE = "case ", "message "
"""Before the name of a workflow or a message: its data, as if they were a form."""
MOST_NESTED = 8
"""Parts of one value; what is worked out from more is not followed."""
NO_VALUE = frozenset({"steps", "assignee", "person"})
"""Names of what is not followed."""


class Value(NamedTuple):
    """`kind`: `is` this literal (an empty text: empty), `as` it was under this name, `moves`: another one each time round,
    `unsure`. `form`: of the record that it is, or of the records in the list."""

    kind: str
    text: str = ""
    form: str = ""


EMPTY, MOVES, UNSURE = Value("is"), Value("moves"), Value("unsure")
Key = tuple[str, str]
"""A record by its name here and its field; or a form and its field, `*` for its records coming and going."""


@dataclass(frozen=True)
class World:
    """`assumed`: what was taken to hold of unknown values. `relied`: fields, and lists, of whatever record, whose staying as
    they are was relied on. `written`: those that some step wrote."""

    store: Mapping[Key, Value] = field(default_factory=dict)
    assumed: frozenset[Formula] = frozenset()
    relied: frozenset[Key] = frozenset()
    written: frozenset[Key] = frozenset()

    @property
    def lasts(self) -> bool:
        return not self.relied & self.written

    def with_(self, values: Mapping[Key, Value]) -> World:
        return replace(self, store={**self.store, **values})

    def wrote(self, form: str, name: str) -> World:
        return replace(self, written=self.written | {(form, name)})

    def without(self, *names: str) -> World:
        """Forgets these records altogether."""
        return replace(self, store={key: value for key, value in self.store.items() if key[0] not in names})

    def renewed(self, name: str) -> World:
        """Makes room for a new record that is called as one made before: that one becomes an old one."""

        def older(text: str) -> str:
            return text if f"old {name}" in text else text.replace(name, f"old {name}")

        kept = {key: value for key, value in self.store.items() if name not in key[0]}
        return replace(self, store={key: value._replace(text=older(value.text)) for key, value in kept.items()})


@dataclass(frozen=True)
class Frame:
    """One case: `record` it follows, `message` that began it, `names` of copies and new records, `changed` what the change
    was that began it, `itself` where a form's formula is worked out."""

    workflow: Workflow
    record: Value | None = None
    message: Value | None = None
    names: Mapping[str, Value] = field(default_factory=dict)
    changed: frozenset[str] | None = None
    itself: Value | None = None

    @property
    def data(self) -> Value:
        return Value("as", CASE + self.workflow.name, CASE + self.workflow.name)


class Seeing:
    """Works out values in one world; `relied` grows by what was relied on."""

    def __init__(self, view: View, frame: Frame, world: World) -> None:
        self.view, self.frame, self.world = view, frame, world
        self.relied: set[Key] = set()

    def value(self, node: tree.Node) -> Value:
        found = constant(node)
        if found is not NOTHING:
            return Value("is", in_text(found))
        match node:
            case tree.Name(name=name):
                return self._named(name)
            case tree.Field(of=of, name=name):
                return self.field(self.value(of), name)
            case tree.Not(operand=operand):
                return _turned(self.value(operand))
            case tree.Call(function="changed", arguments=(_, tree.Literal(value=str() as name))):
                known = self.frame.changed
                return UNSURE if known is None else Value("is", "yes" if name in known else "no")
            case tree.Call(function="now"):
                return MOVES
            case tree.Each(variable=variable, rows=rows):
                return self._each(node, variable, self.value(rows))
            case _:
                return self._made_of(node, [self.value(part) for part in tree.children(node)])

    def _named(self, name: str) -> Value:
        frame = self.frame
        if name in frame.names:
            return frame.names[name]
        if frame.itself is not None:
            return self.field(frame.itself, name)
        if name == "case":
            return frame.data
        if name == "message" and frame.message is not None:
            return frame.message
        if frame.record is not None and name == frame.record.form:
            return frame.record
        if frame.message is not None and name == frame.message.form:
            return frame.message
        return UNSURE if name in NO_VALUE else Value("as", name)

    def path(self, path: tree.Path) -> Value:
        found = self._named(path[0])
        for name in path[1:]:
            found = self.field(found, name)
        return found

    def field(self, of: Value, name: str) -> Value:
        if of.kind != "as" or (of.text, name) in self.world.store:
            return self.world.store[of.text, name] if of.kind == "as" else of
        declared = self.declared(of.form).get(name)
        if declared is not None and declared.formula is not None:
            inside = Seeing(self.view, replace(self.frame, itself=of, names={}), self.world)
            found = UNSURE if self.frame.itself == of else inside.value(declared.formula.tree)
            self.relied |= inside.relied
            return found
        form = str(declared.of) if declared is not None and declared.type in ("record", "records") else ""
        if declared is not None and declared.type == "records":
            self.relied.add((form, "*"))
        if of.text.startswith("found"):
            self.relied.add((of.form, name))
        return Value("as", f"{of.text}.{name}", form)

    def declared(self, form: str) -> Mapping[str, Field]:
        if form.startswith(CASE):
            workflow = self.view.pack.get(Workflow, form.removeprefix(CASE))
            return (workflow.data or {}) if workflow is not None else {}
        if form.startswith(MESSAGE):
            message = self.view.pack.get(Message, form.removeprefix(MESSAGE))
            return message.carries if message is not None else {}
        found = self.view.pack.get(Form, form)
        return found.fields if found is not None else {}

    def _each(self, node: tree.Each, variable: str, rows: Value) -> Value:
        """What is asked of every row relies on all records of that form."""
        row = Value("as", f"each of {rows.text}", rows.form)
        inside = Seeing(
            self.view, replace(self.frame, names={**self.frame.names, variable: row}), World(written=self.world.written)
        )
        parts = [part for part in (node.value, node.test) if part is not None]
        found = self._made_of(node, [rows, *(inside.value(part) for part in parts)])
        self.relied |= inside.relied
        self.relied |= {
            (rows.form, path[1]) for part in parts for path in tree.paths(part) if path[0] == variable and path[1:]
        }
        return found

    def _made_of(self, node: tree.Node, parts: list[Value]) -> Value:
        kinds = {part.kind for part in parts}
        if kinds & {"unsure", "moves"}:
            return MOVES if "unsure" not in kinds else UNSURE
        if kinds == {"is"}:
            found = _folded(node, parts)
            if found is not None:
                return found
        word = getattr(node, "operator", "") or getattr(node, "function", "") or type(node).__name__
        text = f"{word}({', '.join(part.text if part.kind == 'as' else repr(part.text) for part in parts)})"
        return Value("as", text) if text.count("(") <= MOST_NESTED else UNSURE


def _turned(value: Value) -> Value:
    if value.kind == "is":
        return Value("is", "no" if value.text == "yes" else "yes")
    if value.kind == "as":
        return Value("as", value.text.removeprefix("not ") if value.text.startswith("not ") else f"not {value.text}")
    return value


def _folded(node: tree.Node, parts: list[Value]) -> Value | None:
    """The value of an expression all whose parts are known."""
    if not isinstance(node, tree.Arithmetic | tree.Compare) or tree.Items in map(type, tree.children(node)):
        return None
    left, right = (tree.Literal(0, 1, 1, _scalar(part.text)) for part in parts)
    found = constant(replace(node, left=left, right=right))
    return None if found is NOTHING else Value("is", in_text(found))


def _scalar(text: str) -> tree.Scalar:
    if text in ("yes", "no", ""):
        return {"yes": True, "no": False, "": None}[text]
    plain = text.removeprefix("-").replace(".", "", 1)
    return Decimal(text) if plain.isascii() and plain.isdigit() else text


def in_text(value: object) -> str:
    """A literal's text: numbers in one spelling, empty as an empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return str(int(value))
    return str(value)
