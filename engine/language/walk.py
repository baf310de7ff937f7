"""Every Struct of a definition with the keys that lead to it: for checks that ask about declarations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.language.shapes import Struct

Keys = tuple[str, ...]


def structs(root: Struct, keys: Keys = ()) -> Iterator[tuple[Keys, Struct]]:
    """`root` and all Structs below it, in the order of their keys."""
    yield keys, root
    for name, declared in type(root).keys().items():
        if root.was_written(name):
            yield from _below(getattr(root, declared.name), (*keys, name))


def _below(value: Any, keys: Keys) -> Iterator[tuple[Keys, Struct]]:
    if isinstance(value, Struct):
        yield from structs(value, keys)
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _below(part, (*keys, str(name)))
    elif isinstance(value, tuple):
        for part in value:
            yield from _below(part, keys)


def declares(struct: Struct, key: str) -> bool:
    """Whether such a thing may have this key at all, written or not."""
    return key in type(struct).keys()  # noqa: SIM118
