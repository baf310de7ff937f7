"""What can go wrong in the store, as the callers need to tell it apart: run again, try later, or no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class StoreError(Exception):
    """Base of what the store itself raises; anything else from it is our mistake."""


class Conflict(StoreError):
    """Someone else was first (version, unique key, lock, serialisation): run the event again with fresh reads (R8)."""


class CaseBusy(Conflict):
    """Another transaction holds the case and waiting for it is not allowed here (R10): leave it in the mailbox."""

    def __init__(self, case_id: int) -> None:
        super().__init__(f"case {case_id} is held by another transaction")
        self.case_id = case_id


class Unavailable(StoreError):
    """The database cannot take it now (gone, busy for too long, disk full): 503.

    `full`: the disk is full, so all writes are refused until one succeeds.
    `unknown`: the commit may have happened (R24).
    """

    def __init__(self, reason: str, *, full: bool = False, unknown: bool = False) -> None:
        super().__init__(reason)
        self.full = full
        self.unknown = unknown


class CannotUndo(StoreError):
    """Writes of the event reached the database already (a read needed them): the whole transaction must go."""


class NewerSchema(StoreError):
    """The database was migrated by a newer remit; this one must not touch it (R48)."""


class OldSchema(StoreError):
    """The database is behind this remit: `migrate` is due."""


class Refused(Exception):
    """The event is not accepted: a definite answer (409, 422, ...), nothing was recorded.

    `code`: kebab word; `detail`: plain JSON data for the person or machine that asked.
    """

    def __init__(self, status: int, code: str, detail: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.detail: dict[str, Any] = dict(detail or {})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Refused):
            return NotImplemented
        return (self.status, self.code, self.detail) == (other.status, other.code, other.detail)

    def __hash__(self) -> int:
        return hash((self.status, self.code))
