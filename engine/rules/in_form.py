"""The environment of a rule inside a form: the record's fields by their bare names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.language.expressions.context import CONTEXT


class InForm(dict[str, Any]):
    """Reads a record's fields as names; the context stands under `@`. Nothing is copied, formulas stay lazy."""

    __slots__ = ("record",)

    def __init__(self, record: Mapping[str, Any], context: Any = None) -> None:
        super().__init__({CONTEXT: context} if context is not None else {})
        self.record = record

    def __missing__(self, name: str) -> Any:
        return None if name == CONTEXT else self.record[name]
