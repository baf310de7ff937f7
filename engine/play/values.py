"""What a scenario writes, as values: literals by the type of their place, formulas over the records made so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.language.diagnostics import Diagnostic
from engine.language.expressions import types
from engine.language.expressions.context import CONTEXT
from engine.language.expressions.plain import to_plain
from engine.language.expressions.things import Record
from engine.language.expressions.types import RecordType, Type
from engine.language.literals import Unreadable, read_value
from engine.language.pack import Pack
from engine.language.shapes import Reading
from engine.language.shapes.expressions import VALUE
from engine.language.source import Span
from engine.language.values import Formula, Literal, Value, formulas_of
from engine.language.yamltree import Tree
from engine.play.report import NotMet
from engine.play.stage import Stage


class Known:
    """The records that a test may name: by the name it gave them (`as`, `given`), else the newest of the form."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.named: dict[str, tuple[str, int]] = {}

    def name(self, name: str, form: str, id: int) -> None:
        self.named[name] = (form, id)

    def key(self, word: str) -> tuple[str, int] | None:
        """Form and id of the record that a word names."""
        if word in self.named:
            return self.named[word]
        newest = self.stage.forms().get(word)
        return (word, newest) if newest is not None else None

    def keys(self) -> dict[str, tuple[str, int]]:
        return {form: (form, id) for form, id in self.stage.forms().items()} | self.named


def value_of(tree: Tree, path: str, pack: Pack) -> Value:
    """A tree in a value place; raises NotMet where nothing can be read."""
    reading = Reading(pack.sources[path])
    value = VALUE.read(tree, reading)
    if value is None:
        raise _unreadable(reading.diagnostics[0])
    return value


def _unreadable(found: Diagnostic) -> NotMet:
    return NotMet(found.span, found.message("en"), found.message("zh"))


def names_read(value: Value) -> Iterator[str]:
    """The first word of every path that a value's formulas read."""
    for expression in formulas_of(value):
        for path in expression.reads:
            yield path[0]


def typed(value: Value, type_: Type | None, known: Known, span: Span) -> Any:
    """The value in the language's own types. A record may be written by its bare name."""
    with known.stage.look() as look:
        of = type_ or types.ANY
        keys = known.keys()
        if isinstance(of, RecordType) and isinstance(value, Literal) and str(value.text) in keys:
            return look.record(*keys[str(value.text)])

        def evaluate(place: Formula) -> object:
            env: dict[str, Any] = {name: look.record(*key) for name, key in keys.items()}
            return place.expression.run({**env, CONTEXT: look.view.context})

        try:
            return read_value(value, of, look.view.context.zone, evaluate)
        except Unreadable as unreadable:
            raise _unreadable(unreadable.diagnostic) from unreadable


def plain_fields(
    fields: Mapping[str, Tree], columns: Mapping[str, Type], path: str, known: Known, pack: Pack
) -> dict[str, Any]:
    """Fields as the engine's door takes them: plain JSON data by the types of `columns` (or, with dots, as they are)."""
    found: dict[str, Any] = {}
    for name, tree in fields.items():
        value = value_of(tree, path, pack)
        found[str(name)] = to_plain(typed(value, columns.get(str(name).rsplit(".", 1)[-1]), known, tree.span))
    return found


def same(found: Any, wanted: Any) -> bool:
    """Whether what is there is what was written: a person by id, a record as itself, empty and an empty list alike."""
    if wanted is None or wanted == ():
        return found is None or found == ()
    if isinstance(wanted, str) and isinstance(found, dict):
        return getattr(found, "id", None) == wanted
    if isinstance(wanted, str) and isinstance(found, str) and same_phone(found, wanted):
        return True
    return bool(found == wanted)


def same_phone(kept: str, written: str) -> bool:
    """A phone number as it is kept, `+8613800138000`, and as people write it, `138 0013 8000`."""
    digits = "".join(c for c in written if c.isdigit()).lstrip("0")
    return kept.startswith("+") and len(digits) >= 7 and not written.strip(" +-0123456789") and kept.endswith(digits)


def shown(value: Any) -> str:
    """A value in the words of a scenario."""
    match value:
        case None | ():
            return "empty"
        case True:
            return "yes"
        case False:
            return "no"
        case Record():
            return f"{value.form} {value.id}"
        case dict() if hasattr(value, "id"):
            return str(value.id)
        case _:
            plain = to_plain(value)
            return plain if isinstance(plain, str) else str(plain)
