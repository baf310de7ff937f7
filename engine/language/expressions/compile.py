"""From a tree to a Python function, once: `a.b` becomes a dictionary look-up, a call one of the declared functions.

The source is ours, made from the allow-listed tree: names stand in it as quoted keys of validated letters, texts
as indexed constants. Empty is built in: a comparison with it is no, a condition that is empty is no, a field of it
is empty. (A little long: the writer's methods call each other, one for each kind of node.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from engine.language.expressions.faults import MOST_ROUNDS, ExpressionFault
from engine.language.expressions.functions import TABLE, Function
from engine.language.expressions.lookups import WORDS
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
    walk,
)

Env = Mapping[str, Any]
Run = Callable[[Env], Any]

_OPERATIONS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "remainder"}


class Code(NamedTuple):
    """A piece of Python; `filled`: it is never None; `sure`: it is always True or False."""

    text: str
    filled: bool = False
    sure: bool = False


def compiled(tree: Node) -> Run:
    """The function of one expression. It raises ExpressionFault and nothing else on any data."""
    fast = _function([tree], "({})", plain_look_up=True)
    return _guarded(fast, lambda: _function([tree], "({})", plain_look_up=False))


def compiled_together(trees: Iterable[Node]) -> Callable[[Env], tuple[Any, ...]]:
    """One function for many expressions, all worked out in one call: for scoring and tables with many rows.

    A field of a record that several of them read is read once, first.
    """
    rows = list(trees)
    fast = _function(rows, "({},)", plain_look_up=True, shared=_shared(rows))
    return _guarded(fast, lambda: _function(rows, "({},)", plain_look_up=False))


def _guarded(fast: Run, make_slow: Callable[[], Run]) -> Run:
    """Runs `fast`; when a plain dictionary lacks a key, the version that answers empty for it, made at first need."""
    slow: list[Run] = []

    def run(env: Env) -> Any:
        try:
            return fast(env)
        except KeyError:
            if not slow:
                slow.append(make_slow())
        except ExpressionFault:
            raise
        except (TypeError, ValueError, ArithmeticError, AttributeError, RecursionError) as error:
            raise ExpressionFault(f"the data does not fit: {error}") from error
        try:
            return slow[0](env)
        except ExpressionFault:
            raise
        except (TypeError, ValueError, ArithmeticError, AttributeError, RecursionError) as error:
            raise ExpressionFault(f"the data does not fit: {error}") from error

    return run


def _function(trees: Sequence[Node], shape: str, *, plain_look_up: bool, shared: Iterable[Path] = ()) -> Run:
    writer = _Writer(plain_look_up)
    lines = [writer.share(path) for path in shared]
    parts = [writer.code(tree, {}).text for tree in trees]
    if writer.counts:
        lines.append(f"rounds = [{MOST_ROUNDS}]")
    lines.append(f"return {shape.format(', '.join(parts))}")
    source = "def run(env):\n" + "".join(f"    {line}\n" for line in lines)
    space: dict[str, Any] = {"__builtins__": {}, **WORDS, **writer.constants}
    exec(compile(source, "<expression>", "exec"), space)  # noqa: S102 - our own source, see the docstring
    made: Run = space["run"]
    return made


def _shared(trees: Sequence[Node]) -> list[Path]:
    """The fields `name.field` that are read twice or more; a name that some generator uses for its rows is left out."""
    nodes = [node for tree in trees for node in walk(tree)]
    rows = {node.variable for node in nodes if isinstance(node, Each)}
    read = Counter(
        (node.of.name, node.name)
        for node in nodes
        if isinstance(node, Field) and isinstance(node.of, Name) and node.of.name not in rows
    )
    return [path for path, times in read.items() if times > 1]


class _Writer:
    """Writes the Python of one function; knows the constants and how many local names were used."""

    def __init__(self, plain_look_up: bool) -> None:
        self.plain_look_up = plain_look_up
        self.constants: dict[str, Any] = {}
        self.locals = 0
        self.shared: dict[Path, str] = {}
        self.inside = 0
        self.counts = False

    def local(self) -> str:
        self.locals += 1
        return f"t{self.locals}"

    def share(self, path: Path) -> str:
        """The line that reads a field once for all."""
        name, field = path
        line = self.field(Code(f"env[{name!r}]"), field).text
        self.shared[path] = f"s{len(self.shared)}"
        return f"{self.shared[path]} = {line}"

    def constant(self, value: Any) -> str:
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def code(self, node: Node, scope: Mapping[str, str]) -> Code:
        match node:
            case Literal(value=value):
                return self.literal(value)
            case Name(name=name):
                if name in scope:
                    return Code(scope[name])
                return Code(f"env[{name!r}]" if self.plain_look_up else f"look(env, {name!r})")
            case Field(of=Name(name=root), name=name) if (root, name) in self.shared and root not in scope:
                return Code(self.shared[root, name])
            case Field(of=of, name=name):
                return self.field(self.code(of, scope), name)
            case Items(items=items):
                return Code(f"({''.join(self.code(item, scope).text + ', ' for item in items)})", True)
            case Minus(operand=operand):
                return Code(f"negate({self.code(operand, scope).text})")
            case Not(operand=operand):
                return Code(f"(not {self.condition(operand, scope)})", True, True)
            case Arithmetic(operator=operator, left=left, right=right):
                operands = f"{self.code(left, scope).text}, {self.code(right, scope).text}"
                return Code(f"{_OPERATIONS[operator]}({operands}, env)")
            case Compare():
                return self.comparison(node, scope)
            case Logic(operator=operator, operands=parts):
                joined = f" {operator} ".join(self.condition(part, scope) for part in parts)
                return Code(f"({joined})", True, True)
            case Choose(then=then, test=test, other=other):
                a, c, b = self.code(then, scope), self.condition(test, scope), self.code(other, scope)
                return Code(f"({a.text} if {c} else {b.text})", a.filled and b.filled, a.sure and b.sure)
            case Call():
                return self.call(node, scope)
        raise AssertionError(f"no code for {node!r}")

    def literal(self, value: Any) -> Code:
        if value is None:
            return Code("None")
        if isinstance(value, bool):
            return Code(repr(value), True, True)
        return Code(repr(value) if isinstance(value, int) else self.constant(value), True)

    def condition(self, node: Node, scope: Mapping[str, str]) -> str:
        code = self.code(node, scope)
        return code.text if code.sure else f"({code.text} is True)"

    def field(self, of: Code, name: str) -> Code:
        if not self.plain_look_up:
            return Code(f"look({of.text}, {name!r})")
        local, test = self.once(of)
        return Code(f"(None if {test} is None else {local}[{name!r}])")

    def once(self, code: Code) -> tuple[str, str]:
        """A name for the value, and the text that works it out where it is first used."""
        if code.text.isidentifier():
            return code.text, code.text
        local = self.local()
        return local, f"({local} := {code.text})"

    def comparison(self, node: Compare, scope: Mapping[str, str]) -> Code:
        operator = node.operator
        if operator in ("in", "not in"):
            return self.membership(node, scope)
        left, right = self.code(node.left, scope), self.code(node.right, scope)
        tests: list[str] = []
        a, b = left.text, right.text
        if not left.filled:
            a, test = self.once(left)
            tests.append(f"{test} is not None")
        if operator == "==" and (left.filled or right.filled):
            return Code(f"({left.text} == {right.text})", True, True)
        if not right.filled and operator != "==":
            b, test = self.once(right)
            tests.append(f"{test} is not None")
        tests.append(f"{a} {operator} {b}")
        return Code(f"({' and '.join(tests)})", True, True)

    def membership(self, node: Compare, scope: Mapping[str, str]) -> Code:
        left = self.code(node.left, scope)
        name = "is_in" if node.operator == "in" else "is_not_in"
        items = node.right.items if isinstance(node.right, Items) else ()
        if items and all(isinstance(item, Literal) for item in items):
            allowed = frozenset(item.value for item in items if isinstance(item, Literal) and item.value is not None)
            entries = self.constant(allowed)
            if node.operator == "in":
                return Code(f"({left.text} in {entries})", True, True)
            local, test = self.once(left)
            return Code(f"({test} is not None and {local} not in {entries})", True, True)
        rows = self.walked(self.code(node.right, scope).text)
        return Code(f"{name}({left.text}, {rows})", True, True)

    def walked(self, rows: str) -> str:
        """Rows that are walked: inside a generator they are counted, so that no expression runs for ever."""
        if not self.inside:
            return rows
        self.counts = True
        return f"counted({rows}, rounds)"

    def call(self, node: Call, scope: Mapping[str, str]) -> Code:
        function = TABLE.get(node.function)
        if function is None:
            raise ExpressionFault(f"there is no function {node.function}")
        run = self.constant(function.run)
        sure = function.gives == "yes_no"
        if function.aggregate:
            return Code(f"{run}({self.rows(node, scope)})", sure, sure)
        if function.of_choice:
            return Code(f"{run}(env, {self.choice(node.arguments[0], scope)})")
        arguments = [self.code(argument, scope).text for argument in bound(function, node)]
        if function.counted:
            arguments[0] = self.walked(arguments[0])
        if function.needs_env:
            arguments.insert(0, "env")
        return Code(f"{run}({', '.join(arguments)})", sure, sure)

    def choice(self, node: Node, scope: Mapping[str, str]) -> str:
        """Record or empty, field or empty, value: whose entry the value is."""
        if isinstance(node, Field):
            of, local = self.code(node.of, scope), self.local()
            value = self.field(Code(local), node.name)
            return f"({local} := {of.text}), {node.name!r}, {value.text}"
        field = repr(node.name) if isinstance(node, Name) and node.name not in scope else "None"
        return f"None, {field}, {self.code(node, scope).text}"

    def rows(self, node: Call, scope: Mapping[str, str]) -> str:
        """The values that an aggregate works over."""
        if len(node.arguments) != 1:
            return f"({''.join(self.code(argument, scope).text + ', ' for argument in node.arguments)})"
        only = node.arguments[0]
        if not isinstance(only, Each):
            return f"listed({self.walked(self.code(only, scope).text)})"
        rows = self.walked(self.code(only.rows, scope).text)
        variable = f"v{len(scope)}"
        inner = {**scope, only.variable: variable}
        self.inside += 1
        conditions = node.function in ("any", "all")
        value = self.condition(only.value, inner) if conditions else self.code(only.value, inner).text
        test = "None" if only.test is None else f"lambda {variable}: {self.condition(only.test, inner)}"
        self.inside -= 1
        return f"each({rows}, lambda {variable}: {value}, {test})"


def bound(function: Function, call: Call) -> list[Node]:
    """The arguments in the order of the parameters, defaults filled in up to the last one given."""
    given: dict[int, Node] = dict(enumerate(call.arguments))
    names = [parameter.name for parameter in function.parameters]
    for name, value in call.keywords:
        if name not in names or names.index(name) in given:
            raise ExpressionFault(f"{function.name} has no place for {name}")
        given[names.index(name)] = value
    last = max(given, default=-1)
    if (function.most is not None and last >= function.most) or last + 1 < function.least:
        raise ExpressionFault(f"{function.name} is written {function.usage}")
    arguments: list[Node] = []
    for index in range(last + 1):
        if index not in given and not function.parameters[index].optional:
            raise ExpressionFault(f"{function.name} is written {function.usage}")
        arguments.append(given.get(index) or Literal(call.offset, 1, 1, function.parameters[index].default))
    return arguments


def calls_world(tree: Node) -> bool:
    """Whether a function of it asks the context."""
    return any(isinstance(n, Call) and n.function in TABLE and TABLE[n.function].needs_env for n in walk(tree))
