"""What one outside call came to, and whether what came back is what the call declares."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.language.expressions.plain import NotPlain, from_plain, to_plain
from engine.language.expressions.things import Person, Record
from engine.language.expressions.types import Choice, Choices, Type
from engine.language.kinds.connection import Call

MOST_ERROR = 500

_log = logging.getLogger(__name__)


class Reply(NamedTuple):
    """`gives`: plain data, only what the call declares. `error` begins with a kebab code: `timeout: ...`; it never
    holds a secret or a body. `final`: trying again is useless."""

    ok: bool
    gives: Mapping[str, Any] = {}
    error: str = ""
    final: bool = False


def failed(code: str, why: str, final: bool = False) -> Reply:
    return Reply(False, {}, f"{code}: {why}"[:MOST_ERROR], final)


class _Names:
    """Finds nothing: whether the record or person is there is asked when the case takes the value."""

    def record(self, form: str, id: int) -> Record:
        return Record(form, id)

    def person(self, id: str) -> Person:
        return Person(id)


def reply_of(given: Any, call: Call | None, gives: Mapping[str, Type], name: str) -> Reply:
    """The reply that `given` (plain data, or values of the language) makes; wrong types and gaps are a failure.

    Keys that the call does not declare are left out and named in the log. `name`: `connection.call`.
    """
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        return failed("wrong-answer", f"{name} gave no object with names")
    unknown = [repr(key)[:40] for key in given if key not in gives]
    if unknown:
        _log.info("%s gave what it does not declare, left out: %s", name, ", ".join(unknown[:10]))
    values: dict[str, Any] = {}
    for field, type_ in gives.items():
        try:
            plain = to_plain(given.get(field))
            value = from_plain(plain, type_, _Names())
            _known_entries(value, type_)
            values[str(field)] = to_plain(value)
        except (NotPlain, TypeError) as error:
            return failed("wrong-answer", f"'{field}' of {name}: {error}")
        except (ValueError, ArithmeticError, RecursionError):
            return failed("wrong-answer", f"'{field}' of {name} is no value")
    declared = (call.gives or {}) if call is not None else {}
    missing = [field for field, one in declared.items() if one.required and values.get(str(field)) in (None, "", [])]
    if missing:
        return failed("wrong-answer", f"{name} gave no '{missing[0]}'")
    return Reply(True, {field: value for field, value in values.items() if value is not None})


def _known_entries(value: Any, type_: Type) -> None:
    choice = type_.of if isinstance(type_, Choices) else type_
    if isinstance(choice, Choice) and value is not None:
        for entry in value if isinstance(value, tuple) else (value,):
            if entry not in choice.entries:
                raise NotPlain(f"one of {', '.join(choice.entries)} is wanted")
