"""connection: an outside system and its calls: HTTP, mail, or a registered Python callable."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import ClassVar

from engine.language.durations import Duration
from engine.language.kinds.definition import Definition
from engine.language.kinds.form import FIELDS, Field
from engine.language.shapes import DURATION, TEXT, WHOLE, MapOf, Name, OneWord, Struct, StructShape, key


@dataclass(frozen=True, kw_only=True)
class Call(Struct):
    """One call of a connection: what it takes, what it gives back."""

    AT_MOST_ONE: ClassVar = (("get", "post", "put", "patch", "delete"),)

    get: str | None = key(TEXT, "HTTP GET of this path")
    post: str | None = key(TEXT, "HTTP POST to this path")
    put: str | None = key(TEXT, "HTTP PUT to this path")
    patch: str | None = key(TEXT, "HTTP PATCH of this path")
    delete: str | None = key(TEXT, "HTTP DELETE of this path")
    takes: Map[str, Field] | None = key(FIELDS, "what is given")
    gives: Map[str, Field] | None = key(FIELDS, "what comes back")
    timeout: Duration | None = key(DURATION, "the longest it may take, 15 seconds at most")


@dataclass(frozen=True, kw_only=True)
class Connection(Definition):
    """An outside system. A secret is named here, its value is in the environment."""

    KIND: ClassVar[str] = "connection"

    kind: str = key(OneWord("http", "python", "mail"), "how it is reached", required=True)
    base: str | None = key(TEXT, "http: the only host that its calls may reach")
    secret: str | None = key(TEXT, "the name of the secret, never its value")
    callable: str | None = key(TEXT, "python: the registered callable")
    host: str | None = key(TEXT, "mail: the SMTP host")
    port: int | None = key(WHOLE, "mail: its port")
    sender: str | None = key(TEXT, "mail: the address it comes from")
    calls: Map[str, Call] | None = key(MapOf(Name(), StructShape(Call, ("a call", "调用"))), "what can be called")
