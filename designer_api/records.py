"""/records: create, read, change and list records of forms, each within the access lines of its form."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, Schema
from flask import Response, jsonify, request
from marshmallow import INCLUDE

from designer_api import rights
from designer_api.answers import RECORD, WRITTEN, answers
from designer_api.bodies import idempotency_key
from designer_api.paging import PageQuery, page_of
from designer_api.problems import Problem, not_found
from designer_api.served import engine
from designer_api.tokens import person
from engine.rules.access import may_ever

bp = APIBlueprint("records", __name__, url_prefix="/api/v1", tag="Records")
MOST_LOOKED_AT = 1_000


class FieldsBody(Schema):
    """The fields of the form by their names; the form decides, so any key passes here."""

    class Meta:
        unknown = INCLUDE


@bp.post("/records/<form>")
@bp.input(FieldsBody)
@bp.doc(summary="Create a record", responses=answers(WRITTEN, status=201))
def create_record(form: str, json_data: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """The body is the fields. What follows from a new record (scoring, assignment, a first task) has happened then.

    `cases`: the cases that it opened.
    """
    rights.need_creatable(form, json_data)
    made = engine().create_record(form, json_data, by=person(), key=idempotency_key())
    return made, 201, {"Location": f"/api/v1/records/{form}/{made['id']}", "ETag": f'"{made["version"]}"'}


@bp.get("/records/<form>/<id>")
@bp.doc(summary="Read a record", responses=answers(RECORD))
def read_record(form: str, id: str) -> Response:
    """The fields that you may read. The ETag is the version, for If-Match."""
    fields = rights.need_readable(form, id)
    found = rights.shown(engine().record(form, id), fields)
    response = jsonify(found)
    response.headers["ETag"] = f'"{found["version"]}"'
    return response


@bp.patch("/records/<form>/<id>")
@bp.input(FieldsBody)
@bp.doc(summary="Change a record", responses=answers(WRITTEN))
def change_record(form: str, id: str, json_data: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """The body is the fields to change; null empties one. With If-Match only that version is changed, else 412."""
    rights.need_editable(form, id, json_data)
    version = _if_match()
    if version is not None and version != engine().record(form, id)["version"]:
        raise Problem(
            412,
            "changed-meanwhile",
            "Somebody changed this meanwhile; read it again.",
            "内容已被他人修改，请重新读取。",
        )
    made = engine().change_record(form, id, json_data, by=person(), version=version, key=idempotency_key())
    return made, 200, {"ETag": f'"{made["version"]}"'}


@bp.get("/records/<form>")
@bp.input(PageQuery, location="query")
@bp.doc(summary="List records", responses=answers(page_of(RECORD)))
def list_records(form: str, query_data: dict[str, Any]) -> dict[str, Any]:
    """Those that you may read. A page may hold fewer than `limit`, even none, and still have a `next`."""
    declared = rights.form_named(form)
    with rights.looking() as (look, who):
        if not may_ever(declared, "read", who):
            raise not_found()
        items: list[dict[str, Any]] = []
        cursor, looked_at = query_data.get("cursor"), 0
        while len(items) < query_data["limit"] and looked_at < MOST_LOOKED_AT:
            wanted = query_data["limit"] - len(items)
            page = engine().records(form, cursor=cursor, limit=wanted)
            for found in page["items"]:
                fields = rights.fields_of(look, who, "read", declared, int(found["id"]))
                if fields:
                    items.append(rights.shown(found, fields))
            cursor, looked_at = page["next"], looked_at + wanted
            if cursor is None:
                break
    return {"items": items, "next": cursor}


def _if_match() -> int | None:
    given = request.headers.get("If-Match")
    if given is None:
        return None
    bare = given.strip().removeprefix("W/").strip('"')
    if not bare.isascii() or not bare.isdecimal() or len(bare) > 18:
        raise Problem(412, "changed-meanwhile", "If-Match is no version of this record.", "If-Match 不是此记录的版本。")
    return int(bare)
