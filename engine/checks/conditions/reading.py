"""From the tree of a condition to its formula, exactly as LANGUAGE section 10 says it is worked out.

What cannot be read (a generator, a function, a product of two fields) becomes a term of its own: equal texts are equal
values, nothing else is known of it.

(A little long: one reader, a method for each form of an expression.)
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

from engine.checks.conditions.formula import Atom, Formula, Pair, Sum, Term, both, either, negated
from engine.language.durations import Duration
from engine.language.expressions.check import Checker
from engine.language.expressions.compile import calls_world, compiled
from engine.language.expressions.faults import ExpressionFault
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
    Path,
    paths,
    walk,
)
from engine.language.expressions.types import (
    ANY,
    DATE,
    LITERAL_NUMBER,
    MOMENT,
    MONEY,
    NUMBER,
    TEXT,
    YES_NO,
    Names,
    Type,
    Vocabulary,
    bare,
)

NEVER_EMPTY = frozenset(
    {
        "count",
        "sum",
        "now",
        "today",
        "has",
        "any",
        "all",
        "contains",
        "starts_with",
        "has_role",
        "changed",
        "is_workday",
        "is_open",
    }
)
"""Functions whose answer is filled whatever they are given (an empty list too)."""
STRICT = frozenset(
    {"floor", "ceil", "abs", "round", "length", "lower", "upper", "text", "similar", "date_of", "days_between", "minutes_between",
     "workdays_between", "workhours_between", "next_workday", "month_of", "year_of", "weekday_of", "held", "people_with",
     "seconds", "minutes", "hours", "days", "weeks", "months"}
)  # fmt: skip
"""Functions that are empty only where what they are given is empty."""
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
SIGNS = {
    "<": frozenset({-1}), "<=": frozenset({-1, 0}), ">": frozenset({1}), ">=": frozenset({0, 1}), "==": frozenset({0}),
    "!=": frozenset({-1, 1}),
}  # fmt: skip
LINEAR = (NUMBER, LITERAL_NUMBER, MONEY, DATE, MOMENT)
NOTHING = object()
"""No constant: None is one."""


class Reader:
    """Reads the conditions of one scope. `names` are those of the place; raises nothing for what it cannot read."""

    def __init__(self, expression: Expression, names: Names, vocabulary: Vocabulary) -> None:
        self.checker = Checker(expression, names, vocabulary)
        self.names = names
        self.types: dict[int, Type] = {}

    def type_of(self, node: Node) -> Type:
        if id(node) not in self.types:
            self.types[id(node)] = self.checker.type_of(node, self.names)
        return self.types[id(node)]

    def formula(self, node: Node) -> Formula:
        """When `node` is yes."""
        value = constant(node)
        if value is not NOTHING:
            return value is True
        match node:
            case Not(operand=operand):
                return negated(self.formula(operand))
            case Logic(operator=operator, operands=operands):
                parts = [self.formula(operand) for operand in operands]
                return both(*parts) if operator == "and" else either(*parts)
            case Choose(then=then, test=test, other=other):
                chosen = self.formula(test)
                return either(both(chosen, self.formula(then)), both(negated(chosen), self.formula(other)))
            case Compare():
                return self.comparison(node)
            case Call(function="has", arguments=(only,)):
                return self.filled(only)
            case _:
                return Atom(self.term(node), "==", (True,))

    # -- comparisons

    def comparison(self, node: Compare) -> Formula:
        if node.operator in ("in", "not in"):
            return self.membership(node)
        return self.compared(node.operator, node.left, node.right)

    def compared(self, operator: str, left: Node, right: Node) -> Formula:
        for mine, other, word in ((left, right, operator), (right, left, TURNED[operator])):
            if isinstance(mine, Choose):
                test = self.formula(mine.test)
                then, otherwise = self.compared(word, mine.then, other), self.compared(word, mine.other, other)
                return either(both(test, then), both(negated(test), otherwise))
            if isinstance(mine, Call) and mine.function == "first_of" and mine.arguments:
                first, *rest = mine.arguments
                later = self.first_of(mine, rest, word, other)
                return either(
                    both(self.filled(first), self.compared(word, first, other)),
                    both(negated(self.filled(first)), later),
                )
        a, b = constant(left), constant(right)
        if a is None or b is None:
            return False
        if a is not NOTHING and b is not NOTHING:
            return _holds(operator, a, b)
        if self.type_of(left) in LINEAR and self.type_of(right) in LINEAR:
            return self.amounts(operator, left, right)
        if a is not NOTHING:
            return Atom(self.term(right), TURNED[operator], (a,))
        if b is not NOTHING:
            return Atom(self.term(left), operator, (b,))
        return both(self.filled(left), self.filled(right), self.pair(operator, left, right))

    def first_of(self, call: Call, rest: list[Node], word: str, other: Node) -> Formula:
        if not rest:
            return False
        return self.compared(word, Call(call.offset, call.length, call.height, "first_of", tuple(rest), ()), other)

    def pair(self, operator: str, left: Node, right: Node) -> Formula:
        a, b = self.term(left), self.term(right)
        if a.text == b.text:
            return 0 in SIGNS[operator]
        signs = SIGNS[operator]
        if a.text > b.text:
            a, b, signs = b, a, frozenset(-sign for sign in signs)
        return Pair(a, b, signs)

    def membership(self, node: Compare) -> Formula:
        left, wanted = node.left, node.operator == "in"
        if isinstance(node.right, Items):
            items = [constant(item) for item in node.right.items]
            if constant(left) is NOTHING and all(item is not NOTHING for item in items):
                values = tuple(item for item in items if item is not None)
                if path_of(left) is not None or self.type_of(left) not in (*LINEAR, ANY):
                    return Atom(self.term(left), node.operator, values)
            same = [self.compared("==", left, item) for item in node.right.items]
            if wanted:
                return either(*same)
            return both(self.filled(left), *(negated(one) for one in same))
        return self.opaque(node, left)

    def opaque(self, node: Compare, left: Node) -> Formula:
        """In a list that is read: one question, asked of what is filled."""
        text = f"{spelled(left)} in {spelled(node.right)}"
        question: Formula = Atom(Term(text, YES_NO, node, None, paths(node)), "==", (True,))
        return both(self.filled(left), question if node.operator == "in" else negated(question))

    # -- numbers, money, dates

    def amounts(self, operator: str, left: Node, right: Node) -> Formula:
        parts: dict[Term, Fraction] = {}
        total = self.gather(left, Fraction(1), parts) + self.gather(right, Fraction(-1), parts)
        parts = {term: factor for term, factor in parts.items() if factor}
        filled = both(self.filled(left), self.filled(right))
        if not parts:
            return both(filled, _holds(operator, total, Fraction(0)))
        ordered = sorted(parts.items(), key=lambda part: part[0].text)
        lead = ordered[0][1]
        operator = operator if lead > 0 else TURNED[operator]
        scaled, total = tuple((term, factor / lead) for term, factor in ordered), total / lead
        if len(scaled) == 1 and (value := value_on_scale(-total, bare(scaled[0][0].type))) is not None:
            return both(filled, Atom(scaled[0][0], operator, (value,)))
        if operator == "!=":
            return both(filled, negated(Sum(scaled, total, "==")))
        return both(filled, Sum(scaled, total, operator))

    def gather(self, node: Node, factor: Fraction, parts: dict[Term, Fraction]) -> Fraction:
        """Adds `factor * node` to the terms; returns what is constant of it."""
        value = constant(node)
        number = measured(value)
        if number is not None:
            return factor * number
        match node:
            case Minus(operand=operand):
                return self.gather(operand, -factor, parts)
            case Arithmetic(operator="+" | "-" as sign, left=left, right=right):
                turned = factor if sign == "+" else -factor
                days = _days(constant(right))
                if self.type_of(left) == DATE and days is not None:
                    return self.gather(left, factor, parts) + turned * days
                if self.type_of(left) in (NUMBER, LITERAL_NUMBER, MONEY) and self.type_of(right) != ANY:
                    return self.gather(left, factor, parts) + self.gather(right, turned, parts)
            case Arithmetic(operator="*", left=left, right=right):
                for one, other in ((left, right), (right, left)):
                    by = measured(constant(one))
                    if by is not None:
                        return self.gather(other, factor * by, parts)
            case Arithmetic(operator="/", left=left, right=right):
                by = measured(constant(right))
                if by and _finite(1 / by):
                    return self.gather(left, factor / by, parts)
            case Call(function="percent", arguments=(part, whole)) if by := measured(constant(whole)):
                return self.gather(part, factor * 100 / by, parts)
            case Call(function="days_between", arguments=(first, last)) if (
                self.type_of(first) == self.type_of(last) == DATE
            ):
                return self.gather(last, factor, parts) + self.gather(first, -factor, parts)
        term = self.term(node)
        parts[term] = parts.get(term, Fraction(0)) + factor
        return Fraction(0)

    # -- what is filled in

    def filled(self, node: Node) -> Formula:
        """When the value of `node` is not empty."""
        value = constant(node)
        if value is not NOTHING:
            return value is not None and value not in ("", ())
        match node:
            case Minus(operand=operand):
                return self.filled(operand)
            case Not() | Logic() | Compare():
                return True
            case Items(items=items):
                return bool(items)
            case Arithmetic(operator=operator, left=left, right=right):
                if bare(self.type_of(node)) == TEXT:
                    return either(self.filled(left), self.filled(right))
                parts = both(self.filled(left), self.filled(right))
                return parts if operator in "+-*" else both(parts, self.not_zero(right))
            case Choose(then=then, test=test, other=other):
                chosen = self.formula(test)
                return either(both(chosen, self.filled(then)), both(negated(chosen), self.filled(other)))
            case Call(function=function) if function in NEVER_EMPTY:
                return True
            case Call(function="first_of", arguments=arguments):
                return either(*(self.filled(argument) for argument in arguments))
            case Call(function=function, arguments=arguments) if function in STRICT and arguments:
                return both(*(self.filled(argument) for argument in arguments))
            case Call(function="min" | "max", arguments=(_, _, *_) as arguments):
                return either(*(self.filled(argument) for argument in arguments))
            case Call(function="percent", arguments=(part, whole)):
                return both(self.filled(part), self.filled(whole), self.not_zero(whole))
        return Atom(self.term(node), "has")

    def not_zero(self, node: Node) -> Formula:
        value = constant(node)
        return bool(value) if value is not NOTHING else self.amounts("!=", node, Literal(0, 1, 1, 0))

    def term(self, node: Node) -> Term:
        return Term(spelled(node), bare(self.type_of(node)), node, path_of(node), paths(node))


def read(expression: Expression, names: Names, vocabulary: Vocabulary) -> Formula:
    """When the condition holds, at a place with these names."""
    return Reader(expression, names, vocabulary).formula(expression.tree)


def constant(node: Node) -> Any:
    """The value of what reads nothing; NOTHING for all else, and for what cannot be worked out."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Name | Field) or calls_world(node) or any(isinstance(part, Name) for part in walk(node)):
        return NOTHING
    try:
        return compiled(node)({})
    except ExpressionFault:
        return NOTHING


