"""The OpenAPI 3.1 document: what operations share (token, problems, Idempotency-Key, If-Match) is added here once."""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask

from designer_api.answers import PROBLEM, YAML
from designer_api.problems import PROBLEM_JSON
from designer_api.tokens import OPEN

Plain = dict[str, Any]
SPEC_PATH = "/api/v1/openapi.json"
DESCRIPTION = """Workflows, records, tasks and cases of remit.

Every operation needs `Authorization: Bearer <token>` (`remit token create --person NAME`) but this document,
/health and /ready. What goes wrong is a problem of RFC 9457 in the language of Accept-Language (zh, en). Ids are text,
moments are UTC, money and numbers with a fraction are text such as "12.50"."""
WORDS = {
    400: "The request cannot be read", 401: "No token, or not a valid one", 403: "Not granted",
    404: "Not there, or not yours to see",
    409: "Not possible as things stand", 412: "Changed meanwhile", 413: "Too large", 415: "Wrong Content-Type",
    422: "Not taken: violations or findings say why", 428: "If-Match is missing", 503: "Not available now; try again",
}  # fmt: skip
KEYED = frozenset({
    "records.create_record", "records.change_record", "workflows.start_case", "tasks.complete", "cases.press",
    "messages.send_message",
})  # fmt: skip
"""Endpoints that take an Idempotency-Key."""
GUARDED = frozenset({"records.change_record", "definitions.save_draft", "definitions.discard_draft"})
"""Endpoints that take If-Match."""


def configure(app: APIFlask) -> None:
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        DESCRIPTION=DESCRIPTION,
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        AUTO_OPERATION_ID=True,
        SPEC_FORMAT="json",
        LOCAL_SPEC_JSON_INDENT=1,
    )
    app.spec_processor(lambda spec: _complete(app, spec))


def _complete(app: APIFlask, spec: Any) -> Any:
    components = spec.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    spec["security"] = [{"token": []}]
    spec["paths"][SPEC_PATH] = {
        "get": {
            "operationId": "openapi_document",
            "summary": "This document",
            "tags": ["Health"],
            "security": [],
            "responses": {
                "200": {"description": "Done", "content": {"application/json": {"schema": {"type": "object"}}}}
            },
        }
    }
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            operation = spec["paths"].get(_template(rule.rule), {}).get(method.lower())
            if operation is not None and rule.endpoint != "openapi.spec":
                operation["operationId"] = rule.endpoint.rpartition(".")[2]
                _share(operation, rule.endpoint, method, bool(rule.arguments))
    return spec


def _template(rule: str) -> str:
    return rule.replace("<", "{").replace(">", "}")


def _share(operation: Plain, endpoint: str, method: str, has_place: bool) -> None:
    responses = operation.setdefault("responses", {})
    codes = [400]
    if endpoint in OPEN:
        operation["security"] = []
    else:
        codes += [401, 403]
    if has_place or endpoint == "cases.list_cases":
        codes.append(404)
    if method != "GET":
        codes += [409, 413, 415, 422]
    if endpoint in GUARDED:
        codes += [412, 428]
        _header(operation, "If-Match", "the ETag of what was changed")
    if endpoint == "definitions.save_draft":
        _header(operation, "If-None-Match", "* to save only if there is no draft")
        text = {"application/yaml": {"schema": YAML}}
        operation["requestBody"] = {"required": True, "content": text}
    if endpoint in KEYED:
        _header(
            operation, "Idempotency-Key", "the same key and body give the same answer once done; another body gives 422"
        )
    if endpoint not in OPEN:
        codes.append(503)
    for code in codes:
        content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        responses.setdefault(str(code), {"description": WORDS[code], "content": content})


def _header(operation: Plain, name: str, description: str) -> None:
    operation.setdefault("parameters", []).append(
        {"in": "header", "name": name, "required": False, "description": description, "schema": {"type": "string"}}
    )
