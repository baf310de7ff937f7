"""Which operands an operator takes and what it gives: the type side of `arithmetic.py` (LANGUAGE section 10).

Money with money only; money * number = money; date - date = duration; date + duration = date. A number written in the
expression counts as money beside money.
"""

from __future__ import annotations

from engine.language.expressions.types import (
    ANY,
    DATE,
    DURATION,
    LITERAL_NUMBER,
    LITERAL_TEXT,
    MOMENT,
    MONEY,
    NUMBER,
    PERSON,
    TEAM,
    TEXT,
    TIME,
    Choice,
    RecordType,
    Type,
    element_of,
    fits,
)

NUMBERS = frozenset([NUMBER, LITERAL_NUMBER])
AMOUNTS = frozenset([NUMBER, LITERAL_NUMBER, MONEY])
ORDERED = frozenset([NUMBER, LITERAL_NUMBER, MONEY, DATE, TIME, MOMENT, DURATION, TEXT, LITERAL_TEXT])


NEEDS: dict[str, frozenset[Type]] = {
    "-": AMOUNTS | {DATE, MOMENT, DURATION, ANY},
    "*": AMOUNTS | {DURATION, ANY},
    "/": AMOUNTS | {ANY},
    "%": AMOUNTS | {ANY},
}
"""What may stand before an operator at all: another type there is the culprit, whatever stands behind it."""


def is_text(type_: Type) -> bool:
    return type_ in (TEXT, LITERAL_TEXT, TEAM) or isinstance(type_, Choice)


def arithmetic(operator: str, a: Type, b: Type) -> Type | None:
    """The type of `a operator b`; None when it has no meaning."""
    if ANY in (a, b):
        return ANY
    if a in NUMBERS and b in NUMBERS:
        return LITERAL_NUMBER if a == b == LITERAL_NUMBER else NUMBER
    match operator:
        case "+":
            return _sum(a, b)
        case "-":
            return _difference(a, b)
        case "*":
            return _product(a, b)
        case "/":
            if a == MONEY:
                return MONEY if b in NUMBERS else NUMBER if b == MONEY else None
        case "%":
            if a == MONEY and b in (MONEY, LITERAL_NUMBER, NUMBER):
                return MONEY
    return None


def _sum(a: Type, b: Type) -> Type | None:
    if is_text(a) and is_text(b):
        return TEXT
    for one, other in ((a, b), (b, a)):
        if one == MONEY and other in (MONEY, LITERAL_NUMBER):
            return MONEY
        if one in (DATE, MOMENT, DURATION) and other == DURATION:
            return one
    return None


def _difference(a: Type, b: Type) -> Type | None:
    if MONEY in (a, b) and {a, b} <= {MONEY, LITERAL_NUMBER}:
        return MONEY
    if a in (DATE, MOMENT, DURATION) and b == DURATION:
        return a
    return DURATION if a == b and a in (DATE, MOMENT) else None


def _product(a: Type, b: Type) -> Type | None:
    for one, other in ((a, b), (b, a)):
        if one in (MONEY, DURATION) and other in NUMBERS:
            return one
    return None


def ordered(a: Type, b: Type) -> bool:
    """Whether `a < b` has a meaning."""
    return ANY in (a, b) or ({a, b} <= ORDERED and (fits(a, b) or fits(b, a)))


def comparable(a: Type, b: Type) -> bool:
    """Whether `a == b` can ever be yes."""
    match a, b:
        case Choice(entries=some), Choice(entries=others):
            return bool(some.keys() & others.keys())
        case RecordType(forms=some), RecordType(forms=others):
            return bool(set(some) & set(others))
        case _:
            one, other = element_of(a), element_of(b)
            if one is not None and other is not None and ANY not in (a, b):
                return comparable(one, other)
            return fits(a, b) or fits(b, a)


def arithmetic_hint(operator: str, a: Type, b: Type) -> tuple[str, str]:
    """What to write instead, in en and zh; empty when nothing better is known."""
    types = {a, b}
    if operator == "+" and any(is_text(type_) for type_ in types):
        return "turn it into a text first: text(...)", "请先转成文本：text(...)"
    if operator == "*" and a == b == MONEY:
        return "money is multiplied with a number", "金额只能乘以数字"
    if MONEY in types and NUMBER in types:
        return "money is added to and compared with money only", "金额只能与金额相加或比较"
    if types & {DATE, MOMENT} and types & NUMBERS:
        return "write the number as a duration: days(...)", "请把数字写成时长：days(...)"
    if types == {DATE, MOMENT}:
        return "make both dates: date_of(moment)", "请都转成日期：date_of(moment)"
    return "", ""


def wanted_hint(found: Type, wanted: Type, *others: Type) -> tuple[str, str]:
    """How a value of `found` becomes one of `wanted`, or of `others` that may stand there too."""
    if wanted == PERSON and others:
        if is_text(found) and any(isinstance(other, RecordType) for other in others):
            return (
                "name the record that has the address: lead, order.customer",
                "请写带有地址的记录：lead、order.customer",
            )
        if isinstance(found, RecordType):
            return (
                "give its form a field of type email or phone, or name a person",
                "请在其表单中加上 email 或 phone 字段，或写人员",
            )
    if wanted == DATE and found == MOMENT:
        return "take its date: date_of(...)", "请取日期：date_of(...)"
    if wanted == MOMENT and found == DATE:
        return "add the time of day: at_time(date, '09:00')", "请加上时刻：at_time(date, '09:00')"
    if wanted == TEXT and not is_text(found):
        return "turn it into a text: text(...)", "请转成文本：text(...)"
    if wanted in NUMBERS and is_text(found):
        return "read the number: number(...)", "请读成数字：number(...)"
    if wanted == PERSON and is_text(found):
        example = "lead.owner, manager(lead.owner)"
        return f"a person comes from a field or a function: {example}", f"人员来自字段或函数：{example}"
    if wanted == DURATION and found in NUMBERS:
        return "say of what: days(...), hours(...)", "请写明单位：days(...)、hours(...)"
    if element_of(found) is not None and element_of(wanted) is None:
        readers = "sum count average min max any all"
        return f"a list is read by one of {readers}", f"列表请用这些函数读取：{readers}"
    return "", ""
