"""What a request's body may be: JSON within limits, or definition text. Nothing is read before the token was looked at.

A number with a fraction is kept as its text ('12.50'), so no money ever becomes a float.
"""

from __future__ import annotations

import json
from typing import Any

from apiflask.schema_adapters.marshmallow import parser
from flask import Flask, Request, g, request
from flask.json.provider import DefaultJSONProvider

from designer_api.ids import inward, outward
from designer_api.problems import Problem, bad_input, unknown_key

MOST_BYTES = 1_000_000
MOST_DEPTH = 32
MOST_VALUES = 50_000
JSON_TYPES = ("application/json", "application/merge-patch+json")
TEXT_TYPES = ("application/yaml", "text/yaml", "text/plain")


class StrictJSON(DefaultJSONProvider):
    """Refuses what json.loads takes in silence: a key given twice, NaN, half a surrogate pair, endless nesting."""

    ensure_ascii = False
    sort_keys = False
    compact = True

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return read_json(s if isinstance(s, str) else bytes(s).decode("utf-8"))

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return super().dumps(outward(obj), **kwargs)


def read_json(text: str) -> Any:
    """The value; Problem 400 with the reason otherwise."""
    try:
        value = json.loads(text, parse_float=str, parse_constant=_no_constant, object_pairs_hook=_no_double)
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as fault:
        place = f"line {fault.lineno} column {fault.colno}"
        raise Problem(400, "bad-json", f"{fault.msg} at {place}.", f"JSON 有误（{place}）：{fault.msg}。") from None
    except ValueError as fault:
        raise Problem(400, "bad-json", f"{fault}.", f"JSON 有误：{fault}。") from None
    _within_bounds(value)
    return value


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON value")


def _no_double(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key '{twice[:100]}' is given twice")
    return found


def _within_bounds(value: Any) -> None:
    left, seen = [(value, 1)], 0
    while left:
        one, depth = left.pop()
        seen += 1
        if depth > MOST_DEPTH:
            raise _too_deep()
        if seen > MOST_VALUES:
            raise Problem(413, "too-large", f"More than {MOST_VALUES} values.", f"值超过 {MOST_VALUES} 个。")
        if isinstance(one, dict):
            left += [(inner, depth + 1) for inner in one.values()]
            left += [(name, depth) for name in one]
        elif isinstance(one, list):
            left += [(inner, depth + 1) for inner in one]
        elif isinstance(one, str):
            _well_formed(one)


def _well_formed(text: str) -> None:
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise Problem(400, "bad-text", "A text has a NUL or half a character.", "文本中有空字符或不完整的字符。")


def _too_deep() -> Problem:
    return Problem(400, "too-deep", f"JSON may be {MOST_DEPTH} levels deep.", f"JSON 最多 {MOST_DEPTH} 层。")


class StrictRequest(Request):
    """A body that is no JSON is our problem's business, not Werkzeug's."""

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        raise Problem(400, "bad-json", "The body is no UTF-8 JSON.", "内容不是 UTF-8 的 JSON。")


@parser.location_loader("json")
def _body(request: Request, schema: Any) -> Any:
    """What APIFlask's schemas validate: the body as it was read here, not by webargs' own json.loads."""
    return inward(request.get_json())


def guard() -> None:
    """Before any operation: size, kind of content, and well-formed JSON, whether or not the operation reads it."""
    if request.content_length is not None and request.content_length > MOST_BYTES:
        raise Problem(413, "too-large", "A body may have at most 1 MB.", "内容不能超过 1 MB。")
    for name, value in request.args.items(multi=True):
        _well_formed(name)
        _well_formed(value)
        if len(request.args.getlist(name)) > 1:
            raise Problem(400, "given-twice", f"'{name}' is given twice.", f"“{name}”给出了两次。")
    if request.method not in ("POST", "PUT", "PATCH"):
        return
    data = request.get_data(cache=True)
    if request.method == "PUT":
        if request.mimetype not in TEXT_TYPES:
            raise _not_supported(TEXT_TYPES)
        g.text = _text(data)
    elif request.mimetype not in JSON_TYPES and (data or request.mimetype):
        raise _not_supported(JSON_TYPES[:1])
    elif not data:
        # an operation without a body reads {}; one that needs keys names them as missing
        request._cached_json = ({}, {})
    elif not isinstance(request.get_json(), dict):
        raise Problem(422, "bad-input", "The body must be a JSON object.", "内容必须是 JSON 对象。")


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem(400, "bad-text", "The text is not UTF-8.", "文本不是 UTF-8。") from None
    _well_formed(text)
    return text


def _not_supported(kinds: tuple[str, ...]) -> Problem:
    listed = ", ".join(kinds)
    return Problem(415, "wrong-content-type", f"Content-Type must be {listed}.", f"Content-Type 必须是 {listed}。")


def idempotency_key() -> str | None:
    """The Idempotency-Key header: 1 to 200 printable ASCII characters."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not (0 < len(key) <= 200 and key.isascii() and key.isprintable()):
        raise Problem(
            400,
            "bad-idempotency-key",
            "Idempotency-Key: 1 to 200 printable ASCII characters.",
            "Idempotency-Key：1 到 200 个可见 ASCII 字符。",
        )
    return key


def install(app: Flask) -> None:
    app.json = StrictJSON(app)
    app.request_class = StrictRequest
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES


def only_known(view: Any) -> None:
    """Refuses query parameters that the operation does not declare, and a body where it takes none."""
    declared: dict[str, Any] = getattr(view, "_spec", {}) or {}
    known = {
        field.data_key or name
        for schema, location in declared.get("args", ())
        if location == "query"
        for name, field in schema.fields.items()
    }
    unknown = [name for name in request.args if name not in known]
    if unknown:
        raise bad_input((unknown_key((name,), sorted(known)) for name in unknown), 400)
    if request.method in ("POST", "PATCH") and declared.get("body") is None:
        given = request.get_json() if request.get_data(cache=True) else {}
        if given:
            raise bad_input(unknown_key((name,)) for name in given)
