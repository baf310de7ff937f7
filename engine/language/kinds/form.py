"""form: the fields of a record, the rules that hold whoever writes, and who may see and do what."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.language.expressions.parse import Expression
from engine.language.kinds.definition import RAW, Definition
from engine.language.shapes import (
    CONDITION,
    PATH,
    QUESTION,
    TEXT,
    VALUE,
    YES_NO,
    ByLook,
    ChoiceName,
    Lazy,
    ListOf,
    MapOf,
    Name,
    OneWord,
    Reading,
    Schema,
    Shape,
    Struct,
    StructShape,
    key,
)
from engine.language.values import Value
from engine.language.yamltree import Mapping, Scalar, Tree

FIELD_TYPES = (
    "text", "long_text", "number", "money", "date", "time", "moment", "duration", "yes_no", "choice", "choices",
    "person", "record", "records", "list", "phone", "email", "file", "serial", "template",
)  # fmt: skip


class OfMapping(Shape[dict[str, Any]]):
    """`of:` written out: the entries of a choice with their titles, or the fields of a list's rows."""

    expected = ("choices with titles, or fields", "选项及其名称，或字段")

    def read(self, tree: Tree, reading: Reading) -> dict[str, Any] | None:
        rows = isinstance(tree, Mapping) and any(isinstance(value, Mapping) for _, value in tree.entries)
        return (ROWS if rows else CHOICES).read(tree, reading)

    def json_schema(self, definitions: Schema) -> Schema:
        return {"anyOf": [CHOICES.json_schema(definitions), ROWS.json_schema(definitions)]}


@dataclass(frozen=True, kw_only=True)
class Field(Struct):
    """One field of a form, of case data, of a message, of a decision."""

    type: str = key(OneWord(*FIELD_TYPES), "what it holds", required=True)
    title: str | None = key(TEXT, "how it is called in the pack's language")
    of: Any = key(
        Lazy(lambda: OF),
        "choices with titles; `form.field` whose choices it shares; the form of a record; the fields of a list's rows",
    )
    by: str | None = key(Name(), "records: the field of the other form that points here")
    for_: str | None = key(Name(), "template: the form that the template is for")
    of_my: str | None = key(Name(), "reference: only records that share this reference")
    required: bool = key(YES_NO, "must be filled", default=False)
    unique: bool = key(YES_NO, "no two records have the same value", default=False)
    start_with: Value | None = key(VALUE, "its value in a new record")
    formula: Expression | None = key(QUESTION, "worked out on reading, never stored")
    at_least: Value | None = key(VALUE, "lowest value; for a list `1 rows`")
    at_most: Value | None = key(VALUE, "highest value")
    above: Value | None = key(VALUE, "must be more than this")
    below: Value | None = key(VALUE, "must be less than this")
    normalise: str | None = key(OneWord("company_name"), "compared in this form when unique or matched")
    visible_if: Expression | None = key(CONDITION, "shown only then")
    role: str | None = key(Name(reserved=True), "person: must have this role")
    country: str | None = key(TEXT, "phone: country of numbers without a prefix, two letters")
    pattern: str | None = key(TEXT, "serial: YYYY, MM and zeros for the counter")
    may_be_empty: bool = key(YES_NO, "decision input: may be empty", default=False)
    if_none: Tree | None = key(RAW, "decision output: the answer when no row fits")

    @classmethod
    def only_value(cls, name: str, tree: Mapping) -> str | None:
        """The type that alone has the keys that are written: `by` is of records, `pattern` of a serial."""
        if name != "type":
            return super().only_value(name, tree)
        possible = [FieldShape.KEYS[key.text] for key, _ in tree.entries if key.text in FieldShape.KEYS]
        types = frozenset.intersection(*possible) if possible else frozenset()
        return next(iter(types)) if len(types) == 1 else None


