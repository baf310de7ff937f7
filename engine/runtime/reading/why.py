"""Why a task is somebody's, in one sentence: what the step says, who was chosen or stands in, who passed it on.

Taken from what was recorded then (RUNTIME R4), never worked out from how the record is today.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.interpreter import events as ev
from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.instance import Instance
from engine.language.expressions.parse import Expression
from engine.language.expressions.things import Person
from engine.language.kinds.people import Deadline
from engine.runtime.reading.look import Language, Look, Said, Step, both, pick
from engine.runtime.reading.phrases import listed, people, subject
from engine.runtime.store.queries import inbox
from engine.runtime.store.rows import TaskRow


class Choice(NamedTuple):
    """An assignment as it was recorded: who was chosen for which field, and out of how many."""

    node: str
    at: int
    because: dict[str, Any]


class Passed(NamedTuple):
    """The last hand that a task went through: taken, given back, transferred, or passed on by its deadline."""

    what: str
    by: str | None


def choices_of(steps: list[Step]) -> list[Choice]:
    """Every assignment of a case, in order."""
    nodes: dict[int, str] = {}
    found = []
    for step in steps:
        for event in step.events:
            match event:
                case ev.TokenPlaced():
                    nodes[event.token] = event.node
                case ev.NodeLeft(because=because) if because is not None and because.get("chosen"):
                    found.append(Choice(nodes.get(event.token, ""), step.at, because))
                case ev.Decided(node, because) if because.get("chosen"):
                    found.append(Choice(node, step.at, because))
                case _:
                    pass
    return found


def passed_on(steps: list[Step], no: int) -> Passed | None:
    """What happened to a task after it was opened."""
    found: Passed | None = None
    token, deadlines = None, set()
    for step in steps:
        first = step.events[0] if step.events else None
        match first:
            case ev.TaskTransferred() if first.no == no:
                found = Passed("transferred", first.by)
            case ev.TaskBegun() if first.no == no and not (found and found.what == "transferred"):
                found = Passed("taken", first.by)
            case ev.TaskGivenBack() if first.no == no:
                found = Passed("given back", first.by)
            case ev.TimerFired() if first.no in deadlines:
                found = Passed("deadline", None)
            case _:
                pass
        for event in step.events:
            if isinstance(event, ev.Waited):
                if any(await_.no == no for await_ in event.opened):
                    token = event.token
                if event.token == token:
                    deadlines |= {await_.no for await_ in event.opened if await_.purpose == "deadline"}
    return found


def why_theirs(look: Look, row: TaskRow, case: Instance | None, found: CompiledWorkflow | None, node: Any) -> Said:
    """One sentence, zh and en."""
    steps = look.steps(row.case_id)
    return both(lambda language: _sentence(look, row, case, found, node, steps, language))


def _sentence(
    look: Look,
    row: TaskRow,
    case: Instance | None,
    found: CompiledWorkflow | None,
    node: Any,
    steps: list[Step],
    language: Language,
) -> str:
    whose, says = _whose(look, row, node, language), _step_says(look, node, language)
    parts = [whose + (pick(language, "，", " ") + says if says else "")]
    chosen = _chosen(look, row, found, node, steps, language)
    if chosen:
        parts.append(chosen)
    away = _stands_in(look, row, case, found, node, language)
    if away:
        parts.append(away)
    moved = _moved(look, row, node, steps, language)
    if moved:
        parts.append(moved)
    return pick(language, "，", "; ").join(parts) + pick(language, "。", ".")


def _whose(look: Look, row: TaskRow, node: Any, language: Language) -> str:
    if row.assignee is not None:
        name = look.name(row.assignee, language)
        if row.state == 1:
            return pick(language, f"由{name}办理", f"{name} did this task")
        return pick(language, f"此任务由{name}办理", f"This task is with {name}")
    offered = [subject(look, one.subject, language) for one in inbox.candidates(look.reader, row.case_id, row.no)]
    if not offered:
        return pick(language, "此任务目前没有办理人", "Nobody has this task at present")
    who = listed(offered, language)
    return pick(language, f"此任务可由{who}中的一人领取", f"This task can be taken by one of {who}")


def _step_says(look: Look, node: Any, language: Language) -> str:
    for key in ("assignee", "offer", "approvers"):
        who = getattr(node, key, None)
        if who is not None:
            words = people(look, who, language)
            match key:
                case "assignee":
                    return pick(language, f"因为此步骤交给{words}", f"because the step gives it to {words}")
                case "offer":
                    return pick(language, f"因为此步骤向{words}开放", f"because the step offers it to {words}")
                case _:
                    return pick(language, f"因为此步骤由{words}审批", f"because the step asks {words} to decide")
    return ""


def _chosen(
    look: Look, row: TaskRow, found: CompiledWorkflow | None, node: Any, steps: list[Step], language: Language
) -> str:
    """The assignment that made this person the one that the step names."""
    who = getattr(node, "assignee", None)
    if found is None or not isinstance(who, Expression):
        return ""
    for choice in reversed(choices_of(steps)):
        if choice.at > row.opened_at or not found.has(choice.node):
            continue
        field = str(getattr(found.node(choice.node), "field", ""))
        if field not in who.text:
            continue
        return chosen_words(look, choice.because, language)
    return ""


def chosen_words(look: Look, because: dict[str, Any], language: Language) -> str:
    """Who was chosen, out of how many, who was left out and what the chosen one held."""
    name = look.name(because["chosen"], language)
    best = next((b for b in because.get("best", ()) if b[0] == because["chosen"]), None)
    out = [
        (because.get("not_fitting", 0), "不符合条件", "did not fit"),
        (because.get("away", 0), "不在", "away"),
        (because.get("at_cap", 0), "已达上限", "had as much as they may hold"),
    ]
    left = listed([pick(language, f"{n} 人{zh}", f"{n} {en}") for n, zh, en in out if n], language)
    text = pick(
        language,
        f"{name}是从 {because.get('candidates', 0)} 人中选出的",
        f"{name} was chosen out of {because.get('candidates', 0)}",
    )
    if best is not None:
        text += pick(language, f"，当时手上有 {best[1]} 件", f", holding {best[1]} then")
    return text + (pick(language, f"（{left}）", f" ({left})") if left else "")


def _stands_in(
    look: Look, row: TaskRow, case: Instance | None, found: CompiledWorkflow | None, node: Any, language: Language
) -> str:
    """Somebody else is meant, was away on the day it was opened, and this person was their substitute."""
    if row.assignee is None or case is None or found is None:
        return ""
    who = getattr(node, "assignee", None) or getattr(node, "approvers", None)
    if not isinstance(who, Expression):
        return ""
    meant = who.run({**look.names(found, case, None), "assignee": None})
    for person in meant if isinstance(meant, tuple) else (meant,):
        if isinstance(person, Person) and person.id != row.assignee:
            absence = look.view._people.substitute(person, look.day(row.opened_at))
            if absence is not None and absence[1] is not None and absence[1].id == row.assignee:
                name, own = look.name(person.id, language), look.name(row.assignee, language)
                return pick(language, f"{name}当天不在，由{own}代办", f"{name} was away, and {own} stands in")
    return ""


def _moved(look: Look, row: TaskRow, node: Any, steps: list[Step], language: Language) -> str:
    passed = passed_on(steps, row.no)
    if passed is None:
        return ""
    name = look.name(passed.by, language)
    match passed.what:
        case "transferred":
            return pick(language, f"后由{name}转交", f"{name} passed it on")
        case "taken" if getattr(node, "offer", None) is not None and passed.by == row.assignee:
            return pick(language, f"{name}已领取", f"{name} took it")
        case "given back":
            return pick(language, f"{name}曾领取后退还", f"{name} took it and gave it back")
        case "deadline" if (
            isinstance(getattr(node, "deadline", None), Deadline) and node.deadline.transfer_to is not None
        ):
            who = people(look, node.deadline.transfer_to, language)
            return pick(language, f"原期限已过，转给{who}", f"the first deadline passed and it went to {who}")
        case _:
            return ""
