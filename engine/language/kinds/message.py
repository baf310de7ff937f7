"""message: what comes from outside or from another case, and how long it waits for one that takes it."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import ClassVar

from engine.language.durations import Duration
from engine.language.kinds.definition import Definition
from engine.language.kinds.form import FIELDS, Field
from engine.language.shapes import DURATION, ListOf, OneWord, key


@dataclass(frozen=True, kw_only=True)
class Message(Definition):
    """A named message and its fields."""

    KIND: ClassVar[str] = "message"

    from_: tuple[str, ...] = key(ListOf(OneWord("webhook", "link", "case")), "who may send it", required=True)
    carries: Map[str, Field] = key(FIELDS, "its fields", required=True)
    kept: Duration = key(DURATION, "how long it waits for a case that is not there yet", required=True)