def path_of(node: Node) -> Path | None:
    """The dotted path that `node` spells."""
    if isinstance(node, Name):
        return (node.name,)
    if isinstance(node, Field):
        before = path_of(node.of)
        return None if before is None else (*before, node.name)
    return None


def spelled(node: Node) -> str:
    """One spelling for all ways to write the same tree."""
    match node:
        case Literal(value=str() as text):
            return "'" + text.replace("'", "''") + "'"
        case Literal(value=value):
            return "empty" if value is None else ("no", "yes")[value] if isinstance(value, bool) else str(value)
        case Name(name=name):
            return name
        case Field(of=of, name=name):
            return f"{spelled(of)}.{name}"
        case Items(items=items):
            return f"[{', '.join(spelled(item) for item in items)}]"
        case Minus(operand=operand):
            return f"-{_inner(operand)}"
        case Not(operand=operand):
            return f"not {_inner(operand)}"
        case Arithmetic(operator=operator, left=left, right=right) | Compare(operator=operator, left=left, right=right):
            return f"{_inner(left)} {operator} {_inner(right)}"
        case Logic(operator=operator, operands=operands):
            return f" {operator} ".join(_inner(operand) for operand in operands)
        case Choose(then=then, test=test, other=other):
            return f"{_inner(then)} if {_inner(test)} else {_inner(other)}"
        case Call(function=function, arguments=arguments, keywords=keywords):
            given = [spelled(argument) for argument in arguments]
            given += [f"{name}={spelled(value)}" for name, value in keywords]
            return f"{function}({', '.join(given)})"
        case Each(value=value, variable=variable, rows=rows, test=test):
            tail = "" if test is None else f" if {spelled(test)}"
            return f"{spelled(value)} for {variable} in {spelled(rows)}{tail}"
    return ""


