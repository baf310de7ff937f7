"""From the text of an expression to its tree: an allow-list of forms, bounded in length and depth, never a traceback.

Loosest first: `x if c else y`, or, and, not, one comparison, + -, * / %, minus, then names, fields, calls, literals.
(A little long: the rules of one parser, which call each other.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from engine.language.diagnostics import Diagnostic
from engine.language.expressions.tokens import MOST_DEPTH, Refused, Token, bad, tokens_of
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
from engine.language.messages.security import escape_attempt
from engine.language.messages.syntax import over_limit
from engine.language.source import NOWHERE, Span

AGGREGATES = frozenset(["sum", "average", "count", "min", "max", "any", "all"])
"""The functions whose argument may be `x for p in list if c`."""

# fmt: off
_FORBIDDEN = frozenset([
    "eval", "exec", "compile", "open", "getattr", "setattr", "delattr", "hasattr", "globals", "locals", "vars", "dir",
    "type", "object", "super", "input", "print", "id", "breakpoint", "help", "memoryview", "classmethod",
    "staticmethod", "property", "callable", "isinstance", "issubclass", "iter", "next", "reload", "import_module",
    "exit", "quit",
])
# fmt: on
"""What Python would answer and the language never does: who calls one should hear that it is not a spelling mistake."""
_RANKS = {"or": 1, "and": 2, "not": 4, "in": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6} | dict.fromkeys(
    ["==", "!=", "<", "<=", ">", ">="], 4
)
_HINTS = {
    "=": ("compare with ==", "比较请用 =="),
    "is": ("compare with ==", "比较请用 =="),
    "for": (
        "a generator stands in sum average count min max any all",
        "for 只能写在 sum average count min max any all 中",
    ),
    "if": ("write: value if condition else other", "请写：值 if 条件 else 另一个值"),
    "(": ("a function is called by its name alone: lower(company)", "函数只能直接用名称调用：lower(company)"),
    "[": (
        "a list is read with a generator: sum(row.amount for row in plan)",
        "读取列表请用 sum(row.amount for row in plan) 这样的写法",
    ),
}


@dataclass(frozen=True)
class Expression:
    """One checked-in text: its tree, and the function it compiles to at first use. Equal when the text is."""

    text: str
    tree: Node = field(compare=False, repr=False)
    span: Span = field(compare=False, default=NOWHERE, repr=False)

    def run(self, env: Mapping[str, Any]) -> Any:
        """The value in `env`; raises ExpressionFault (a size, a wrong type of data), never anything of Python's."""
        return self.function(env)

    def holds(self, env: Mapping[str, Any]) -> bool:
        """The value as a condition: empty is no."""
        return self.function(env) is True

    @cached_property
    def function(self) -> Callable[[Mapping[str, Any]], Any]:
        from engine.language.expressions.compile import compiled  # compile needs nothing of this module

        return compiled(self.tree)

    @cached_property
    def reads(self) -> frozenset[Path]:
        """The dotted paths it reads: ('lead', 'owner', 'name'); also those of the rows of its generators."""
        return paths(self.tree)

    @cached_property
    def calls(self) -> frozenset[str]:
        return frozenset(node.function for node in walk(self.tree) if isinstance(node, Call))

    def place(self, node: Node) -> Span:
        """Where `node` stands in the file."""
        return self.span.inside(node.offset, node.length)


def parse(text: str, span: Span = NOWHERE) -> Expression | Diagnostic:
    """The expression, or what is wrong with it: bad-expression, over-limit or escape-attempt. Never raises."""
    try:
        tree = _Parser(text, span).whole()
    except Refused as refused:
        return refused.finding
    return Expression(text, tree, span)


