"""The HTTP interface over a real engine: the project's own definitions, a database in memory, one client a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.exceptions import NotFound

from designer_api.app import create_app
from engine.engine import Engine

DEFINITIONS = Path(__file__).parents[2] / "definitions"
LEAD = {
    "company": "示例机械", "contact_name": "示例联系人", "phone": "13800138000", "job_title": "owner", "industry": "manufacturing",
    "employees": 300, "region": "east", "product_line": "software", "source": "referral", "need": "设备巡检",
    "timeframe": "this_month",
}  # fmt: skip


class Api:
    """A person's client: paths below /api/v1, answers as (status, body)."""

    def __init__(self, client: FlaskClient, token: str | None) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def raw(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        return self.client.open(f"/api/v1{path}", method=method, headers={**self.headers, **(headers or {})}, **more)

    def __call__(self, method: str, path: str, json: Any = None, status: int = 200, **more: Any) -> Any:
        """The body, after holding that the status is as expected."""
        answer = self.raw(method, path, json=json, **more) if json is not None else self.raw(method, path, **more)
        assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
        if "json" in (answer.mimetype or ""):
            as_documented(self.client.application, method, answer)
        return answer.get_json() if "json" in (answer.mimetype or "") else answer.get_data(as_text=True)


def as_documented(app: Any, method: str, answer: Any) -> None:
    """Holds that an answer has the shape that the OpenAPI document gives it."""
    try:
        rule, _ = app.url_map.bind("localhost").match(answer.request.path, method=method, return_rule=True)
    except NotFound:
        return
    document = app.spec
    found = document["paths"][rule.rule.replace("<", "{").replace(">", "}")][method.lower()]["responses"]
    assert str(answer.status_code) in found, f"{method} {rule.rule} answers {answer.status_code}"
    for content in found[str(answer.status_code)]["content"].values():
        schema = {**content["schema"], "components": document["components"]}
        jsonschema.validate(answer.get_json(), schema)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    opened = Engine.open("sqlite://", DEFINITIONS)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def app(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> APIFlask:
    return create_app(engine, tmp_path_factory.mktemp("drafts"))


@pytest.fixture(scope="module")
def someone(app: APIFlask, engine: Engine) -> Callable[[str | None], Api]:
    """The client of a person; None: without a token."""
    tokens: dict[str, str] = {}

    def client(person: str | None) -> Api:
        if person is not None and person not in tokens:
            tokens[person] = engine.create_token(person)
        return Api(app.test_client(), tokens[person] if person is not None else None)

    return client


@pytest.fixture
def admin(someone: Callable[[str | None], Api]) -> Api:
    return someone("admin_wu")


@pytest.fixture
def sales(someone: Callable[[str | None], Api]) -> Api:
    return someone("li_na")


@pytest.fixture
def nobody(someone: Callable[[str | None], Api]) -> Api:
    return someone(None)
