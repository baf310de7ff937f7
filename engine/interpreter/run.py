"""A node's window on its step: names, values, people, records, and what it may ask of the world."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.events import Await, Plain
from engine.interpreter.instance import Token
from engine.interpreter.names import microseconds_of, moment_of
from engine.interpreter.node import Child
from engine.interpreter.view import View
from engine.interpreter.work import Work
from engine.language.durations import Duration
from engine.language.expressions import types
from engine.language.expressions.parse import Expression
from engine.language.expressions.plain import from_plain, to_plain
from engine.language.expressions.things import Person, Record
from engine.language.expressions.types import Type
from engine.language.kinds.people import Group
from engine.language.literals import read_value
from engine.language.shapes import Moment
from engine.language.values import Formula, Value


class Run:
    """One visit of a token to a node. `awaited` is set in `resume`: what the event answers."""

    def __init__(self, work: Work, token: Token, awaited: Await | None = None) -> None:
        self.work, self.token, self.awaited = work, token, awaited
        self.view: View = work.view
        self.names: dict[str, Any] = work.names(token)

    # ---- where we are

    @property
    def node(self) -> Any:
        return self.work.workflow.node(self.token.node)

    @property
    def memory(self) -> dict[str, Plain]:
        return self.token.memory

    @property
    def now(self) -> dt.datetime:
        return self.view.now

    @property
    def opened(self) -> dt.datetime:
        """When this run began."""
        return moment_of(self.token.opened or self.work.at)

    @property
    def case(self) -> Any:
        return self.work.case

    @property
    def record(self) -> Record | None:
        """The record that the case follows."""
        return self.view.record(*self.work.case.record) if self.work.case.record else None

    @cached_property
    def zone(self) -> Any:
        return self.view.context.zone

    def with_names(self, **names: Any) -> dict[str, Any]:
        return {**self.names, **names}

    # ---- values

    def evaluate(self, expression: Expression, **names: Any) -> Any:
        return expression.run({**self.names, **names} if names else self.names)

    def holds(self, condition: Expression | None, **names: Any) -> bool:
        """Whether a condition holds; an empty one does not, a missing one does."""
        return True if condition is None else self.evaluate(condition, **names) is True

    def value(self, value: Value, type_: Type | None, **names: Any) -> Any:
        """What stands in a value place, by the type of where it goes."""

        def formula(place: Formula) -> object:
            return self.evaluate(place.expression, **names)

        read = read_value(value, type_ or types.ANY, self.zone, formula)
        if type_ == types.PERSON and isinstance(read, str):
            return self.view.person(read)
        return read

    def plain(self, value: Any, type_: Type | None) -> Plain:
        return to_plain(value)

    def typed(self, plain: Plain, type_: Type) -> Any:
        return from_plain(plain, type_, self.view)

    # ---- paths: case.x, lead.status, instalment.contract.account.supply_stopped

    def type_at(self, path: str, **names: Any) -> Type | None:
        """The declared type of what a path names."""
        parts = path.split(".")
        if parts[0] == "case" and len(parts) == 2:
            return self.work.workflow.data_types.get(parts[1])
        owner = self.owner_of(path, **names)
        return self.view.type_of(owner.form, parts[-1]) if owner is not None else None

    def owner_of(self, path: str, **names: Any) -> Record | None:
        """The record whose field a path ends in; None where a reference on the way is empty."""
        parts = path.split(".")
        env = self.with_names(**names) if names else self.names
        thing = env["case"][parts[1]] if parts[0] == "case" else env.get(parts[0])
        for part in parts[2 if parts[0] == "case" else 1 : -1]:
            thing = thing[part] if thing is not None else None
        return thing if isinstance(thing, Record) else None

    def write(self, path: str, value: Any, **names: Any) -> None:
        """Writes a case variable or a record's field. An empty reference on the way is a mistake of the data: LookupError."""
        parts = path.split(".")
        if parts[0] == "case" and len(parts) == 2:
            self.work.record(ev.VariableSet(parts[1], to_plain(value)))
            return
        owner = self.owner_of(path, **names)
        if owner is None:
            raise NothingThere(path)
        self.write_record(owner, {parts[-1]: value})

    def write_record(self, record: Record, values: Mapping[str, Any]) -> None:
        if values:
            plain = {str(name): value for name, value in values.items()}
            self.view.write(record, plain)
            self.work.emit(fx.WriteRecord(record.form, record.id, tuple(plain)))

    def create(self, form: str, values: Mapping[str, Any]) -> Record:
        record = self.view.create(str(form), {str(name): value for name, value in values.items()})
        self.work.emit(fx.CreateRecord(form, record.id))
        return record

    def write_all(self, values: Mapping[str, Value], **names: Any) -> None:
        """A `set`: every value is worked out first, then all are written, record by record."""
        read = [(path, self.value(value, self.type_at(path, **names), **names)) for path, value in values.items()]
        grouped: dict[Record, dict[str, Any]] = {}
        for path, value in read:
            if path.startswith("case.") and path.count(".") == 1:
                self.write(path, value)
                continue
            owner = self.owner_of(path, **names)
            if owner is None:
                raise NothingThere(path)
            grouped.setdefault(owner, {})[path.rsplit(".", 1)[1]] = value
        for record, fields in grouped.items():
            self.write_record(record, fields)

    # ---- people

    def people(self, who: Any, **names: Any) -> list[Person]:
        """A scalar gives a person or a list of persons; a group gives its members for whom `where` holds."""
        if isinstance(who, Group):
            members = self.view.members(who.role, who.team)
            return [p for p in members if who.where is None or self.holds(who.where, person=p, **names)]
        if isinstance(who, tuple):
            found = [person for part in who for person in self.people(part, **names)]
            return list(dict.fromkeys(found))
        return _persons(self.evaluate(who, **names))

    # ---- time

    def due_after(
        self, duration: Duration | Formula, start: dt.datetime | None = None, person: Person | None = None
    ) -> int | None:
        """So long after `start` (now): microseconds UTC, on the calendar of the person, the workflow, else the pack."""
        length = self.evaluate(duration.expression) if isinstance(duration, Formula) else duration
        if length is None:
            return None
        calendar = self.view.calendar(self.work.workflow.definition.calendar, person)
        return microseconds_of(calendar.add(start or self.now, length))

    def moment(self, moment: Moment) -> tuple[dt.datetime | None, frozenset[str]]:
        """A moment in words, now: when it is (None while a field it reads is empty), and the records that it read."""
        from engine.interpreter.moments import moment_now

        return self.view.tracked(lambda: moment_now(self, moment))

    # ---- asking

    def start_beside(self, child: Child) -> None:
        """A case that runs beside this one: the token does not wait. A copy still belongs to its scope, a call does not."""
        no = self.work.number()
        self.emit(start_of(self.work, no, child))
        if child.body:
            self.work.record(
                ev.Armed(self.token.scope, (Await(no, "child", "detached", data={"node": self.token.node}),))
            )

    def emit(self, effect: fx.AnyEffect) -> None:
        self.work.emit(effect)

    def because(self, node: str, why: Mapping[str, Plain]) -> None:
        """Records why something was chosen (RUNTIME R4)."""
        self.work.record(ev.Decided(node, dict(why)))

    def title(self) -> str:
        return str(self.node.title or self.token.node.replace("_", " "))


def start_of(work: Work, no: int, child: Child) -> fx.StartCase:
    return fx.StartCase(
        no, child.workflow, child.record, child.start, dict(child.data), child.body, dict(child.item), work.case.depth + 1,
        child.detached, work.case.starter,
    )  # fmt: skip


class NothingThere(Exception):
    """A path leads over an empty reference: what it names does not exist."""

    def __init__(self, path: str) -> None:
        super().__init__(f"'{path}' leads over an empty reference")
        self.path = path


def _persons(value: Any) -> list[Person]:
    if value is None:
        return []
    if isinstance(value, Person):
        return [value]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(dict.fromkeys(p for p in value if isinstance(p, Person)))
    return []
