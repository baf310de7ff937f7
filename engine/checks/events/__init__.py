"""Events that miss each other: what is thrown and not caught, what is awaited and cannot come, or comes to the wrong case, or to none."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.events import awaited, followed, kept, thrown
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic


def check(view: View) -> Iterator[Diagnostic]:
    """unhandled-event, start-end."""
    yield from thrown.check(view)
    yield from awaited.check(view)
    yield from kept.check(view)
    yield from followed.check(view)
