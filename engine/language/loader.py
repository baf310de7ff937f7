"""Texts to a Pack: each file is one definition of a known kind. Loading never raises on user input; it returns what it
could read and everything that is wrong, in one run."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from collections.abc import Mapping as Map
from typing import Any

from engine.language.diagnostics import Diagnostic, in_order, with_article
from engine.language.kinds.definition import Definition
from engine.language.kinds.texts import Texts, read_entries
from engine.language.messages import reference, syntax
from engine.language.pack import KINDS, Pack
from engine.language.shapes import Name, Reading, StructShape
from engine.language.source import Source, Span
from engine.language.yamltree import Mapping, read_tree


def load(sources: Iterable[Source], node_types: Map[str, type[Any]]) -> Pack:
    """Reads every source. Two definitions with one kind and name are a finding; the first one counts."""
    definitions: dict[tuple[str, str], Definition] = {}
    kept: dict[str, Source] = {}
    diagnostics: list[Diagnostic] = []
    for source in sources:
        kept[source.path] = source
        definition, found = load_one(source, node_types)
        diagnostics += found
        if definition is None:
            continue
        key = (definition.KIND, definition.name)
        first = definitions.get(key)
        if first is not None:
            diagnostics.append(reference.defined_twice(definition.span, definition.KIND, definition.name, first.span))
            continue
        if definition.KIND == "pack" and any(kind == "pack" for kind, _ in definitions):
            other = next(d for (kind, _), d in definitions.items() if kind == "pack")
            diagnostics.append(reference.defined_twice(definition.span, "pack", definition.name, other.span))
            continue
        definitions[key] = definition
    if not any(kind == "pack" for kind, _ in definitions) and not any(
        d.code for d in diagnostics if d.span.path.endswith("pack.yaml")
    ):
        path = next(iter(kept), "pack.yaml")
        diagnostics.append(
            syntax.missing_key(
                Span(path, 1, 1, 1, 2), "pack", "the folder (a file pack.yaml)", "文件夹（pack.yaml 文件）"
            )
        )
    return Pack(definitions, kept, tuple(in_order(diagnostics)))


def load_one(source: Source, node_types: Map[str, type[Any]]) -> tuple[Definition | None, list[Diagnostic]]:
    """One file to one definition."""
    tree, diagnostics = read_tree(source)
    if tree is None:
        return None, diagnostics
    reading = Reading(source, node_types, diagnostics)
    if not isinstance(tree, Mapping) or not tree.entries:
        reading.say(
            syntax.wrong_shape(
                tree.span,
                "a definition, which begins with <kind>: <name>",
                "一个定义，以 <种类>: <名称> 开头",
                f"kinds: {', '.join(KINDS)}",
                f"种类：{'、'.join(KINDS)}",
            )
        )
        return None, reading.diagnostics
    kind, value = tree.entries[0]
    cls = KINDS.get(kind.text)
    if cls is None:
        reading.say(syntax.unknown_word(kind.span, kind.text, ("kind of definition", "定义种类"), KINDS))
        return None, reading.diagnostics
    name = Name(reserved=True).read(value, reading)
    definition = _read(cls, tree, kind.text, reading)
    if name is None or definition is None:
        return None, reading.diagnostics
    _check_file_name(source, kind.text, name, value.span, reading)
    return dataclasses.replace(definition, name=name, path=source.path, span=value.span), reading.diagnostics


def _read(cls: type[Definition], tree: Mapping, kind: str, reading: Reading) -> Definition | None:
    if cls is Texts:
        return Texts(span=tree.span, entries=read_entries(tree, reading))
    # a model's own key `kind:` is a field; only the very first key is the definition's kind
    rest = Mapping(tree.entries[1:], tree.span, tree.flow)
    shape: StructShape[Any] = StructShape(cls, (with_article(kind), kind))
    read: Definition | None = shape.read(rest, reading)
    return read


def _check_file_name(source: Source, kind: str, name: str, span: Span, reading: Reading) -> None:
    file = source.path.replace("\\", "/").rsplit("/", 1)[-1]
    wanted = {"pack": "pack.yaml", "scenarios": f"{name}.scenarios.yaml"}.get(kind, f"{name}.yaml")
    if file and file != wanted:
        reading.say(reference.file_name(span, kind, name, wanted))
