"""Problems: their shape, both languages, what a body may be, and nothing of us inside them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from apiflask import APIFlask

from designer_api.envelope import HEADERS
from tests.http.conftest import Api

MEMBERS = {"type", "title", "status", "code", "detail", "instance"}
JSON = "application/json"


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.get_data(as_text=True)[:500]
    assert answer.mimetype == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.get_data())
    assert set(body) >= MEMBERS
    assert (body["status"], body["code"]) == (status, code)
    assert body["instance"].endswith(answer.headers["X-Request-Id"])
    return body


BAD: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("GET", "/nope", {}, 404, "not-found"),
    ("DELETE", "/tasks", {}, 405, "method-not-allowed"),
    ("GET", "/tasks?nope=1", {}, 400, "bad-input"),
    ("GET", "/tasks?limit=5&limit=6", {}, 400, "given-twice"),
    ("GET", "/tasks?limit=0", {}, 400, "bad-input"),
    ("GET", "/tasks?limit=1000000000", {}, 400, "bad-input"),
    ("GET", "/tasks?limit=x", {}, 400, "bad-input"),
    ("GET", "/tasks?record=lead", {}, 400, "bad-input"),
    ("GET", "/tasks?cursor=zzz", {}, 400, "bad-input"),
    ("GET", "/tasks?record=%00", {}, 400, "bad-text"),
    ("GET", "/tasks/abc", {}, 404, "not-found"),
    ("GET", "/tasks/1.1", {}, 404, "not-found"),
    ("GET", "/tasks/99999999999999999999999.1", {}, 404, "not-found"),
    ("GET", "/records/lead/0x1", {}, 404, "not-found"),
    ("GET", "/records/lead/٣", {}, 404, "not-found"),
    ("GET", "/records/nope", {}, 404, "not-found"),
    ("GET", "/cases/999", {}, 404, "not-found"),
    ("POST", "/records/lead", {"data": "x", "content_type": "text/plain"}, 415, "wrong-content-type"),
    ("POST", "/records/lead", {"data": "", "content_type": "application/x-www-form-urlencoded"}, 415, "wrong-content-type"),
    ("POST", "/records/lead", {"data": "{", "content_type": JSON}, 400, "bad-json"),
    ("POST", "/records/lead", {"data": b"\xff", "content_type": JSON}, 400, "bad-json"),
    ("POST", "/records/lead", {"data": '{"a": NaN}', "content_type": JSON}, 400, "bad-json"),
    ("POST", "/records/lead", {"data": '{"a": 1, "a": 2}', "content_type": JSON}, 400, "bad-json"),
    ("POST", "/records/lead", {"data": '{"a": "\\ud800"}', "content_type": JSON}, 400, "bad-text"),
    ("POST", "/records/lead", {"data": '{"a": "\\u0000"}', "content_type": JSON}, 400, "bad-text"),
    ("POST", "/records/lead", {"data": "[1]", "content_type": JSON}, 422, "bad-input"),
    ("POST", "/records/lead", {"data": "[" * 100_000, "content_type": JSON}, 400, "too-deep"),
    ("POST", "/records/lead", {"data": '{"a":' * 40 + "1" + "}" * 40, "content_type": JSON}, 400, "too-deep"),
    ("POST", "/records/lead", {"data": b" " * 1_000_001, "content_type": JSON}, 413, "too-large"),
    ("POST", "/records/lead", {"data": json.dumps({"a": [0] * 60_000}), "content_type": JSON}, 413, "too-large"),
    ("POST", "/tasks/1.1/begin", {"json": {"by": "wang_fang"}}, 422, "bad-input"),
    ("POST", "/tasks/1.1/complete", {"json": {"button": "x", "by": "wang_fang"}}, 422, "bad-input"),
    ("POST", "/tasks/1.1/complete", {"json": {}}, 422, "bad-input"),
    ("POST", "/workflows/nope/starts/x", {"json": {}}, 404, "not-found"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "more", "status", "code"), BAD, ids=lambda v: str(v)[:40])
def test_refused(sales: Api, method: str, path: str, more: dict[str, Any], status: int, code: str) -> None:
    problem(sales.raw(method, path, **more), status, code)


def test_unknown_names_are_named(sales: Api) -> None:
    body = problem(sales.raw("GET", "/tasks?nope=1"), 400, "bad-input")
    assert body["violations"][0]["place"] == ["nope"]
    assert "limit" in body["violations"][0]["say"]
    body = problem(sales.raw("POST", "/tasks/1.1/complete", json={"button": "x", "by": "y"}), 422, "bad-input")
    assert body["violations"] == [
        {"place": ["by"], "code": "unknown-key", "say": "'by' is not known here", "say_zh": "“by”此处没有这一项"}
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("zh", "zh"), ("zh-CN,en;q=0.5", "zh"), ("en;q=0.1, zh-Hans;q=0.9", "zh"), ("en", "en"), ("fr", "en"), ("", "en"),
        ("zh;q=0", "en"), ("*", "en"),
    ],
)  # fmt: skip
def test_language(sales: Api, asked: str, found: str) -> None:
    answer = sales.raw("GET", "/tasks/1.1", headers={"Accept-Language": asked})
    body = problem(answer, 404, "not-found")
    assert answer.headers["Content-Language"] == found
    assert (body["detail"] == "不存在，或您无权查看。") is (found == "zh")
    assert "Accept-Language" in answer.headers["Vary"]


def test_headers_are_on_every_answer(nobody: Api, sales: Api) -> None:
    for answer in (
        nobody.raw("GET", "/health"),
        nobody.raw("GET", "/tasks"),
        sales.raw("GET", "/tasks"),
        nobody.raw("GET", "/x"),
    ):
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Request-Id"]
        assert not any(name.startswith("Access-Control") for name, _ in answer.headers)


def test_the_request_id_is_the_callers_when_it_is_harmless(nobody: Api) -> None:
    assert nobody.raw("GET", "/health", {"X-Request-Id": "abc-1"}).headers["X-Request-Id"] == "abc-1"
    assert nobody.raw("GET", "/health", {"X-Request-Id": "a b<script>"}).headers["X-Request-Id"] != "a b<script>"


def test_the_root_has_no_page_yet(app: APIFlask) -> None:
    problem(app.test_client().get("/"), 404, "not-found")


def test_our_fault_is_an_id_and_nothing_else(
    sales: Api, engine: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*args: Any, **more: Any) -> Any:
        raise RuntimeError("SELECT secret FROM tokens")

    monkeypatch.setattr(type(engine), "tasks", broken)
    answer = sales.raw("GET", "/tasks")
    body = problem(answer, 500, "internal-error")
    assert body["id"] == answer.headers["X-Request-Id"]
    text = answer.get_data(as_text=True)
    assert "SELECT" not in text
    assert "Traceback" not in text
    assert "RuntimeError" not in text
    assert body["id"] in capsys.readouterr().out


def test_a_database_that_is_away_is_503(sales: Api, engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.engine import Unavailable

    def away(*args: Any, **more: Any) -> Any:
        raise Unavailable("disk I/O error at /var/lib/x")

    monkeypatch.setattr(type(engine), "tasks", away)
    answer = sales.raw("GET", "/tasks")
    body = problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"]
    assert "/var" not in body["detail"]


def test_the_log_has_neither_tokens_nor_bodies(sales: Api, capsys: pytest.CaptureFixture[str]) -> None:
    sales.raw("POST", "/records/lead?nope=canary-query", json={"company": "canary-body"})
    said = capsys.readouterr().out
    assert "/api/v1/records/lead" in said
    for secret in (sales.headers["Authorization"].split()[1], "canary-query", "canary-body"):
        assert secret not in said
