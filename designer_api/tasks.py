"""/tasks: the inbox of the token's person, and what they may do with a task of theirs."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Dict, Integer, String

from designer_api import rights
from designer_api.answers import FULL_TASK, MOVED, TASK, TASK_PAGE_TOTAL, answers
from designer_api.bodies import idempotency_key
from designer_api.inputs import RECORD, among, like, long
from designer_api.paging import PageQuery, page_of
from designer_api.problems import asked_language, bad_input, violation
from designer_api.served import engine
from designer_api.tokens import person

bp = APIBlueprint("tasks", __name__, url_prefix="/api/v1", tag="Tasks")
Plain = dict[str, Any]


class InboxQuery(PageQuery):
    record = String(
        validate=like(RECORD, "form:id", "应写作 表单:编号"), metadata={"description": "only of this record: form:id"}
    )
    state = String(load_default="open", validate=among(["open", "done"]))
    everybody = Boolean(load_default=False, metadata={"description": "everybody's; operators only"})


class TransferBody(Schema):
    to = String(required=True, validate=long(1, 100), metadata={"description": "a person's id"})


class CompleteBody(Schema):
    button = String(required=True, validate=long(1, 100))
    fill = Dict(
        keys=String(), load_default=dict, metadata={"description": "fields and what the button needs: path to value"}
    )
    seen = Integer(
        strict=True,
        allow_none=True,
        metadata={"description": "the version of the record that was shown: refused when it has changed"},
    )


TASK_PAGE = page_of(TASK)
TASK_PAGE = {**TASK_PAGE, "properties": {**TASK_PAGE["properties"], "total": TASK_PAGE_TOTAL}}


@bp.get("/tasks")
@bp.input(InboxQuery, location="query")
@bp.doc(summary="Your inbox", responses=answers(TASK_PAGE))
def inbox(query_data: Plain) -> Plain:
    """Tasks that are yours and tasks that are offered to you, the earliest due first."""
    if query_data["everybody"]:
        rights.need_operator()
        if query_data["state"] != "open" and "record" not in query_data:
            raise bad_input(
                [violation(("state",), "wrong-value", "of everybody needs a record", "查看所有人时需给出记录")], 400
            )
    whose = None if query_data["everybody"] else person()
    return engine().tasks(
        whose,
        record=query_data.get("record"),
        cursor=query_data.get("cursor"),
        limit=query_data["limit"],
        state=query_data["state"],
        language=asked_language(),
    )


@bp.get("/tasks/<task>")
@bp.doc(summary="Read a task", responses=answers(FULL_TASK))
def read_task(task: str) -> Plain:
    """What is shown in it, what may be filled in, its buttons, and why it is yours."""
    return _mine(task, or_operator=True)


@bp.post("/tasks/<task>/begin")
@bp.doc(summary="Begin a task", responses=answers(MOVED))
def begin(task: str) -> Plain:
    """Takes a task that is offered; for a task of yours it says that the work has begun."""
    _mine(task)
    return engine().begin(task, person())


@bp.post("/tasks/<task>/give-back")
@bp.doc(summary="Give a task back", responses=answers(MOVED))
def give_back(task: str) -> Plain:
    """It is offered again to all that it was offered to."""
    _mine(task)
    return engine().give_back(task, person())


@bp.post("/tasks/<task>/transfer")
@bp.input(TransferBody)
@bp.doc(summary="Transfer a task", responses=answers(MOVED))
def transfer(task: str, json_data: Plain) -> Plain:
    """Gives it to somebody else."""
    _mine(task)
    organization = engine().pack.organization
    if organization is None or json_data["to"] not in organization.people:
        raise bad_input([violation(("to",), "unknown-person", "is no person here", "没有此人")])
    return engine().transfer(task, person(), json_data["to"])


@bp.post("/tasks/<task>/complete")
@bp.input(CompleteBody)
@bp.doc(summary="Complete a task", responses=answers(MOVED))
def complete(task: str, json_data: Plain) -> Plain:
    """Presses one of its buttons. A second press is refused with 409."""
    _mine(task)
    return engine().complete(
        task, json_data["button"], person(), fill=json_data["fill"], seen=json_data.get("seen"), key=idempotency_key()
    )


def _mine(task: str, *, or_operator: bool = False) -> Plain:
    """The task, if it is the person's or was offered to them; else it is as if it were not there."""
    case, _, no = task.partition(".")
    rights.number(case)
    rights.number(no)
    whose = None if or_operator and rights.is_operator() else person()
    return engine().task(task, person=whose, language=asked_language())
