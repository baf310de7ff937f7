"""pack: the folder's own definition: languages, currency, zone, calendar, channels and approval policies."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import ClassVar
from zoneinfo import ZoneInfo

from engine.language.kinds.calendar import ZONE
from engine.language.kinds.definition import Definition
from engine.language.kinds.people import Policy
from engine.language.shapes import ListOf, MapOf, Name, OneWord, Parsed, StructShape, key
from engine.language.source import Span, Word


def read_currency(text: str, span: Span) -> object:
    from engine.language.messages import syntax

    if len(text) == 3 and text.isascii() and text.isupper():
        return Word.at(text, span)
    return syntax.ambiguous_scalar(span, text, "a currency as CNY", "货币代码，如 CNY")


@dataclass(frozen=True, kw_only=True)
class PackDefinition(Definition):
    """What holds for every definition of the pack."""

    KIND: ClassVar[str] = "pack"

    language: str = key(OneWord("zh", "en"), "of the titles in the definitions", required=True)
    also: tuple[str, ...] | None = key(
        ListOf(OneWord("zh", "en"), at_least=0), "other languages; each needs texts/<language>.yaml"
    )
    currency: str = key(
        Parsed(read_currency, ("a currency as CNY", "货币代码，如 CNY"), "^[A-Z]{3}$"), "of all money", required=True
    )
    time_zone: ZoneInfo = key(ZONE, "of every wall clock in this pack", required=True)
    calendar: str = key(Name(), "the calendar where person and workflow name none", required=True)
    channels: Map[str, str] | None = key(MapOf(Name(), Name()), "the connection of each `via`")
    approval_policies: Map[str, Policy] | None = key(
        MapOf(Name(), StructShape(Policy, ("a policy", "审批策略"))), "by name"
    )
