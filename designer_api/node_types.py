"""/node-types and /schemas: what may be written, for the designer's palette, property panel and editor."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint

from designer_api.answers import NODE_TYPE, answers
from designer_api.paging import page_of
from designer_api.palette import palette
from designer_api.problems import not_found
from engine.language.json_schemas import schema_of
from engine.language.pack import KINDS
from engine.nodes import catalogue

bp = APIBlueprint("node_types", __name__, url_prefix="/api/v1", tag="Definitions")


@bp.get("/node-types")
@bp.doc(summary="The palette", responses=answers(page_of(NODE_TYPE)))
def node_types() -> dict[str, Any]:
    """Every node type: group, titles, exits, JSON Schema of its keys, manual page."""
    return {"items": palette(catalogue()), "next": None}


@bp.get("/schemas/<kind>")
@bp.doc(summary="The JSON Schema of a kind", responses=answers({"type": "object"}, content="application/schema+json"))
def schema(kind: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Draft-07, the same document as schemas/<kind>.json: for editors and property panels."""
    if kind not in KINDS:
        raise not_found()
    return schema_of(kind, catalogue()), 200, {"Content-Type": "application/schema+json"}
