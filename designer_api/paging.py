"""Pages: `limit` and `cursor` in the query, {items, next} in the answer; `next` is the next page's cursor or null."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from apiflask.fields import Integer, String

from designer_api.inputs import long, whole

Plain = dict[str, Any]


class PageQuery(Schema):
    """Every list takes these."""

    limit = Integer(load_default=50, validate=whole(1, 200), metadata={"description": "how many at most"})
    cursor = String(validate=long(1, 500), metadata={"description": "`next` of the page before"})


def page_of(item: Plain) -> Plain:
    """The JSON Schema of a page of such items."""
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": item},
            "next": {"type": ["string", "null"], "description": "cursor of the next page"},
        },
    }
