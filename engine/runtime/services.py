"""Calls outside systems by a connection's name; and, for scenarios, gives canned answers in their place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from engine.language.kinds.connection import Call, Connection
from engine.language.vocabulary import PackTypes
from engine.runtime.connections.http import Attempt, call_http
from engine.runtime.connections.line import ALLOW, MOST_SECONDS, Line, allowed_hosts
from engine.runtime.connections.mail import send_mail
from engine.runtime.connections.masking import masked, secret_of, secrets_of
from engine.runtime.connections.python import Callable_, Registry, call_python
from engine.runtime.connections.reply import Reply, failed, reply_of

SEND = "send"
"""The call of a connection that serves a channel."""


class Services(Protocol):
    """Who carries out one attempt of one call. Never raises for what the other side does."""

    def call(self, types: PackTypes, connection: str, call: str, give: Mapping[str, Any], key: str) -> Reply: ...


class Connections:
    """The real ones. `environ` holds the secrets by name and REMIT_ALLOW_PRIVATE_HOSTS; `now` dates a mail."""

    def __init__(
        self,
        services: Mapping[str, Callable_] | None,
        environ: Mapping[str, str],
        now: Callable[[], dt.datetime],
        seconds: float = MOST_SECONDS,
    ) -> None:
        self._registry, self._environ, self._now = Registry(services), environ, now
        self._seconds = min(seconds, MOST_SECONDS)

    def call(self, types: PackTypes, connection: str, call: str, give: Mapping[str, Any], key: str) -> Reply:
        name = f"{connection}.{call}"
        found = types.pack.get(Connection, connection)
        if found is None:
            return failed("unknown-connection", f"the pack has no connection {connection}", final=True)
        declared = (found.calls or {}).get(call)
        if declared is None and not (found.kind == "mail" and call == SEND):
            return failed("unknown-call", f"{connection} has no call {call}", final=True)
        missing = _missing(declared, give, name)
        if missing is not None:
            return missing
        reply = self._attempt(found, call, declared, give, key, types, name)
        return reply if reply.ok else reply._replace(error=masked(reply.error, secrets_of(types.pack, self._environ)))

    def _attempt(self, connection: Connection, call: str, declared: Call | None, give: Mapping[str, Any], key: str,
                 types: PackTypes, name: str) -> Reply:  # fmt: skip
        _, gives = types.call(str(connection.name), call)
        seconds = self._seconds
        if declared is not None and declared.timeout is not None:
            seconds = min(seconds, float(declared.timeout.nominal_seconds))
        try:
            if connection.kind == "python":
                function = self._registry.find(str(connection.callable))
                secrets = secrets_of(types.pack, self._environ)
                return call_python(
                    function, call, declared, give, key, gives=gives, seconds=seconds, secrets=secrets, name=name
                )
            secret = secret_of(connection, self._environ)
        except (LookupError, ImportError) as error:
            return failed("bad-connection", f"{name}: {error}", final=True)
        line = Line(allowed_hosts(self._environ.get(ALLOW, "")), seconds)
        if connection.kind == "mail":
            return send_mail(connection, give, key, secret=secret, line=line, now=self._now())
        assert declared is not None
        return call_http(connection, Attempt(name, declared, give, key, gives, secret), line)


class Canned:
    """Answers of scenarios: `{"esign.create_envelope": {"exit": "done" | "failed", "gives": {...}, "error": "..."}}`.

    `sent` holds every call, oldest first. What serves a channel needs no answer; any other call without one fails and
    says what to write. A call whose required values are empty fails, as it really would. ValueError for an answer that
    is none.
    """

    def __init__(self, answers: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self.answers = dict(answers or {})
        self.sent: list[tuple[str, dict[str, Any], str]] = []
        for name, answer in self.answers.items():
            unknown = set(answer) - {"exit", "gives", "error"}
            if unknown or answer.get("exit") not in ("done", "failed"):
                raise ValueError(f"services: {name}: {{exit: done or failed, gives: ..., error: ...}} is wanted")

    def call(self, types: PackTypes, connection: str, call: str, give: Mapping[str, Any], key: str) -> Reply:
        name = f"{connection}.{call}"
        self.sent.append((name, dict(give), key))
        answer = self.answers.get(name)
        if answer is None:
            root = types.pack.root
            channels = (root.channels or {}) if root is not None else {}
            if call == SEND and connection in channels.values():
                return Reply(True)
            return failed("no-canned-answer", f"write services: {{{name}: {{exit: done}}}}", final=True)
        if answer["exit"] == "failed":
            return failed("canned", str(answer.get("error") or "the scenario says so"), final=True)
        found = types.pack.get(Connection, connection)
        declared = (found.calls or {}).get(call) if found is not None else None
        missing = _missing(declared, give, name)
        if missing is not None:
            return missing
        return reply_of(answer.get("gives") or {}, declared, types.call(connection, call)[1], name)


def takes_of(types: PackTypes, connection: str, call: str) -> frozenset[str] | None:
    """The names that a call takes; None when it declares none."""
    found = types.pack.get(Connection, connection)
    declared = (found.calls or {}).get(call) if found is not None else None
    return frozenset(map(str, declared.takes)) if declared is not None and declared.takes else None


def _missing(declared: Call | None, give: Mapping[str, Any], name: str) -> Reply | None:
    """Why the call is not even tried: a value that it requires is empty."""
    for field, one in _takes(declared).items():
        if one.required and give.get(str(field)) is None:
            return failed("missing-value", f"'{field}' of {name} is required and empty", final=True)
    return None


def _takes(call: Call | None) -> Mapping[str, Any]:
    return (call.takes or {}) if call is not None else {}
