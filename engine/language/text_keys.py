"""The titles and sayings of a pack, each with the key under which `texts/<language>.yaml` holds it (docs/texts.md).

A key is the folder of the definition, its name, then the way to the text without the words that only hold things
together. Only what has a text in the definitions has a key, also where that text is blank; templates hold all their languages
themselves.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from engine.language.kinds.calendar import Calendar
from engine.language.kinds.definition import Definition
from engine.language.kinds.events import Event
from engine.language.kinds.form import Field, Must
from engine.language.kinds.node import Node
from engine.language.kinds.people import Button
from engine.language.kinds.template import Template
from engine.language.kinds.texts import Texts
from engine.language.pack import FOLDERS, Pack
from engine.language.shapes import Struct
from engine.language.source import Word
from engine.language.walk import Keys, declares, structs

_GLUE = frozenset(("fields", "nodes", "buttons", "inputs", "outputs", "measures", "parts", "rules", "points", "events"))
_GLUE |= {"carries", "of"}
"""Words that only hold things together: they are left out of a key."""
_NAMES_FOLLOW = _GLUE | {"start", "interrupt", "meanwhile", "data", "must", "attributes", "roles", "teams", "people"}
_NAMES_FOLLOW |= {"takes", "gives", "calls"}
"""Words after which somebody's own name stands, which may be any word."""


def text_keys(pack: Pack) -> dict[str, Word]:
    """Key -> the text in the pack's language, with its place."""
    found: dict[str, Word] = {}
    for definition in pack.definitions.values():
        folder = FOLDERS.get(definition.KIND)
        if folder is None or isinstance(definition, Texts | Template) or definition.KIND == "scenarios":
            continue
        for way, text in _texts(definition):
            key = "/".join((folder, definition.name, *way))
            found.setdefault(key, text if isinstance(text, Word) else Word(text))
    return found


def wordless(text: str) -> bool:
    """Whether nothing in a text can be read: it is blank, or all of it is punctuation. A sign such as + or ★ can be."""
    return all(unicodedata.category(char)[0] in "PZC" for char in text)


def _texts(definition: Definition) -> Iterator[tuple[Keys, str]]:
    if isinstance(definition, Calendar):
        for change in definition.changes or ():
            if change.because is not None:
                yield ("changes", change.date.isoformat()), change.because
        if definition.title is not None:
            yield (), definition.title
        return
    for keys, struct in structs(definition):
        way = way_of(keys)
        yield from _own(way, struct)
        if isinstance(struct, Field) and struct.type in ("choice", "choices") and isinstance(struct.of, Mapping):
            for entry, title in struct.of.items():
                yield (*way, str(entry)), title


def _own(way: Keys, struct: Struct) -> Iterator[tuple[Keys, str]]:
    says = getattr(struct, "say", None) if declares(struct, "say") else None
    if isinstance(struct, Event) and not isinstance(struct, Node):
        if struct.button is not None:
            yield way, struct.button
        if says is not None:
            yield (*way, "say"), says
        return
    if isinstance(struct, Must):
        yield way, struct.say
        return
    for name in ("title", "because"):
        text = getattr(struct, name, None) if declares(struct, name) else None
        if text is not None:
            yield way, text
    if isinstance(struct, Button) and says is not None:
        yield (*way, "say"), says


def way_of(keys: Keys) -> Keys:
    """The keys without glue; nodes of a subprocess stand beside the others, for names are unique in a file."""
    way: list[str] = []
    is_name = in_node = False
    for key in keys:
        if is_name:
            way.append(key)
            is_name = False
            continue
        is_name = key in _NAMES_FOLLOW
        if key == "nodes":
            way, in_node = [], True
        elif key not in _GLUE and not (in_node and key in ("interrupt", "meanwhile")):
            way.append(key)
    return tuple(way)
