"""scoring: parts with their rules, one total, grades; and when it is worked out anew."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from engine.language.durations import Duration
from engine.language.expressions.parse import Expression
from engine.language.kinds.definition import RAW, Definition
from engine.language.kinds.events import AGAIN, Event
from engine.language.shapes import (
    CONDITION,
    DURATION,
    NUMBER,
    QUESTION,
    TEXT,
    ChoiceName,
    ListOf,
    MapOf,
    Name,
    OneWord,
    Reading,
    Schema,
    Shape,
    Struct,
    StructShape,
    key,
)
from engine.language.yamltree import Mapping, Tree

Number = int | Decimal


@dataclass(frozen=True, kw_only=True)
class ScoreRule(Struct):
    """Points for a fact of the record."""

    if_: Expression = key(CONDITION, "when it counts", required=True)
    add: Number = key(NUMBER, "points, negative ones too", required=True)
    because: str | None = key(TEXT, "why, in words for a person")


@dataclass(frozen=True, kw_only=True)
class RulesPart(Struct):
    """Points by facts."""

    at_most: Number | None = key(NUMBER, "cap of this part")
    rules: Map[str, ScoreRule] = key(
        MapOf(Name(), StructShape(ScoreRule, ("a scoring rule", "评分规则"))), "the rules", required=True
    )


@dataclass(frozen=True, kw_only=True)
class Points(Struct):
    """Points for each event of one name; they fade by half in each half_life."""

    add: Number = key(NUMBER, "points of one event now", required=True)
    at_most: Number | None = key(NUMBER, "cap of all events of this name")
    half_life: Duration | None = key(DURATION, "after so long an event counts half")
    within: Duration | None = key(DURATION, "older events do not count")
    because: str | None = key(TEXT, "why, in words for a person")


@dataclass(frozen=True, kw_only=True)
class BehaviourPart(Struct):
    """Points by events: records that point at this one."""

    at_most: Number | None = key(NUMBER, "cap of this part")
    events: Expression = key(QUESTION, "the records, as lead.activities", required=True)
    name: str = key(Name(), "the field that names the event", required=True)
    at: str = key(Name(), "the field with its moment", required=True)
    points: Map[str, Points] = key(
        MapOf(ChoiceName(), StructShape(Points, ("points", "分值"))), "points by event name", required=True
    )


@dataclass(frozen=True, kw_only=True)
class ModelPart(Struct):
    """A probability from 0 to 1 by a trained model."""

    model: str = key(Name(), "the model", required=True)
    if_not_ready: Number = key(NUMBER, "used while there are no coefficients", required=True)


class Part(Shape[Any]):
    """One of the three kinds of part, told by its key: rules, events or model."""

    expected = ("a part with rules, events or model", "含 rules、events 或 model 的部分")
    KINDS: ClassVar = {"rules": RulesPart, "events": BehaviourPart, "model": ModelPart}

    def read(self, tree: Tree, reading: Reading) -> Any:
        for word, cls in self.KINDS.items():
            if isinstance(tree, Mapping) and tree.get(word) is not None:
                return StructShape(cls, (f"a part with {word}", f"含 {word} 的部分")).read(tree, reading)
        self.wrong(tree, reading)
        return None

    def json_schema(self, definitions: Schema) -> Schema:
        return {"anyOf": [StructShape(cls).json_schema(definitions) for cls in self.KINDS.values()]}


@dataclass(frozen=True, kw_only=True)
class Writes(Struct):
    """The fields that a scoring writes."""

    total: str | None = key(Name(), "field for the total")
    grade: str | None = key(Name(), "field for the grade")


@dataclass(frozen=True, kw_only=True)
class Scoring(Definition):
    """How a record is scored and graded, with the reasons."""

    KIND: ClassVar[str] = "scoring"

    of: str = key(Name(), "the form", required=True)
    parts: Map[str, Any] = key(MapOf(Name(), Part()), "the parts by name", required=True)
    total: Expression = key(QUESTION, "a formula over the parts", required=True)
    grades: Map[str, Tree] = key(MapOf(ChoiceName(), RAW), "bands of the total in cell words", required=True)
    writes: Writes = key(StructShape(Writes, ("writes", "writes")), "where the result goes", required=True)
    again: tuple[Event, ...] | None = key(ListOf(AGAIN), "events after which it is worked out anew")


@dataclass(frozen=True, kw_only=True)
class Term(Struct):
    """One coefficient of a model: of a number, of an entry (`is`), or of a missing value (`is: empty`)."""

    field: str = key(Name(), "the field of the form", required=True)
    is_: str | None = key(TEXT, "the term counts when the field has this entry; `empty` when it has none")
    scale: str | None = key(OneWord("log", "linear"), "how a number is taken")
    mean: Number = key(NUMBER, "taken off after scaling", default=0)
    spread: Number = key(NUMBER, "divided by after that", default=1)
    weight: Number = key(NUMBER, "the coefficient", required=True)


@dataclass(frozen=True, kw_only=True)
class Model(Definition):
    """Coefficients of a logistic regression, written by `remit train`, read by people."""

    KIND: ClassVar[str] = "model"

    of: str = key(Name(), "the form", required=True)
    kind: str = key(OneWord("logistic"), "what the coefficients mean", required=True)
    trained: Map[str, Tree] | None = key(MapOf(Name(), RAW), "when, on how many rows, how good")
    intercept: Number = key(NUMBER, "the constant", required=True)
    terms: tuple[Term, ...] = key(ListOf(StructShape(Term, ("a term", "项"))), "the coefficients", required=True)
