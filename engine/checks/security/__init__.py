"""What a pack gives away: credentials in its files, texts of others in addresses and markup, fields shown without the
right, calls to hosts that are not public."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.pack_view import View
from engine.checks.security import credentials, hosts, injection, shown
from engine.language.diagnostics import Diagnostic


def check(view: View) -> Iterator[Diagnostic]:
    """secret-or-injection, exposure."""
    yield from credentials.check(view)
    yield from injection.check(view)
    yield from hosts.check(view)
    yield from shown.check(view)
