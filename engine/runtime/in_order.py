"""Several awaits of one case hear the same thing in the order of LANGUAGE 12.2, whatever the order in which they were armed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.interpreter import events as ev
from engine.interpreter.order import rank_of
from engine.runtime import codec, mailbox
from engine.runtime.store.statements import CASES

if TYPE_CHECKING:
    from engine.runtime.handling import Handling

Heard = tuple[int, int, ev.Outside]
"""Case, the await that hears it, the event."""


def post(handling: Handling, heard: Iterable[Heard]) -> None:
    """One event after the other for each case; the cases in the order in which they come."""
    by_case: dict[int, list[tuple[int, ev.Outside]]] = {}
    for case, no, event in heard:
        by_case.setdefault(case, []).append((no, event))
    for case, events in by_case.items():
        row = handling.tx.row(CASES, case) if len(events) > 1 else None
        if row is not None:
            state = codec.decode_case(row.state)
            events.sort(key=lambda one: rank_of(state, one[0]))
        for event in dict.fromkeys(event for _, event in events):
            handling.post(mailbox.ToCase(case, event))
