"""Calls of `kind: http`: one request to the connection's host, one JSON object back. No redirect, no proxy, no cookie.

post, put and patch send `give` as a JSON object, get and delete as the query. The answer's status decides: 2xx is ok;
4xx is final but for 408, 425 and 429; everything else may be tried again.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn
from urllib.parse import urlencode, urlsplit

import httpcore

from engine.language.expressions.types import Type
from engine.language.kinds.connection import Call, Connection
from engine.runtime.connections.line import Forbidden, Line, Unreachable
from engine.runtime.connections.reply import Reply, failed, reply_of

MOST_BYTES = 1_000_000
MOST_DIGITS = 60
METHODS = ("get", "post", "put", "patch", "delete")
TRY_AGAIN = frozenset([408, 425, 429])


class Target(NamedTuple):
    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, base: str, path: str) -> Target:
        """Host and path are put together as parts, so no path can name another host. ValueError: it is no such URL."""
        parts = urlsplit(base)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username is not None or parts.query:
            raise ValueError("base must be https://host, and a path at most")
        if not path.startswith("/") or any(c <= " " or c == "\x7f" for c in path) or not path.isascii():
            raise ValueError("the path of a call begins with / and has no spaces")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return cls(parts.scheme, parts.hostname, port, parts.path.rstrip("/") + path)


class Attempt(NamedTuple):
    """One request to make. `name` is `connection.call`; `gives` what the answer must hold."""

    name: str
    call: Call
    give: Mapping[str, Any]
    key: str
    gives: Mapping[str, Type]
    secret: str | None


def call_http(connection: Connection, attempt: Attempt, line: Line) -> Reply:
    """One attempt. Never raises for what the other side does."""
    name, call, secret = attempt.name, attempt.call, attempt.secret
    method = next((word for word in METHODS if getattr(call, word) is not None), None)
    try:
        target = Target.of(str(connection.base or ""), str(getattr(call, method) if method else ""))
    except ValueError as error:
        return failed("bad-connection", f"{name}: {error}", final=True)
    if secret is not None and target.scheme == "http" and target.host not in line.allowed:
        return failed("bad-connection", f"{name}: a secret goes by https only", final=True)
    try:
        with line:
            return _exchange(target, str(method), attempt, line)
    except Forbidden as error:
        return failed("forbidden-host", str(error), final=True)
    except Exception as error:
        if line.timed_out or isinstance(error, httpcore.TimeoutException):
            return failed("timeout", f"{name} did not answer in time")
        if isinstance(error, Unreachable):
            return failed("unreachable", f"{target.host}: {error}")
        if isinstance(error, httpcore.NetworkError | httpcore.ProtocolError | OSError):
            return failed("unreachable", f"{name}: {type(error).__name__}")  # its text may quote a header
        raise


def _exchange(target: Target, method: str, attempt: Attempt, line: Line) -> Reply:
    name, wait = attempt.name, line.left()
    path, headers, content = _request(target, method, attempt)
    url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=path)
    timeout = {"connect": wait, "read": wait, "write": wait, "pool": wait}
    with (
        httpcore.ConnectionPool(_trust(), network_backend=_Guarded(line), retries=0) as pool,
        pool.stream(method.upper(), url, headers=headers, content=content, extensions={"timeout": timeout}) as answer,
    ):
        if answer.status // 100 == 3:
            return failed(f"http-{answer.status}", f"{name} redirects, and calls follow no redirect")
        if answer.status // 100 != 2:
            final = answer.status // 100 == 4 and answer.status not in TRY_AGAIN
            return failed(f"http-{answer.status}", f"{name} answered {answer.status}", final)
        body = b""
        for part in answer.iter_stream():
            body += part
            if len(body) > MOST_BYTES:
                return failed("too-large", f"{name} answered more than {MOST_BYTES:,} bytes")
    if line.timed_out:  # cut off: what came may look whole
        return failed("timeout", f"{name} did not answer in time")
    if not attempt.gives:
        return Reply(True)
    try:
        data = json.loads(body, parse_float=_decimal, parse_int=_whole, parse_constant=_refuse) if body.strip() else {}
    except (ValueError, RecursionError):
        return failed("wrong-answer", f"{name} answered no JSON")
    return reply_of(data, attempt.call, attempt.gives, name)


def _request(target: Target, method: str, attempt: Attempt) -> tuple[str, list[tuple[str, str]], bytes]:
    """Path with query, headers, body."""
    headers = [("Idempotency-Key", attempt.key), ("Accept", "application/json"), ("Accept-Encoding", "identity")]
    headers.append(("User-Agent", "remit"))
    if attempt.secret is not None:
        headers.append(("Authorization", f"Bearer {attempt.secret}"))
    if method in ("get", "delete"):
        query = urlencode({name: _query(value) for name, value in attempt.give.items()})
        sign = "&" if "?" in target.path else "?"
        return target.path + (sign + query if query else ""), headers, b""
    content = json.dumps(dict(attempt.give), ensure_ascii=False).encode()
    return target.path, [*headers, ("Content-Type", "application/json")], content


class _Guarded(httpcore.NetworkBackend):
    """Connects by the line, so the address that is checked is the one that is used; TLS still asks for the host."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._plain = httpcore.SyncBackend()

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
                    socket_options: Any = None) -> httpcore.NetworkStream:  # fmt: skip
        return self._line.connect(
            host,
            port,
            lambda address: self._plain.connect_tcp(address, port, self._line.left(), None, socket_options),
            lambda stream: stream.get_extra_info("socket"),
        )


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _query(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if len(text) > MOST_DIGITS or abs(number.adjusted()) > MOST_DIGITS:
        raise ValueError("a number too long")
    return number


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError("a number too long")
    return int(text)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")
