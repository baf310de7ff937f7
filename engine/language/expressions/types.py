"""The types of the language, and the names and forms that an expression is checked against.

Choices carry their entries, records their forms, lists what they are of. Phone, email, serial and long text are text to
an expression. ANY stands for what is unknown after an error: it fits everything, so one mistake gives one finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Plain:
    """A type without parts; `name` is the word of LANGUAGE.md."""

    name: str


@dataclass(frozen=True)
class Choice:
    """One of `entries` (entry -> title); `name` says whose they are: 'lead.grade'. Equal when the name is."""

    name: str
    entries: Mapping[str, str] = field(compare=False, repr=False)


@dataclass(frozen=True)
class Choices:
    """Several entries of one choice."""

    of: Choice


@dataclass(frozen=True)
class RecordType:
    """A record of one of `forms`."""

    forms: tuple[str, ...]


@dataclass(frozen=True)
class ListOf:
    of: Type


@dataclass(frozen=True)
class Rows:
    """One row of a list field, or any group of values: a list field is ListOf(Rows(...))."""

    name: str
    fields: Mapping[str, Type] = field(compare=False, repr=False)


@dataclass(frozen=True)
class TemplateType:
    """The name of a template for records of `for_form`; None: any template."""

    for_form: str | None = None


Type = Plain | Choice | Choices | RecordType | ListOf | Rows | TemplateType

NUMBER = Plain("number")
MONEY = Plain("money")
TEXT = Plain("text")
DATE = Plain("date")
TIME = Plain("time")
MOMENT = Plain("moment")
DURATION = Plain("duration")
YES_NO = Plain("yes_no")
PERSON = Plain("person")
TEAM = Plain("team")
FILE = Plain("file")
ANY = Plain("any")
EMPTY = Plain("empty")

LITERAL_NUMBER = Plain("literal number")
"""A number written in the expression: it fits where a number and where money is wanted."""
LITERAL_TEXT = Plain("literal text")
"""A text written in the expression: it fits where a text and where one of a choice's entries is wanted."""

SCALARS: Mapping[str, Type] = {
    "text": TEXT,
    "long_text": TEXT,
    "phone": TEXT,
    "email": TEXT,
    "serial": TEXT,
    "number": NUMBER,
    "money": MONEY,
    "date": DATE,
    "time": TIME,
    "moment": MOMENT,
    "duration": DURATION,
    "yes_no": YES_NO,
    "person": PERSON,
    "file": FILE,
}
"""The declared field types that need no more than their word."""


def answers(answer: Type = TEXT, item: Type = ANY) -> ListOf:
    """What `collect` gathers: one row a finished copy."""
    return ListOf(Rows("answers", {"item": item, "answer": answer, "by": PERSON, "opinion": TEXT, "result": TEXT}))


def step_fields(answer: Type = TEXT) -> Rows:
    """What `steps.x` has (LANGUAGE section 10)."""
    fields: dict[str, Type] = {
        "by": PERSON,
        "answer": answer,
        "opinion": TEXT,
        "changed": ListOf(TEXT),
        "opened_at": MOMENT,
        "done_at": MOMENT,
        "open": YES_NO,
    }
    return Rows("step", fields)


@dataclass(frozen=True)
class Names:
    """The names that may be read at one place: a type, or a group with names of its own (`case`, `steps`).

    `what` is how a message calls the group. `child` makes the scope of an inner place: its names hide the outer ones.
    """

    known: Mapping[str, Type | Names]
    what: str = ""

    def child(self, known: Mapping[str, Type | Names]) -> Names:
        return Names({**self.known, **known}, self.what)


@dataclass(frozen=True)
class Vocabulary:
    """What the pack declares, as far as expressions can name it.

    forms: form -> field -> type, without `id created_at changed_at`, which every record has. optional: form -> the
    fields that may be empty. person: the organization's attributes, without `id name roles team manager`.
    """

    forms: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    optional: Mapping[str, frozenset[str]] = field(default_factory=dict)
    person: Mapping[str, Type] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    calendars: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()

    def fields_of(self, form: str) -> dict[str, Type] | None:
        """Every field of a record of `form`, also those that all records have; None for an unknown form."""
        declared = self.forms.get(form)
        return None if declared is None else {**RECORD_FIELDS, **declared}

    def person_fields(self) -> dict[str, Type]:
        return {**PERSON_FIELDS, **self.person}


