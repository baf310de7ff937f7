"""Assignment: who of the candidates gets it, and why (LANGUAGE 5.2 `assign`, RUNTIME R4, R34).

Pure: loads, the turn's cursor and the seed of chance come in as values, the new cursor goes out with the choice.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, Protocol

from engine.language.expressions.parse import Expression
from engine.language.expressions.things import Person

Word = Literal["highest", "lowest", "least_loaded", "in_turn", "random"]
Env = Mapping[str, Any]
_SHOWN = 5


@dataclass(frozen=True)
class Pick:
    """One word of `pick`; `by` is the expression of `highest x` and `lowest x`."""

    word: Word
    by: Expression | None = None


@dataclass(frozen=True)
class Considered:
    """One of the best candidates: their load, and what each word of `pick` saw in them."""

    person: str
    held: int
    seen: tuple[Any, ...]


@dataclass(frozen=True)
class Choice:
    """Who was chosen, or nobody; how many were left out and why; the best five; where the turn stands now."""

    chosen: Person | None
    candidates: int
    away: int
    not_fitting: int
    at_cap: int
    best: tuple[Considered, ...]
    cursor: int


@dataclass(frozen=True)
class Assignment:
    """The rule of one assign node: the words of `pick` in order, the group's `where`, the `cap` on what one holds."""

    picks: tuple[Pick, ...]
    where: Expression | None = None
    cap: Expression | None = None


def choose(
    rule: Assignment,
    people: Sequence[Person],
    env: Env,
    *,
    held: Callable[[Person], int],
    cursor: int = -1,
    seed: str = "",
    order: Mapping[str, int] | None = None,
    available: Callable[[Person], bool] = lambda person: True,
) -> Choice:
    """The choice among `people`, who stand in the order of the organization file.

    `order`: person -> place in that file, for turns over changing groups; the place in `people` when left out. `cursor`
    is the place of who was chosen last (-1: nobody yet). `available` says who is there; the others are left out. A
    person whose cap is empty is left out: a comparison with empty is false. What no word decides goes by the file.
    """
    places = order if order is not None else {person.id: i for i, person in enumerate(people)}
    present = [person for person in people if available(person)]
    fitting = [p for p in present if rule.where is None or rule.where.holds({**env, "person": p})]
    loads = {person.id: held(person) for person in fitting}
    free = [p for p in fitting if rule.cap is None or _below(loads[p.id], rule.cap.run({**env, "person": p}))]
    seen = {p.id: [_seen(pick, p, env, loads, places, cursor, seed) for pick in rule.picks] for p in free}
    ranked = sorted(free, key=lambda p: ([rank for rank, _ in seen[p.id]], places[p.id]))
    chosen = ranked[0] if ranked else None
    return Choice(
        chosen,
        candidates=len(people),
        away=len(people) - len(present),
        not_fitting=len(present) - len(fitting),
        at_cap=len(fitting) - len(free),
        best=tuple(Considered(p.id, loads[p.id], tuple(value for _, value in seen[p.id])) for p in ranked[:_SHOWN]),
        cursor=cursor if chosen is None else places[chosen.id],
    )


def _below(held: int, cap: Any) -> bool:
    return isinstance(cap, int | Decimal) and held < cap


Rank = tuple[bool, Any]


def _seen(
    pick: Pick, person: Person, env: Env, loads: Mapping[str, int], places: Mapping[str, int], cursor: int, seed: str
) -> tuple[Rank, Any]:
    """How a word of `pick` ranks a person, smallest first and empty last, and the value it looked at."""
    if pick.word == "least_loaded":
        return (False, loads[person.id]), loads[person.id]
    if pick.word == "in_turn":
        return (places[person.id] <= cursor, places[person.id]), places[person.id]
    if pick.word == "random":
        digest = hashlib.sha256(f"{seed}\n{person.id}".encode()).hexdigest()
        return (False, digest), digest[:8]
    assert pick.by is not None
    value = pick.by.run({**env, "person": person})
    if value is None:
        return (True, 0), None
    return (False, _Reversed(value) if pick.word == "highest" else value), value


@dataclass(frozen=True)
class _Reversed:
    """Sorts the other way round."""

    value: Any

    def __lt__(self, other: _Reversed) -> bool:
        return bool(self.value > other.value)


# --- absences


class Absence(Protocol):
    """Someone away from a day to a day, both included (`engine.language.kinds.organization.Away`)."""

    @property
    def person(self) -> str: ...
    @property
    def from_(self) -> dt.date: ...
    @property
    def to(self) -> dt.date: ...
    @property
    def substitute(self) -> str | None: ...
    @property
    def mode(self) -> str: ...


def absence_of(person: str, on: dt.date, absences: Sequence[Absence]) -> Absence | None:
    """The absence of a person on a day; of several the one written last."""
    return next((away for away in reversed(absences) if away.person == person and away.from_ <= on <= away.to), None)


def who_acts(person: str, on: dt.date, absences: Sequence[Absence]) -> tuple[str, ...]:
    """Who decides for a person on a day: themselves, a substitute (whose own substitute if away too), or both.

    Nobody when they are away and no substitute is there, also when substitutes go round in a circle.
    """
    return _acting(person, on, absences, frozenset())


def _acting(person: str, on: dt.date, absences: Sequence[Absence], asked: frozenset[str]) -> tuple[str, ...]:
    away = absence_of(person, on, absences)
    if away is None or away.mode == "person_decides":
        return (person,)
    asked |= {person}
    instead = () if not away.substitute or away.substitute in asked else _acting(away.substitute, on, absences, asked)
    return tuple(dict.fromkeys((person, *instead))) if away.mode == "both_decide" else instead
