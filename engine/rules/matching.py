"""Matching: the record that means the same as ours, by equal keys or alike names, and why (LANGUAGE 8, RUNTIME R9).

Pure over an Index, which a step's View is: alike names are only looked for among records that share a rare piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from engine.language.expressions.functions.text import similar
from engine.language.expressions.things import Record
from engine.language.kinds.matching import LookIn, Matching
from engine.rules.in_form import InForm


class Index(Protocol):
    """Where records are found by what stands in them; a step's View is one. `path` may go through references."""

    def by_key(self, form: str, field: str, value: Any) -> Iterable[Record]:
        """The records whose value there has the key of `value` (`comparing.key_of`)."""
        ...

    def alike(self, form: str, path: str, text: str) -> Iterable[Record]:
        """The records that share one of the rarest pieces of `text` there (`comparing.rarest`)."""
        ...


@dataclass(frozen=True)
class Pair:
    """One reason: our field, theirs, both values, and how alike they are (1 for equal keys)."""

    ours: str
    theirs: str
    our_value: Any
    their_value: Any
    alike: Decimal


@dataclass(frozen=True)
class Twin:
    """The record found, in which form it was looked for, and why. `candidates`: how many were compared."""

    record: Record
    form: str
    pairs: tuple[Pair, ...]
    candidates: int

    @property
    def alike(self) -> Decimal:
        return min(pair.alike for pair in self.pairs)


def find_twin(matching: Matching, record: Record, index: Index, context: Any = None) -> Twin | None:
    """The twin of `record`: forms in their order; equal keys before alike names; then the best, then the oldest."""
    for form, look in matching.look_in.items():
        for find in (_same, _alike):
            found = list(find(str(form), look, record, index))
            good = [twin for twin in found if _allowed(look, twin.record, record, context)]
            if good:
                best = max(good, key=lambda twin: (len(twin.pairs), twin.alike, -twin.record.id))
                return Twin(best.record, best.form, best.pairs, len(found))
    return None


def _allowed(look: LookIn, candidate: Record, record: Record, context: Any) -> bool:
    if candidate == record:
        return False
    return look.only_if is None or look.only_if.holds(InForm(candidate, context))


def _same(form: str, look: LookIn, record: Record, index: Index) -> Iterator[Twin]:
    """Every record with at least one equal key, with all pairs that are equal."""
    found: dict[Record, list[Pair]] = {}
    for ours, theirs in (look.any_same or {}).items():
        value = value_at(record, str(ours))
        if value is not None and value != "":
            for candidate in index.by_key(form, str(theirs), value):
                pair = Pair(str(ours), str(theirs), value, value_at(candidate, str(theirs)), Decimal(1))
                found.setdefault(candidate, []).append(pair)
    for candidate, pairs in found.items():
        yield Twin(candidate, form, tuple(pairs), len(found))


def _alike(form: str, look: LookIn, record: Record, index: Index) -> Iterator[Twin]:
    """Every record all of whose pairs are alike enough, among those that share a rare piece in the first pair."""
    pairs = [(str(ours), str(theirs)) for ours, theirs in (look.or_similar or {}).items()]
    values = [value_at(record, ours) for ours, _ in pairs]
    if not pairs or not all(isinstance(value, str) and value for value in values):
        return
    candidates = list(index.alike(form, pairs[0][1], values[0]))
    for candidate in candidates:
        found = []
        for (ours, theirs), value in zip(pairs, values, strict=True):
            other = value_at(candidate, theirs)
            alike = similar(value, other) if isinstance(other, str) and other else Decimal(0)
            if alike < look.at_least:
                break
            found.append(Pair(ours, theirs, value, other, alike))
        else:
            yield Twin(candidate, form, tuple(found), len(candidates))


def value_at(record: Record, path: str) -> Any:
    """The value at a dotted path; empty where a reference on the way is."""
    value: Any = record
    for name in path.split("."):
        if value is None:
            return None
        value = value[name]
    return value
