"""What every check is given: the pack, its types, its places and its structs, each worked out once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from engine.checks.acting.staff import Staff
from engine.interpreter.graph import Graph
from engine.language.broken import broken
from engine.language.kinds.calendar import Calendar
from engine.language.kinds.definition import Definition
from engine.language.kinds.workflow import Workflow
from engine.language.pack import Pack
from engine.language.places import Place, Walker
from engine.language.shapes import Struct
from engine.language.vocabulary import PackTypes
from engine.language.walk import Keys, structs
from engine.rules.calendars import WorkCalendar, calendar_of

S = TypeVar("S", bound=Struct)


@dataclass(frozen=True)
class View:
    """One pack while it is checked. `states`: the bound of each search of the flow proof, by default seconds at most,
    and milliseconds for what people draw: a workflow that could be decided is not left open to save time."""

    pack: Pack
    states: int = 30_000

    @cached_property
    def types(self) -> PackTypes:
        return PackTypes(self.pack)

    @cached_property
    def walker(self) -> Walker:
        return Walker(self.pack, self.types)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        return tuple(
            place for definition in self.pack.definitions.values() for place in self.walker.definition(definition)
        )

    @cached_property
    def place_of(self) -> Mapping[int, Place]:
        """The place of an expression or value, by the identity of what it holds."""
        return {id(place.holds): place for place in self.places}

    @cached_property
    def structs(self) -> tuple[tuple[Definition, Keys, Struct], ...]:
        """Every Struct of every definition, with the keys that lead to it."""
        return tuple(
            (definition, keys, struct)
            for definition in self.pack.definitions.values()
            for keys, struct in structs(definition)
        )

    def of(self, cls: type[S]) -> Iterator[tuple[Definition, Keys, S]]:
        """The Structs of one class, in their order."""
        found = self._of.get(cls)
        if found is None:
            found = self._of[cls] = [one for one in self.structs if isinstance(one[2], cls)]
        yield from found

    @cached_property
    def _of(self) -> dict[type[Struct], list[tuple[Definition, Keys, Any]]]:
        return {}

    @cached_property
    def broken(self) -> frozenset[tuple[str, str]]:
        """Definitions that are there and could not be read: kind and name."""
        return broken(self.pack)

    def known(self, kind: str, name: str) -> bool:
        """Whether there is such a definition, readable or not."""
        return (kind, name) in self.pack.definitions or (kind, name) in self.broken

    @cached_property
    def graphs(self) -> Mapping[str, Graph]:
        return {name: Graph(workflow) for name, workflow in self.pack.kind(Workflow).items()}

    @cached_property
    def calendars(self) -> Mapping[str, WorkCalendar]:
        """The calendars that can be counted: those that are never open, or contradict themselves, are left out."""
        found: dict[str, WorkCalendar] = {}
        for name, definition in self.pack.kind(Calendar).items():
            try:
                calendar = calendar_of(definition)
                calendar.next_opening(calendar.at_time(dt.date(2026, 1, 1), dt.time(0)))
            except (ValueError, OverflowError):
                continue
            found[name] = calendar
        return found

    @cached_property
    def staff(self) -> Staff:
        """The pack's people."""
        return Staff(self.pack, self.types)

    @cached_property
    def remembered(self) -> dict[Any, Any]:
        """What a check worked out and may be asked again, by the question."""
        return {}
