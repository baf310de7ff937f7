"""/health and /ready: whether the process is up, and whether it can do its work."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint

from designer_api.answers import ANY, answers, many, thing
from designer_api.problems import language
from designer_api.served import engine
from engine.engine import Unavailable

bp = APIBlueprint("health", __name__, url_prefix="/api/v1", tag="Health")
UP = thing({"status": {"enum": ["up"]}})
READY = thing({"ready": {"type": "boolean"}, "checks": many(ANY)})
NEEDED = frozenset({"database", "schema", "clock"})
"""Of the doctor's checks, those without which no work can be done."""


@bp.get("/health")
@bp.doc(summary="Is the process up", responses=answers(UP))
def health() -> dict[str, Any]:
    """Answers as long as the process does; asks nothing of the database."""
    return {"status": "up"}


@bp.get("/ready")
@bp.doc(summary="Can it do its work", responses=answers(READY, also={503: READY}))
def ready() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Writes are taken, what is due is looked at, the clock of the database is ours within a second; else 503."""
    try:
        well = engine().is_ready()
        checks = [{"name": "work", "ok": well, "say": _SAID[well][language()]}]
        checks += [
            {"name": one["name"], "ok": one["ok"], "say": one["say"][language()]}
            for one in engine().doctor()
            if one["name"] in NEEDED
        ]
    except Unavailable:
        checks = [{"name": "database", "ok": False, "say": _AWAY[language()]}]
    good = all(one["ok"] for one in checks)
    return {"ready": good, "checks": checks}, 200 if good else 503, {} if good else {"Retry-After": "5"}


_SAID = {
    True: {"en": "writes are taken and what is due is looked at", "zh": "可以写入，到期事项正常处理"},
    False: {"en": "writes are not taken now", "zh": "暂时不能写入"},
}
_AWAY = {"en": "the database cannot be used", "zh": "数据库不可用"}
