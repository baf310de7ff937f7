"""Names, types and functions of an expression against its scope, before it ever runs: all findings, no cascades.

A part that is wrong becomes ANY, which fits everything, so that one mistake gives one finding.
(A little long: the rules of one checker, which call each other.)
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal as OneOf

from engine.language.diagnostics import Diagnostic, nearest
from engine.language.expressions import operators
from engine.language.expressions.arguments import Arguments
from engine.language.expressions.compile import calls_world, compiled
from engine.language.expressions.faults import MOST_DIGITS, ExpressionFault, ExpressionLimit
from engine.language.expressions.functions import TABLE
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import (
    Arithmetic,
    Call,
    Choose,
    Compare,
    Each,
    Field,
    Items,
    Literal,
    Logic,
    Minus,
    Name,
    Node,
    Not,
    children,
    walk,
)
from engine.language.expressions.types import (
    ANY,
    DURATION,
    EMPTY,
    LITERAL_NUMBER,
    LITERAL_TEXT,
    PERSON,
    TEAM,
    YES_NO,
    Choice,
    ListOf,
    Names,
    RecordType,
    Rows,
    Type,
    Vocabulary,
    bare,
    common,
    element_of,
    fits,
    words,
)
from engine.language.messages.syntax import over_limit
from engine.language.messages.type_errors import (
    constant_condition,
    rule_changes_with_time,
    time_in_condition,
    type_mismatch,
    unknown_choice,
    unknown_function,
    unknown_variable,
)
from engine.language.source import Span

Wanted = Type | tuple[Type, ...] | None
Clock = OneOf["must", "condition"] | None

_MEANT = {
    "len": "length", "str": "text", "int": "number", "float": "number", "avg": "average", "mean": "average",
    "isnull": "has", "is_empty": "has", "empty": "has", "exists": "has", "coalesce": "first_of", "ifnull": "first_of",
    "total": "sum", "concat": "text", "strip": "trim", "datediff": "days_between", "current_date": "today",
}  # fmt: skip
"""What people call our functions elsewhere."""


def check(
    expression: Expression, names: Names, vocabulary: Vocabulary, wants: Wanted = None, *, forbid_clock: Clock = None
) -> tuple[Type, list[Diagnostic]]:
    """The expression's type and everything that is wrong with it; the type is ANY where it cannot be known.

    `wants` is the type of its place, or several of which one will do. `forbid_clock`: 'must' refuses today() and now()
    everywhere; 'condition' (once, becomes) lets them stand in a generator, where a new row makes them looked at anew.
    """
    checker = Checker(expression, names, vocabulary)
    found = checker.type_of(expression.tree, names)
    if wants is not None:
        found = checker.demand(expression.tree, found, wants if isinstance(wants, tuple) else (wants,))
    if wants == YES_NO:
        checker.always(expression.tree)
    checker.constants()
    if forbid_clock is not None:
        checker.clock(expression.tree, forbid_clock)
    return bare(found), checker.findings


class Checker:
    """One expression under the magnifying glass; `findings` in the order of discovery."""

    def __init__(self, expression: Expression, names: Names, vocabulary: Vocabulary) -> None:
        self.expression = expression
        self.names = names
        self.vocabulary = vocabulary
        self.findings: list[Diagnostic] = []

    def place(self, node: Node) -> Span:
        return self.expression.place(node)

    def mismatch(self, node: Node, found: Type, en: str, zh: str, hint: tuple[str, str] = ("", "")) -> Type:
        self.findings.append(type_mismatch(self.place(node), *words(found), en, zh, *hint))
        return ANY

    # -- what a part is

    def type_of(self, node: Node, names: Names) -> Type:
        match node:
            case Literal(value=value):
                if value is None:
                    return EMPTY
                return YES_NO if isinstance(value, bool) else LITERAL_TEXT if isinstance(value, str) else LITERAL_NUMBER
            case Name() | Field():
                found = self.resolve(node, names)
                return self.group(node, found) if isinstance(found, Names) else found
            case Items(items=items):
                return self.items(node, [self.type_of(item, names) for item in items])
            case Minus(operand=operand):
                found = self.type_of(operand, names)
                if found in operators.AMOUNTS or found in (DURATION, ANY):
                    return found
                return self.mismatch(operand, found, "a number", "数字")
            case Not(operand=operand):
                self.condition(operand, names)
                return YES_NO
            case Logic(operands=operands):
                for operand in operands:
                    self.condition(operand, names)
                return YES_NO
            case Choose(then=then, test=test, other=other):
                self.condition(test, names)
                types = [self.type_of(then, names), self.type_of(other, names)]
                return common(types) or self.mismatch(other, types[1], *words(types[0]))
            case Arithmetic():
                return self.arithmetic(node, names)
            case Compare():
                return self.comparison(node, names)
            case Call():
                return self.call(node, names)
        return ANY

    def group(self, node: Node, names: Names) -> Type:
        """`case` or `steps` alone is no value."""
        write = f"{_spelled(node)}.{next(iter(names.known), 'x')}"
        hint = (f"for example {write}", f"例如 {write}")
        self.findings.append(
            type_mismatch(self.place(node), "a group of names", "一组名称", "a value", "一个值", *hint)
        )
        return ANY

    def items(self, node: Items, types: list[Type]) -> Type:
        kind = common(types)
        if kind is not None:
            return ListOf(kind)
        odd = next(i for i, found in enumerate(types) if common([types[0], found]) is None)
        return ListOf(self.mismatch(node.items[odd], types[odd], *words(types[0])))

    def condition(self, node: Node, names: Names) -> None:
        self.demand(node, self.type_of(node, names), (YES_NO,))
        self.always(node)

    def always(self, node: Node) -> None:
        """A condition that reads nothing is always yes or always no; one finding for the largest such part."""
        if calls_world(node) or any(isinstance(part, Name) for part in walk(node)):
            return
        place = self.place(node)
        inside = [f for f in self.findings if place.column <= f.span.column < place.end_column]
        if any(f.code != "constant-condition" for f in inside):
            return
        self.findings = [f for f in self.findings if f not in inside]
        with contextlib.suppress(ExpressionFault):
            self.findings.append(constant_condition(place, compiled(node)({}) is True))

    def resolve(self, node: Node, names: Names) -> Type | Names:
        """The type of a name or a field, or the group of names that it stands for."""
        if isinstance(node, Name):
            known = names.known.get(node.name)
            return self.unknown(node, node.name, "this place", "这里", names.known) if known is None else known
        if not isinstance(node, Field):
            return self.type_of(node, names)
        of = self.resolve(node.of, names)
        spelled = _spelled(node.of)
        match of:
            case Names():
                found = of.known.get(node.name)
                return self.unknown(node, node.name, spelled, spelled, of.known) if found is None else found
            case RecordType(forms=forms):
                return self.record_field(node, forms, spelled)
            case Rows(fields=fields):
                return self.field(node, fields, spelled)
            case _ if of == PERSON:
                return self.field(node, self.vocabulary.person_fields(), spelled)
            case _ if of in (ANY, EMPTY):
                return ANY
            case _:
                hint = ("", "")
                if element_of(of) is not None:
                    rows = f"sum(x.{node.name} for x in {spelled})"
                    hint = (f"read its rows: {rows}", f"请逐行读取：{rows}")
                return self.mismatch(node.of, of, "a record, a person or a row", "记录、人员或一行", hint)

    def record_field(self, node: Field, forms: tuple[str, ...], spelled: str) -> Type:
        known = [fields for form in forms if (fields := self.vocabulary.fields_of(form)) is not None]
        if len(known) < len(forms) or not known:
            return ANY  # the unknown form is a finding of its own
        missing = next((fields for fields in known if node.name not in fields), None)
        if missing is not None:
            return self.unknown(node, node.name, spelled, spelled, missing)
        types = [fields[node.name] for fields in known]
        return common(types) or ANY

    def field(self, node: Field, fields: Mapping[str, Type], spelled: str) -> Type:
        found = fields.get(node.name)
        return self.unknown(node, node.name, spelled, spelled, fields) if found is None else found

    def unknown(self, node: Node, name: str, en: str, zh: str, allowed: Iterable[str]) -> Type:
        place = self.place(node)
        if isinstance(node, Field):
            place = self.expression.span.inside(node.offset + node.length - len(name), len(name))
        self.findings.append(unknown_variable(place, name, en, zh, allowed))
        return ANY

    # -- operators

    def arithmetic(self, node: Arithmetic, names: Names) -> Type:
        a, b = self.type_of(node.left, names), self.type_of(node.right, names)
        found = operators.arithmetic(node.operator, a, b)
        if found is not None:
            return found
        return self.operands(node, a, b, node.operator)

    def operands(self, node: Arithmetic | Compare, a: Type, b: Type, operator: str) -> Type:
        """Both operands are fine alone and do not go together: the finding stands on the right one."""
        alone = operator in operators.NEEDS and a not in operators.NEEDS[operator]
        culprit, found, partner = (node.left, a, b) if alone else (node.right, b, a)
        en, zh = words(partner)
        hint = operators.arithmetic_hint(operator, a, b)
        side_en, side_zh = ("before", "之前") if alone else ("after", "之后")
        wanted = (f"{side_en} '{operator}' something that goes with {en}", f"“{operator}”{side_zh}能与{zh}相配的值")
        self.findings.append(type_mismatch(self.place(culprit), *words(found), *wanted, *hint))
        return ANY

    def comparison(self, node: Compare, names: Names) -> Type:
        a, b = self.type_of(node.left, names), self.type_of(node.right, names)
        for side, kind in ((node.left, a), (node.right, b)):
            if kind == EMPTY:
                test = f"has({_spelled(node.left if side is node.right else node.right)})"
                write = test if node.operator in ("!=", "not in") else f"not {test}"
                hint = (f"nothing equals empty; write {write}", f"任何值都不等于空；请写 {write}")
                self.mismatch(side, EMPTY, "a value", "一个值", hint)
                return YES_NO
        if node.operator in ("in", "not in"):
            self.membership(node, a, b)
        elif node.operator in ("==", "!="):
            if self.entries(node.right, a) and self.entries(node.left, b) and not operators.comparable(a, b):
                self.operands(node, a, b, node.operator)
        elif not operators.ordered(a, b):
            self.operands(node, a, b, node.operator)
        return YES_NO

    def membership(self, node: Compare, a: Type, b: Type) -> None:
        of = element_of(b)
        if of is None:
            hint = ("for a part of a text write contains(text, part)", "判断文本片段请写 contains(文本, 片段)")
            self.mismatch(node.right, b, "a list", "列表", hint if operators.is_text(b) else ("", ""))
        elif self.entries(node.right, a) and self.entries(node.left, of) and not operators.comparable(a, of):
            self.operands(node, a, of, node.operator)

    # -- what a place wants

    def demand(self, node: Node, found: Type, wanted: tuple[Type, ...]) -> Type:
        """`found` when it may stand here, else a finding and ANY."""
        if not all(self.entries(node, kind) for kind in wanted):
            return ANY
        for kind in wanted:
            if fits(found, kind):
                return kind if found in (LITERAL_NUMBER, LITERAL_TEXT, EMPTY) else found
        named = [words(kind) for kind in wanted]
        hint = operators.wanted_hint(found, *wanted)
        return self.mismatch(node, found, " or ".join(en for en, _ in named), "或".join(zh for _, zh in named), hint)

    def entries(self, node: Node, against: Type) -> bool:
        """Whether every text written at `node` is an entry of the choice (or a team) that it meets."""
        kind = element_of(against) or against
        if isinstance(kind, Choice):
            name, allowed = kind.name, list(kind.entries)
        elif kind == TEAM and self.vocabulary.teams:
            name, allowed = "teams", sorted(self.vocabulary.teams)
        else:
            return True
        wrong = [text for text in texts_of(node) if text.value not in allowed]
        self.findings += [unknown_choice(self.place(text), str(text.value), name, allowed) for text in wrong]
        return not wrong

    # -- functions

    def call(self, node: Call, names: Names) -> Type:
        function = TABLE.get(node.function)
        if function is None:
            for argument in (*node.arguments, *(value for _, value in node.keywords)):
                if not isinstance(argument, Each):
                    self.type_of(argument, names)
            close = nearest(node.function, TABLE)
            allowed = [_MEANT[node.function]] if node.function in _MEANT else [close] if close else sorted(TABLE)
            place = self.expression.span.inside(node.offset, len(node.function))
            self.findings.append(unknown_function(place, node.function, allowed))
            return ANY
        return Arguments(self, function, node, names).type_of_call()

    # -- the whole

    def constants(self) -> None:
        """A text without names is worked out now: what is too large then would be too large always."""
        tree = self.expression.tree
        if self.findings or calls_world(tree) or any(isinstance(node, Name) for node in walk(tree)):
            return
        try:
            self.expression.run({})
        except ExpressionLimit:
            place = self.place(tree)
            self.findings.append(over_limit(place, "the size of this value", "该值的大小", MOST_DIGITS))
        except ExpressionFault:
            self.mismatch(tree, ANY, "a value that can be worked out", "可以计算的值")

    def clock(self, root: Node, why: OneOf["must", "condition"]) -> None:
        todo = [root]
        while todo:
            node = todo.pop()
            if isinstance(node, Each) and why == "condition":
                todo.append(node.rows)
                continue
            if isinstance(node, Call) and node.function in TABLE and TABLE[node.function].clock:
                say = rule_changes_with_time if why == "must" else time_in_condition
                self.findings.append(say(self.place(node), node.function))
            todo.extend(children(node))


def texts_of(node: Node) -> Iterator[Literal]:
    """The texts written where the value of `node` comes from."""
    match node:
        case Literal(value=str()):
            yield node
        case Items(items=items):
            for item in items:
                yield from texts_of(item)
        case Choose(then=then, other=other):
            yield from texts_of(then)
            yield from texts_of(other)
        case Call(function="first_of", arguments=arguments):
            for argument in arguments:
                yield from texts_of(argument)


def _spelled(node: Node) -> str:
    """The dotted name as it is written, as far as it is one."""
    if isinstance(node, Field):
        return f"{_spelled(node.of)}.{node.name}"
    return node.name if isinstance(node, Name) else "..."
