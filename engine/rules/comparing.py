"""What two values are compared by: phone numbers as E.164, e-mail and text without case and width, company names bare.

Used for unique fields, for matching, and for the index keys of both: one rule, so that they never disagree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from engine.language.expressions.functions.text import company_name

_MOST_COMPARED = 200
RAREST = 3
_CJK = re.compile(r"[㐀-䶿一-鿿豈-﫿぀-ヿ가-힯]+")


class FieldRules(Protocol):
    """What comparing needs of a field's declaration (`engine.language.kinds.form.Field`)."""

    @property
    def type(self) -> str: ...
    @property
    def normalise(self) -> str | None: ...
    @property
    def country(self) -> str | None: ...


@lru_cache(maxsize=4096)
def phone_number(text: str, country: str | None = None) -> str | None:
    """The number as E.164, `+8613800138000`; None when it is no valid number. `country` is that of national numbers."""
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text[:64]), (country or "").upper() or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    found: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return found


@lru_cache(maxsize=4096)
def email_address(text: str) -> str | None:
    """The address with its domain in small letters; None when it is none. Nothing is asked of the network."""
    try:
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None


def plain_text(text: str) -> str:
    """Without case, width and doubled blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def key_of(value: Any, field: FieldRules) -> str | None:
    """The text that stands for a value when it is compared by equality; None for an empty one."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        return str(getattr(value, "id", value))
    if field.type == "phone":
        return phone_number(value, field.country) or plain_text(value)
    if field.type == "email":
        return (email_address(value) or value).casefold()
    if field.normalise == "company_name":
        name: str = company_name(value)
        return name or None
    return plain_text(value) or None


def tokens(text: str) -> tuple[str, ...]:
    """The pieces by which alike names are found: words, and where there are no blanks pairs of neighbours."""
    found: dict[str, None] = {}
    for word in company_name(text[:_MOST_COMPARED]).split():
        for run in _CJK.findall(word):
            pairs = [run[i : i + 2] for i in range(len(run) - 1)] or [run]
            found.update(dict.fromkeys(pairs))
        found.update(dict.fromkeys(piece for piece in _CJK.split(word) if piece))
    return tuple(found)


def rarest(text: str, frequencies: Callable[[Sequence[str]], Mapping[str, int]]) -> tuple[str, ...]:
    """The pieces of a name to look for alike ones with: the three that fewest records have, none that nobody has.

    `frequencies`: how many records have each piece; one that is not in it nobody has.
    """
    pieces = tokens(text)
    counts = frequencies(pieces)
    present = sorted((piece for piece in pieces if counts.get(piece)), key=lambda piece: (counts[piece], piece))
    return tuple(present[:RAREST])
