"""template: a text to send, in every language of the pack, checked like an expression."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import ClassVar

from engine.language.kinds.definition import Definition
from engine.language.kinds.form import FIELDS, Field
from engine.language.shapes import TEXT, ListOf, Name, Struct, StructShape, key


@dataclass(frozen=True, kw_only=True)
class Wording(Struct):
    """The text in one language; {{ }} reads the record and what the template takes."""

    subject: str = key(TEXT, "one line", required=True)
    body: str = key(TEXT, "the text", required=True)


WORDING = StructShape(Wording, ("a wording", "文案"))


@dataclass(frozen=True, kw_only=True)
class Template(Definition):
    """A text to send."""

    KIND: ClassVar[str] = "template"

    for_: str | None = key(Name(), "the form whose record {{ }} may read")
    takes: Map[str, Field] | None = key(FIELDS, "given by the notify step's give:")
    via: tuple[str, ...] | None = key(ListOf(Name()), "channels it is written for")
    zh: Wording | None = key(WORDING, "in Chinese")
    en: Wording | None = key(WORDING, "in English")
