"""Definitions that could not be read: they are there all the same, so nothing that names them is a second mistake."""

from __future__ import annotations

import re

from engine.language.diagnostics import only_near
from engine.language.pack import KINDS, Pack

_HEAD = re.compile(r"^(\w+):[ \t]*([a-z][a-z0-9_]*)", re.MULTILINE)


def broken(pack: Pack) -> frozenset[tuple[str, str]]:
    """Kind and name of every file whose definition is missing from the pack, as far as its first key tells."""
    read = {definition.path for definition in pack.definitions.values()}
    found = set()
    for path, source in pack.sources.items():
        head = _HEAD.search(source.text[:2000]) if path not in read else None
        kind = None if head is None else head[1] if head[1] in KINDS else (only_near(head[1], KINDS) or ("", None))[1]
        if head is not None and kind is not None:
            found.add((kind, head[2]))
    return frozenset(found)
