"""Which come first: `lowest x`, `highest x`, `oldest`, `newest`."""

from __future__ import annotations

from dataclasses import dataclass

from engine.language.expressions.parse import Expression
from engine.language.shapes import QUESTION, Reading, Schema, Shape
from engine.language.yamltree import Scalar, Tree


@dataclass(frozen=True)
class OrderBy:
    """`word`: lowest or highest of `by`; oldest and newest are by created_at."""

    word: str
    by: Expression | None = None


class Order(Shape[OrderBy]):
    expected = ("lowest x, highest x, oldest or newest", "lowest x、highest x、oldest 或 newest")

    def read(self, tree: Tree, reading: Reading) -> OrderBy | None:
        if isinstance(tree, Scalar):
            if tree.text in ("oldest", "newest"):
                return OrderBy(tree.text)
            word, _, rest = tree.text.partition(" ")
            if word in ("lowest", "highest") and rest.strip():
                inner = Scalar(
                    rest,
                    tree.span.inside(len(word) + 1, len(rest)),
                    True,
                    inner=tree.inner.inside(len(word) + 1, len(rest)),
                )
                by = QUESTION.read(inner, reading)
                return OrderBy(word, by) if by is not None else None
        self.wrong(tree, reading)
        return None

    def json_schema(self, definitions: Schema) -> Schema:
        return {"type": "string", "pattern": "^(oldest|newest|(lowest|highest) .+)$"}


ORDER = Order()
