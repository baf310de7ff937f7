"""Runs a function that cannot be stopped, and stops waiting for it: name look-ups and callables of others."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def limited(function: Callable[[], T], seconds: float, name: str = "limited") -> T:
    """What `function` gives or raises. TimeoutError after `seconds`; its thread goes on unwatched and is a daemon."""
    result: list[T] = []
    error: list[BaseException] = []

    def run() -> None:
        try:
            result.append(function())
        except BaseException as caught:
            error.append(caught)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    thread.join(max(seconds, 0))
    if thread.is_alive():
        raise TimeoutError(f"no answer within {seconds:g} seconds")
    if error:
        raise error[0]
    return result[0]
