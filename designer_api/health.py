"""/health and /ready: whether the process is up, and whether it can do its work."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint

from designer_api.answers import answers, thing
from designer_api.served import engine
from engine.engine import Unavailable

bp = APIBlueprint("health", __name__, url_prefix="/api/v1", tag="Health")
UP = thing({"status": {"enum": ["up"]}})
READY = thing({"ready": {"type": "boolean"}})


@bp.get("/health")
@bp.doc(summary="Is the process up", responses=answers(UP))
def health() -> dict[str, Any]:
    """Answers as long as the process does; asks nothing of the database."""
    return {"status": "up"}


@bp.get("/ready")
@bp.doc(summary="Can it do its work", responses=answers(READY, also={503: READY}))
def ready() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Writes are taken, the clock of the database is ours within a second, what is due is looked at; else 503."""
    try:
        good = engine().is_ready()
    except Unavailable:
        good = False
    return {"ready": good}, 200 if good else 503, {} if good else {"Retry-After": "5"}
