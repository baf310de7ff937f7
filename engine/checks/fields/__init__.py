"""The fields of forms, data and messages against themselves: can they be filled, are they seen, is the default right."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.fields import bounds, defaults, visibility
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic


def check(view: View) -> Iterator[Diagnostic]:
    """unsatisfiable-field, visibility-trap, default-breaks-own-rule."""
    yield from bounds.check(view)
    yield from visibility.check(view)
    yield from defaults.check(view)
