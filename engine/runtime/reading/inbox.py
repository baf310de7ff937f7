"""A person's desk: the tasks that are theirs or offered to them, and one task with all that it shows and asks for."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from typing import Any

from engine.language.kinds.people import Deadline, Policy
from engine.runtime.reading import fields
from engine.runtime.reading.deadlines import of_purpose
from engine.runtime.reading.look import BadCursor, Look, decode_case, iso, number, pair
from engine.runtime.reading.why import why_theirs
from engine.runtime.store.queries import inbox, overview
from engine.runtime.store.queries.inbox import COUNTED, PAGE, START, Place
from engine.runtime.store.rows import TaskRow
from engine.runtime.store.statements import OPEN, TASKS

STATES = ("open", "done", "withdrawn")
MOST = 200
"""Of one page."""


def subjects_of(look: Look, person: str) -> list[str]:
    """As whom a person may take tasks."""
    entry = look.entry(person)
    return [f"person:{person}", *(f"role:{role}" for role in (entry.roles if entry is not None else ()))]


def tasks(
    look: Look,
    person: str | None = None,
    record: str | None = None,
    cursor: str | None = None,
    limit: int = PAGE,
    state: str = "open",
) -> dict[str, Any]:
    """{"items": [task], "next": cursor | None, "total": n | "1000+"}.

    With `person`: what is theirs or offered to them, due first; `state` done: what they closed, the latest first.
    Without: every open task, the oldest case first. `record` ('lead:123') lists all of its tasks at once, of that
    person if one is given. ValueError for another `state` (done tasks are listed for a person or a record), BadCursor
    for a wrong cursor.
    """
    if state not in ("open", "done") or (state == "done" and person is None and record is None):
        raise ValueError(f"tasks can be listed as open, and as done for a person or a record; not {state!r}")
    limit = max(1, min(limit, MOST))
    if record is not None:
        rows = _of_record(look, record, person, state)
        return {"items": [item(look, row) for row in rows], "next": None, "total": len(rows)}
    place = _place(cursor)
    if person is None:
        after = (0, 0) if place is None else (place.case_id, place.no)
        rows = overview.open_tasks(look.reader, after, limit + 1)
        total = overview.count_open_tasks(look.reader)
    elif state == "done":
        rows = overview.done_tasks(look.reader, person, place or overview.FIRST, limit + 1)
        total = overview.count_done(look.reader, person)
    else:
        subjects = subjects_of(look, person)
        mine = inbox.mine(look.reader, person, place or START, limit + 1)
        offered = inbox.claimable(look.reader, subjects, place or START, limit + 1)
        rows = list(heapq.merge(mine, offered, key=inbox.place_of))[: limit + 1]
        total = inbox.count_mine(look.reader, person) + overview.count_offered(look.reader, subjects)
    page = rows[:limit]
    more = len(rows) > limit
    look.read_ahead(row.record_id for row in page)
    return {
        "items": [item(look, row) for row in page],
        "next": _mark(page[-1], state) if more else None,
        "total": f"{COUNTED}+" if total > COUNTED else total,
    }


def item(look: Look, row: TaskRow) -> dict[str, Any]:
    """A task as lists show it."""
    found = look.workflow(None, row.workflow)
    node: Any = found.node(row.node) if found is not None and found.has(row.node) else row.node
    title = look.titles.node(row.workflow, node, look.language)
    is_open = row.state == OPEN
    return {
        "id": f"{row.case_id}.{row.no}",
        "title": row.title if isinstance(node, str) or look.language == look.facts.language else title,
        "workflow": row.workflow,
        "workflow_title": look.titles.workflow(row.workflow, look.language),
        "node": row.node,
        "case": str(row.case_id),
        "assignee": row.assignee,
        "assignee_name": look.name(row.assignee, look.language) if row.assignee else None,
        "offered": is_open and row.assignee is None,
        "due": iso(row.due_at),
        "overdue": is_open and row.due_at <= look.now,
        "record": look.reference(row.record_form, row.record_id),
        "opened_at": iso(row.opened_at),
        "claimed_at": iso(row.claimed_at),
        "closed_at": iso(row.closed_at),
        "state": STATES[row.state],
        "outcome": row.outcome,
    }


def task(look: Look, id: str, person: str | None = None) -> dict[str, Any] | None:
    """One task: what lists show, and "read", "edit", "buttons", "ask", "can", "version", "deadline", "why".

    None: there is none, or it is neither theirs nor offered to this person. Fields are as in fields.py; a button is
    {"name","title","needs": [field],"opinion": required|optional|none,"ask": [field],"ready": bool,"say"}: `say` is
    why it cannot be pressed yet. "can" holds begin, give_back, transfer, answer, as this person may.
    """
    row = task_row(look, id)
    if row is None or (person is not None and not is_theirs(look, row, person)):
        return None
    case_row = look.case_row(row.case_id)
    found = look.workflow(case_row, row.workflow)
    shown = item(look, row)
    shown |= {"read": [], "edit": [], "buttons": [], "ask": [], "can": [], "version": None, "deadline": None}
    if case_row is None or found is None or not found.has(row.node):
        return {**shown, "why": why_theirs(look, row, None, None, None)}
    case, node = decode_case(case_row), found.node(row.node)
    awaited = case.awaiting(row.no) if row.state == OPEN else None
    token = awaited[0] if awaited is not None else None
    names = look.names(found, case, token.no if token is not None else None)
    record = look.record(*case.record) if case.record is not None else None
    if record is not None:
        shown["version"] = record.version
        shown["read"] = fields.of_record(look, record, getattr(node, "read", None) or ())
        shown["edit"] = fields.of_record(look, record, getattr(node, "edit", None) or ())
    adds = getattr(node, "adds", None)
    shown["ask"] = [fields.of_form(look, adds.form, str(name)) for name in adds.ask or ()] if adds is not None else []
    if row.state == OPEN:
        shown["buttons"] = _buttons(look, found.name, node, names, shown["ask"])
        shown["can"] = _can(look, row, node, person)
        if isinstance(getattr(node, "deadline", None), Deadline):
            says, target = of_purpose(look, found.definition, node, "deadline")
            shown["deadline"] = {"due": iso(row.due_at), "then": says, "node": target}
    return {**shown, "why": why_theirs(look, row, case, found, node)}


def task_row(look: Look, id: str) -> TaskRow | None:
    key = pair(id)
    return look.reader.row(TASKS, *key) if key is not None else None


def is_theirs(look: Look, row: TaskRow, person: str) -> bool:
    """Whether a task is a person's, or offered to them."""
    if row.assignee == person:
        return True
    if row.state != OPEN:
        return any(tied.subject == f"person:{person}" for tied in inbox.people(look.reader, row.case_id, row.no))
    mine = set(subjects_of(look, person))
    return any(c.subject in mine for c in inbox.candidates(look.reader, row.case_id, row.no))