class FieldShape(Shape[Field]):
    """Reads a field and says which keys its type does not have, or the place where it stands."""

    expected = ("a field as {type: text}", "字段，如 {type: text}")
    KEYS: ClassVar[dict[str, frozenset[str]]] = {
        "of": frozenset({"choice", "choices", "record", "records", "list"}),
        "by": frozenset({"records"}),
        "for": frozenset({"template"}),
        "of_my": frozenset({"record", "records"}),
        "normalise": frozenset({"text"}),
        "country": frozenset({"phone"}),
        "pattern": frozenset({"serial"}),
        "role": frozenset({"person"}),
        "at_least": frozenset({"number", "money", "date", "time", "moment", "duration", "list", "text", "long_text"}),
        "at_most": frozenset({"number", "money", "date", "time", "moment", "duration", "list", "text", "long_text"}),
        "above": frozenset({"number", "money", "date", "time", "moment", "duration"}),
        "below": frozenset({"number", "money", "date", "time", "moment", "duration"}),
    }

    PLACED: ClassVar[frozenset[str]] = frozenset(
        {"may_be_empty", "if_none", "unique", "visible_if", "start_with", "formula"}
    )
    """Keys that mean something in some places only: the others do not have them."""

    def __init__(self, *also: str) -> None:
        self.struct = StructShape(Field, ("a field", "字段"))
        self.elsewhere = self.PLACED - {*also}
        """Keys that mean nothing here."""

    def read(self, tree: Tree, reading: Reading) -> Field | None:
        from engine.language.messages import syntax

        field = self.struct.read(tree, reading)
        if field is None or not isinstance(tree, Mapping):
            return None
        for name, _ in tree.entries:
            if name.text in self.elsewhere or field.type not in self.KEYS.get(name.text, {field.type}):
                keys = set(Field.keys()) - self.elsewhere
                allowed = [k for k in [*Field.keys()] if k in keys and field.type in self.KEYS.get(k, {field.type})]
                of, of_zh = f"a field of type {field.type}", f"{field.type} 类型的字段"
                if name.text in self.elsewhere:
                    of, of_zh = f"{of} here", f"此处 {of_zh}"
                reading.say(syntax.unknown_key(name.span, name.text, of, allowed, of_zh))
                return None
        needs_of = field.type in ("choice", "choices", "record", "records", "list")
        if needs_of and field.of is None:
            reading.say(
                syntax.missing_key(
                    tree.entries[0][0].span, "of", f"a field of type {field.type}", f"{field.type} 类型的字段"
                )
            )
            return None
        if field.type == "records" and field.by is None:
            reading.say(
                syntax.missing_key(tree.entries[0][0].span, "by", "a field of type records", "records 类型的字段")
            )
            return None
        return field

    def json_schema(self, definitions: Schema) -> Schema:
        return self.struct.json_schema(definitions)


FIELD = FieldShape()
FORM_FIELD = FieldShape("unique", "visible_if", "start_with", "formula")
CHOICES = MapOf(ChoiceName(), TEXT)
ROWS = MapOf(Name(reserved=True), Lazy(lambda: FORM_FIELD))
OF: Shape[Any] = ByLook(
    ("a form, `form.field`, choices with titles, or fields", "表单、“表单.字段”、选项或字段"),
    scalar=PATH,
    mapping=OfMapping(),
    sequence=ListOf(Name()),
)
FIELDS = MapOf(Name(reserved=True), FIELD)
FORM_FIELDS = MapOf(Name(reserved=True), FORM_FIELD)
INPUTS = MapOf(Name(reserved=True), FieldShape("may_be_empty"))
OUTPUTS = MapOf(Name(reserved=True), FieldShape("if_none"))
"""The columns of a decision."""
VARIABLES = MapOf(Name(), FieldShape("start_with", "formula"))
"""Case data: read as case.x, so the words of the language are not theirs."""


@dataclass(frozen=True, kw_only=True)
class Must(Struct):
    """A rule that holds whoever writes; a failing one refuses the whole event and says why."""

    AT_MOST_ONE: ClassVar = (("only_if", "unless"),)

    that: Expression = key(CONDITION, "what must hold", required=True)
    only_if: Expression | None = key(CONDITION, "looked at only then")
    unless: Expression | None = key(CONDITION, "not looked at then")
    say: str = key(TEXT, "what the person is told", required=True)


@dataclass(frozen=True, kw_only=True)
class Access(Struct):
    """One grant: this role may do these things with these records. What no line grants is not allowed."""

    AT_MOST_ONE: ClassVar = (("only", "except"),)

    role: str = key(Name(), "who", required=True)
    records: str | Expression = key(Lazy(lambda: RECORDS), "own, team, all, or a condition", required=True)
    may: tuple[str, ...] = key(ListOf(OneWord("read", "create", "edit", "export", "delete")), "what", required=True)
    only: tuple[str, ...] | None = key(ListOf(Name(reserved=True)), "these fields only")
    except_: tuple[str, ...] | None = key(ListOf(Name(reserved=True)), "all fields but these")
    while_: Expression | None = key(CONDITION, "only while this holds")


class RecordsOf(Shape[Any]):
    expected = ("own, team, all, or a condition", "own、team、all 或条件")

    def read(self, tree: Tree, reading: Reading) -> Any:
        words = isinstance(tree, Scalar) and tree.text in ("own", "team", "all")
        return (OneWord("own", "team", "all") if words else CONDITION).read(tree, reading)

    def json_schema(self, definitions: Schema) -> Schema:
        return {"type": "string"}


RECORDS: Shape[Any] = RecordsOf()


@dataclass(frozen=True, kw_only=True)
class Form(Definition):
    """The fields of a record, its rules, and its access."""

    KIND: ClassVar[str] = "form"

    label: Value | None = key(VALUE, "how a record is called in lists")
    owned_by: Expression | None = key(QUESTION, "whose record it is: what `records: own` means")
    open_if: Expression | None = key(CONDITION, "which records held() and load count")
    fields: Map[str, Field] = key(FORM_FIELDS, "the fields by name", required=True)
    must: Map[str, Must] = key(MapOf(Name(), StructShape(Must, ("a must rule", "规则"))), "named rules")
    access: tuple[Access, ...] | None = key(
        ListOf(StructShape(Access, ("an access line", "权限行"))), "who may do what"
    )
