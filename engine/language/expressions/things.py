"""The things that expressions read: a record, a person, a row. All are dictionaries, so `a.b` is a look-up."""

from __future__ import annotations

from typing import Any, Protocol


class RecordSource(Protocol):
    """Where a record finds what is not stored in it: references, `records` lists, formulas, its own moments."""

    def look_up(self, record: Record, field: str) -> Any:
        """The value of `field`, empty (None) when there is none; asked once for each record and field."""
        ...


class PersonSource(Protocol):
    """Where a person finds what is worked out on reading: the manager, measured attributes."""

    def look_up(self, person: Person, field: str) -> Any: ...


class Row(dict[str, Any]):
    """One row of a list field, or any group of names: a field that is not there is empty."""

    __slots__ = ()

    def __missing__(self, field: str) -> None:
        return None


class Record(dict[str, Any]):
    """One record: stored plain fields are entries, everything else is looked up at first reading and kept.

    Two records are equal when form and id are. `version` is what the store compares when it writes.
    """

    __slots__ = ("form", "id", "source", "version")

    def __init__(
        self,
        form: str,
        id: int,
        fields: dict[str, Any] | None = None,
        *,
        version: int = 0,
        source: RecordSource | None = None,
    ) -> None:
        super().__init__(fields or {})
        self.form = form
        self.id = id
        self.version = version
        self.source = source

    def __missing__(self, field: str) -> Any:
        if field == "id":
            return self.id
        value = self.source.look_up(self, field) if self.source is not None else None
        self[field] = value
        return value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self.id == other.id and self.form == other.form

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:  # type: ignore[override]
        return hash((self.form, self.id))

    def __repr__(self) -> str:
        return f"<{self.form} {self.id}>"


class Person(dict[str, Any]):
    """One person: entries `id name roles team manager` and the attributes of the organization. Equal by id."""

    __slots__ = ("id", "source")

    def __init__(self, id: str, fields: dict[str, Any] | None = None, *, source: PersonSource | None = None) -> None:
        super().__init__(fields or {})
        self.id = id
        self.source = source

    def __missing__(self, field: str) -> Any:
        if field == "id":
            return self.id
        value = self.source.look_up(self, field) if self.source is not None else None
        self[field] = value
        return value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Person) and self.id == other.id

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<person {self.id}>"