def policy_of(look: Look, node: Any) -> Policy | None:
    """The policy of an approval, with what the node says differently; None for other steps."""
    named = getattr(node, "policy", None)
    if named is None:
        return None
    root = look.pack.root
    base = ((root.approval_policies or {}).get(named) if root is not None else None) or Policy()
    keys = [declared.name for declared in Policy.keys().values()]
    return Policy(**{n: getattr(node, n) if getattr(node, n) is not None else getattr(base, n) for n in keys})


def _buttons(
    look: Look, workflow: str, node: Any, names: dict[str, Any], ask: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    policy = policy_of(look, node)
    own: Mapping[str, Any] = node.buttons if isinstance(getattr(node, "buttons", None), Mapping) else {}
    exits = list(node.own_exits()) if hasattr(node, "own_exits") else []
    if policy is not None and "returned" in node.arrows():
        exits.insert(2, "returned")
    found = []
    for name in dict.fromkeys(exits):
        button = own.get(name)
        needs = [str(path) for path in (button.needs or ())] if button is not None else []
        opinion = "required" if "opinion" in needs or _opinion_wanted(policy, name) else "optional"
        needs = [path for path in needs if path != "opinion"]
        described = {
            "name": name,
            "title": look.titles.button(workflow, node, name, look.language),
            "needs": [fields.at_path(look, path, names, workflow) for path in needs],
            "opinion": opinion if policy is None or policy.opinion != "never" or opinion == "required" else "none",
            "ask": ask,
            "ready": True,
            "say": None,
        }
        if opinion == "required":
            described["needs"].append({**fields.opinion(look), "required": True})
        if button is not None and button.that is not None and not button.that.holds(names):
            key = f"workflows/{workflow}/{node.name}/{name}/say"
            described |= {"ready": False, "say": look.titles.of(key, button.say, "", look.language) or None}
        found.append(described)
    return found


def _opinion_wanted(policy: Policy | None, answer: str) -> bool:
    if policy is None:
        return False
    return policy.opinion == "always" or (policy.opinion == "when_refusing" and answer in ("refused", "returned"))


def _can(look: Look, row: TaskRow, node: Any, person: str | None) -> list[str]:
    """What may be done with an open task besides reading it."""
    if person is None:
        return []
    if row.assignee is None:
        return ["begin", "answer"]
    if row.assignee != person:
        return []
    found = ["answer"] if row.claimed_at is not None else ["begin", "answer"]
    policy = policy_of(look, node)
    if policy is None and row.claimed_at is not None and getattr(node, "offer", None) is not None:
        found.append("give_back")
    if policy is None or "transfer" in (policy.may or ()):
        found.append("transfer")
    return found


def _of_record(look: Look, record: str, person: str | None, state: str) -> list[TaskRow]:
    form, _, id = record.partition(":")
    known = number(id)
    if known is None:
        return []
    rows = inbox.tasks_of_record(look.reader, form, known)
    rows = [row for row in rows if (row.state == OPEN) == (state == "open")]
    return [row for row in rows if person is None or is_theirs(look, row, person)]


def _mark(row: TaskRow, state: str) -> str:
    first = row.closed_at if state == "done" else row.due_at
    return f"{first}.{row.case_id}.{row.no}"


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    parts = [number(part) for part in cursor.split(".")]
    if len(parts) != 3 or any(part is None or part > 2**63 - 1 for part in parts):
        raise BadCursor(f"no page begins at {cursor!r}")
    return Place(*(part for part in parts if part is not None))


__all__ = ["is_theirs", "item", "policy_of", "subjects_of", "task", "task_row", "tasks"]
