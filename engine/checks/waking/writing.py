"""What one step writes in a world: fields, case data, new records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.checks.pack_view import View
from engine.checks.waking.world import EMPTY, MOVES, UNSURE, Frame, Key, Seeing, Value, World, in_text
from engine.language.expressions import tree
from engine.language.expressions.parse import Expression, parse
from engine.language.kinds.form import Field, Form
from engine.language.kinds.scoring import Scoring
from engine.language.source import place_of
from engine.language.values import Formula, Literal
from engine.language.values import Value as Written

BOUNDS = ("at_least", "at_most", "above", "below")
NOT_STORED = ("records", "serial")
ANYTHING: Key = ("?", "?")
"""A write of which it is not known what it hits."""


class Refused(Exception):
    """The step cannot be done a second time, or nothing is known of what it does."""


class Writer:
    """One step at work: `world` is what it leaves. `wrote`: the fields that it wrote, of records and of the case's data."""

    def __init__(self, view: View, frame: Frame, world: World) -> None:
        self.view, self.frame, self.world = view, frame, world
        self.wrote: list[tuple[Value, str]] = []

    def see(self, node: tree.Node) -> Value:
        seeing = Seeing(self.view, self.frame, self.world)
        found = seeing.value(node)
        self.world = replace(self.world, relied=self.world.relied | seeing.relied)
        return found

    def given(self, value: Written) -> Value:
        if isinstance(value, Literal):
            return Value("is", literal(value))
        return self.see(value.expression.tree) if isinstance(value, Formula) else UNSURE

    def place(self, path: str) -> tuple[Value, str]:
        """The thing that a path leads into, and the field there."""
        parsed = parse(str(path), place_of(path))
        if not isinstance(parsed, Expression) or not isinstance(parsed.tree, tree.Field):
            return UNSURE, ""
        return self.see(parsed.tree.of), parsed.tree.name

    def set(self, values: Mapping[str, Written]) -> None:
        """Every value is worked out first, then all are written."""
        for (of, name), value in [(self.place(path), self._counted(path, value)) for path, value in values.items()]:
            self.write(of, name, value)

    def write(self, of: Value, name: str, value: Value) -> None:
        if of.kind != "as" or not of.form:
            relied, written = self.world.relied | {ANYTHING}, self.world.written | {ANYTHING}
            self.world = replace(self.world, relied=relied, written=written)
            return
        self.world = self.world.with_({(of.text, name): value}).wrote(of.form, name)
        self.wrote.append((of, name))

    def _counted(self, path: str, value: Written) -> Value:
        """What is counted on from the field itself is another value each time, where nothing bounds it."""
        if isinstance(value, Formula) and isinstance(sum_ := value.expression.tree, tree.Arithmetic):
            of, name = self.place(path)
            before = Seeing(self.view, self.frame, self.world).field(of, name)
            own = ".".join(str(path).split("."))
            reads = [".".join(read) for read in value.expression.reads]
            if own in reads or (before.kind == "moves" and self.given(value).kind == "moves"):
                parts = [self.see(part) for part in (sum_.left, sum_.right)]
                sure = sum_.operator in "+-" and reads.count(own) == 1 and Value("is", "0") not in parts
                declared = Seeing(self.view, self.frame, self.world).declared(of.form).get(name)
                unbounded = declared is not None and all(getattr(declared, key) is None for key in BOUNDS)
                return MOVES if sure and unbounded and UNSURE not in parts and EMPTY not in parts else UNSURE
        return self.given(value)

    def score(self, use: str) -> None:
        scoring = self.view.pack.get(Scoring, use)
        record = self.frame.record
        if scoring is None or record is None or record.form != str(scoring.of):
            raise Refused
        for name in (scoring.writes.total, scoring.writes.grade):
            if name is not None:
                self.write(record, str(name), UNSURE)

    def decide(self, use: str, give: Mapping[str, Written], into: Mapping[str, str]) -> None:
        """The same answer to the same question."""
        asked = [f"{name}: {value.text!r}" for name, value in sorted((n, self.given(v)) for n, v in give.items())]
        sure = all(self.given(value).kind in ("is", "as") for value in give.values())
        for output, path in into.items():
            self.write(*self.place(path), Value("as", f"{use}.{output} of {'; '.join(asked)}") if sure else UNSURE)

    def make(self, called: str, new: Any) -> Value:
        """A new record: what `with` says, what the form starts with, else empty. Refused where its unique field would be
        the same the next time."""
        form = self.view.pack.get(Form, str(new.form))
        if form is None:
            raise Refused
        with_ = {str(name): self._of_new(value) for name, value in (new.with_ or {}).items()}
        made = Value("as", called, form.name)
        fields: dict[Key, Value] = {}
        for name, declared in form.fields.items():
            if declared.formula is None and declared.type not in NOT_STORED:
                value = with_.get(str(name)) or self._begins(declared)
                if (declared.unique or new.reuse == name) and value != EMPTY and not _another(value):
                    raise Refused
                fields[called, str(name)] = value
        self.world = self.world.renewed(called).with_(fields).wrote(form.name, "*")
        older = {key: value for key, value in fields.items() if called in value.text}
        self.world = self.world.with_(
            {key: value._replace(text=value.text.replace(called, f"old {called}")) for key, value in older.items()}
        )
        return made

    def _of_new(self, value: Written) -> Value:
        """What is worked out anew for each record need not come to the same."""
        found = self.given(value)
        arithmetic = isinstance(value, Formula) and isinstance(value.expression.tree, tree.Arithmetic)
        return UNSURE if arithmetic and found.kind == "as" else found

    def _begins(self, declared: Field) -> Value:
        if declared.start_with is None:
            return EMPTY
        return Value("is", literal(declared.start_with)) if isinstance(declared.start_with, Literal) else UNSURE


def _another(value: Value) -> bool:
    """Whether it is another value for the next record."""
    return value.kind == "moves" or (value.kind == "as" and value.text.startswith("new "))


def literal(value: Literal) -> str:
    text = str(value.text)
    if text == "empty":
        return ""
    plain = text.replace("_", "")
    try:
        return in_text(tree_number(plain)) if plain[:1].isdigit() or plain[:1] == "-" else text
    except ArithmeticError:
        return text


def tree_number(text: str) -> Any:
    from decimal import Decimal

    return Decimal(text)
