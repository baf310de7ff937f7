"""DMN TCK: decision tables with FEEL cells become decisions of ours (LANGUAGE section 16) and are asked.

S-FEEL stands only here. A cell that is no unary test of S-FEEL but an expression becomes a yes/no column of its own,
worked out as a step's `give:` would.

(Longer because it is one translation, a function for each form of S-FEEL.)
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.language.durations import Duration
from engine.language.expressions.things import Row
from engine.rules.decisions import Conflict
from tests.conformance.decision_text import (
    ANY,
    Asked,
    Cell,
    Column,
    Negated,
    Operand,
    Output,
    Part,
    Word,
    read_decision,
    slug,
)
from tests.conformance.formulas import as_env, formula
from tests.conformance.suites import Outcome, Unsaid, suite

TYPES = {
    "number": "number", "string": "text", "boolean": "yes_no", "date": "date", "time": "time",
    "datetime": "moment", "date and time": "moment", "daytimeduration": "duration", "yearmonthduration": "duration",
    "days and time duration": "duration", "years and months duration": "duration", "duration": "duration",
}  # fmt: skip
POLICIES = {
    "UNIQUE": "unique", "ANY": "any", "PRIORITY": "priority", "FIRST": "first",
    "RULE ORDER": "rule_order", "OUTPUT ORDER": "output_order", "COLLECT": "collect",
}  # fmt: skip
LISTS = ("rule_order", "output_order", "collect")
_INTERVAL = re.compile(r"([\[\](])\s*(.+?)\s*\.\.\s*(.+?)\s*([\[\])])\Z", re.DOTALL)
_BOUND = re.compile(r"(<=|>=|<|>|!=|=)\s*(.+)\Z", re.DOTALL)


def decisions() -> list[dict[str, Any]]:
    """The folders that hold decision tables only."""
    return [folder for folder in suite("dmn_tck_tables.json", "folders") if folder["kind"] == "tables-only"]


def outcomes(folder: Mapping[str, Any]) -> list[Outcome]:
    """One for every decision of every case."""
    asked: dict[str, _Asked | Unsaid] = {}
    for name in folder["decisions"]:
        try:
            asked[name] = _Asked(folder, name)
        except Unsaid as why:
            asked[name] = why
    found = []
    for case in folder["cases"]:
        for name, expected in case["expect"].items():
            label = f"{folder['folder'].rpartition('/')[2]} {case['id']} {name}"
            ours = asked[name]
            if isinstance(ours, Unsaid):
                found.append(Outcome(label, "unsaid", str(ours)))
                continue
            try:
                got, wanted = ours.answer(case["inputs"], asked), typed(expected["value"])
            except Unsaid as why:
                found.append(Outcome(label, "unsaid", str(why)))
                continue
            same = got == wanted
            found.append(
                Outcome(label, "agreed" if same else "wrong", "" if same else f"{got!r} instead of {wanted!r}")
            )
    return found


# ---- values


def typed(value: Any) -> Any:
    """A value of the suite as a value of the language."""
    if isinstance(value, list):
        return tuple(typed(item) for item in value)
    if not isinstance(value, Mapping):
        return Decimal(str(value)) if isinstance(value, float) else value
    kind = str(value.get("$type", "")).lower()
    if not kind:
        return Row({name: typed(part) for name, part in value.items()})
    text = value["value"]
    return None if text is None else _of_kind(str(text), kind)


def _of_kind(text: str, kind: str) -> Any:
    if "duration" in kind:
        return duration(text)
    if kind in ("datetime", "date and time"):
        moment = dt.datetime.fromisoformat(re.sub(r"@.*", "", text).replace("Z", "+00:00"))
        return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    if kind == "time":
        return dt.time.fromisoformat(re.sub(r"@.*", "", text).replace("Z", ""))
    if kind == "date":
        return dt.date.fromisoformat(text)
    if kind in ("decimal", "number", "integer", "double"):
        return Decimal(text)
    return text == "true" if kind == "boolean" else text


def duration(text: str) -> Duration:
    """ISO 8601, in the smallest unit that is needed."""
    found = re.fullmatch(
        r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", text
    )
    if found is None or found[1]:
        raise Unsaid(f"no such duration: {text}")
    years, months, days, hours, minutes = (int(found[i] or 0) for i in range(2, 7))
    seconds = Decimal(found[7] or 0)
    if years or months:
        if days or hours or minutes or seconds:
            raise Unsaid("a duration of months and days at once")
        return Duration(years * 12 + months, "months", f"{years * 12 + months} months")
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60), ("seconds", 1)):
        whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
        if whole % size == 0 or unit == "seconds":
            amount = whole / size
            number = int(amount) if amount == int(amount) else amount
            return Duration(number, unit, f"{number} {unit}")  # type: ignore[arg-type]
    raise AssertionError(text)


def _word(value: Any) -> Word | None:
    """The literal as our language writes it; None where it has no way to (a time with seconds)."""
    if isinstance(value, bool):
        return Word("yes" if value else "no")
    if isinstance(value, int | Decimal):
        return Word(format(value, "f"))
    if isinstance(value, str):
        return Word(value, quoted=True)
    if isinstance(value, Duration):
        return Word(value.text)
    if isinstance(value, dt.datetime):
        return None if value.second or value.microsecond else Word(value.strftime("%Y-%m-%d %H:%M"))
    if isinstance(value, dt.date):
        return Word(value.isoformat())
    if isinstance(value, dt.time):
        return None if value.second or value.microsecond else Word(value.strftime("%H:%M"))
    return None


def literal(text: str) -> Any:
    """The value of a FEEL literal; None for null. Raises LookupError for what is none."""
    text = text.strip()
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    if re.fullmatch(r'"(?:[^"\\]|\\.)*"', text, re.DOTALL):
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    if re.fullmatch(r"-?(\d+(\.\d+)?|\.\d+)([eE][-+]?\d+)?", text):
        number = Decimal(text)
        return int(number) if number == int(number) and "." not in text else number
    if made := re.fullmatch(r'(date and time|date|time|duration)\s*\(\s*"([^"]*)"\s*\)', text):
        return _of_kind(made[2], made[1])
    if at := re.fullmatch(r'@"([^"]*)"', text):
        kind = "duration" if "P" in at[1] else "date and time" if "T" in at[1] else "time" if ":" in at[1] else "date"
        return _of_kind(at[1], kind)
    raise LookupError(text)


# ---- a table


def separated(text: str) -> list[str]:
    """At its commas, but not at those in texts and brackets."""
    found, depth, start, quoted = [], 0, 0, False
    for i, letter in enumerate(text):
        if letter == '"' and text[i - 1 : i] != "\\":
            quoted = not quoted
        elif not quoted and letter in "([":
            depth += 1
        elif not quoted and letter in ")]":
            depth = max(0, depth - 1)
        elif letter == "," and not quoted and depth == 0:
            found.append(text[start:i].strip())
            start = i + 1
    return [*found, text[start:].strip()]


class _Asked:
    def __init__(self, folder: Mapping[str, Any], name: str) -> None:
        self.name, self.folder = name, folder
        self.table = folder["decisions"][name]["table"]
        self.columns: dict[str, Column] = {}
        self.needs: set[str] = set()
        policy, how = self.table["hit_policy"], self.table["aggregation"]
        self.hit = {"SUM": "sum", "MIN": "min", "MAX": "max", "COUNT": "count"}[how] if how else POLICIES[policy]
        self.rows = len(self.table["rules"])
        for i, column in enumerate(self.table["inputs"]):
            self._column(i, column)
        outputs = [self._output(i, output) for i, output in enumerate(self.table["outputs"])]
        if not self.columns:
            self.columns["always"] = Column("always", "yes_no", lambda data: True, [ANY] * self.rows)
        self.asked: Asked = read_decision(slug(name), self.hit, list(self.columns.values()), outputs, self.rows)

    # -- columns

    def _type(self, reference: str | None) -> str | None:
        item = self.folder["item_definitions"].get(reference)
        if item is not None and item["type"]:
            return self._type(item["type"])
        return TYPES.get(str(reference).lower().replace("feel:", "")) if reference else None

    def _type_of_path(self, path: str) -> str | None:
        name, _, rest = path.partition(".")
        reference = self.folder["input_data"].get(name)
        for part in rest.split(".") if rest else []:
            reference = self.folder["item_definitions"].get(reference, {"components": {}})["components"].get(part)
        return self._type(reference)

    def _lists(self, path: str) -> bool:
        """Whether it is declared as a list: a cell that names one asks whether the list holds the value."""
        name, _, rest = path.partition(".")
        reference, items = self.folder["input_data"].get(name), self.folder["item_definitions"]
        for part in rest.split(".") if rest else []:
            reference = items.get(reference, {"components": {}})["components"].get(part)
        return bool(items.get(reference, {}).get("list"))

    def _known(self, path: str) -> bool:
        name = path.partition(".")[0].strip()
        return name in self.folder["input_data"] or name in self.folder["decisions"]

    def _column(self, number: int, written: Mapping[str, Any]) -> None:
        expression = str(written["expression"]).strip()
        cells = [str(rule["when"][number]).strip() for rule in self.table["rules"]]
        type_ = self._type(written["type"]) or self._type_of_path(expression) or self._guess(cells)
        column = self._input(expression, type_)
        fitting: list[Cell] = []
        for i, cell in enumerate(cells):
            try:
                fitting.append(self._cell(cell, type_))
            except LookupError:
                fitting.append(ANY)
                self._computed(i, cell, column)
        # the same input may stand in two columns
        if column.cells:
            column = self._fresh(column.name, type_, column.read)
        column.cells = fitting

    def _guess(self, cells: list[str]) -> str:
        for cell in cells:
            for part in separated(re.sub(r"\Anot\s*\((.*)\)\Z", r"\1", cell, flags=re.DOTALL)):
                bare = _BOUND.match(part)
                interval = _INTERVAL.match(part)
                try:
                    value = literal(interval[2] if interval else bare[2] if bare else part)
                except LookupError:
                    continue
                if value is not None and part != "-":
                    return _type_name(value)
        return "text"

    def _fresh(self, wanted: str, type_: str, read: Any) -> Column:
        column = Column(slug(wanted, list(self.columns)), type_, _checked(read, type_))
        self.columns[column.name] = column
        return column

    def _input(self, expression: str, type_: str) -> Column:
        """The column of an input expression: a path, or a formula."""
        key = slug(expression)
        if key in self.columns:
            return self.columns[key]
        name, _, rest = expression.partition(".")
        if self._known(name) and re.fullmatch(r"[\w .\-/']+", expression):
            if name in self.folder["decisions"]:
                self.needs.add(name)
            read = _path([name, *rest.split(".")] if rest else [name])
        else:
            read = formula(expression, "feel", list(self.folder["input_data"]))
        return self._fresh(expression, type_, read)

    def _other(self, path: str, type_: str) -> Column:
        """Another input that a cell names: a column where every cell is `any`, unless it has cells of its own."""
        column = self._input(path, self._type_of_path(path) or type_)
        if not column.cells and path not in [i["expression"] for i in self.table["inputs"]]:
            column.cells = [ANY] * self.rows
        return column

    def _computed(self, row: int, cell: str, column: Column) -> None:
        """A cell that is an expression: its truth about the column's value is an input."""
        negated = re.fullmatch(r"not\s*\((.*)\)", cell, re.DOTALL)
        pieces = separated(negated[1] if negated else cell)
        names = [*self.folder["input_data"], *self.folder["decisions"]]
        self.needs |= {name for name in self.folder["decisions"] if name in cell}
        parts = [formula(_about(piece), "feel", names, this=column.name) for piece in pieces]

        def holds(data: Any) -> bool:
            value = column.read(data)
            found = [part({**data, column.name: value}) for part in parts]
            if negated and any(one is None for one in found):
                return False
            return any(_fits(one, value) for one in found) is not bool(negated)

        own = self._fresh(f"{column.name}_fits", "yes_no", holds)
        own.cells = [[("is", Word("yes"))] if i == row else ANY for i in range(self.rows)]

    # -- cells

    def _cell(self, text: str, type_: str) -> Cell:
        if text in ("-", ""):
            return ANY
        if negated := re.fullmatch(r"not\s*\((.*)\)", text, re.DOTALL):
            return Negated(tuple(self._part(part, type_) for part in separated(negated[1])))
        unequal = [part for part in separated(text) if part.startswith("!=")]
        if unequal:
            if len(separated(text)) > 1:
                raise LookupError(text)
            return Negated((self._part(unequal[0][2:], type_),))
        return [self._part(part, type_) for part in separated(text)]

    def _part(self, text: str, type_: str) -> Part:
        text = text.strip()
        if text == "null":
            return ("empty",)
        if interval := _INTERVAL.match(text):
            low, high = self._operand(interval[2], type_), self._operand(interval[3], type_)
            return ("between", low, high, interval[1] != "[", interval[4] != "]")
        if bound := _BOUND.match(text):
            operand = self._operand(bound[2], type_)
            return {
                "<": ("between", None, operand, False, True),
                "<=": ("between", None, operand, False, False),
                ">": ("between", operand, None, True, False),
                ">=": ("between", operand, None, False, False),
                "=": ("is", operand),
            }[bound[1]]
        return ("is", self._operand(text, type_))

    def _operand(self, text: str, type_: str) -> Operand:
        try:
            value = literal(text)
        except LookupError:
            if (
                not self._known(text.strip())
                or self._lists(text.strip())
                or not re.fullmatch(r"[\w .\-/']+", text.strip())
            ):
                raise
            return self._other(text.strip(), type_)
        if value is None:
            raise LookupError(text)
        word = _word(value)
        if word is not None and not (word.quoted and type_ != "text"):
            return word
        return self._constant(value)

    def _constant(self, value: Any) -> Column:
        """A literal that our cells cannot write (seconds): an input that always has this value."""
        column = self._fresh("constant", _type_name(value), lambda data: value)
        column.cells = [ANY] * self.rows
        return column

    # -- outputs

    def _output(self, number: int, written: Mapping[str, Any]) -> Output:
        values = [self._result(str(rule["then"][number])) for rule in self.table["rules"]]
        kinds = {_type_name(v) for v in values if v is not None} or {"text"}
        if len(kinds) > 1:
            raise Unsaid(f"an output with values of several types: {', '.join(sorted(kinds))}")
        (type_,) = kinds
        ranks = None
        if written["values"] and self.hit in ("priority", "output_order"):
            ranks = [self._literal_word(self._result(part)) for part in separated(written["values"])]
        default = self._result(written["default"]) if written["default"] is not None else None
        words = [None if v is None else self._literal_word(v) for v in values]
        name = slug(written["name"] or "answer", [slug(o["name"] or "") for o in self.table["outputs"][:number]])
        if name in self.columns:
            name = slug(f"{name} out", list(self.columns))
        return Output(name, type_, words, ranks, None if default is None else self._literal_word(default))

    @staticmethod
    def _result(text: str) -> Any:
        try:
            return literal(text)
        except LookupError:
            raise Unsaid(f"an output cell holds a value, not an expression: {text}") from None

    @staticmethod
    def _literal_word(value: Any) -> Word:
        word = _word(value)
        if word is None:
            raise Unsaid(f"no literal of ours: {value}")
        return word

    # -- answers

    def answer(self, inputs: Mapping[str, Any], others: Mapping[str, _Asked | Unsaid]) -> Any:
        data = {name: typed(value) for name, value in inputs.items()}
        for name in self.needs:
            other = others[name]
            data[name] = None if isinstance(other, Unsaid) else other.answer(inputs, others)
        found = self.asked.ask(data)
        if isinstance(found, Conflict):
            return None  # FEEL: a table whose rows contradict its policy is null
        parts = list(found.outputs.values())
        names = [output["name"] for output in self.table["outputs"]]
        single = len(names) == 1
        if self.hit in LISTS:
            if not found.rows:
                return None if all(part in (None, ()) for part in parts) else self._together(names, parts, single)
            rows = zip(*parts, strict=True)
            return tuple(row[0] if single else Row(zip(names, row, strict=True)) for row in rows)
        if not found.rows and all(part is None for part in parts):
            return None
        return self._together(names, parts, single)

    @staticmethod
    def _together(names: list[str], parts: list[Any], single: bool) -> Any:
        return parts[0] if single else Row(zip(names, parts, strict=True))


