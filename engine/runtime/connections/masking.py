"""Secrets: found in the environment by the name that a connection gives, and taken out of any text that is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from engine.language.kinds.connection import Connection
from engine.language.pack import Pack

MASK = "***"
_SHORTEST = 4
"""A shorter value would mask half of every sentence."""

_LOOKS_SECRET = re.compile(
    r"(?i)(?<![a-z])((?:api[_-]?key|access[_-]?token|token|secret|password|passwd|pwd|authorization)\s*[=:]\s*)"
    r"(?:(?:bearer|basic)\s+)?[^\s,;&'\"]+|(?:bearer|basic)\s+[\w.+/=~-]+|(?<=://)[^/\s@]+@"
)


def secret_of(connection: Connection, environ: Mapping[str, str]) -> str | None:
    """The secret's value; None where the connection names none. LookupError: the environment has no such name."""
    if connection.secret is None:
        return None
    value = environ.get(str(connection.secret), "").strip()
    if not value:
        raise LookupError(f"the environment has no {connection.secret}")
    return value


def secrets_of(pack: Pack, environ: Mapping[str, str]) -> list[str]:
    """The values of all secrets that the pack's connections name, the longest first."""
    names = {str(connection.secret) for connection in pack.kind(Connection).values() if connection.secret}
    values = {environ.get(name, "").strip() for name in names}
    return sorted((value for value in values if len(value) >= _SHORTEST), key=len, reverse=True)


def masked(text: str, secrets: Iterable[str]) -> str:
    """`text` without these secrets, and without whatever is written like one (`token=...`, `Bearer ...`)."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return _LOOKS_SECRET.sub(lambda found: (found.group(1) or "") + MASK, text)
