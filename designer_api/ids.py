"""References to records: {"form", "id"} with the id as text outside (JavaScript rounds large numbers), a number inside."""

from __future__ import annotations

from typing import Any

REFERENCE = frozenset({"form", "id"})


def inward(value: Any) -> Any:
    """A body's value with the ids of references as numbers. An id that is no number stays, for the engine to refuse."""
    match value:
        case dict() if value.keys() == REFERENCE and _is_number(value["id"]):
            return {"form": value["form"], "id": int(value["id"])}
        case dict():
            return {name: inward(item) for name, item in value.items()}
        case list():
            return [inward(item) for item in value]
        case _:
            return value


def outward(value: Any) -> Any:
    """An answer's value with the ids of references as text."""
    match value:
        case dict():
            found = {name: outward(item) for name, item in value.items()}
            if found.keys() >= REFERENCE and isinstance(found["id"], int):
                found["id"] = str(found["id"])
            return found
        case list() | tuple():
            return [outward(item) for item in value]
        case _:
            return value


def _is_number(id: Any) -> bool:
    return isinstance(id, str) and id.isascii() and id.isdecimal() and len(id) < 20