RECORD_FIELDS: Mapping[str, Type] = {"id": NUMBER, "created_at": MOMENT, "changed_at": MOMENT}
PERSON_FIELDS: Mapping[str, Type] = {"id": TEXT, "name": TEXT, "roles": ListOf(TEXT), "team": TEAM, "manager": PERSON}

_WORDS = {
    "number": ("a number", "数字"),
    "literal number": ("a number", "数字"),
    "money": ("an amount of money", "金额"),
    "text": ("a text", "文本"),
    "literal text": ("a text", "文本"),
    "date": ("a date", "日期"),
    "time": ("a time of day", "时刻"),
    "moment": ("a moment", "日期时间"),
    "duration": ("a duration", "时长"),
    "yes_no": ("a condition (yes or no)", "条件（是或否）"),
    "person": ("a person", "人员"),
    "team": ("a team", "团队"),
    "file": ("a file", "文件"),
    "any": ("any value", "任意值"),
    "empty": ("empty", "空值"),
}


def words(type_: Type) -> tuple[str, str]:
    """The type in en and zh, for a message."""
    match type_:
        case Plain(name=name):
            return _WORDS[name]
        case Choice(name=name):
            return f"one of the choices of {name}", f"{name} 的选项"
        case Choices(of=of):
            return f"a list of choices of {of.name}", f"{of.name} 的多个选项"
        case RecordType(forms=forms):
            listed = " or ".join(forms)
            return f"a record of {listed}", f"{'或'.join(forms)} 的记录"
        case ListOf(of=of):
            en, zh = words(of)
            return f"a list ({en} each)", f"列表（每项为{zh}）"
        case Rows(name=name):
            return f"a row of {name}", f"{name} 的一行"
        case TemplateType(for_form=form):
            return (f"a template for {form}", f"{form} 的模板") if form else ("a template", "模板")


def element_of(type_: Type) -> Type | None:
    """What a list holds; None when the type is no list."""
    match type_:
        case ListOf(of=of) | Choices(of=of):
            return of
        case Plain(name="any"):
            return ANY
        case _:
            return None


def bare(type_: Type) -> Type:
    """The type a value has once it is no longer a literal."""
    if type_ == LITERAL_NUMBER:
        return NUMBER
    return TEXT if type_ == LITERAL_TEXT else type_


def fits(found: Type, wanted: Type) -> bool:
    """Whether a value of `found` may stand where `wanted` is declared; which entries texts name is no matter here."""
    if ANY in (found, wanted) or found in (wanted, EMPTY):
        return True
    match found, wanted:
        case Plain("literal number"), Plain("number" | "money"):
            return True
        case Plain("number"), Plain("literal number"):
            return True
        case Plain("literal text"), Plain("text" | "team" | "file" | "literal text") | Choice() | TemplateType():
            return True
        case ((Choice() | Plain("team")), Plain("text")):
            return True
        case Choice(entries=some), Choice(entries=others):
            return some.keys() <= others.keys()
        case RecordType(forms=some), RecordType(forms=others):
            return set(some) <= set(others)
        case TemplateType(), TemplateType(for_form=None):
            return True
        case Choices(of=some), Choices(of=others):
            return fits(some, others)
        case ListOf(of=some), Choices(of=others):
            return fits(some, others)
        case Choices(of=some), ListOf(of=others):
            return fits(some, others)
        case ListOf(of=some), ListOf(of=others):
            return fits(some, others)
        case Rows(fields=some), Rows(fields=others):
            return all(name in others and fits(type_, others[name]) for name, type_ in some.items())
        case _:
            return False


def common(types: list[Type]) -> Type | None:
    """The type that all of `types` fit, None when there is none: of `x if c else y`, a list, first_of."""
    known = [type_ for type_ in types if type_ != EMPTY]
    if not known:
        return EMPTY if types else ANY
    if ANY in known:
        return ANY
    for candidate in known:
        if all(fits(type_, candidate) for type_ in known):
            return candidate
    if all(isinstance(type_, RecordType) for type_ in known):
        forms = dict.fromkeys(form for type_ in known if isinstance(type_, RecordType) for form in type_.forms)
        return RecordType(tuple(forms))
    if all(fits(type_, TEXT) for type_ in known):
        return TEXT
    return None