def _about(piece: str) -> str:
    """A unary test as an expression about `?`; a value or a list stays itself, see `_fits`."""
    if _BOUND.match(piece):
        return f"? {piece}"
    return f"? in {piece}" if _INTERVAL.match(piece) else piece


def _fits(found: Any, value: Any) -> bool:
    """FEEL: a truth about the value, a list that holds it, or the value itself."""
    if isinstance(found, bool):
        return found if not isinstance(value, bool) else found == value
    return value in found if isinstance(found, tuple) else found is not None and bool(found == value)


def _checked(read: Any, type_: str) -> Any:
    """A value of another type than the column's fits no cell with a value, as in FEEL."""

    def value(data: Any) -> Any:
        found = read(data)
        if isinstance(found, tuple | Mapping):
            raise Unsaid("an input that is a list or a group: our cells are about one value")
        return found if found is None or _type_name(found) == type_ else None

    return value


def _path(parts: list[str]) -> Any:
    def read(data: Any) -> Any:
        for part in parts:
            if not isinstance(data, Mapping):
                return None
            data = data.get(part)
        return data

    return read


def _type_name(value: Any) -> str:
    if isinstance(value, bool):
        return "yes_no"
    if isinstance(value, int | Decimal):
        return "number"
    if isinstance(value, dt.datetime):
        return "moment"
    if isinstance(value, dt.date):
        return "date"
    if isinstance(value, dt.time):
        return "time"
    return "duration" if isinstance(value, Duration) else "text"


__all__ = ["as_env", "decisions", "duration", "literal", "outcomes", "separated", "typed"]
