"""Logistic models: a probability from the coefficients that stand in a model's definition.

Exact decimal arithmetic, so that the same record has the same chance on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import Any, Protocol

Number = int | Decimal
_EXACT = Context(prec=24)
_PLACES = Decimal("0.0001")
_FARTHEST = Decimal(60)
"""Beyond this the chance is 0 or 1 to 4 places; keeps exp() small."""


class Term(Protocol):
    """A coefficient, as `engine.language.kinds.scoring.Term` reads it."""

    @property
    def field(self) -> str: ...
    @property
    def is_(self) -> str | None: ...
    @property
    def scale(self) -> str | None: ...
    @property
    def mean(self) -> Number: ...
    @property
    def spread(self) -> Number: ...
    @property
    def weight(self) -> Number: ...


def feature(value: Any, term: Term) -> Decimal:
    """What a term's weight is multiplied with.

    `is: x`: 1 when the field has this entry (`empty`: when it has none), else 0. A number: (value - mean) / spread, its
    natural logarithm first when `scale: log`; 0, as at the mean, when it is empty or has no logarithm.
    """
    if term.is_ is not None:
        return Decimal(_words(value) == term.is_)
    if isinstance(value, bool):
        value = int(value)
    if not isinstance(value, int | Decimal) or (term.scale == "log" and value <= 0):
        return Decimal(0)
    number = _EXACT.ln(Decimal(value)) if term.scale == "log" else Decimal(value)
    return (
        _EXACT.divide(_EXACT.subtract(number, Decimal(term.mean)), Decimal(term.spread)) if term.spread else Decimal(0)
    )


def _words(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def probability(intercept: Number, terms: Sequence[Term], record: Mapping[str, Any]) -> Decimal:
    """The chance of a record by a logistic model, from 0 to 1, to 4 places."""
    log_odds = Decimal(intercept)
    for term in terms:
        log_odds = _EXACT.add(log_odds, _EXACT.multiply(Decimal(term.weight), feature(record[term.field], term)))
    bounded = max(-_FARTHEST, min(_FARTHEST, log_odds))
    return _EXACT.divide(Decimal(1), 1 + _EXACT.exp(-bounded)).quantize(_PLACES)
