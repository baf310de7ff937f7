"""/cases: where a case stands, what happened in it, and the buttons on its record's page."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Dict, Integer, String

from designer_api import rights
from designer_api.answers import CASE, FULL_CASE, STEP, answers
from designer_api.bodies import idempotency_key
from designer_api.inputs import RECORD, among, like, long, whole
from designer_api.paging import PageQuery, page_of
from designer_api.problems import asked_language, language, not_found
from designer_api.served import engine
from designer_api.tokens import person
from engine.runtime.reading.timeline import timeline as timeline_of

bp = APIBlueprint("cases", __name__, url_prefix="/api/v1", tag="Cases")
Plain = dict[str, Any]
FOR_OPERATORS = ("data", "incidents", "children")
"""What a reader of the record does not see of its case: values and other records that no access line speaks of."""


class ListQuery(PageQuery):
    workflow = String(validate=long(1, 100))
    status = String(validate=among(["active", "completed", "cancelled", "failed"]))
    record = String(
        validate=like(RECORD, "form:id", "应写作 表单:编号"), metadata={"description": "only of this record: form:id"}
    )


class TimelineQuery(PageQuery):
    limit = Integer(
        load_default=200,
        validate=whole(1, 200),
        metadata={"description": "how many steps; what one step did stays together"},
    )


class PressBody(Schema):
    button = String(required=True, validate=long(1, 100))
    fill = Dict(keys=String(), load_default=dict, metadata={"description": "what the button needs: path to value"})


class CancelBody(Schema):
    why = String(load_default="", validate=long(0, 1_000))


@bp.get("/cases")
@bp.input(ListQuery, location="query")
@bp.doc(summary="List cases", responses=answers(page_of(CASE)))
def list_cases(query_data: Plain) -> Plain:
    """All of them for operators; for others with `record`, the cases of a record that they may read."""
    record = query_data.get("record")
    if not rights.is_operator():
        if record is None:
            rights.need_operator()
        form, _, id = str(record).partition(":")
        rights.need_readable(form, id)
    found = engine().cases(
        workflow=query_data.get("workflow"),
        status=query_data.get("status"),
        record=record,
        cursor=query_data.get("cursor"),
        limit=query_data["limit"],
        language=asked_language(),
    )
    return {"items": [_for_reader(item) for item in found["items"]], "next": found["next"]}


@bp.get("/cases/<case>")
@bp.doc(summary="Read a case", responses=answers(FULL_CASE))
def read_case(case: str) -> Plain:
    """Where it stands, its open tasks and timers; its data and incidents for operators."""
    return _for_reader(rights.need_case(case))


@bp.get("/cases/<case>/timeline")
@bp.input(TimelineQuery, location="query")
@bp.doc(summary="What happened in a case", responses=answers(page_of(STEP)))
def timeline(case: str, query_data: Plain) -> Plain:
    """Every step in order: when, what, who, in words of the language asked for; with its reasons for operators."""
    rights.need_case(case)
    with rights.looking() as (look, _):
        found = timeline_of(look, case, query_data.get("cursor"), query_data["limit"])
    if found is None:
        raise not_found()
    return {"items": [_said(item) for item in found["items"]], "next": found["next"]}


@bp.post("/cases/<case>/press")
@bp.input(PressBody)
@bp.doc(summary="Press a button of a case", responses=answers({"type": "object"}))
def press(case: str, json_data: Plain) -> Plain:
    """A button that an interrupt or meanwhile of the case waits for; 403 when it is not yours to press."""
    rights.need_case(case)
    return engine().press(case, json_data["button"], person(), fill=json_data["fill"], key=idempotency_key())


@bp.post("/cases/<case>/cancel")
@bp.input(CancelBody)
@bp.doc(summary="Cancel a case", responses=answers({"type": "object"}))
def cancel(case: str, json_data: Plain) -> Plain:
    """Everything open in it is withdrawn. Operators only."""
    rights.need_operator()
    rights.number(case)
    return engine().cancel(case, person(), json_data["why"])


def _for_reader(found: Plain) -> Plain:
    if rights.is_operator():
        return found
    return {key: value for key, value in found.items() if key not in FOR_OPERATORS}


def _said(item: Plain) -> Plain:
    text = item.get("text")
    said = {**item, "text": text.get(language(), "") if isinstance(text, dict) else text}
    if not rights.is_operator():
        said.pop("because", None)
    return said
