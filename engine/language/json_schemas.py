"""JSON Schema (draft-07) for every kind, from the same declarations that read it: what an editor completes and marks.

A schema is a help while writing, not the check: it knows keys and words, not names and types. Scalars accept what an
editor's YAML makes of unquoted text: numbers, booleans, dates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.language.kinds.texts import Texts
from engine.language.pack import FOLDERS, KINDS
from engine.language.shapes import Schema, struct_schema

DRAFT = "http://json-schema.org/draft-07/schema#"
NAME = "^[a-z][a-z0-9_]*$"


def schema_of(kind: str, node_types: Mapping[str, type[Any]]) -> Schema:
    """The schema of one kind; nodes by their `type`, third parties' types included."""
    cls = KINDS[kind]
    definitions: Schema = {}
    own = _texts() if cls is Texts else struct_schema(cls, definitions)
    named = {"type": "string", "pattern": NAME, "description": f"the {kind}'s name, which is also the file's"}
    schema: Schema = {"$schema": DRAFT, "title": kind, **own}
    schema["properties"] = {kind: named, **own.get("properties", {})}
    schema["required"] = [kind, *own.get("required", [])]
    if _mentions_nodes(schema, definitions):
        definitions["Node"] = _node(node_types, definitions)
    if definitions:
        schema["definitions"] = {name: definitions[name] for name in sorted(definitions)}
    return schema


def _texts() -> Schema:
    return {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}, "properties": {}}


def _mentions_nodes(*parts: Schema) -> bool:
    return "#/definitions/Node" in json.dumps(parts)


def _node(node_types: Mapping[str, type[Any]], definitions: Schema) -> Schema:
    """A node: its `type` decides which keys it has."""
    for type_, cls in node_types.items():
        own = struct_schema(cls, definitions)
        own["properties"]["type"] = {"const": type_}
        definitions[f"node {type_}"] = own
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(node_types), "description": "the node type"}},
        "allOf": [
            {
                "if": {"properties": {"type": {"const": type_}}, "required": ["type"]},
                "then": {"$ref": f"#/definitions/node%20{type_}"},
            }
            for type_ in node_types
        ],
    }


def schema_text(kind: str, node_types: Mapping[str, type[Any]]) -> str:
    return json.dumps(schema_of(kind, node_types), ensure_ascii=False, indent=1) + "\n"


def write_schemas(folder: Path, node_types: Mapping[str, type[Any]]) -> list[Path]:
    """Writes <kind>.json of every kind; the paths that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for kind in KINDS:
        path, text = folder / f"{kind}.json", schema_text(kind, node_types)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            changed.append(path)
    return changed


def modeline(kind: str, depth: int | None = None) -> str:
    """The first line of a definition's file, for an editor; `depth` folders below the pack's."""
    below = depth if depth is not None else 1 if kind in FOLDERS else 0
    return f"# yaml-language-server: $schema={'../' * (below + 1)}schemas/{kind}.json"


__all__ = ["modeline", "schema_of", "schema_text", "write_schemas"]
