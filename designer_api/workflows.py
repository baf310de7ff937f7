"""/workflows: the graph of a workflow, and its starts."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Dict, String

from designer_api import rights
from designer_api.answers import GRAPH, ID, answers, thing
from designer_api.bodies import idempotency_key
from designer_api.inputs import long
from designer_api.problems import asked_language, not_found
from designer_api.served import engine
from designer_api.tokens import person
from engine.language.kinds.workflow import Workflow

bp = APIBlueprint("workflows", __name__, url_prefix="/api/v1", tag="Workflows")


class StartBody(Schema):
    record = String(validate=long(1, 200), metadata={"description": "a record's id, or the value of a unique field"})
    data = Dict(keys=String(), metadata={"description": "case data, where the start takes them"})
    fill = Dict(keys=String(), metadata={"description": "what the button needs, path to value"})


@bp.get("/workflows/<name>/graph")
@bp.doc(summary="The graph of a workflow", responses=answers(GRAPH))
def graph(name: str) -> dict[str, Any]:
    """Nodes, arrows and groups of the workflow in force; where to draw them is the client's."""
    if engine().pack.get(Workflow, name) is None:
        raise not_found()
    return engine().graph(name, language=asked_language())


@bp.post("/workflows/<name>/starts/<start>")
@bp.input(StartBody)
@bp.doc(summary="Start a case", responses=answers(thing({"case": ID}), status=201))
def start_case(name: str, start: str, json_data: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Presses a start that has a button. A start by an event, a message or the clock is not pressed: operators may."""
    workflow = engine().pack.get(Workflow, name)
    if workflow is None or start not in workflow.start:
        raise not_found()
    if workflow.start[start].button is None:
        rights.need_operator()
    record = json_data.get("record")
    if record is not None and workflow.case is not None and record.isdecimal():
        rights.need_readable(str(workflow.case), record)
    answer = engine().start(
        name, start, record, by=person(), data=json_data.get("data"), fill=json_data.get("fill"), key=idempotency_key()
    )
    return answer, 201
