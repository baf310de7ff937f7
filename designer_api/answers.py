"""The shapes of answers, as JSON Schemas in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Plain = dict[str, Any]

TEXT: Plain = {"type": "string"}
ID: Plain = {"type": "string", "description": "an id; text, whatever it looks like"}
MOMENT: Plain = {"type": ["string", "null"], "format": "date-time", "description": "UTC"}
YAML: Plain = {"description": "the text of a definition, as it was written"}
NAME: Plain = {"type": ["string", "null"]}
ANY: Plain = {}


def thing(required: Mapping[str, Plain], **also: Plain) -> Plain:
    """An object: keys that are always there, and keys that may be."""
    return {"type": "object", "required": list(required), "properties": {**required, **also}}


def many(item: Plain) -> Plain:
    return {"type": "array", "items": item}


EDIT = {
    "type": ["object", "null"],
    "description": "the one safe answer: what stands there is replaced by text",
    "required": ["line", "column", "end_line", "end_column", "text"],
    "properties": {
        "line": {"type": "integer"}, "column": {"type": "integer"}, "end_line": {"type": "integer"},
        "end_column": {"type": "integer"}, "text": TEXT,
    },
}  # fmt: skip
FINDING = thing(
    {
        "path": TEXT, "line": {"type": "integer"}, "column": {"type": "integer"}, "end_line": {"type": "integer"},
        "end_column": {"type": "integer"}, "severity": {"enum": ["error", "warning", "note"]}, "code": TEXT,
        "message": TEXT, "message_zh": TEXT, "hint": TEXT, "hint_zh": TEXT, "fix": EDIT,
    }
)  # fmt: skip
VIOLATION = {"type": "object", "description": "what is not taken: place or rule, code, say, say_zh"}
PROBLEM = thing(
    {
        "type": TEXT, "title": TEXT, "status": {"type": "integer"}, "code": TEXT, "detail": TEXT, "instance": TEXT,
    },
    violations=many(VIOLATION),
    findings=many(FINDING),
    id=TEXT,
)  # fmt: skip
PLACE = thing(
    {
        "kind": TEXT, "name": TEXT, "path": TEXT, "etag": TEXT, "state": {"enum": ["draft", "active"]},
        "in_force": {"type": "boolean"},
    }
)  # fmt: skip
NODE_TYPE = thing(
    {
        "type": TEXT, "title": TEXT, "title_zh": TEXT, "group": TEXT, "group_title": TEXT, "group_title_zh": TEXT,
        "exits": many(TEXT), "exits_from": NAME, "description": TEXT, "manual": TEXT,
        "schema": {"type": "object"},
    }
)  # fmt: skip
GRAPH = thing({"nodes": many(ANY), "arrows": many(ANY), "groups": many(ANY)})
RECORD_REF = {"type": ["object", "null"], "properties": {"form": TEXT, "id": ID, "label": TEXT}}
TASK = thing(
    {
        "id": ID, "title": TEXT, "workflow": TEXT, "node": TEXT, "case": ID, "assignee": NAME,
        "offered": {"type": "boolean"}, "due": MOMENT, "overdue": {"type": "boolean"}, "record": RECORD_REF,
        "opened_at": MOMENT, "state": TEXT,
    },
    outcome=NAME,
)  # fmt: skip
TASK_PAGE_TOTAL = {"type": ["integer", "string"], "description": "how many there are; '1000+' beyond a thousand"}
FULL_TASK = {
    **TASK,
    "properties": {
        **TASK["properties"],
        "read": many(ANY),
        "edit": many(ANY),
        "buttons": many(ANY),
        "version": ANY,
        "why": ANY,
    },
}
MOVED = thing({"task": ID, "case": ID}, status=TEXT, result=NAME)
RECORD = thing(
    {"form": TEXT, "id": ID, "version": {"type": "integer"}, "fields": {"type": "object"}}, label=TEXT, cases=many(ANY)
)
WRITTEN = thing({"id": ID, "form": TEXT, "version": {"type": "integer"}}, cases=many(ID))
CASE = thing(
    {
        "id": ID, "workflow": TEXT, "title": TEXT, "status": TEXT, "result": NAME, "record": RECORD_REF,
        "started_at": MOMENT, "last_at": MOMENT,
    },
    incidents=ANY,
)  # fmt: skip
FULL_CASE = {
    **CASE,
    "properties": {
        **CASE["properties"],
        "tokens": many(ANY),
        "tasks": many(ANY),
        "timers": many(ANY),
        "data": many(ANY),
    },
}
STEP = thing({"at": MOMENT, "seq": ANY, "what": TEXT, "text": ANY}, node=NAME, by=NAME, because=ANY)


def answers(
    schema: Plain | None,
    *,
    status: int = 200,
    content: str = "application/json",
    also: Mapping[int, Plain] | None = None,
) -> dict[int | str, Plain]:
    """The `responses` of an operation; without a schema 204. What every operation may answer is added in openapi.py."""
    if schema is None:
        return {204: {"description": "Done"}}
    found: dict[int | str, Plain] = {status: _one(schema, content)}
    for code, other in (also or {}).items():
        found[code] = _one(other, content)
    return found


def _one(schema: Plain, content: str) -> Plain:
    return {"description": "Done", "content": {content: {"schema": schema}}}
