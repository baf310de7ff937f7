"""Records as the door shows them: every field that is there, formulas worked out, and the cases that follow the record."""

from __future__ import annotations

from typing import Any

from engine.language.expressions.plain import to_plain
from engine.language.expressions.things import Record
from engine.language.kinds.form import Form
from engine.runtime.reading.look import STATUSES, BadCursor, Look
from engine.runtime.store.queries import cases as case_queries
from engine.runtime.store.queries import records as queries

LAST = 2**63 - 1


def record_detail(look: Look, form: str, id: int) -> dict[str, Any] | None:
    """One record with its cases; None when there is none."""
    record = look.record(form, id)
    if record is None:
        return None
    rows = case_queries.cases_of_record(look.reader, form, id)
    cases = [{"id": str(row.id), "workflow": row.workflow, "status": STATUSES[row.status]} for row in rows]
    return described(look, record) | {"cases": cases}


def record_list(look: Look, form: str, cursor: str | None, limit: int) -> dict[str, Any]:
    """The newest first; `next` goes on after the last one shown."""
    if look.pack.get(Form, form) is None:
        return {"items": [], "next": None}
    if cursor is not None and not cursor.isdigit():
        raise BadCursor(cursor)
    rows = queries.newest_of_form(look.reader, form, int(cursor) if cursor else LAST, limit + 1)
    records = [record for row in rows[:limit] if (record := look.record(form, row.id)) is not None]
    more = str(rows[limit - 1].id) if len(rows) > limit else None
    return {"items": [described(look, record) for record in records], "next": more}


def described(look: Look, record: Record) -> dict[str, Any]:
    """A record as plain data. Lists of other records are counted, not written out."""
    form = look.pack.get(Form, record.form)
    fields: dict[str, Any] = {}
    for name, field in (form.fields if form is not None else {}).items():
        value = record[name]
        if value is not None:
            fields[str(name)] = len(value) if field.type == "records" else to_plain(value)
    return {
        "form": record.form,
        "id": str(record.id),
        "version": record.version,
        "label": look.label(record.form, record.id),
        "fields": fields,
        "created_at": to_plain(record["created_at"]),
        "changed_at": to_plain(record["changed_at"]),
    }
