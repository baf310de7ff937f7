"""/incidents: what stopped and waits for an operator."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint

from designer_api.answers import ANY, answers
from designer_api.paging import page_of
from designer_api.rights import need_operator
from designer_api.served import engine
from designer_api.tokens import person

bp = APIBlueprint("incidents", __name__, url_prefix="/api/v1", tag="Operators")


@bp.get("/incidents")
@bp.doc(summary="Open incidents", responses=answers(page_of(ANY)))
def list_incidents() -> dict[str, Any]:
    """Each with its case, node, code and what happened."""
    need_operator()
    found = engine().incidents()
    return {"items": found["items"], "next": found.get("next")}


@bp.post("/incidents/<incident>/retry")
@bp.doc(summary="Retry an incident", responses=answers({"type": "object"}))
def retry_incident(incident: str) -> dict[str, Any]:
    """Tries the step again. A retry that fails is an incident again."""
    need_operator()
    return engine().retry(incident, person())
