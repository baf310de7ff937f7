"""The OpenAPI document: it is whole, it is true of the routes and of docs/http.md, and every operation in it wants a token."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask

from designer_api.tokens import OPEN
from tests.http.conftest import Api

DOCS = Path(__file__).parents[2] / "docs" / "http.md"
METHODS = ("get", "put", "post", "patch", "delete")
OPEN_PATHS = {"/api/v1/openapi.json", "/api/v1/health", "/api/v1/ready"}


def operations(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {(m.upper(), path) for path, item in document["paths"].items() for m in item if m in METHODS}


@pytest.fixture(scope="module")
def document(app: APIFlask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/api/v1/openapi.json").get_json()
    return found


def test_every_route_is_in_the_document_and_nothing_else(app: APIFlask, document: dict[str, Any]) -> None:
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert operations(document) == routes
    assert len(routes) >= 18
    assert document["openapi"].startswith("3.1")


def test_docs_list_the_same_operations(document: dict[str, Any]) -> None:
    listed = re.findall(r"^\| `(GET|PUT|POST|PATCH|DELETE) (/\S+)`", DOCS.read_text("utf-8"), re.M)
    assert len(listed) == len(set(listed))
    assert set(listed) == operations(document)


def test_every_operation_has_its_own_name_a_summary_and_shapes(document: dict[str, Any]) -> None:
    found = [op for item in document["paths"].values() for op in item.values()]
    names = [op["operationId"] for op in found]
    assert len(names) == len(set(names))
    for op in found:
        assert op["summary"]
        assert any(code.startswith("2") for code in op["responses"])
        for code, response in op["responses"].items():
            if code.startswith("4"):
                assert "application/problem+json" in response["content"], (op["operationId"], code)


def test_references_lead_somewhere(document: dict[str, Any]) -> None:
    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                *_, kind, name = node["$ref"].split("/")
                assert name in document["components"][kind]
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(document["paths"])


def test_only_the_open_operations_do_without_a_token(app: APIFlask, document: dict[str, Any]) -> None:
    free = {path for path, item in document["paths"].items() for op in item.values() if op.get("security") == []}
    assert free == OPEN_PATHS
    assert set(app.view_functions) >= OPEN


def _guarded(app: APIFlask) -> list[tuple[str, str]]:
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    return sorted(op for op in operations(document) if op[1] not in OPEN_PATHS)


BODIES: list[dict[str, Any]] = [
    {},
    {"json": {"no": "such key"}},
    {"data": "{", "content_type": "application/json"},
    {"data": "<x/>", "content_type": "text/xml"},
    {"data": b"x" * 1_100_000, "content_type": "application/json"},
]
TOKENS = [
    None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic bGlfbmE6eA==", "bearer 令牌".encode().decode("latin-1"), "Bearer " + "x" * 10_000,
]  # fmt: skip


def test_401_comes_before_everything(app: APIFlask, nobody: Api) -> None:
    """Every operation, missing and existing things, good and bad bodies, unknown query parameters: the same 401."""
    client, seen = app.test_client(), set()
    for method, path in _guarded(app):
        for value in ("lead", "1", "%00"):
            filled = re.sub(r"\{\w+\}", value, path)
            for body in BODIES:
                answer = client.open(f"{filled}?nope=1", method=method, **body)
                assert answer.status_code == 401, (method, filled, body)
                assert answer.headers["WWW-Authenticate"].startswith("Bearer")
                problem = answer.get_json()
                seen.add((problem["code"], problem["detail"]))
    assert len(seen) == 1


@pytest.mark.parametrize("header", TOKENS, ids=lambda h: repr(h)[:20])
def test_no_token_is_good_enough_but_a_real_one(app: APIFlask, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    assert app.test_client().get("/api/v1/tasks", headers=headers).status_code == 401


def test_a_token_in_the_query_or_a_cookie_is_none(app: APIFlask, sales: Api) -> None:
    token = sales.headers["Authorization"].split()[1]
    client = app.test_client()
    client.set_cookie("Authorization", f"Bearer {token}")
    client.set_cookie("token", token)
    assert client.get(f"/api/v1/tasks?access_token={token}").status_code == 401