class _Parser:
    def __init__(self, text: str, span: Span) -> None:
        self.span = span
        self.tokens = tokens_of(text, span)
        self.index = 0
        self.nested = 0
        self.pending = 0

    # -- moving along

    @property
    def now(self) -> Token:
        return self.tokens[self.index]

    def take(self) -> Token:
        token = self.tokens[self.index]
        if token.kind != "end":
            self.index += 1
        return token

    def at(self, *texts: str) -> bool:
        token = self.tokens[self.index]
        return token.kind in ("sign", "word") and token.text in texts

    def skip(self, text: str) -> bool:
        if self.at(text):
            self.index += 1
            return True
        return False

    def need(self, text: str, en: str, zh: str) -> Token:
        if self.at(text):
            return self.take()
        token = self.now
        if token.kind == "assign":
            raise self.unexpected(token)
        found_en = "the end" if token.kind == "end" else f"'{token.text[:40]}'"
        found_zh = "结尾" if token.kind == "end" else f"“{token.text[:40]}”"
        raise self.bad(token, f"'{text}' is missing before {found_en}", f"{found_zh}之前缺少“{text}”", en, zh)

    def bad(self, token: Token, en: str, zh: str, hint_en: str = "", hint_zh: str = "") -> Refused:
        return bad(self.span, token.offset, token.length, en, zh, hint_en, hint_zh)

    def unexpected(self, token: Token) -> Refused:
        en, zh = _HINTS.get(token.text, ("", "")) if token.kind != "text" else ("", "")
        if token.kind == "end":
            return self.bad(token, "it stops in the middle", "表达式不完整", en, zh)
        return self.bad(token, f"'{token.text[:40]}' is not expected here", f"这里不应出现“{token.text[:40]}”", en, zh)

    def made(self, start: int, *below: Node) -> tuple[int, int, int]:
        """Offset, length and height of a node that begins at `start` and ends with the last token taken."""
        last = self.tokens[max(self.index - 1, 0)]
        height = 1 + max((node.height for node in below), default=0)
        if height > MOST_DEPTH:
            raise self.too_deep(start)
        return start, max(last.offset + last.length - start, 1), height

    def too_deep(self, offset: int) -> Refused:
        return Refused(over_limit(self.span.inside(offset), "depth of an expression", "表达式嵌套层数", MOST_DEPTH))

    # -- rules, loosest first; `nested` and `pending` bound the stack

    def whole(self) -> Node:
        if self.now.kind == "end":
            raise self.bad(self.now, "it is empty", "内容为空")
        node = self.choice()
        if self.now.kind != "end":
            raise self.unexpected(self.now)
        return node

    def choice(self) -> Node:
        """`x if c else y`, or what binds closer. Every bracket, list, argument and branch comes through here."""
        self.nested += 1
        if self.nested > MOST_DEPTH:
            raise self.too_deep(self.now.offset)
        start = self.now.offset
        node = self.binary(1)
        if self.skip("if"):
            test = self.binary(1)
            self.need("else", "write: value if condition else other", "请写：值 if 条件 else 另一个值")
            other = self.choice()
            node = Choose(*self.made(start, node, test, other), node, test, other)
        self.nested -= 1
        return node

    def binary(self, least: int) -> Node:
        """Operators that bind at least as close as `least`: 1 or, 2 and, 3 not, 4 a comparison, 5 + -, 6 * / %."""
        self.pending += 1
        if self.pending > 3 * MOST_DEPTH:
            raise self.too_deep(self.now.offset)
        start = self.now.offset
        left = self.prefixed(least)
        while (rank := self.rank()) >= least:
            operator = self.operator()
            if rank <= 2:
                operands = [left, self.binary(rank + 1)]
                while self.skip(operator.text):
                    operands.append(self.binary(rank + 1))
                left = Logic(*self.made(start, *operands), operator.text, tuple(operands))
                continue
            right = self.binary(rank + 1)
            if rank == 4:
                left = Compare(*self.made(start, left, right), operator.text, left, right)
                if self.rank() == 4:
                    raise self.bad(
                        self.now,
                        "two comparisons in a row",
                        "连续比较",
                        "write a < b and b < c",
                        "请写 a < b and b < c",
                    )
            else:
                left = Arithmetic(*self.made(start, left, right), operator.text, left, right)
        self.pending -= 1
        return left

    def rank(self) -> int:
        token = self.now
        return _RANKS.get(token.text, 0) if token.kind in ("sign", "word") else 0

    def operator(self) -> Token:
        token = self.take()
        if token.text == "not":
            self.need(
                "in", "write not in, or put not before the whole condition", "请写 not in，或把 not 写在整个条件之前"
            )
            return token._replace(text="not in")
        return token

    def prefixed(self, least: int) -> Node:
        """A thing with `-` or (where a condition may stand) `not` before it."""
        sign = "-" if self.at("-") else "not"
        if sign == "not" and not (least <= 3 and self.at("not")):
            return self.fields()
        signs: list[Token] = []
        while self.at(sign):
            signs.append(self.take())
            if len(signs) > MOST_DEPTH:
                raise self.too_deep(signs[0].offset)
        node = self.fields() if sign == "-" else self.binary(4)
        for token in reversed(signs):
            place = self.made(token.offset, node)
            if sign == "not":
                node = Not(*place, node)
            elif (
                isinstance(node, Literal) and isinstance(node.value, int | Decimal) and not isinstance(node.value, bool)
            ):
                node = Literal(*self.made(token.offset), -node.value)
            else:
                node = Minus(*place, node)
        return node

    def fields(self) -> Node:
        start = self.now.offset
        node = self.single()
        while self.skip("."):
            name = self.now
            if name.kind not in ("name", "word"):
                raise self.bad(name, "a field's name is missing after '.'", "“.”后缺少字段名")
            self.take()
            if self.at("("):
                raise self.bad(
                    name,
                    f"'{name.text}' cannot be called on a thing",
                    f"不能在对象上调用“{name.text}”",
                    f"a function is called by its name alone: {name.text}(...)",
                    f"函数只能直接用名称调用：{name.text}(...)",
                )
            if isinstance(node, Literal | Items):
                raise self.bad(
                    name, f"a written value has no field '{name.text}'", f"直接写出的值没有字段“{name.text}”"
                )
            node = Field(*self.made(start, node), node, name.text)
        if self.at("[", "("):
            raise self.unexpected(self.now)
        return node

    def single(self) -> Node:
        token = self.take()
        start = token.offset
        if token.kind in ("number", "text"):
            return Literal(*self.made(start), token.value)
        if token.kind == "word" and token.text in ("yes", "no", "empty"):
            return Literal(*self.made(start), {"yes": True, "no": False}.get(token.text))
        if token.kind == "name":
            return self.call(token) if self.at("(") else Name(*self.made(start), token.text)
        if token.kind == "sign" and token.text == "(":
            inner = self.choice()
            self.need(")", "close the bracket", "请补上右括号")
            return inner
        if token.kind == "sign" and token.text == "[":
            items = self.row("]", self.choice)
            return Items(*self.made(start, *items), tuple(items))
        raise self.unexpected(token)

    def row(self, end: str, item: Callable[[], Node]) -> list[Node]:
        """Comma-separated items up to `end`, which is taken; a comma may stand after the last."""
        items: list[Node] = []
        while not self.at(end):
            items.append(item())
            if not self.skip(","):
                break
        self.need(end, "close the bracket or put a comma between the parts", "请补上括号，或在各部分之间加逗号")
        return items

    def call(self, name: Token) -> Node:
        if name.text in _FORBIDDEN:
            raise Refused(escape_attempt(self.span.inside(name.offset, name.length), name.text))
        self.take()
        keywords: list[tuple[str, Node]] = []
        arguments: list[Node] = []

        def argument() -> Node:
            word = self.now
            if word.kind == "name" and self.tokens[self.index + 1].kind == "assign":
                self.index += 2
                if any(word.text == known for known, _ in keywords):
                    raise self.bad(word, f"'{word.text}' is given twice", f"“{word.text}”给了两次")
                keywords.append((word.text, self.choice()))
                return keywords[-1][1]
            value = self.choice()
            if self.at("for"):
                value = self.each(name, value)
            if keywords:
                raise self.bad(
                    word, "an argument without a name after one with a name", "有名称的参数之后不能再写无名称的参数"
                )
            arguments.append(value)
            return value

        given = self.row(")", argument)
        if len(given) > 1 and any(isinstance(value, Each) for value in given):
            raise self.bad(name, "a generator is the only argument", "for 写法只能作唯一的参数")
        return Call(*self.made(name.offset, *given), name.text, tuple(arguments), tuple(keywords))

    def each(self, function: Token, value: Node) -> Node:
        word = self.take()
        variable = self.take()
        if function.text not in AGGREGATES or variable.kind != "name":
            raise self.unexpected(word)
        self.need("in", "write: x for x in list", "请写：x for x in 列表")
        rows = self.binary(1)
        test = self.binary(1) if self.skip("if") else None
        below = (value, rows) if test is None else (value, rows, test)
        return Each(*self.made(value.offset, *below), value, variable.text, rows, test)
