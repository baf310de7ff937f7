"""GoRules: graphs of decision tables with ZEN cells become decisions of ours, asked one after the other.

ZEN syntax stands only here. A cell that is a whole condition (it reads `$`, or its column has no field) becomes a
yes/no column of its own, worked out as a step's `give:` would. Our cells hold no computed outputs: those are listed.

(A little long: one translation, a function for each form of a cell.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.language.durations import read_date
from engine.language.expressions.things import Row
from engine.rules.decisions import Conflict
from tests.conformance.decision_text import ANY, Asked, Cell, Column, Negated, Output, Part, Word, read_decision, slug
from tests.conformance.formulas import as_env, formula
from tests.conformance.suites import Outcome, Unsaid, suite

_INTERVAL = re.compile(r"([\[\](])\s*([^\[\]()]+?|date\(.+?\))\s*\.\.\s*([^\[\]()]+?|date\(.+?\))\s*([\[\])])\Z")
_BOUND = re.compile(r"(<=|>=|<|>|==|!=)\s*(.+)\Z", re.DOTALL)
_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_DATED = re.compile(r"(?:date|d)\(\s*([A-Za-z_][\w.]*)\s*\)")


def graphs() -> list[dict[str, Any]]:
    return suite("gorules_tables.json", "graphs")


def outcomes(graph: Mapping[str, Any]) -> list[Outcome]:
    """One for every test of the graph."""
    labels = [f"{graph['graph']} {i + 1}" for i in range(len(graph["tests"]))]
    try:
        tables = [_Asked(table) for table in _in_order(graph)]
    except Unsaid as why:
        return [Outcome(label, "unsaid", str(why)) for label in labels]
    found = []
    for label, test in zip(labels, graph["tests"], strict=True):
        try:
            got: Any = test["input"]
            for table in tables:
                got = table.answer(got)
        except Unsaid as why:
            found.append(Outcome(label, "unsaid", str(why)))
            continue
        same = got == test["output"]
        found.append(Outcome(label, "agreed" if same else "wrong", "" if same else f"{got!r}"))
    return found


def _in_order(graph: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tables along the edges; a graph that forks or joins is no row of tables."""
    tables = {table["name"]: table for table in graph["tables"]}
    after: dict[str, list[str]] = {}
    for source, target in graph["edges"]:
        after.setdefault(source, []).append(target)
    if any(len(targets) > 1 for targets in after.values()):
        raise Unsaid("the tables do not stand in one row")
    targets = [target for _, target in graph["edges"]]
    if any(targets.count(target) > 1 for target in targets):
        raise Unsaid("the tables do not stand in one row")
    at = next((source for source in after if source not in targets), None)
    found = []
    while at is not None:
        if at in tables:
            found.append(tables[at])
        at = after.get(at, [None])[0]  # type: ignore[list-item]
    if len(found) != len(tables):
        raise Unsaid("the tables do not stand in one row")
    return found


