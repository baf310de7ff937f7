"""The language reference, docs/language.md, generated from the declarations that read definitions.

Nothing here is written twice: a kind's text is its class's docstring, a key's its `doc`, a node type's its module's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.language.durations import UNITS
from engine.language.expressions.functions import TABLE
from engine.language.kinds.events import EVENTS, WHERE, Event
from engine.language.kinds.node import Node
from engine.language.pack import FOLDERS, KINDS
from engine.language.shapes import ByLook, Lazy, ListOf, MapOf, Shape, Struct, StructShape

HEAD = """# The language: reference

Generated from the code; a test holds it current, and `pytest --accept tests/language` writes it anew. The first key of
a definition is `<kind>: <name>`, the file has the name's name. **Bold** keys are required.
"""


def manual(node_types: Mapping[str, type[Any]]) -> str:
    """The whole reference in Markdown."""
    return "\n".join([HEAD, *_kinds(), *_nodes(node_types), *_events(), *_functions(), *_words()]).rstrip() + "\n"


def write_manual(path: Path, node_types: Mapping[str, type[Any]]) -> bool:
    """Writes the reference; whether it changed."""
    text = manual(node_types)
    if path.exists() and path.read_text("utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return True


def _kinds() -> Iterator[str]:
    yield "## Kinds\n"
    seen: set[type] = {Node}
    for kind, cls in KINDS.items():
        folder = f"`{FOLDERS[kind]}/`" if kind in FOLDERS else "the pack's folder"
        yield f"### {kind}\n\n{_doc(cls)} Stands in {folder}.\n"
        yield from _table(cls)
        yield from _parts(cls, seen)


def _parts(cls: type[Struct], seen: set[type]) -> Iterator[str]:
    """The Structs inside, each once, where they are first used."""
    for name in cls.keys():  # noqa: SIM118
        for part in _structs(cls.shape_of(name)):
            if part in seen or issubclass(part, Node):
                continue
            seen.add(part)
            yield f"#### {_title(part)}\n\n{_doc(part)}\n"
            yield from _table(part)
            yield from _parts(part, seen)


def _structs(shape: Shape[Any], depth: int = 0) -> Iterator[type[Struct]]:
    if depth > 6:
        return
    if isinstance(shape, Lazy):
        yield from _structs(shape._shape(), depth + 1)
    elif isinstance(shape, StructShape):
        yield shape.cls
    elif isinstance(shape, ListOf):
        yield from _structs(shape.item, depth + 1)
    elif isinstance(shape, MapOf):
        yield from _structs(shape.value, depth + 1)
    elif isinstance(shape, ByLook):
        for inner in (shape.scalar, shape.mapping, shape.sequence):
            if inner is not None:
                yield from _structs(inner, depth + 1)
    elif isinstance(inner := getattr(shape, "struct", None), StructShape):
        yield inner.cls


def _table(cls: type[Struct], but: type[Struct] | None = None) -> Iterator[str]:
    """The keys of a Struct; those of `but` are left out."""
    left_out = but.keys() if but is not None else {}
    rows = [name for name in cls.keys() if name not in left_out]  # noqa: SIM118
    if not rows:
        return
    yield "| key | holds | default | meaning |\n|---|---|---|---|"
    for name in rows:
        declared = cls.keys()[name]
        required, default = declared.metadata["required"], declared.default
        shown = "" if default is None or required else f"`{_word(default)}`"
        word = f"**`{name}`**" if required else f"`{name}`"
        yield f"| {word} | {_cell(cls.shape_of(name).expected[0])} | {shown} | {_cell(declared.metadata['doc'])} |"
    yield ""
    for group in cls.EXACTLY_ONE:
        yield f"Exactly one of {', '.join(f'`{name}`' for name in group)}.\n"
    for group in cls.AT_MOST_ONE:
        yield f"At most one of {', '.join(f'`{name}`' for name in group)}.\n"


def _nodes(node_types: Mapping[str, type[Any]]) -> Iterator[str]:
    yield "## Nodes\n\n### What every node may have\n"
    yield from _table(Node)
    seen: set[type] = {Node}
    yield from _parts(Node, seen)
    for type_, cls in node_types.items():
        page = (sys.modules[cls.__module__].__doc__ or cls.__doc__ or "").strip()
        page = page.removeprefix(f"{type_}: ")
        yield f"### {type_}\n\n{page[:1].upper()}{page[1:]}\n"
        yield from _table(cls, but=Node)
        exits = _exits(cls)
        if exits:
            yield f"Exits of the plain form: {', '.join(f'`{e}`' for e in exits)}.\n"
        yield from _parts(cls, seen)


def _exits(cls: type[Node]) -> tuple[str, ...]:
    """The exits of a bare node of this type; none where they follow from what is written (cases, events, results)."""
    try:
        return cls().own_exits()
    except (TypeError, AttributeError):
        return ()


def _events() -> Iterator[str]:
    yield "## Events\n\n| event | fires | may stand in |\n|---|---|---|"
    for name in EVENTS:
        places = ", ".join(f"`{place}`" for place, allowed in WHERE.items() if name in allowed)
        yield f"| `{name}` | {_cell(Event.keys()[name].metadata['doc'])} | {places} |"
    yield ""


def _functions() -> Iterator[str]:
    yield "## Functions\n\n| function | meaning |\n|---|---|"
    for function in TABLE.values():
        yield f"| `{function.usage}` | {_cell(function.en)} |"
    yield ""


def _words() -> Iterator[str]:
    yield f"## Units of time\n\n{', '.join(f'`{unit}`' for unit in UNITS)}\n"


def _doc(cls: type) -> str:
    doc = (cls.__doc__ or "").strip()
    return "" if doc.startswith(f"{cls.__name__}(") else " ".join(doc.split("\n\n")[0].split())


def _title(cls: type) -> str:
    return "".join(f" {c.lower()}" if c.isupper() else c for c in cls.__name__).strip()


def _word(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("{{ }}", "`{{ }}`")
