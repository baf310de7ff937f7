"""Who asks: the person of the Bearer token. Without one every operation but the open ones answers 401, before all else."""

from __future__ import annotations

from flask import g, request

from designer_api.problems import Problem
from engine.engine import Engine

OPEN = frozenset({"openapi.spec", "health.health", "health.ready"})
"""Endpoints that need no token."""
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="remit"'}


def look_at(engine: Engine) -> None:
    """Sets g.person. A route that does not exist has nothing to guard and is answered as missing."""
    if request.endpoint is None or request.endpoint in OPEN:
        return
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if not token or scheme.lower() != "bearer":
        raise Problem(
            401,
            "no-token",
            "Send a token: Authorization: Bearer <token>.",
            "请带上令牌：Authorization: Bearer <令牌>。",
            CHALLENGE,
        )
    person = engine.person_of_token(token) if len(token) <= 500 and token.isascii() else None
    organization = engine.pack.organization
    if person is None or organization is None or person not in organization.people:
        refused = {"WWW-Authenticate": CHALLENGE["WWW-Authenticate"] + ', error="invalid_token"'}
        raise Problem(401, "bad-token", "This token is not valid (any more).", "令牌无效或已失效。", refused)
    g.person = person


def person() -> str:
    """The id of who asks."""
    return str(g.person)
