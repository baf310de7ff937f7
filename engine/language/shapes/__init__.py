"""The declarations that definitions are made of: a Struct of keys, each with a Shape that reads its place."""

from engine.language.shapes.base import (
    Instead,
    Reading,
    Schema,
    Shape,
    Struct,
    StructShape,
    entry_of,
    key,
    struct_schema,
)
from engine.language.shapes.containers import ByLook, Lazy, ListOf, MapOf
from engine.language.shapes.expressions import (
    CONDITION,
    MOMENT,
    PATH,
    PERSON,
    QUESTION,
    VALUE,
    DurationOrFormula,
    Moment,
    Question,
)
from engine.language.shapes.scalars import (
    DATE,
    DURATION,
    NUMBER,
    SCHEDULE,
    TEXT,
    WHOLE,
    YES_NO,
    ChoiceName,
    Name,
    NumberShape,
    OneWord,
    Parsed,
    one_of,
)

__all__ = [
    "CONDITION", "DATE", "DURATION", "MOMENT", "NUMBER", "PATH", "PERSON", "QUESTION", "SCHEDULE", "TEXT", "VALUE", "WHOLE", "YES_NO",
    "ByLook", "ChoiceName", "DurationOrFormula", "Instead", "Lazy", "ListOf", "MapOf", "Moment", "Name", "NumberShape", "OneWord", "Parsed",
    "Question", "Reading", "Schema", "Shape", "Struct", "StructShape", "entry_of", "key", "one_of", "struct_schema",
]  # fmt: skip
