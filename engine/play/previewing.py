"""When a workflow's clocks fire next: starts, deadlines and their reminders, waits, events with a time, rounds, windows.

Worked out from the definitions, one opening for all of them and the values that are given; no case is needed and none
is made. What reads a field that was not given is not worked out: its `needs` name it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from engine.checks import View
from engine.checks.acting.staff import NOT_KNOWN, Staff
from engine.language.diagnostics import Diagnostic
from engine.language.durations import Duration, Schedule
from engine.language.expressions.check import check as type_of
from engine.language.expressions.context import CONTEXT
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.things import Row
from engine.language.kinds.calendar import Calendar
from engine.language.kinds.events import Event
from engine.language.kinds.node import Node
from engine.language.kinds.people import Deadline
from engine.language.kinds.scoring import Scoring
from engine.language.kinds.workflow import Workflow
from engine.language.literals import read_literal
from engine.language.pack import Pack
from engine.language.scopes import names_of
from engine.language.shapes import Moment, Struct
from engine.language.source import NOWHERE
from engine.language.values import Formula
from engine.language.wall_clock import to_utc
from engine.rules.calendars import WorkCalendar
from engine.rules.counting import Counted, counted
from engine.rules.firings import firings

Kind = Literal["duration", "moment", "schedule"]


@dataclass(frozen=True)
class Firing:
    """One clock of a definition. `where` is its path below the workflow (`first_call/deadline/within`), `written` its text.

    `moments` are its next firings, aware UTC: one for a duration or moment, several for a schedule; none where `needs`
    names what must be given first, or where an empty value arms nothing. `counted` tells a duration day by day.
    """

    where: str
    written: str
    kind: Kind
    moments: tuple[dt.datetime, ...] = ()
    counted: Counted | None = None
    reminders: tuple[dt.datetime, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass
class Preview:
    """The clocks of a workflow, of one of its nodes, or of a scoring, from a moment on (aware UTC). `given`: path -> value as written."""

    pack: Pack
    workflow: Workflow | Scoring
    start: dt.datetime
    count: int = 5
    given: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.view = View(self.pack)
        root = self.pack.root
        name = str(getattr(self.workflow, "calendar", None) or (root.calendar if root is not None else ""))
        if name not in self.view.calendars:
            raise LookupError(name)
        self.calendar: WorkCalendar = self.view.calendars[name]
        declared = self.pack.get(Calendar, name)
        changes = (declared.changes or ()) if declared is not None else ()
        self.changes = {change.date: str(change.because) for change in changes if change.because is not None}
        self.context = _Then(self)
        self.values = {path: self._read(path, text) for path, text in self.given.items()}

    def _read(self, path: str, text: str) -> Any:
        """A given value by the type of its path. Raises BadValue."""
        parsed = parse(path)
        if isinstance(parsed, Diagnostic):
            raise BadValue(parsed)
        type_, problems = type_of(parsed, names_of(self.workflow, self.view.types), self.view.types.vocabulary)
        read = problems[0] if problems else read_literal(text, NOWHERE, type_, self.context.zone)
        if isinstance(read, Diagnostic):
            raise BadValue(read)
        return self.context.person(read) if isinstance(read, str) and self.context.person(read) is not None else read

    # ---- what fires

    def firings(self, node: str | None = None) -> list[Firing]:
        """Every clock, in the order of the file; those of one node (inner nodes included), or of the whole workflow."""
        found: list[Firing] = []
        if isinstance(self.workflow, Scoring):
            for number, event in enumerate(self.workflow.again or (), 1):
                found += self._event(event, f"again/{number}")
            return found
        if node is None:
            for group in ("start", "interrupt", "meanwhile"):
                for name, event in (getattr(self.workflow, group) or {}).items():
                    found += self._event(event, f"{group}/{name}")
        for path, one in self.workflow.all_nodes():
            if node is None or node in path:
                found += self._node(one, "/".join(path))
        return found

    def _node(self, node: Node, path: str) -> Iterator[Firing]:
        if isinstance(node, Event):
            yield from self._event(node, path)
        deadline = getattr(node, "deadline", None)
        if isinstance(deadline, Deadline):
            yield from self._deadline(deadline, f"{path}/deadline")
        for group in ("interrupt", "meanwhile", "events"):
            events = getattr(node, group, None)
            for name, event in events.items() if isinstance(events, Mapping) else ():
                yield from self._event(event, f"{path}/{group}/{name}")
        if node.repeat is not None:
            yield from self._keys(node.repeat, f"{path}/repeat", "every", "pause")
        if node.available is not None:
            yield from self._keys(node.available, f"{path}/available", "from", "to")

    def _event(self, event: Event, path: str) -> Iterator[Firing]:
        for firing in self._keys(event, path, "after", "at", "every"):
            yield replace(firing, moments=firing.moments[: event.times]) if event.times is not None else firing

    def _deadline(self, deadline: Deadline, path: str) -> Iterator[Firing]:
        reminders: list[dt.datetime] = []
        if deadline.remind is not None:
            at = self.start
            for _ in range(min(deadline.remind.times, self.count)):
                at = self.calendar.add(at, deadline.remind.every)
                reminders.append(at)
        yield from self._keys(deadline, path, "at_least")
        for firing in self._keys(deadline, path, "within", "by"):
            yield Firing(
                firing.where,
                firing.written,
                firing.kind,
                firing.moments,
                firing.counted,
                tuple(reminders),
                firing.needs,
            )

    def _keys(self, struct: Struct, path: str, *keys: str) -> Iterator[Firing]:
        for key in keys:
            if struct.was_written(key):
                value = getattr(struct, type(struct).keys()[key].name)
                yield from self._one(value, f"{path}/{key}")

    def _one(self, value: Any, where: str) -> Iterator[Firing]:
        if isinstance(value, Duration):
            yield self._after(value, str(value), where)
        elif isinstance(value, Schedule):
            moments = firings(value, self.start, self.calendar, self.count)
            yield Firing(where, str(value), "schedule", tuple(moments))
        elif isinstance(value, Moment):
            yield self._moment(value, where)
        elif isinstance(value, Formula):
            found, needs = self._evaluate(value.expression)
            text = f"= {value.expression.text}"
            if isinstance(found, Duration):
                yield self._after(found, text, where)
            else:
                yield Firing(where, text, "duration", needs=needs)

    def _after(self, duration: Duration, text: str, where: str) -> Firing:
        told = counted(self.calendar, self.start, duration, self.changes)
        return Firing(where, text, "duration", (told.ends,), told)

    def _moment(self, moment: Moment, where: str) -> Firing:
        words = moment.words
        base: Any = words.wall_clock or words.base_wall_clock or words.base_date
        number: Any = words.number
        needs: tuple[str, ...] = ()
        if moment.base is not None:
            base, needs = self._evaluate(moment.base)
        if moment.number is not None:
            number, more = self._evaluate(moment.number)
            needs += more
        if isinstance(base, dt.datetime) and base.tzinfo is None:
            base = to_utc(base, self.context.zone)
        if needs or not isinstance(base, dt.date) or not isinstance(number, int | Decimal | None):
            return Firing(where, moment.text, "moment", needs=needs)
        at = self.calendar.moment_of(base, number, words.unit, words.direction, words.at)
        return Firing(where, moment.text, "moment", (at,) if at is not None else ())

    def _evaluate(self, expression: Expression) -> tuple[Any, tuple[str, ...]]:
        """The value, and the paths that it reads and nobody gave."""
        paths = sorted(".".join(path) for path in expression.reads)
        needs = tuple(path for path in paths if not any(path == g or path.startswith(f"{g}.") for g in self.values))
        if needs:
            return None, needs
        env: dict[str, Any] = {CONTEXT: self.context}
        for path, value in self.values.items():
            *parts, last = path.split(".")
            into = env
            for part in parts:
                into = into.setdefault(part, Row())
            into[last] = value
        try:
            return expression.run(env), ()
        except NOT_KNOWN:
            return None, ()


class BadValue(Exception):
    """A given value that does not fit its path; carries the finding."""

    def __init__(self, finding: Diagnostic) -> None:
        super().__init__(finding.message())
        self.finding = finding


class _Then(Staff):
    """The world at the opening: its time and calendar; people, but no records."""

    def __init__(self, preview: Preview) -> None:
        super().__init__(preview.pack, preview.view.types)
        self._preview = preview

    @property
    def now(self) -> dt.datetime:
        return self._preview.start

    def workdays_between(self, a: dt.date | dt.datetime, b: dt.date | dt.datetime) -> int | Decimal:
        return self._preview.calendar.workdays_between(a, b)

    def workhours_between(self, a: dt.datetime, b: dt.datetime) -> int | Decimal:
        return self._preview.calendar.workhours_between(a, b)

    def add_workdays(self, day: dt.date, n: int | Decimal) -> dt.date:
        return self._preview.calendar.add_workdays(day, int(n))

    def next_workday(self, day: dt.date) -> dt.date:
        return self._preview.calendar.next_workday(day)

    def is_workday(self, day: dt.date) -> bool:
        return self._preview.calendar.is_workday(day)