class _Asked:
    def __init__(self, table: Mapping[str, Any]) -> None:
        self.rules, self.options = table["rules"], table["options"]
        self.fields = [str(output["field"]) for output in table["outputs"]]
        if table["hit_policy"] not in ("first", "collect"):
            raise Unsaid(f"no counterpart of the hit policy {table['hit_policy']}")
        self.hit = table["hit_policy"]
        self.columns: dict[str, Column] = {}
        for i, column in enumerate(table["inputs"]):
            self._column(i, column["field"])
        if not self.columns:
            self._fresh("always", "yes_no", lambda data: True).cells = [ANY] * len(self.rules)
        outputs = [self._output(i, field) for i, field in enumerate(self.fields)]
        self.names = [output.name for output in outputs]
        self.asked: Asked = read_decision(
            slug(table["name"]), self.hit, list(self.columns.values()), outputs, len(self.rules)
        )

    # -- columns

    def _fresh(self, wanted: str, type_: str, read: Any) -> Column:
        column = Column(slug(wanted, list(self.columns)), type_, read)
        self.columns[column.name] = column
        return column

    def _column(self, number: int, field: str | None) -> None:
        cells = [str(rule["when"][number]).strip() for rule in self.rules]
        if field is None or not field.strip():
            for row, cell in enumerate(cells):
                if cell not in ("", "-"):
                    self._condition(row, formula(cell, "zen"))
            return
        read, this, dated = self._reader(field.strip())
        column, fitting = None, []
        for row, cell in enumerate(cells):
            try:
                fitting.append(_cell(cell, dated))
            except LookupError:
                fitting.append(ANY)
                self._condition(row, self._on(read, this, cell))
        types = {kind for cell in fitting for kind in _types(cell)}
        if len(types) > 1:
            raise Unsaid(f"an input compared with values of several types: {', '.join(sorted(types))}")
        if types or any(cell != ANY for cell in fitting):
            kind = types.pop() if types else "text"
            column = self._fresh(field, kind, lambda data: _checked(read(data), kind))
            column.cells = list(fitting)

    def _reader(self, field: str) -> tuple[Any, str, bool]:
        """How the value is read, what `$` is in our words, and whether it is a date."""
        if made := _DATED.fullmatch(field):
            return (lambda data: _date(_at(data, made[1]))), "this_value", True
        if _PATH.fullmatch(field):
            return (lambda data: _at(data, field)), "this_value", False
        return formula(field, "zen"), "this_value", False

    @staticmethod
    def _on(read: Any, this: str, cell: str) -> Any:
        """A condition about the column's own value: a whole expression with `$`, or a unary one with it put in front."""
        pieces = [_unary(part) for part in _alternatives(cell)] if "$" not in cell else [cell]
        holds = formula(" or ".join(pieces), "zen", this=this)
        return lambda data: holds({**data, this: read(data)})

    def _condition(self, row: int, holds: Any) -> None:
        column = self._fresh("holds", "yes_no", lambda data: holds(data) is True)
        column.cells = [[("is", Word("yes"))] if i == row else ANY for i in range(len(self.rules))]

    def _output(self, number: int, field: str) -> Output:
        written = [str(rule["then"][number]).strip() for rule in self.rules]
        values = [None if text == "" else _result(text) for text in written]
        kinds = {_kind(value) for value in values if value is not None} or {"text"}
        if len(kinds) > 1:
            raise Unsaid(f"an output with values of several types: {', '.join(sorted(kinds))}")
        taken = [*self.columns, *(slug(f) for f in self.fields[:number])]
        return Output(slug(f"{field} out", taken), kinds.pop(), [None if v is None else _word(v) for v in values])

    # -- answers

    def answer(self, data: Any) -> Any:
        options = self.options
        given = _at(data, options["inputField"]) if options.get("inputField") else data
        if options.get("executionMode") == "loop":
            if not isinstance(given, list):
                raise Unsaid("a loop over what is no list")
            found: Any = [self._once(item) for item in given]
        else:
            found = self._once(given)
        if path := options.get("outputPath"):
            found = _put({}, path, found)
        if options.get("passThrough") and isinstance(found, dict) and isinstance(data, dict):
            return _merged(data, found)
        return found

    def _once(self, item: Any) -> Any:
        found = self.asked.ask(item)
        assert not isinstance(found, Conflict), "first and collect never contradict"
        if self.hit == "collect":
            return [self._row(values) for values in zip(*found.outputs.values(), strict=True)] if found.rows else []
        row = self._row(tuple(found.outputs.values()))
        if self.options.get("passThrough") and isinstance(item, dict):
            return _merged(item, row)
        return row if found.rows else None

    def _row(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """An empty cell says nothing: its field is not there."""
        row: dict[str, Any] = {}
        for field, value in zip(self.fields, values, strict=True):
            if value is not None:
                row = _put(row, field, value)
        return row


# ---- data


def _at(data: Any, path: str) -> Any:
    for part in path.split("."):
        data = data.get(part) if isinstance(data, Mapping) else None
    return data


def _put(data: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    first, _, rest = path.partition(".")
    inner = data.get(first)
    return {**data, first: _put(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}


def _merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    both = dict(first)
    for name, value in second.items():
        old = both.get(name)
        both[name] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both


def _date(value: Any) -> Any:
    return read_date(str(value)[:10]) if value is not None else None


def _checked(value: Any, kind: str) -> Any:
    """The data of the suite have no types: a value of another type than the column's fits no cell with a value."""
    return value if value is None or kind == "date" or _kind(value) == kind else None


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "yes_no"
    return "number" if isinstance(value, int | Decimal) else "text" if isinstance(value, str) else "other"


# ---- cells


def _literal(text: str) -> Any:
    text = text.strip()
    if re.fullmatch(r"'[^']*'|\"[^\"]*\"", text):
        return text[1:-1]
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"-?\d[\d_]*(\.\d+)?", text):
        number = Decimal(text.replace("_", ""))
        return number if "." in text else int(number)
    raise LookupError(text)


def _result(text: str) -> Any:
    try:
        return None if text == "null" else _literal(text)
    except LookupError:
        raise Unsaid(f"an output cell holds a value, not an expression: {text}") from None


def _word(value: Any) -> Word:
    if isinstance(value, bool):
        return Word("yes" if value else "no")
    return Word(value, quoted=True) if isinstance(value, str) else Word(format(value, "f"))


def _alternatives(text: str) -> list[str]:
    """At the commas and at `or`, outside of texts and brackets."""
    found, depth, start, quote, i = [], 0, 0, "", 0
    while i < len(text):
        letter = text[i]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "([":
            depth += 1
        elif letter in ")]":
            depth -= 1
        elif depth == 0 and letter == ",":
            found.append(text[start:i].strip())
            start = i + 1
        elif depth == 0 and (word := re.match(r"\s(or)\s", text[i:])):
            found.append(text[start:i].strip())
            i += word.end() - 1
            start = i
            continue
        i += 1
    return [*found, text[start:].strip()]


def _cell(text: str, dated: bool) -> Cell:
    """The cell in our alternatives; LookupError when it is a whole condition."""
    if text in ("", "-"):
        return ANY
    if "$" in text or "#" in text:
        raise LookupError(text)
    if negated := re.fullmatch(r"not\s*\((.*)\)", text, re.DOTALL) or re.fullmatch(
        r"not\s+in\s*\[(.*)\]", text, re.DOTALL
    ):
        return Negated(tuple(_part(part, dated) for part in _alternatives(negated[1])))
    if inside := re.fullmatch(r"in\s*\[(.*)\]", text, re.DOTALL):
        if ".." in inside[1]:
            return [_part(f"[{inside[1]}]", dated)]
        text = inside[1]
    parts = _alternatives(text)
    if len(parts) == 1 and (unequal := re.fullmatch(r"!=\s*(.+)", parts[0], re.DOTALL)):
        return Negated((_part(unequal[1], dated),))
    return [_part(part, dated) for part in parts]


def _part(text: str, dated: bool) -> Part:
    text = text.strip()
    if text == "null":
        return ("empty",)
    if interval := _INTERVAL.match(text):
        low, high = _operand(interval[2], dated), _operand(interval[3], dated)
        return ("between", low, high, interval[1] != "[", interval[4] != "]")
    sides = re.split(r"\s+and\s+", text)
    if len(sides) == 2:
        first, second = (_part(side, dated) for side in sides)
        low = next((p for p in (first, second) if p[0] == "between" and p[1] is not None and p[2] is None), None)
        high = next((p for p in (first, second) if p[0] == "between" and p[2] is not None and p[1] is None), None)
        if low is None or high is None:
            raise LookupError(text)
        return ("between", low[1], high[2], low[3], high[4])
    if bound := _BOUND.match(text):
        operand = _operand(bound[2], dated)
        if bound[1] == "!=":
            raise LookupError(text)
        return {
            "<": ("between", None, operand, False, True),
            "<=": ("between", None, operand, False, False),
            ">": ("between", operand, None, True, False),
            ">=": ("between", operand, None, False, False),
            "==": ("is", operand),
        }[bound[1]]
    return ("is", _operand(text, dated))


def _operand(text: str, dated: bool) -> Word:
    if made := re.fullmatch(r"(?:date|d)\(\s*['\"](\d{4}-\d{2}-\d{2})['\"]\s*\)", text.strip()):
        return Word(made[1])
    value = _literal(text)
    if dated:
        if isinstance(value, str) and read_date(value):
            return Word(value)
        raise LookupError(text)
    return _word(value)


def _types(cell: Cell) -> set[str]:
    parts = cell.parts if isinstance(cell, Negated) else cell
    words = [operand for part in parts for operand in part[1:] if isinstance(operand, Word)]
    return {
        "text" if w.quoted else "yes_no" if w.text in ("yes", "no") else "date" if read_date(w.text) else "number"
        for w in words
    }


def _unary(part: str) -> str:
    """`> 5 and != 7`, `in x`, `'a'` about `$`."""
    sides = re.split(r"\s+and\s+", part)
    return " and ".join(
        f"$ {side}" if re.match(r"<|>|=|!=|in\b|not\s+in\b", side) else side if "(" in side else f"$ == {side}"
        for side in sides
    )


__all__ = ["Row", "as_env", "graphs", "outcomes"]
