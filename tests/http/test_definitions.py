"""Definitions over HTTP: reading, drafts with ETags, check with the CLI's findings, deployment all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from apiflask import APIFlask

from designer_api.app import create_app
from designer_api.drafts import Drafts
from designer_api.overlay import key_of
from engine.checks import check
from engine.engine import Engine
from engine.folder import read_folder
from engine.language.loader import load
from engine.language.pack import KINDS
from engine.nodes import BUILTIN, catalogue
from tests.http.conftest import DEFINITIONS, Api

YAML = {"content_type": "application/yaml"}
INTAKE = "/definitions/workflow/lead_intake"
NOTE = "message: sample_note\ntitle: 示例\nkept: 1 days\n"


def test_list_and_read(sales: Api) -> None:
    items = sales("GET", "/definitions")["items"]
    assert {i["kind"] for i in items} >= {"pack", "workflow", "form", "scoring", "decision", "organization", "texts"}
    assert {i["state"] for i in items} == {"active"}
    one = next(i for i in items if (i["kind"], i["name"]) == ("workflow", "lead_intake"))
    assert one["path"].endswith("workflows/lead_intake.yaml")
    assert [i["kind"] for i in sales("GET", "/definitions?kind=form")["items"]] == ["form"] * sum(
        i["kind"] == "form" for i in items
    )
    answer = sales.raw("GET", INTAKE)
    assert answer.get_data(as_text=True) == (DEFINITIONS / "workflows" / "lead_intake.yaml").read_text("utf-8")
    assert answer.headers["ETag"] == f'"{one["etag"]}"'
    assert sales.raw("GET", INTAKE, {"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    "path", ["/definitions/workflow/nope", "/definitions/nope/x", "/definitions/form/..%2f..%2fetc"]
)
def test_what_is_not_there(admin: Api, path: str) -> None:
    admin("GET", path, status=404)


def test_the_palette_is_whole(sales: Api) -> None:
    items = sales("GET", "/node-types")["items"]
    assert [i["type"] for i in items] == [cls.TYPE for cls in BUILTIN]
    for item in items:
        jsonschema.Draft7Validator.check_schema(item["schema"])
        assert item["group"] != "other", "give it an entry in designer_api/palette.py"
        assert all(item[key] for key in ("title", "title_zh", "manual"))
    by_type = {i["type"]: i for i in items}
    assert by_type["assign"]["exits"] == ["assigned", "nobody"]
    assert by_type["approval"]["exits"] == ["approved", "refused", "returned"]
    assert by_type["exclusive_gateway"]["exits_from"] == "cases"
    good = {"type": "score", "use": "lead_score", "next": "end"}
    jsonschema.validate(good, by_type["score"]["schema"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**good, "uses": "x"}, by_type["score"]["schema"])


@pytest.mark.parametrize("kind", KINDS)
def test_schemas(sales: Api, kind: str) -> None:
    jsonschema.Draft7Validator.check_schema(sales("GET", f"/schemas/{kind}"))


def test_graph(sales: Api) -> None:
    graph = sales("GET", "/workflows/lead_intake/graph")
    nodes = {n["id"] for n in graph["nodes"]}
    assert {"score", "first_call"} <= nodes
    assert all(a["from"] in nodes and a["to"] in nodes for a in graph["arrows"])
    sales("GET", "/workflows/nope/graph", status=404)


# ---- check


def test_check_says_what_the_command_line_says(admin: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 7: byte for byte the same findings, with paths as the folder has them."""
    monkeypatch.chdir(tmp_path)
    for file in DEFINITIONS.rglob("*.yaml"):
        copy = tmp_path / "definitions" / file.relative_to(DEFINITIONS)
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text("utf-8")
        if file.name == "lead_intake.yaml":
            text = text.replace("type: score", "type: scoer").replace("lead.grade", "lead.grad") + "nonsense: [1\n"
        if file.name == "lead.yaml":
            text = text.replace("phone: {title: 电话", "phone: {titel: 电话")
        copy.write_text(text, "utf-8")
    sources, problems = read_folder(Path("definitions"))
    expected = [d.plain() for d in check(load(sources, catalogue()))]
    assert not problems
    assert len(expected) > 3
    body = {"texts": {s.path: s.text for s in sources}, "over": "nothing"}
    assert admin("POST", "/check", body) == {"clean": False, "findings": expected}


