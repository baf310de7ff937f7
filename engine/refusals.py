"""How the door says no: refusals for a person, in both languages; definitions that are not clean; a database that is away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.language.diagnostics import Diagnostic
from engine.language.source import Source


class Refused(Exception):
    """A definite no: nothing was recorded. `status` is HTTP's (403, 404, 409, 422), `code` a kebab word, a rule or a field."""

    def __init__(self, code: str, status: int, en: str, zh: str, violations: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(f"{code}: {en}")
        self.code, self.status, self.en, self.zh, self.violations = code, status, en, zh, list(violations)


class NotFound(Refused):
    """There is no such thing, or the person may not see it: the same answer."""

    def __init__(self, en: str = "there is no such thing", zh: str = "不存在") -> None:
        super().__init__("not-found", 404, en, zh)


class NotClean(Exception):
    """Definitions with errors or warnings are not deployed."""

    def __init__(self, diagnostics: Sequence[Diagnostic], sources: Mapping[str, Source]) -> None:
        super().__init__(f"{len(diagnostics)} findings")
        self.diagnostics, self.sources = list(diagnostics), sources


class Unavailable(Exception):
    """The database cannot take it now: 503. `unknown`: it may have happened; look with the command key."""

    def __init__(self, reason: str, unknown: bool = False) -> None:
        super().__init__(reason)
        self.unknown = unknown
