"""/check and /deploy: unsaved texts laid over drafts and definitions in force; one validator, the CLI's findings."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Dict, List, String

from designer_api.answers import FINDING, ID, TEXT, answers, many, thing
from designer_api.drafts import Key
from designer_api.inputs import among, like, most
from designer_api.overlay import key_of, laid_over, path_of
from designer_api.problems import Problem, bad_input, violation
from designer_api.rights import is_operator, need_operator
from designer_api.served import drafts, engine
from designer_api.tokens import person
from engine.checks import check as check_pack
from engine.language.diagnostics import is_clean
from engine.language.loader import load
from engine.language.source import Source
from engine.nodes import catalogue

bp = APIBlueprint("deploying", __name__, url_prefix="/api/v1", tag="Definitions")

PATH = r"(?!.*(?:^|/)\.\.?(?:/|$))[^\\\x00-\x1f/][^\\\x00-\x1f]{0,298}\.yaml\Z"
REMOVE = r"[a-z]+/[a-z][a-z0-9_]*\Z"


class Texts(Schema):
    texts = Dict(
        keys=String(validate=like(PATH, "a relative path that ends in .yaml", "应为以 .yaml 结尾的相对路径")),
        values=String(),
        load_default=dict,
        validate=most(2_000),
        metadata={"description": "{path: text}; each replaces the definition with its path, or its kind and name"},
    )
    remove = List(
        String(validate=like(REMOVE, "kind/name", "应写作 种类/名称")),
        load_default=list,
        validate=most(2_000),
        metadata={"description": "definitions to leave out, as kind/name"},
    )


class CheckBody(Texts):
    over = String(
        validate=among(["drafts", "active", "nothing"]),
        metadata={"description": "what lies under the texts: drafts over what is in force, that alone, or nothing"},
    )


class DeployBody(Texts):
    drafts = List(
        String(validate=like(REMOVE, "kind/name", "应写作 种类/名称")),
        metadata={"description": "the drafts to deploy, as kind/name; without it all of them"},
    )


@bp.post("/check")
@bp.input(CheckBody)
@bp.doc(
    summary="Check unsaved texts", responses=answers(thing({"clean": {"type": "boolean"}, "findings": many(FINDING)}))
)
def check(json_data: dict[str, Any]) -> dict[str, Any]:
    """Every finding of the whole, as the command `remit check` gives them. Nothing is saved."""
    given, over = json_data["texts"], json_data.get("over", "drafts" if is_operator() else "active")
    if over == "nothing":
        texts = given
    else:
        if over == "drafts":
            need_operator()
        saved = drafts().all() if over == "drafts" else {}
        texts = _whole(saved, given, json_data["remove"])
    found = check_pack(load([Source(path, text) for path, text in sorted(texts.items())], catalogue()))
    return {"clean": is_clean(found), "findings": [d.plain() for d in found]}


@bp.post("/deploy")
@bp.input(DeployBody)
@bp.doc(
    summary="Deploy drafts and texts",
    responses=answers(thing({"deployment": ID, "changed": many(TEXT), "unchanged": {"type": "integer"}})),
)
def deploy(json_data: dict[str, Any]) -> dict[str, Any]:
    """Puts the drafts and the given texts into force together, or none of them: 422 with the findings.

    Running cases stay on what they started with. Drafts that were deployed are gone afterwards.
    """
    need_operator()
    saved = drafts().all()
    wanted = json_data.get("drafts")
    if wanted is not None:
        missing = [name for name in wanted if _key(name) not in saved]
        if missing:
            raise bad_input(violation(("drafts", name), "no-draft", "is no draft", "不是草稿") for name in missing)
        saved = {_key(name): saved[_key(name)] for name in wanted}
    if not (saved or json_data["texts"] or json_data["remove"]):
        raise Problem(422, "nothing-to-deploy", "There are no drafts and no texts.", "没有草稿，也没有给出文本。")
    answer = engine().deploy(_whole(saved, json_data["texts"], json_data["remove"]), by=person())
    drafts().drop_deployed(saved)
    return answer


def _key(name: str) -> Key:
    kind, _, rest = name.partition("/")
    return kind, rest


def _whole(saved: dict[Key, str], given: dict[str, str], remove: list[str]) -> dict[str, str]:
    """A given text stands in for the draft of the same definition."""
    pack = engine().pack
    unknown = [name for name in remove if _key(name) not in pack.definitions]
    if unknown:
        raise bad_input(
            violation(("remove", name), "unknown-definition", "is not in force", "未在生效") for name in unknown
        )
    given_keys = {key_of(text) for text in given.values()}
    texts = {path_of(pack, key): text for key, text in saved.items() if key not in given_keys}
    return laid_over(pack, {**texts, **given}, map(_key, remove))
