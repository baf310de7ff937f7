"""The work calendars of a pack, compiled once and kept with its PackTypes."""

from __future__ import annotations

from engine.language.kinds.calendar import Calendar
from engine.language.vocabulary import PackTypes
from engine.rules.calendars import WorkCalendar, calendar_of

_ATTRIBUTE = "_calendars"


def calendar_named(types: PackTypes, name: str | None) -> WorkCalendar:
    """A calendar of the pack, its default one without a name. LookupError when there is none: check came first."""
    root = types.pack.root
    wanted = name or (str(root.calendar) if root is not None else "")
    known: dict[str, WorkCalendar] = types.__dict__.setdefault(_ATTRIBUTE, {})
    found = known.get(wanted)
    if found is None:
        definition = types.pack.get(Calendar, wanted)
        if definition is None:
            raise LookupError(f"no calendar {wanted!r}")
        found = known[wanted] = calendar_of(definition)
    return found
