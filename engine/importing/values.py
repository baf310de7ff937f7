"""A row's cells as the values of a record, by the mapping and the types of the form's fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from engine.importing.mapping import Mapping, Origin
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.plain import to_plain
from engine.language.expressions.types import Plain, Type
from engine.language.literals import read_literal
from engine.language.source import Span, place_of

TEXTS = frozenset({"text", "team", "file"})
UNSET: Any = object()
"""An empty cell without `if_empty`: the field is not given, so its `start_with` applies."""


class Cell(Exception):
    """A cell that cannot be taken: the column and why (en, zh)."""

    def __init__(self, column: str, en: str, zh: str) -> None:
        super().__init__(f"{column}: {en}")
        self.column, self.en, self.zh = column, en, zh


Read = Callable[[str], Any]


def row_reader(
    mapping: Mapping, columns: tuple[str, ...], zone: ZoneInfo
) -> Callable[[tuple[str, ...]], dict[str, Any]]:
    """The function from a row's cells to the plain values of a record; it raises Cell."""
    empties = frozenset(text.strip() for text in mapping.empty)
    fixed: dict[str, Any] = {}
    readers: list[tuple[str, int, Read]] = []
    for name, origin in mapping.fields.items():
        type_ = mapping.types[name]
        if origin.value is not None:
            fixed[str(name)] = _literal(origin.value, type_, zone)
        elif origin.column is not None:
            column = origin.column.strip()
            readers.append((str(name), columns.index(column), _cell(column, origin, type_, zone, empties)))
    identity = str(mapping.identity)
    identity_column = (mapping.fields[mapping.identity].column or "").strip()

    def read(cells: tuple[str, ...]) -> dict[str, Any]:
        values = dict(fixed)
        for name, place, reader in readers:
            value = reader(cells[place].strip())
            if value is not UNSET:
                values[name] = value
        if values.get(identity) in (None, ""):
            raise Cell(identity_column, "empty: the row could not be known again", "为空：无法再次识别该行")
        return values

    return read


def _literal(text: str, type_: Type, zone: ZoneInfo) -> Any:
    value = read_literal(text, place_of(text), type_, zone)
    assert not isinstance(value, Diagnostic), "the mapping was checked when it was read"
    return to_plain(value)


def _cell(column: str, origin: Origin, type_: Type, zone: ZoneInfo, empties: frozenset[str]) -> Read:
    if_empty = UNSET if origin.if_empty is None else _literal(origin.if_empty, type_, zone)
    if origin.words is None:
        take = _by_type(column, type_, zone)
    else:
        words = {word.strip(): _literal(text, type_, zone) for word, text in origin.words.items()}
        otherwise = UNSET if origin.otherwise is None else _literal(origin.otherwise, type_, zone)
        take = _by_words(column, words, otherwise)
    return lambda text: if_empty if text in empties else take(text)


def _by_words(column: str, words: dict[str, Any], otherwise: Any) -> Read:
    def take(text: str) -> Any:
        found = words.get(text, otherwise)
        if found is UNSET:
            listed = list(words)[:12]
            raise Cell(
                column,
                f"'{text[:80]}' is not one of {', '.join(listed)}",
                f"“{text[:80]}”不在 {'、'.join(listed)} 之中",
            )
        return found

    return take


def _by_type(column: str, type_: Type, zone: ZoneInfo) -> Read:
    if isinstance(type_, Plain) and type_.name in TEXTS:
        return str

    def take(text: str) -> Any:
        read = read_literal(text, Span(column, 1, 1, 1, len(text) + 1), type_, zone)
        if isinstance(read, Diagnostic):
            raise Cell(column, read.message("en"), read.message("zh"))
        if read is None:  # the word `empty` is the language's; in a file only the listed texts are empty
            raise Cell(column, "'empty' is no value here", "“empty”不是有效的值")
        return to_plain(read)

    return take
