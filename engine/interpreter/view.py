"""What a step may read of the world, and lay over it: records, people, loads, definitions. Read-only but for the overlay.

The runtime implements it on SQL inside the step's transaction (RUNTIME R5, R6); tests on dictionaries. Replay never sees it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from engine.language.durations import Duration, Schedule
from engine.language.expressions.context import Context
from engine.language.expressions.parse import Expression
from engine.language.expressions.things import Person, Record
from engine.language.expressions.types import Type
from engine.language.pack import Pack

T = TypeVar("T")


@dataclass(frozen=True)
class Violation:
    """A rule of a form that does not hold, or a field that cannot be taken: what the person is told, zh and en."""

    rule: str
    zh: str
    en: str
    field: str | None = None
    form: str | None = None


class WorkTime(Protocol):
    """A work calendar and the words for time on it (rules/calendars.py, rules/firings.py). Moments are aware UTC."""

    def add(self, start: dt.datetime, duration: Duration) -> dt.datetime: ...
    def is_open(self, moment: dt.datetime) -> bool: ...
    def next_opening(self, moment: dt.datetime) -> dt.datetime: ...
    def next_firing(self, schedule: Schedule, after: dt.datetime) -> dt.datetime: ...
    def moment_of(self, base: dt.date | dt.datetime | None, number: int | Decimal | None, unit: str | None,
                  direction: str | None, at: dt.time | None) -> dt.datetime | None:  # fmt: skip
        """So many units before or after a date or moment, at a wall clock; None when something is empty."""
        ...


class View(Protocol):
    """Inside one step: reads see what the step has written. Moments are aware UTC."""

    @property
    def now(self) -> dt.datetime: ...
    @property
    def context(self) -> Context:
        """What expressions may ask: env['@']."""
        ...

    @property
    def pack(self) -> Pack:
        """The definitions this case runs on: pinned ones of its closure, live ones for the rest (RUNTIME R31)."""
        ...

    def type_of(self, form: str, field: str) -> Type | None: ...
    def record(self, form: str, id: int) -> Record | None: ...
    def person(self, id: str) -> Person | None: ...
    def calendar(self, name: str | None, person: Person | None = None) -> WorkTime: ...
    def members(self, role: str | None, team: str | None) -> Sequence[Person]:
        """People of a group in the order of the organization file, whether away or not."""
        ...

    def substitute(self, person: Person) -> tuple[str, Person | None] | None:
        """None when the person is there; else the mode of the absence and who stands in."""
        ...

    def loads(self, members: Iterable[str], kind: str) -> Mapping[str, int]: ...
    def cursor(self, name: str) -> int: ...
    def find(self, form: str, where: Expression | None, env: Mapping[str, Any], order: Sequence[tuple[str, Expression | None]],
             take: int | None) -> Sequence[Record]:  # fmt: skip
        """Records of a form for which `where` holds; inside it their fields are read as `form.field` or bare."""
        ...

    def by_unique(self, form: str, field: str, value: Any) -> Record | None: ...
    def by_key(self, form: str, field: str, value: Any) -> Sequence[Record]:
        """Records whose field, normalised, equals the normalised value."""
        ...

    def alike(self, form: str, path: str, text: str) -> Sequence[Record]:
        """Candidates whose text at `path` shares rare words with `text`."""
        ...

    def create(self, form: str, values: Mapping[str, Any]) -> Record:
        """A new record with a fresh id, its starting values filled in. Raises Unfit with violations."""
        ...

    def write(self, record: Record, values: Mapping[str, Any]) -> None:
        """Lays values over a record: later reads of this step see them. Raises Unfit."""
        ...

    def merge(self, loser: Record, winner: Record) -> None: ...
    def forget(self) -> None:
        """Drops what this step laid over the records: it is worked out again."""
        ...

    def settle(self) -> Sequence[Violation]:
        """The `must` rules that do not hold for what this step touched so far."""
        ...

    def touched(self) -> frozenset[str]:
        """form:id of every record written since the last call, and of those whose formulas read over one."""
        ...

    def tracked(self, run: Callable[[], T]) -> tuple[T, frozenset[str]]:
        """The result of `run` and the records (form:id) that it read."""
        ...

    def measure(self, name: str, person: Person) -> Any: ...


class Unfit(Exception):
    """Values that a form does not take: the step is refused and the person told why."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(v.en for v in violations))
        self.violations = tuple(violations)


class Refused(Exception):
    """The event is not possible now. Nothing is recorded. `code` is a kebab word or the name of a must rule."""

    def __init__(self, code: str, en: str, zh: str, violations: Sequence[Violation] = ()) -> None:
        super().__init__(f"{code}: {en}")
        self.code, self.en, self.zh, self.violations = code, en, zh, tuple(violations)
