"""What is answered when something is wrong: RFC 9457 problems, in the language that was asked for.

A problem has `type title status code detail` and `instance` (the request's id); `violations` when values are not taken;
`findings` (exactly `Diagnostic.plain()`) when definitions are not clean.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from apiflask import APIFlask, HTTPError
from flask import Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from designer_api.inputs import both
from engine.engine import BadCursor, NotClean, Refused, Unavailable

PROBLEM_JSON = "application/problem+json"
TITLES_ZH = {
    400: "请求有误", 401: "需要令牌", 403: "没有权限", 404: "不存在", 405: "不支持此方法", 409: "与当前状态冲突",
    412: "版本已变",
    413: "内容过大", 415: "格式不支持", 422: "内容不被接受", 428: "需要前提条件", 500: "内部错误", 503: "暂时不可用",
}  # fmt: skip
log = structlog.get_logger("remit.http")


class Problem(Exception):
    """Something to answer instead of a result; `more` are further members of the problem."""

    def __init__(self, status: int, code: str, en: str, zh: str, headers: Mapping[str, str] | None = None, **more: Any):
        super().__init__(f"{status} {code}: {en}")
        self.status, self.code, self.en, self.zh = status, code, en, zh
        self.headers, self.more = dict(headers or {}), more


def not_found() -> Problem:
    """One answer for what does not exist and for what the person may not see: neither can be told from the other."""
    return Problem(404, "not-found", "There is no such thing, or you may not see it.", "不存在，或您无权查看。")


def forbidden(en: str, zh: str) -> Problem:
    return Problem(403, "forbidden", en, zh)


def bad_input(violations: Iterable[Mapping[str, Any]], status: int = 422) -> Problem:
    """`violations`: {place, code, say, say_zh} each."""
    listed = list(violations)
    first = listed[0] if listed else {"say": "", "say_zh": ""}
    return Problem(status, "bad-input", first["say"], first["say_zh"], violations=listed)


def bad_cursor() -> Problem:
    return bad_input([violation(("cursor",), "bad-cursor", "is no cursor that a page gave", "不是列表给出的位置")], 400)


def unknown_key(place: Iterable[str | int], allowed: Iterable[str] = ()) -> dict[str, Any]:
    return violation(place, "unknown-key", "is not known here", "此处没有这一项", allowed)


def violation(place: Iterable[str | int], code: str, en: str, zh: str, allowed: Iterable[str] = ()) -> dict[str, Any]:
    keys, known = list(place), ", ".join(allowed)
    name = ".".join(map(str, keys))
    return {
        "place": keys,
        "code": code,
        "say": f"'{name}' {en}" + (f"; known: {known}" if known else ""),
        "say_zh": f"“{name}”{zh}" + (f"；可用：{known}" if known else ""),
    }


def asked_language() -> str | None:
    """zh or en: what Accept-Language prefers; None when it says nothing of either: titles are then the pack's own."""
    for value, quality in request.accept_languages:
        if quality > 0 and value.lower().split("-")[0] in ("zh", "en"):
            return value.lower().split("-")[0]
    return None


def language() -> str:
    """The language of what we say ourselves: en when nobody asked for another."""
    return asked_language() or "en"


def answer(problem: Problem) -> Response:
    is_zh = language() == "zh"
    body = {
        "type": f"urn:remit:problem:{problem.code}",
        "title": TITLES_ZH.get(problem.status, "出错") if is_zh else HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.zh if is_zh else problem.en,
        "instance": f"urn:remit:request:{g.get('request_id', '')}",
        **problem.more,
    }
    response = Response(json.dumps(body, ensure_ascii=False, default=str), problem.status, mimetype=PROBLEM_JSON)
    response.headers.update(problem.headers)
    response.headers["Content-Language"] = "zh" if is_zh else "en"
    response.vary.add("Accept-Language")
    return response


def of_http(fault: HTTPException) -> Problem:
    """Werkzeug's own refusals: no such route, wrong method, too large."""
    status = fault.code or 500
    if isinstance(fault, MethodNotAllowed):
        allow = ", ".join(sorted(fault.valid_methods or ()))
        return Problem(405, "method-not-allowed", f"Allowed here: {allow}.", f"此处可用：{allow}。", {"Allow": allow})
    if isinstance(fault, RequestEntityTooLarge):
        return Problem(413, "too-large", "A body may have at most 1 MB.", "内容不能超过 1 MB。")
    if status == 404:
        return Problem(404, "not-found", "There is nothing at this address.", "此地址没有内容。")
    phrase = HTTPStatus(status).phrase
    return Problem(status, phrase.lower().replace(" ", "-"), f"{phrase}.", TITLES_ZH.get(status, "请求有误") + "。")