def test_check_lays_unsaved_text_over_what_is_in_force(sales: Api) -> None:
    found = sales("POST", "/check", {})
    assert found["clean"]
    assert {f["severity"] for f in found["findings"]} <= {"note"}
    text = sales.raw("GET", INTAKE).get_data(as_text=True)
    for path in ("workflows/lead_intake.yaml", "elsewhere/lead_intake.yaml", "definitions/workflows/lead_intake.yaml"):
        found = sales("POST", "/check", {"texts": {path: text.replace("type: score", "type: scoer")}})["findings"]
        assert [(f["code"], f["path"]) for f in found if f["code"] == "unknown-key"] == [("unknown-key", path)]
        assert "defined-twice" not in {f["code"] for f in found}
    broken = sales("POST", "/check", {"texts": {"workflows/lead_intake.yaml": "- \t["}})
    assert "yaml-syntax" in {f["code"] for f in broken["findings"]}
    assert "defined-twice" not in {f["code"] for f in broken["findings"]}
    assert sales("POST", "/check", {})["clean"], "nothing was kept"


def test_check_without_a_definition_that_others_use(sales: Api) -> None:
    found = sales("POST", "/check", {"remove": ["scoring/lead_score"]})
    assert not found["clean"]
    assert any("lead_score" in f["message"] for f in found["findings"])
    sales("POST", "/check", {"remove": ["scoring/nope"]}, status=422)


@pytest.mark.parametrize("path", ["../x.yaml", "/etc/x.yaml", "a/../b.yaml", "x.py", "a\\b.yaml", "", "a/./b.yaml"])
def test_paths_stay_inside(sales: Api, path: str) -> None:
    sales("POST", "/check", {"texts": {path: "x"}}, status=422)


def test_check_never_fails_on_hostile_text(sales: Api) -> None:
    for text in (
        "!!python/object/apply:os.system ['x']",
        "a: &a [*a]",
        "\ufeff",
        "🙂: 1",
        "workflow: x\nworkflow: x",
        "=" * 1000,
    ):
        assert not sales("POST", "/check", {"texts": {"workflows/x.yaml": text}, "over": "nothing"})["clean"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("# c\n\nworkflow: abc\n", ("workflow", "abc")), ("workflow: abc # c", ("workflow", "abc")), ("nope: abc", None), ("", None),
        ("workflow: 'abc'", ("workflow", "abc")), (" workflow: abc", None), ("workflow:\n  abc", None), ("---\nform: a", ("form", "a")),
    ],
)  # fmt: skip
def test_key_of(text: str, key: tuple[str, str] | None) -> None:
    assert key_of(text) == key


# ---- drafts and deployment


def test_the_life_of_a_draft(admin: Api, sales: Api) -> None:
    path = "/definitions/message/sample_note"
    assert admin.raw("PUT", path, {"If-Match": '"x"'}, data=NOTE, **YAML).status_code == 412
    made = admin.raw("PUT", path, {"If-None-Match": "*"}, data=NOTE, **YAML)
    assert made.status_code == 201
    assert not made.get_json()["in_force"]
    assert admin.raw("PUT", path, {"If-None-Match": "*"}, data=NOTE, **YAML).status_code == 412
    assert admin.raw("PUT", path, data=NOTE + "# 2\n", **YAML).status_code == 428
    second = admin.raw("PUT", path, {"If-Match": made.headers["ETag"]}, data=NOTE + "# 2\n", **YAML)
    assert second.status_code == 200
    assert admin.raw("PUT", path, {"If-Match": made.headers["ETag"]}, data=NOTE, **YAML).status_code == 412
    assert admin.raw("GET", path).headers["Remit-State"] == "draft"
    assert ("sample_note", "draft") in {(i["name"], i["state"]) for i in admin("GET", "/definitions")["items"]}
    sales("GET", path, status=404)
    assert "sample_note" not in {i["name"] for i in sales("GET", "/definitions")["items"]}
    assert admin.raw("DELETE", path).status_code == 428
    assert admin.raw("DELETE", path, {"If-Match": second.headers["ETag"]}).status_code == 204
    assert admin.raw("DELETE", path, {"If-Match": second.headers["ETag"]}).status_code == 404


