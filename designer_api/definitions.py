"""/definitions: the texts in force and the drafts, with ETags."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import String
from flask import Response, g, request

from designer_api.answers import PLACE, YAML, answers
from designer_api.drafts import NAME, Key, etag_of
from designer_api.inputs import among
from designer_api.overlay import key_of, path_of
from designer_api.paging import page_of
from designer_api.problems import Problem, not_found
from designer_api.rights import is_operator, need_operator
from designer_api.served import drafts, engine
from engine.language.pack import KINDS

bp = APIBlueprint("definitions", __name__, url_prefix="/api/v1", tag="Definitions")

_TAG = re.compile(r'\s*(?:W/)?"([^"]*)"\s*')


class ListQuery(Schema):
    kind = String(validate=among(KINDS))


class ReadQuery(Schema):
    state = String(
        validate=among(["draft", "active"]), metadata={"description": "without it the draft, if there is one"}
    )


@bp.get("/definitions")
@bp.input(ListQuery, location="query")
@bp.doc(summary="List the definitions", responses=answers(page_of(PLACE)))
def list_definitions(query_data: dict[str, Any]) -> dict[str, Any]:
    """Every definition in force, for operators every draft too: kind, name, path, etag, state."""
    pack, saved = engine().pack, drafts().all() if is_operator() else {}
    items = []
    for key in sorted({*pack.definitions, *saved}):
        if query_data.get("kind") not in (None, key[0]):
            continue
        text = saved[key] if key in saved else pack.sources[pack.definitions[key].path].text
        items.append(_place(key, text, key in saved))
    return {"items": items, "next": None}


@bp.get("/definitions/<kind>/<name>")
@bp.input(ReadQuery, location="query")
@bp.doc(summary="Read a definition", responses=answers(YAML, content="application/yaml"))
def read_definition(kind: str, name: str, query_data: dict[str, Any]) -> Response:
    """The text, with its ETag. The header Remit-State says whether it is a draft; drafts are for operators."""
    key = _key(kind, name)
    wanted = query_data.get("state", None if is_operator() else "active")
    if wanted == "draft":
        need_operator()
    draft = None if wanted == "active" else drafts().get(key)
    text = draft if draft is not None or wanted == "draft" else _active(key)
    if text is None:
        raise not_found()
    response = Response(text, mimetype="application/yaml")
    response.headers["Remit-State"] = "draft" if draft is not None else "active"
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(etag_of(text))
    response.make_conditional(request)
    return response


@bp.put("/definitions/<kind>/<name>")
@bp.doc(summary="Save a draft", responses=answers(PLACE, also={201: PLACE}))
def save_draft(kind: str, name: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """The body is the text (application/yaml). It may be broken: saving is not checking. Nothing in force changes.

    An existing draft is only replaced with If-Match: its ETag; else 428, or 412 when it has changed.
    """
    need_operator()
    key = _key(kind, name)
    text: str = g.text
    written = key_of(text)
    if written is not None and written != key:
        raise Problem(
            422, "wrong-name", f"The text is {written[0]} {written[1]}, not {kind} {name}.",
            f"文本定义的是 {written[0]} {written[1]}，不是 {kind} {name}。",
        )  # fmt: skip
    is_new = drafts().save(key, text, _precondition(key))
    return _place(key, text, True), 201 if is_new else 200, {"ETag": f'"{etag_of(text)}"'}


@bp.delete("/definitions/<kind>/<name>")
@bp.doc(summary="Discard a draft", responses=answers(None))
def discard_draft(kind: str, name: str) -> tuple[str, int]:
    """Only the draft goes; what is in force stays. Needs If-Match: the draft's ETag."""
    need_operator()
    key = _key(kind, name)
    if drafts().get(key) is None:
        raise not_found()
    drafts().drop(key, _precondition(key))
    return "", 204


def _key(kind: str, name: str) -> Key:
    if kind not in KINDS or not NAME.fullmatch(name):
        raise not_found()
    return kind, name


def _active(key: Key) -> str | None:
    pack = engine().pack
    definition = pack.definitions.get(key)
    return None if definition is None else pack.sources[definition.path].text


def _place(key: Key, text: str, is_draft: bool) -> dict[str, Any]:
    pack = engine().pack
    return {
        "kind": key[0],
        "name": key[1],
        "path": path_of(pack, key),
        "etag": etag_of(text),
        "state": "draft" if is_draft else "active",
        "in_force": key in pack.definitions,
    }


def _precondition(key: Key) -> Callable[[str | None], None]:
    """If-Match is compared with the draft, or with the text in force while there is no draft."""
    match, none_match = request.headers.get("If-Match"), request.headers.get("If-None-Match")

    def may(draft: str | None) -> None:
        if none_match is not None and (none_match.strip() != "*" or draft is not None):
            raise _changed(draft)
        if match is None:
            if draft is not None:
                raise Problem(
                    428, "precondition-required", "Send If-Match with the ETag of the draft that you changed.",
                    "请用 If-Match 带上所修改草稿的 ETag。",
                )  # fmt: skip
            return
        now = draft if draft is not None else _active(key)
        if now is None or (match.strip() != "*" and etag_of(now) not in _tags(match)):
            raise _changed(now)

    return may


def _tags(header: str) -> set[str]:
    return {found[1] for part in header.split(",") if (found := _TAG.fullmatch(part))}


def _changed(now: str | None) -> Problem:
    more: dict[str, Any] = {} if now is None else {"etag": etag_of(now)}
    return Problem(
        412,
        "changed-meanwhile",
        "Somebody changed this meanwhile; read it again.",
        "内容已被他人修改，请重新读取。",
        **more,
    )
