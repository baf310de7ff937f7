"""Cases as lists and one by one: where they stand, their data, tasks, times and incidents."""

from __future__ import annotations

from typing import Any

from engine.interpreter.instance import Instance, Token
from engine.language.expressions.plain import NotPlain, from_plain
from engine.runtime.reading import fields, inbox
from engine.runtime.reading.deadlines import of_purpose
from engine.runtime.reading.look import STATUSES, BadCursor, Look, decode_case, iso, number, pair
from engine.runtime.reading.phrases import shown
from engine.runtime.reading.titles import named
from engine.runtime.store.queries import cases as queries
from engine.runtime.store.queries import due, overview
from engine.runtime.store.queries import inbox as task_queries
from engine.runtime.store.rows import CaseRow, IncidentRow

PAGE = 50
MOST = 200


def cases(
    look: Look,
    workflow: str | None = None,
    status: str | None = None,
    record: str | None = None,
    cursor: str | None = None,
    limit: int = PAGE,
) -> dict[str, Any]:
    """{"items": [case], "next": cursor | None}, the newest first.

    `status`: active, completed, cancelled, failed; None: all of them. `record` ('lead:123') lists all of its cases
    at once. ValueError for an unknown status, BadCursor for a wrong cursor.
    """
    if status is not None and status not in STATUSES:
        raise ValueError(f"a case is {', '.join(STATUSES)}; not {status!r}")
    wanted = None if status is None else STATUSES.index(status)
    limit = max(1, min(limit, MOST))
    if record is not None:
        form, _, id = record.partition(":")
        known = number(id)
        rows = queries.cases_of_record(look.reader, form, known) if known is not None else []
        return {"items": [item(look, row) for row in reversed(rows) if _fits(row, workflow, wanted)], "next": None}
    before = number(cursor) if cursor is not None else queries.LAST
    if before is None:
        raise BadCursor(f"no page begins at {cursor!r}")
    rows = _page(look, workflow, wanted, before, limit + 1)
    more = len(rows) > limit
    look.read_ahead(row.record_id for row in rows)
    return {"items": [item(look, row) for row in rows[:limit]], "next": str(rows[limit - 1].id) if more else None}


def _fits(row: CaseRow, workflow: str | None, status: int | None) -> bool:
    return (workflow is None or row.workflow == workflow) and (status is None or row.status == status)


def _page(look: Look, workflow: str | None, status: int | None, before: int, limit: int) -> list[CaseRow]:
    """The newest cases that fit, by the index over (workflow, status, id): the top of each list, merged."""
    if workflow is None and status is None:
        return overview.all_cases(look.reader, before, limit)
    standings = queries.standings(look.reader) if workflow is None else []
    names = [workflow] if workflow is not None else sorted({s.workflow for s in standings if s.status == status})
    statuses = range(len(STATUSES)) if status is None else (status,)
    tops = [queries.cases_of_workflow(look.reader, name, n, before, limit) for name in names for n in statuses]
    return sorted((row for top in tops for row in top), key=lambda row: -row.id)[:limit]


def item(look: Look, row: CaseRow) -> dict[str, Any]:
    """A case as lists show it."""
    case = decode_case(row)
    return {
        "id": str(row.id),
        "workflow": row.workflow,
        "title": look.titles.workflow(row.workflow, look.language),
        "status": STATUSES[row.status],
        "result": case.result,
        "record": look.reference(row.record_form, row.record_id),
        "started_at": iso(row.started_at),
        "last_at": iso(row.last_at),
        "ended_at": iso(row.ended_at),
        "incidents": row.incidents,
        "parent": str(row.parent_id) if row.parent_id is not None else None,
    }


def case(look: Look, id: str) -> dict[str, Any] | None:
    """One case: what lists show, and "tokens", "data", "tasks", "timers", "incidents", "children", "buttons".

    None: there is none.

    tokens: {"node","title","since","state": waiting|at a join|stuck}; data: fields as in fields.py; timers:
    {"node","title","purpose","due","then": {"zh","en"},"to": node}; buttons, those of interrupts and meanwhiles that
    can be pressed on the record's page: {"name","title","node"}.
    """
    case_id = number(id)
    row = look.case_row(case_id) if case_id is not None else None
    if row is None:
        return None
    case = decode_case(row)
    found = look.workflow(row)
    rows = task_queries.tasks_of_case(look.reader, row.id)
    return {
        **item(look, row),
        "starter": case.starter,
        "starter_name": look.name(case.starter, look.language) if case.starter else None,
        "tokens": [standing(look, row, token) for token in case.tokens.values()],
        "data": _data(look, row, case),
        "tasks": [inbox.item(look, task) for task in rows if task.state == 0],
        "closed_tasks": sum(1 for task in rows if task.state != 0),
        "timers": _timers(look, row, case),
        "buttons": _buttons(look, row, case),
        "incidents": [incident(look, one) for one in queries.incidents_of_case(look.reader, row.id)],
        "children": [item(look, child) for child in queries.children(look.reader, row.id)],
        "known": found is not None,
    }


