"""/messages: what other systems tell: a message of the pack, taken once by its id."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Dict, String

from designer_api.answers import ID, answers, thing
from designer_api.bodies import idempotency_key
from designer_api.inputs import long
from designer_api.problems import not_found
from designer_api.rights import need_operator
from designer_api.served import engine
from engine.language.kinds.message import Message

bp = APIBlueprint("messages", __name__, url_prefix="/api/v1", tag="Messages")


class MessageBody(Schema):
    payload = Dict(keys=String(), load_default=dict, metadata={"description": "the fields that the message carries"})
    id = String(validate=long(1, 200), metadata={"description": "the sender's id: the same id is taken once"})


@bp.post("/messages/<name>")
@bp.input(MessageBody)
@bp.doc(summary="Send a message", responses=answers(thing({"message": ID}), status=202))
def send_message(name: str, json_data: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """It goes to the oldest case that waits for it, or is kept as long as the message says."""
    need_operator()
    if engine().pack.get(Message, name) is None:
        raise not_found()
    return engine().message(name, json_data["payload"], json_data.get("id") or idempotency_key()), 202
