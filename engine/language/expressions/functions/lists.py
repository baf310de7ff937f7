"""The tests for emptiness: `has`, the only one there is, and `first_of`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.language.expressions.functions.declare import function
from engine.language.expressions.types import ANY, Type, bare, common


def _common(types: Sequence[Type]) -> Type:
    return bare(common(list(types)) or ANY)


@function(
    "x: any",
    gives="yes_no",
    en="Whether it is filled in: not empty, no text of no characters, no list of no rows.",
    zh="是否已填写：不为空、不是空文本、不是空列表。",
    takes_empty=True,
)
def has(x: Any) -> bool:
    return x is not None and (x.__class__ not in (str, tuple, list) or len(x) > 0)


@function(
    "x...: any",
    gives=_common,
    en="The first that is filled in; empty when none is.",
    zh="第一个已填写的值；都未填写时为空。",
    takes_empty=True,
)
def first_of(*values: Any) -> Any:
    for value in values:
        if has(value):
            return value
    return None
