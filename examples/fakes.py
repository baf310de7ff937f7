"""The outside world of the demo: Python callables that stand in for e-mail, SMS, WeCom and e-signature.

A connection of `kind: python` names one of these by the key in `CALLABLES`. A callable gets the name of the call, the
values that the definition gives and the idempotency key, and returns the values that the call `gives`. It raises when
the call failed. Nothing here reads a clock, a random number or the network, so the demo says the same each time.
"""

from collections.abc import Callable, Mapping
from typing import Any

SENT: list[dict[str, str]] = []  # what the demo "sent", oldest first
_seen: dict[str, dict[str, Any]] = {}  # idempotency key -> answer, as a good outside system keeps it


def _once(key: str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The same key again gets the same answer and has no second effect."""
    if key not in _seen:
        _seen[key] = act()
    return _seen[key]


def _channel(name: str) -> Callable[[str, Mapping[str, Any], str], dict[str, Any]]:
    def send(call: str, give: Mapping[str, Any], key: str) -> dict[str, Any]:
        def act() -> dict[str, Any]:
            SENT.append({"via": name, "to": str(give["to"]), "subject": str(give.get("subject") or "")})
            return {}

        return _once(key, act)

    return send


def esign(call: str, give: Mapping[str, Any], key: str) -> dict[str, Any]:
    """An e-signature service that accepts every contract. The signature comes later, as the message esign_completed."""
    return _once(key, lambda: {"envelope": f"ENVELOPE-{give['contract_number']}"})


CALLABLES: dict[str, Callable[[str, Mapping[str, Any], str], dict[str, Any]]] = {
    "fake_mail": _channel("email"),
    "fake_sms": _channel("sms"),
    "fake_wecom": _channel("wecom"),
    "fake_esign": esign,
}