def node_of(look: Look, row: CaseRow, name: str) -> Any:
    """The definition of a node; its name where the workflow does not have it any more."""
    found = look.workflow(row)
    return found.node(name) if found is not None and found.has(name) else name


def standing(look: Look, row: CaseRow, token: Token) -> dict[str, Any]:
    state = "stuck" if token.incident is not None else "at a join" if token.state == "queued" else "waiting"
    return {
        "node": token.node,
        "title": look.titles.node(row.workflow, node_of(look, row, token.node), look.language),
        "since": iso(token.opened or None),
        "state": state,
    }


def _data(look: Look, row: CaseRow, case: Instance) -> list[dict[str, Any]]:
    found = look.workflow(row)
    declared: Any = (found.definition.data or {}) if found is not None else {}
    shown_ = []
    for name, plain in case.data.items():
        field = declared.get(name)
        type_ = found.data_types.get(name) if found is not None else None
        try:
            value = from_plain(plain, type_, look.view) if type_ is not None else plain
        except NotPlain:
            value = None
        shown_.append(
            {
                "field": name,
                "title": look.titles.variable(row.workflow, name, field, look.language),
                "type": str(field.type) if field is not None else "any",
                "value": fields.outside(plain),
                "shown": shown(look, value, type_, look.language) if type_ is not None else str(plain),
            }
        )
    return shown_


def _timers(look: Look, row: CaseRow, case: Instance) -> list[dict[str, Any]]:
    found = look.workflow(row)
    listed = []
    for timer in due.timers_of_case(look.reader, row.id):
        node = node_of(look, row, timer.node) if timer.node else None
        known = found is not None and not isinstance(node, str)
        says, to = of_purpose(look, found.definition, node, timer.kind) if known and found is not None else (None, None)
        title = look.titles.node(row.workflow, node, look.language) if node is not None else None
        listed.append(
            {
                "node": timer.node or None,
                "title": title,
                "purpose": timer.kind,
                "due": iso(timer.due_at),
                "then": says,
                "to": to,
            }
        )
    return listed


def _buttons(look: Look, row: CaseRow, case: Instance) -> list[dict[str, Any]]:
    listed = []
    for owner, await_ in armed(case):
        if await_.kind != "button":
            continue
        kind, _, name = await_.purpose.partition(":")
        node = node_of(look, row, owner.node) if owner is not None else None
        trigger = trigger_of(look, row, node, kind, name)
        node_ = node if not isinstance(node, str) else None
        title = look.titles.trigger(row.workflow, node_, kind, name, trigger, look.language)
        listed.append({"name": name, "title": title, "node": owner.node if owner is not None else None})
    return listed


def trigger_of(look: Look, row: CaseRow, node: Any, kind: str, name: str) -> Any:
    """The event that an await's purpose names; None where the definition has it no more."""
    found = look.workflow(row)
    owner = node if node is not None else (found.definition if found is not None else None)
    return named(owner, "events" if kind == "event" else kind).get(name)


def armed(case: Instance) -> list[tuple[Token | None, Any]]:
    """Everything that the case waits for, with the token that does (None: the case as a whole)."""
    found: list[tuple[Token | None, Any]] = [(None, a) for scope in case.scopes.values() for a in scope.awaits.values()]
    found += [(token, a) for token in case.tokens.values() for a in token.awaits.values()]
    return found


def incidents(look: Look, open_only: bool = True, cursor: str | None = None, limit: int = PAGE) -> dict[str, Any]:
    """{"items": [incident], "next": cursor | None}: open ones the oldest first, else all, the newest first.

    An incident: {"id","case","workflow","node","title","code","message","record","opened_at","closed_at","closed_by"}.
    """
    limit = max(1, min(limit, MOST))
    place = pair(cursor) if cursor is not None else None
    if cursor is not None and place is None:
        raise BadCursor(f"no page begins at {cursor!r}")
    if open_only:
        rows = overview.open_incidents(look.reader, place or (0, 0), limit + 1)
    else:
        rows = overview.all_incidents(look.reader, place[1] if place is not None else queries.LAST, limit + 1)
    page = rows[:limit]
    mark = f"{page[-1].opened_at}.{page[-1].id}" if len(rows) > limit else None
    return {"items": [incident(look, row) for row in page], "next": mark}


def incident(look: Look, row: IncidentRow) -> dict[str, Any]:
    case = look.case_row(row.case_id) if row.case_id is not None else None
    title = None
    if case is not None and row.node:
        title = look.titles.node(case.workflow, node_of(look, case, row.node), look.language)
    return {
        "id": str(row.id),
        "case": str(row.case_id) if row.case_id is not None else None,
        "workflow": case.workflow if case is not None else None,
        "node": row.node or None,
        "title": title,
        "code": row.code,
        "message": row.message,
        "record": look.reference(case.record_form, case.record_id) if case is not None else None,
        "opened_at": iso(row.opened_at),
        "closed_at": iso(row.closed_at),
        "closed_by": row.closed_by,
        "closed_by_name": look.name(row.closed_by, look.language) if row.closed_by else None,
    }


__all__ = ["armed", "case", "cases", "incident", "incidents", "item", "node_of", "standing", "trigger_of"]