def of_validation(fault: HTTPError) -> Problem:
    """What APIFlask's schemas did not take: {location: {key: [text, ...]}}. Query parameters are 400, bodies 422."""
    detail: Mapping[str, Any] = fault.detail if isinstance(fault.detail, Mapping) else {}
    listed = [v for messages in detail.values() for v in _violations(messages, ())]
    is_query = any(location in ("query", "querystring") for location in detail)
    return bad_input(
        listed or [violation(("body",), "wrong-value", str(fault.message), "内容不正确")], 400 if is_query else 422
    )


def _violations(messages: Any, place: tuple[str | int, ...]) -> Iterable[dict[str, Any]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            is_around = key in ("_schema", "key", "value") and (key == "_schema" or not isinstance(inner, Mapping))
            yield from _violations(inner, place if is_around else (*place, key))
        return
    for text in messages if isinstance(messages, list) else [messages]:
        if text == "Unknown field.":
            yield unknown_key(place)
        elif text == "Missing data for required field.":
            yield violation(place, "missing-key", "must be given", "必须给出")
        else:
            en, zh = both(str(text))
            yield violation(place or ("body",), "wrong-value", f"is not taken: {en}", f"的值不正确：{zh}")


def of_refusal(fault: Refused) -> Problem:
    """The engine's own no. Of what is missing it says no more than of what may not be seen."""
    if fault.status == 404:
        return not_found()
    fields = {v.get("field") for v in fault.violations}
    code = "bad-input" if fault.code in fields else fault.code
    problem = Problem(fault.status, code, fault.en, fault.zh)
    if fault.violations:
        problem.more["violations"] = [_of_engine(v) for v in fault.violations]
    return problem


def _of_engine(found: Mapping[str, Any]) -> dict[str, Any]:
    """The engine's {rule, field, form, en, zh} in the words of every other violation; a must rule's code is its name."""
    field, rule = found.get("field"), found.get("rule")
    return {
        "place": [field] if field else [],
        "code": "wrong-value" if rule == field else rule,
        "say": found.get("en"),
        "say_zh": found.get("zh"),
        "form": found.get("form"),
    }


def of_findings(fault: NotClean) -> Problem:
    findings = [d.plain() for d in fault.diagnostics]
    n = sum(f["severity"] != "note" for f in findings)
    en, zh = f"The definitions have {n} finding{'s' * (n != 1)}.", f"定义中有 {n} 个问题。"
    return Problem(422, "not-clean", en, zh, findings=findings)


def of_mistake(fault: Exception) -> Problem:
    """Ours. The log has the traceback under the request's id; the answer has only the id."""
    log.error("unexpected", request_id=g.get("request_id"), path=request.path, exc_info=fault)
    return Problem(
        500,
        "internal-error",
        f"Something went wrong on our side. Tell the operator this id: {g.get('request_id')}.",
        f"系统内部出错。请把编号告诉运维人员：{g.get('request_id')}。",
        id=g.get("request_id"),
    )


def register(app: APIFlask) -> None:
    """Every way a request can fail ends in one of these."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(Refused, lambda fault: answer(of_refusal(fault)))
    app.register_error_handler(NotClean, lambda fault: answer(of_findings(fault)))
    app.register_error_handler(Unavailable, lambda fault: answer(unavailable(str(fault))))
    app.register_error_handler(BadCursor, lambda fault: answer(bad_cursor()))
    app.register_error_handler(HTTPError, lambda fault: answer(of_validation(fault)))
    app.register_error_handler(HTTPException, lambda fault: answer(of_http(fault)))
    app.register_error_handler(Exception, lambda fault: answer(of_mistake(fault)))


def unavailable(why: str) -> Problem:
    log.warning("unavailable", request_id=g.get("request_id"), why=why)
    return Problem(
        503,
        "unavailable",
        "The database cannot take this now; try again.",
        "数据库暂时不可用，请稍后再试。",
        {"Retry-After": "2"},
    )
