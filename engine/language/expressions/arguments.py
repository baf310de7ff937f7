"""The arguments of one call against the function's declaration: how many, of what types, naming what."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.language.expressions import operators
from engine.language.expressions.functions import Function, Parameter
from engine.language.expressions.tree import Call, Each, Items, Literal, Node
from engine.language.expressions.types import (
    ANY,
    DATE,
    DURATION,
    EMPTY,
    LITERAL_TEXT,
    MOMENT,
    MONEY,
    NUMBER,
    PERSON,
    TEAM,
    TEXT,
    TIME,
    YES_NO,
    Choice,
    ListOf,
    Names,
    RecordType,
    Type,
    common,
    element_of,
    words,
)
from engine.language.messages.reference import unknown_resource
from engine.language.messages.type_errors import type_mismatch, unknown_variable, wrong_arguments

if TYPE_CHECKING:
    from engine.language.expressions.check import Checker

_FIXED: dict[str, Type] = {
    "number": NUMBER, "money": MONEY, "text": TEXT, "date": DATE, "time": TIME, "moment": MOMENT,
    "duration": DURATION, "yes_no": YES_NO, "person": PERSON, "team": TEAM,
}  # fmt: skip
_OTHER = {
    "list": ("a list", "列表"),
    "record": ("a record", "记录"),
    "choice": ("a choice", "选项"),
    "any": ("a value", "一个值"),
    "role": ("the name of a role", "角色名"),
    "form": ("the name of a form", "表单名"),
    "calendar": ("the name of a calendar", "日历名"),
    "field": ("the name of a field", "字段名"),
}
_ORDERED = (NUMBER, MONEY, DATE, TIME, MOMENT, DURATION)


class Arguments:
    """One call; `type_of_call` adds its findings to the checker's."""

    def __init__(self, checker: Checker, function: Function, call: Call, names: Names) -> None:
        self.checker = checker
        self.function = function
        self.call = call
        self.names = names

    def type_of_call(self) -> Type:
        if self.function.aggregate and len(self.call.arguments) == 1 and isinstance(self.call.arguments[0], Each):
            types = self.generator(self.call.arguments[0])
        else:
            bound = self.bound()
            if bound is None:
                return self.result([])
            types = [self.argument(parameter, node) for parameter, node in bound]
            if self.function.aggregate and len(types) == 1:
                self.rows_fit(bound[0][1], element_of(types[0]))
            elif self.function.aggregate or self.function.name == "first_of":
                self.alike([node for _, node in bound], types)
            self.together([node for _, node in bound], types)
        return self.result(types)

    def result(self, types: list[Type]) -> Type:
        gives = self.function.gives
        if isinstance(gives, str):
            return _FIXED[gives]
        return gives(types) if types else ANY

    def bound(self) -> list[tuple[Parameter, Node]] | None:
        """Each argument with its parameter; None, and a finding, when they are too few, too many or wrongly named."""
        parameters, given = self.function.parameters, list(self.call.arguments)
        name, most = self.function.name, self.function.most
        names = [parameter.name for parameter in parameters]
        problem: tuple[str, str] | None = None
        pairs: list[tuple[Parameter, Node]] = []
        if most is not None and len(given) > most:
            here = len(given)
            problem = (f"{name} takes at most {most}, here are {here}", f"{name} 最多 {most} 个参数，这里有 {here} 个")
        else:
            pairs = [(parameters[min(i, len(parameters) - 1)], node) for i, node in enumerate(given)]
        for word, node in self.call.keywords:
            if word not in names:
                problem = (f"{name} has no argument '{word}'", f"{name} 没有参数“{word}”")
            elif any(parameter.name == word for parameter, _ in pairs):
                problem = (f"'{word}' is given twice", f"“{word}”给了两次")
            else:
                pairs.append((parameters[names.index(word)], node))
        missing = [p.name for p in parameters if not p.optional and all(p is not parameter for parameter, _ in pairs)]
        if missing and problem is None:
            problem = (f"{name} needs {', '.join(missing)}", f"{name} 缺少参数 {'、'.join(missing)}")
        if problem is None:
            return pairs
        for node in (*given, *(node for _, node in self.call.keywords)):
            if not isinstance(node, Each):
                self.checker.type_of(node, self.names)
        self.checker.findings.append(wrong_arguments(self.checker.place(self.call), self.function.usage, *problem))
        return None

    def argument(self, parameter: Parameter, node: Node) -> Type:
        found = self.checker.type_of(node, self.names)
        if any(_takes(word, found) for word in parameter.accepts):
            self.named(parameter, node)
            return found
        wanted = [_wanted(word) for word in parameter.accepts if word != "list" or len(parameter.accepts) == 1]
        hint = (
            operators.wanted_hint(found, _FIXED[parameter.accepts[0]]) if parameter.accepts[0] in _FIXED else ("", "")
        )
        en, zh = " or ".join(en for en, _ in wanted), "或".join(zh for _, zh in wanted)
        if len(wanted) > 4:
            en, zh = "a single value", "单个值"
        return self.checker.mismatch(node, found, en, zh, hint)

    def named(self, parameter: Parameter, node: Node) -> None:
        """A text that names a role, a form, a calendar: it must be declared, as far as the vocabulary says."""
        vocabulary = self.checker.vocabulary
        known = {"role": vocabulary.roles, "form": vocabulary.forms.keys(), "calendar": vocabulary.calendars}
        kind = parameter.accepts[0]
        declared = known.get(kind)
        if declared and isinstance(node, Literal) and isinstance(node.value, str) and node.value not in declared:
            self.checker.findings.append(unknown_resource(self.checker.place(node), kind, node.value, declared))
        if "team" in parameter.accepts:
            self.checker.entries(node, TEAM)

    def generator(self, each: Each) -> list[Type]:
        """The type of the list that the generator makes."""
        rows = self.checker.type_of(each.rows, self.names)
        of = element_of(rows)
        if of is None:
            of = self.checker.mismatch(each.rows, rows, "a list", "列表")
        inner = self.names.child({each.variable: of})
        if each.test is not None:
            self.checker.condition(each.test, inner)
        value = self.checker.type_of(each.value, inner)
        self.rows_fit(each.value, value)
        return [ListOf(value)]

    def rows_fit(self, node: Node, of: Type | None) -> None:
        """What an aggregate can work over."""
        if of is None or of == ANY:
            return
        match self.function.name:
            case "sum" | "average":
                wanted: tuple[Type, ...] = (NUMBER, MONEY)
            case "min" | "max":
                wanted = _ORDERED
            case "any" | "all":
                wanted = (YES_NO,)
            case _:
                return
        if of == EMPTY or not any(_takes(kind.name, of) for kind in wanted if hasattr(kind, "name")):
            self.checker.mismatch(node, of, *_listed(wanted))

    def alike(self, nodes: list[Node], types: list[Type]) -> None:
        """Arguments of which one is taken must be of one type."""
        for node, found in zip(nodes[1:], types[1:], strict=True):
            if common([types[0], found]) is None:
                self.checker.mismatch(node, found, *words(types[0]))
                return

    def together(self, nodes: list[Node], types: list[Type]) -> None:
        """What some functions ask of two arguments at once."""
        match self.function.name:
            case "percent" if not operators.ordered(types[0], types[1]):
                self.checker.mismatch(nodes[1], types[1], *words(types[0]))
            case "contains":
                of = element_of(types[0]) if element_of(types[0]) is not None else types[0]
                if of is not None and self.checker.entries(nodes[1], of) and not operators.comparable(types[1], of):
                    self.checker.mismatch(nodes[1], types[1], *words(of))
            case "split_by":
                self.shares(nodes[1], types[1])
            case "changed":
                self.changed(nodes, types)

    def shares(self, node: Node, found: Type) -> None:
        of = element_of(found)
        if of not in operators.NUMBERS and of != ANY:
            self.checker.mismatch(node, found, "a list of numbers", "数字列表")
        elif isinstance(node, Items) and all(isinstance(item, Literal) for item in node.items):
            shares = [item.value for item in node.items if isinstance(item, Literal)]
            total = sum(share for share in shares if isinstance(share, int | Decimal))
            if total != 100:
                shown = (f"shares of {total}", f"合计 {total} 的比例")
                wanted = ("a list of shares that add up to 100", "合计为 100 的比例列表")
                self.checker.findings.append(type_mismatch(self.checker.place(node), *shown, *wanted))

    def changed(self, nodes: list[Node], types: list[Type]) -> None:
        record, field = types[0], nodes[1]
        if not (isinstance(record, RecordType) and isinstance(field, Literal) and isinstance(field.value, str)):
            return
        known = [fields for form in record.forms if (fields := self.checker.vocabulary.fields_of(form)) is not None]
        if known and all(field.value not in fields for fields in known):
            shown = " or ".join(record.forms)
            place = self.checker.place(field)
            self.checker.findings.append(unknown_variable(place, field.value, shown, shown, known[0]))


def _takes(word: str, found: Type) -> bool:
    """Whether a parameter of this word takes the type."""
    if found in (ANY, EMPTY):
        return True
    match word:
        case "any":
            return True
        case "number":
            return found in operators.NUMBERS
        case "money":
            return found in operators.AMOUNTS and found != NUMBER
        case "list":
            return element_of(found) is not None
        case "record":
            return isinstance(found, RecordType)
        case "choice":
            return isinstance(found, Choice)
        case "text" | "role" | "form" | "calendar" | "field":
            return operators.is_text(found)
        case "team":
            return found in (TEAM, LITERAL_TEXT)
        case _:
            return found == _FIXED[word]


def _wanted(word: str) -> tuple[str, str]:
    return words(_FIXED[word]) if word in _FIXED else _OTHER[word]


def _listed(types: tuple[Type, ...]) -> tuple[str, str]:
    named = [words(kind) for kind in types]
    return " or ".join(en for en, _ in named), "或".join(zh for _, zh in named)
