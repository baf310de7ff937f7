"""Values as JSON data and back: the form in which they are stored, sent and compared over time.

int; Decimal as text '12.50'; dates, times and moments in ISO, a moment in UTC with Z; a duration as its words; a person
as the id; a record as {"form": f, "id": i}; a row as an object. Which text is a date the declared type says.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Protocol

from engine.language.durations import Duration
from engine.language.expressions.arithmetic import EXACT
from engine.language.expressions.things import Person, Record, Row
from engine.language.expressions.types import (
    Choice,
    Choices,
    ListOf,
    Plain,
    RecordType,
    Rows,
    TemplateType,
    Type,
)

CENT = Decimal("0.01")


class NotPlain(ValueError):
    """The data is not of the declared type: a wrong body of a request, or a field that changed its type."""


class Resolve(Protocol):
    """Who finds the things that plain data only names."""

    def record(self, form: str, id: int) -> Record | None: ...
    def person(self, id: str) -> Person | None: ...


def to_plain(value: Any) -> Any:
    """The value as JSON data. A type that is no value of the language is our mistake: TypeError."""
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return format(value, "f")
        case dt.datetime():
            return moment_text(value)
        case dt.date():
            return value.isoformat()
        case dt.time():
            return value.isoformat("auto" if value.microsecond else "seconds" if value.second else "minutes")
        case Duration():
            return f"{plain_amount(value.amount)} {value.unit}"
        case Record():
            return {"form": value.form, "id": value.id}
        case Person():
            return value.id
        case tuple() | list():
            return [to_plain(item) for item in value]
        case dict():
            return {name: to_plain(item) for name, item in value.items()}
        case _:
            raise TypeError(f"{type(value).__name__} is no value of the language")


def moment_text(moment: dt.datetime) -> str:
    """'2026-03-02T01:00:00Z', with microseconds if there are any. A moment without zone is our mistake."""
    if moment.tzinfo is None:
        raise TypeError("a moment without a zone")
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"


def plain_amount(amount: int | Decimal) -> str:
    return str(amount) if isinstance(amount, int) else format(amount, "f")


def from_plain(plain: Any, type_: Type, resolve: Resolve) -> Any:
    """The value of `type_`; raises NotPlain. A record or person that is no more gives empty."""
    if plain is None:
        return None
    match type_:
        case Plain(name="any"):
            return _of_any(plain, resolve)
        case Plain(name="person"):
            return resolve.person(_text(plain))
        case Plain(name=name) if name in _READ:
            return _READ[name](plain)
        case Choice() | TemplateType() | Plain():
            return _text(plain)
        case Choices(of=of) | ListOf(of=of):
            if not isinstance(plain, list | tuple):
                raise NotPlain("a list is wanted")
            return tuple(from_plain(item, of, resolve) for item in plain)
        case Rows(fields=fields):
            return _row(plain, fields, resolve)
        case RecordType(forms=forms):
            return _record(plain, forms, resolve)


def _row(plain: Any, fields: Mapping[str, Type], resolve: Resolve) -> Row:
    if not isinstance(plain, Mapping):
        raise NotPlain("a row is wanted")
    unknown = [name for name in plain if name not in fields]
    if unknown:
        raise NotPlain(f"a row has no '{unknown[0]}'")
    return Row({name: from_plain(item, fields[name], resolve) for name, item in plain.items()})


def _record(plain: Any, forms: tuple[str, ...], resolve: Resolve) -> Record | None:
    """{"form", "id"}; the id alone is enough where one form only can be meant."""
    form, id = (plain.get("form"), plain.get("id")) if isinstance(plain, Mapping) else (forms[0], plain)
    if isinstance(id, bool) or not isinstance(id, int) or form not in forms or (len(forms) > 1 and id is plain):
        raise NotPlain(f"a record of {' or '.join(forms)} is wanted")
    return resolve.record(form, id)


def _of_any(plain: Any, resolve: Resolve) -> Any:
    if isinstance(plain, Mapping):
        if plain.keys() == {"form", "id"} and isinstance(plain["id"], int):
            return resolve.record(str(plain["form"]), plain["id"])
        return Row({name: _of_any(item, resolve) for name, item in plain.items()})
    if isinstance(plain, list | tuple):
        return tuple(_of_any(item, resolve) for item in plain)
    return plain


def _text(plain: Any) -> str:
    if not isinstance(plain, str):
        raise NotPlain("a text is wanted")
    return plain


def _yes_no(plain: Any) -> bool:
    if not isinstance(plain, bool):
        raise NotPlain("yes or no is wanted")
    return plain


def _number(plain: Any) -> int | Decimal:
    if isinstance(plain, int | Decimal) and not isinstance(plain, bool):
        return plain
    if not isinstance(plain, str) or not re.fullmatch(r"-?[0-9]{1,60}(\.[0-9]{1,60})?", plain):
        raise NotPlain("a number is wanted, with decimals as a text: '12.50'")
    return Decimal(plain) if "." in plain else int(plain)


def _money(plain: Any) -> Decimal:
    return Decimal(_number(plain))


def _date(plain: Any) -> dt.date:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", _text(plain), re.ASCII):
            return dt.date.fromisoformat(plain)
    except ValueError:
        pass
    raise NotPlain("a date is wanted: '2026-03-02'")


def _time(plain: Any) -> dt.time:
    try:
        if re.fullmatch(r"\d{2}:\d{2}(:\d{2}(\.\d{6})?)?", _text(plain), re.ASCII):
            return dt.time.fromisoformat(plain)
    except ValueError:
        pass
    raise NotPlain("a time of day is wanted: '09:00'")


def _moment(plain: Any) -> dt.datetime:
    try:
        if "T" in _text(plain):
            moment = dt.datetime.fromisoformat(plain)
            if moment.tzinfo is not None:
                return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise NotPlain("a moment is wanted, with its zone: '2026-03-02T01:00:00Z'")


def _duration(plain: Any) -> Duration:
    amount, _, unit = _text(plain).partition(" ")
    try:
        found = Duration.of(Decimal(amount), unit) if re.fullmatch(r"-?[0-9.]{1,60}", amount) else None
    except InvalidOperation:
        found = None
    if found is None:
        raise NotPlain("a duration is wanted: '2 workdays'")
    return found


_READ: dict[str, Callable[[Any], Any]] = {
    "number": _number,
    "money": _money,
    "yes_no": _yes_no,
    "date": _date,
    "time": _time,
    "moment": _moment,
    "duration": _duration,
}


def stored(value: Any, type_: Type) -> Any:
    """What an expression gave, as the declared type keeps it: money a Decimal to the cent, half up; lists as tuples."""
    if value is None:
        return None
    match type_:
        case Plain(name="money"):
            return EXACT.create_decimal(value).quantize(CENT, rounding=ROUND_HALF_UP, context=EXACT)
        case ListOf(of=of) | Choices(of=of):
            return tuple(stored(item, of) for item in value)
        case Rows(fields=fields):
            return Row({name: stored(item, fields[name]) if name in fields else item for name, item in value.items()})
        case _:
            return value
