"""Events that miss each other: what is thrown and not caught, what is awaited and cannot come, or comes to the wrong case."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.events import awaited, kept, thrown
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic


def check(view: View) -> Iterator[Diagnostic]:
    """unhandled-event."""
    yield from thrown.check(view)
    yield from awaited.check(view)
    yield from kept.check(view)