def _inner(node: Node) -> str:
    text = spelled(node)
    return f"({text})" if isinstance(node, Arithmetic | Compare | Logic | Choose | Not) else text


def _holds(operator: str, a: Any, b: Any) -> bool:
    try:
        sign = 0 if a == b else None if operator in ("==", "!=") else -1 if a < b else 1
    except TypeError:
        return False
    return sign in SIGNS[operator] if sign is not None else operator == "!="


def measured(value: Any) -> Fraction | None:
    """A number or a date on one scale; None for what is neither."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return Fraction(value.toordinal())
    return Fraction(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def value_on_scale(measure: Fraction, kind: Type) -> Any:
    """Back from the scale to a value of `kind`; None when it has none there."""
    if kind == DATE:
        whole = measure.denominator == 1 and 1 <= measure.numerator <= dt.date.max.toordinal()
        return dt.date.fromordinal(measure.numerator) if whole else None
    if kind not in (NUMBER, MONEY) or not _finite(measure):
        return None  # a moment is a point in time that nothing but another moment is compared with
    return measure.numerator if measure.denominator == 1 else Decimal(measure.numerator) / Decimal(measure.denominator)


def _finite(number: Fraction) -> bool:
    """Whether it can be written with decimals that end."""
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1 and number.denominator < 10**12


def _days(value: Any) -> Fraction | None:
    """A fixed number of whole days."""
    if isinstance(value, Duration) and value.unit in ("days", "weeks") and value.amount == int(value.amount):
        return Fraction(int(value.amount) * (7 if value.unit == "weeks" else 1))
    return None