def test_a_draft_over_what_is_in_force(admin: Api) -> None:
    active = admin.raw("GET", INTAKE)
    assert admin.raw("PUT", INTAKE, {"If-Match": '"old"'}, data="x", **YAML).status_code == 412
    broken = active.get_data(as_text=True) + "\nnonsense: ["
    saved = admin.raw("PUT", INTAKE, {"If-Match": active.headers["ETag"]}, data=broken, **YAML)
    assert saved.status_code == 201, "a draft may be broken"
    assert not admin("POST", "/check", {})["clean"]
    assert admin("POST", "/check", {"over": "active"})["clean"]
    refused = admin("POST", "/deploy", {}, status=422)
    assert refused["code"] == "not-clean"
    assert refused["findings"] == admin("POST", "/check", {})["findings"]
    assert admin.raw("GET", INTAKE + "?state=active").headers["ETag"] == active.headers["ETag"], "nothing changed"
    assert admin.raw("DELETE", INTAKE, {"If-Match": "*"}).status_code == 204


def test_a_draft_has_the_name_of_its_place(admin: Api) -> None:
    answer = admin.raw("PUT", "/definitions/message/other", data=NOTE, **YAML)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "wrong-name")
    assert admin.raw("PUT", "/definitions/message/other", json={"text": NOTE}).status_code == 415


def test_deploy(admin: Api, engine: Engine) -> None:
    admin("POST", "/deploy", {}, status=422)
    admin("POST", "/deploy", {"drafts": ["form/nope"]}, status=422)
    form = admin.raw("GET", "/definitions/form/lead").get_data(as_text=True)
    changed = form.replace("title: 线索\n", "title: 销售线索\n")
    assert admin.raw("PUT", "/definitions/form/lead", data=changed, **YAML).status_code == 201
    answer = admin("POST", "/deploy", {})
    assert "form/lead" in answer["changed"]
    assert answer["unchanged"] > 10
    assert admin.raw("GET", "/definitions/form/lead").headers["Remit-State"] == "active"
    assert engine.pack.definitions["form", "lead"].title == "销售线索"
    back = admin("POST", "/deploy", {"texts": {"forms/lead.yaml": form}})
    assert back["deployment"] > answer["deployment"]
    assert engine.pack.definitions["form", "lead"].title == "线索"


@pytest.mark.parametrize(("method", "path"), [("PUT", INTAKE), ("DELETE", INTAKE), ("POST", "/deploy")])
def test_only_operators_change_definitions(sales: Api, method: str, path: str) -> None:
    more = {"data": "x", **YAML} if method == "PUT" else {}
    assert sales.raw(method, path, **more).status_code == 403
    assert sales.raw("POST", "/check", json={"over": "drafts"}).status_code == 403


def test_drafts_outlive_a_restart(engine: Engine, tmp_path: Path, someone: Callable[[str | None], Api]) -> None:
    def client() -> Api:
        return Api(
            create_app(engine, tmp_path / "drafts").test_client(),
            someone("admin_wu").headers["Authorization"].split()[1],
        )

    made = client().raw("PUT", "/definitions/message/sample_note", data=NOTE, **YAML)
    again = client().raw("GET", "/definitions/message/sample_note")
    assert again.get_data(as_text=True) == NOTE
    assert again.headers["ETag"] == made.headers["ETag"]


def test_drafts_stay_in_their_folder(tmp_path: Path, app: APIFlask) -> None:
    drafts = Drafts(tmp_path)
    for key in (("form", "../x"), ("form", "A"), ("..", "x"), ("form", "")):
        with pytest.raises(ValueError, match="no name"):
            drafts.save(key, "x", lambda _: None)
    assert list(tmp_path.iterdir()) == []
