"""What is around every answer: the request's id, security headers, one line in the log without tokens and bodies."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from flask import Flask, Response, g, request

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
GIVEN_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
log = structlog.get_logger("remit.access")


def begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
    g.began = time.perf_counter()


def end(response: Response) -> Response:
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Request-Id"] = g.get("request_id", "")
    took = time.perf_counter() - g.get("began", time.perf_counter())
    log.info(
        "request",
        request_id=g.get("request_id"),
        method=request.method,
        path=request.path,
        status=response.status_code,
        ms=round(took * 1000, 1),
        person=g.get("person"),
    )
    return response


def install(app: Flask) -> None:
    app.after_request(end)
