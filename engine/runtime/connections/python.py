"""Calls of `kind: python`: functions found by a registered name, never by a module path (decision 4).

Registered are `log_only`, the entry points of the group `remit.callables`, and what the program gave when it opened the
engine; the later of the same name wins, but no installed package replaces `log_only`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from engine.language.expressions.types import Type
from engine.language.kinds.connection import Call
from engine.runtime.connections.limited import limited
from engine.runtime.connections.masking import masked
from engine.runtime.connections.reply import MOST_ERROR, Reply, failed, reply_of

GROUP = "remit.callables"
Callable_ = Callable[[str, Mapping[str, Any], str], Mapping[str, Any] | None]
"""(call, give, key) -> what the call gives. The key is the same over all attempts: do the work once per key."""

_log = logging.getLogger(__name__)


def log_only(call: str, give: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Sends nothing: one log line, without what was to be sent."""
    _log.info("%s, key %s: only logged, nothing was sent", call, key)
    return {}


class Registry:
    """The callables of this process by name."""

    def __init__(self, services: Mapping[str, Callable_] | None = None) -> None:
        self._given: dict[str, Callable_] = {"log_only": log_only, **(services or {})}

    def find(self, name: str) -> Callable_:
        """LookupError: nothing is registered under this name; ImportError: the package that did cannot be loaded."""
        if name in self._given:
            return self._given[name]
        entry = _installed().get(name)
        if entry is None:
            raise LookupError(f"no callable is registered as {name}")
        try:
            found: Callable_ = entry.load()
        except Exception as error:
            raise ImportError(f"the callable {name} cannot be loaded: {type(error).__name__}") from error
        self._given[name] = found
        return found


@cache
def _installed() -> Mapping[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def call_python(function: Callable_, call: str, declared: Call | None, give: Mapping[str, Any], key: str, *,
                gives: Mapping[str, Type], seconds: float, secrets: Iterable[str], name: str) -> Reply:  # fmt: skip
    """One attempt. Whatever the function raises is a failed attempt that may be tried again."""
    try:
        given = limited(lambda: function(call, dict(give), key), seconds, f"call-{name}")
    except TimeoutError as error:
        return failed("timeout", masked(f"{name}: {error}", secrets))
    except Exception as error:
        return Reply(False, {}, masked(f"{type(error).__name__}: {error}", secrets)[:MOST_ERROR])
    return reply_of(given, declared, gives, name)
