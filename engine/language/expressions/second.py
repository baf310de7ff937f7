"""The second opinion: simpleeval evaluates the same text over the same data. Only tests call it.

It shares with us the functions and the operators on values, not the tokens, the tree or the generated code: what it
finds are mistakes in precedence, laziness, scopes, emptiness and look-ups.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import simpleeval

from engine.language.expressions import arithmetic
from engine.language.expressions.faults import ExpressionFault
from engine.language.expressions.functions import TABLE

_WORDS = {"yes": True, "no": False, "empty": None}
_OPERATORS = {
    ast.Add: arithmetic.add,
    ast.Sub: arithmetic.subtract,
    ast.Mult: arithmetic.multiply,
    ast.Div: arithmetic.divide,
    ast.Mod: arithmetic.remainder,
}


class Second(simpleeval.EvalWithCompoundTypes):  # type: ignore[misc]
    """simpleeval with our rules of emptiness, and nothing of Python's that we do not have."""

    def __init__(self, env: Mapping[str, Any]) -> None:
        super().__init__(names=self._name, functions={})
        self.functions: dict[str, Any] = {}
        self.env = env
        allowed = (ast.Expr, ast.Name, ast.Constant, ast.Call, ast.GeneratorExp, ast.keyword)
        kept: dict[Any, Callable[[Any], Any]] = dict(self.nodes)
        self.nodes: dict[Any, Callable[[Any], Any]] = {
            **{kind: kept[kind] for kind in allowed if kind in kept},
            ast.Attribute: self._field,
            ast.BinOp: self._arithmetic,
            ast.UnaryOp: self._unary,
            ast.BoolOp: self._logic,
            ast.Compare: self._comparison,
            ast.IfExp: self._choose,
            ast.Call: self._call,
            ast.Constant: self._constant,
            ast.List: lambda node: tuple(self._eval(item) for item in node.elts),
            ast.GeneratorExp: self._rows,
        }
        self.text = ""

    def _name(self, node: ast.Name) -> Any:
        return _WORDS[node.id] if node.id in _WORDS else self.env.get(node.id)

    def _constant(self, node: ast.Constant) -> Any:
        if isinstance(node.value, float):
            return Decimal((ast.get_source_segment(self.text, node) or "").replace("_", ""))
        return node.value

    def _field(self, node: ast.Attribute) -> Any:
        thing = self._eval(node.value)
        if thing is None:
            return None
        if not isinstance(thing, dict):
            raise ExpressionFault("no fields")
        try:
            return thing[node.attr]
        except KeyError:
            return None

    def _arithmetic(self, node: ast.BinOp) -> Any:
        return _OPERATORS[type(node.op)](self._eval(node.left), self._eval(node.right), self.env)

    def _unary(self, node: ast.UnaryOp) -> Any:
        value = self._eval(node.operand)
        return value is not True if isinstance(node.op, ast.Not) else arithmetic.negate(value)

    def _logic(self, node: ast.BoolOp) -> bool:
        both = isinstance(node.op, ast.And)
        for part in node.values:
            if (self._eval(part) is True) is not both:
                return not both
        return both

    def _comparison(self, node: ast.Compare) -> bool:
        left, right = self._eval(node.left), self._eval(node.comparators[0])
        if left is None or right is None:
            return False
        match node.ops[0]:
            case ast.Eq():
                return bool(left == right)
            case ast.NotEq():
                return bool(left != right)
            case ast.Lt():
                return bool(left < right)
            case ast.LtE():
                return bool(left <= right)
            case ast.Gt():
                return bool(left > right)
            case ast.GtE():
                return bool(left >= right)
            case ast.In():
                return any(left == row for row in right)
            case _:
                return all(left != row for row in right)

    def _choose(self, node: ast.IfExp) -> Any:
        return self._eval(node.body if self._eval(node.test) is True else node.orelse)

    def _rows(self, node: ast.GeneratorExp) -> list[Any]:
        one = node.generators[0]
        outer, name = self.env, one.target.id  # type: ignore[attr-defined]
        values = []
        try:
            for row in self._eval(one.iter) or ():
                self.env = {**outer, name: row}
                if all(self._eval(test) is True for test in one.ifs):
                    values.append(self._eval(node.elt))
        finally:
            self.env = outer
        return values

    def _call(self, node: ast.Call) -> Any:
        function = TABLE[node.func.id]  # type: ignore[attr-defined]
        names = [parameter.name for parameter in function.parameters]
        given = [self._eval(argument) for argument in node.args]
        for keyword in node.keywords:
            position = names.index(str(keyword.arg))
            given += [parameter.default for parameter in function.parameters[len(given) : position]]
            given.append(self._eval(keyword.value))
        if function.aggregate:
            rows = given[0] if len(given) == 1 else tuple(given)
            return function.run(() if rows is None else rows)
        if function.of_choice:
            given = [None, None, *given]
        return function.run(self.env, *given) if function.needs_env else function.run(*given)


def evaluate(text: str, env: Mapping[str, Any]) -> Any:
    """The value of `text` by simpleeval; the one difference of spelling, '' for a quote in a text, is turned first."""
    second = Second(env)
    second.text = re.sub(r"(?<=[^\s(,\[+])''(?=[^\s)\],+]|')", r"\\'", text)
    return second.eval(second.text)
