"""What happened to a case, step by step, in sentences for a person.

The history is folded as it is told, so that every event is read with the case as it was then. What only moves the
machinery says nothing; the reasons that were recorded go along as data.
"""

from __future__ import annotations

from typing import Any

from engine.interpreter.instance import Instance
from engine.runtime.reading.look import BadCursor, Look, Step, both, iso, number
from engine.runtime.reading.story import Story
from engine.runtime.reading.telling import Told

PAGE = 200


def timeline(look: Look, id: str, cursor: str | None = None, limit: int = PAGE) -> dict[str, Any] | None:
    """{"items": [...], "next": cursor | None}; None when there is no such case. BadCursor for a wrong cursor.

    An item is {"at","seq","index","what","node","title","by","by_name","text": {"zh","en"},"because"}. `limit` counts
    steps of the history; the things of one step stay together.
    """
    case_id = number(id)
    row = look.case_row(case_id) if case_id is not None else None
    after = number(cursor) if cursor is not None else 0
    if after is None:
        raise BadCursor(f"no page begins at {cursor!r}")
    if row is None:
        return None
    found = look.workflow(row)
    story = Story(look, found, Instance(row.id, row.workflow))
    items: list[dict[str, Any]] = []
    steps = look.steps(row.id)
    last = after + max(1, limit)
    for step in steps:
        told = story.step(step)
        if after < step.seq <= last:
            items += [_item(look, story, step, index, one) for index, one in enumerate(told)]
    return {"items": items, "next": str(last) if steps and steps[-1].seq > last else None}


def _item(look: Look, story: Story, step: Step, index: int, told: Told) -> dict[str, Any]:
    return {
        "at": iso(step.at),
        "seq": step.seq,
        "index": index,
        "what": told.what,
        "node": told.node,
        "title": story.title(told.node, look.language) if told.node else None,
        "by": told.by,
        "by_name": look.name(told.by, look.language) if told.by else None,
        "text": both(told.say),
        "because": told.because,
    }
