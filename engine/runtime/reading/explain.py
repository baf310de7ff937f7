"""In plain lines: why a task is somebody's, and where a case stands: who must act, what happens next and when."""

from __future__ import annotations

from typing import Any

from engine.interpreter.events import Await
from engine.interpreter.instance import Instance, Token
from engine.language.kinds.connection import Connection
from engine.language.kinds.workflow import Workflow
from engine.runtime.reading import inbox
from engine.runtime.reading.cases import armed, item, node_of, trigger_of
from engine.runtime.reading.deadlines import does, hears, of_purpose
from engine.runtime.reading.look import Language, Look, decode_case, iso, number, pick
from engine.runtime.reading.phrases import listed, subject
from engine.runtime.reading.scores import explain_score
from engine.runtime.reading.titles import in_words
from engine.runtime.store.queries import cases as case_queries
from engine.runtime.store.queries import due
from engine.runtime.store.queries import inbox as task_queries
from engine.runtime.store.rows import CaseRow, TaskRow

MOST_PEOPLE = 5


def explain_task(
    look: Look, id: str, language: Language | None = None, person: str | None = None
) -> dict[str, Any] | None:
    """{"lines": [str], "why", "deadline", "task"}; None as for `inbox.task`."""
    look = look.speaking(language)
    found = inbox.task(look, id, person)
    row = inbox.task_row(look, id)
    if found is None or row is None:
        return None
    lang = look.language
    about = f" ({found['record']['label']})" if found["record"] else ""
    lines = [f"{found['title']}{about}", found["why"][lang]]
    if found["deadline"] is not None and found["due"] is not None:
        when, then = look.local(row.due_at), found["deadline"]["then"][lang]
        late = row.due_at <= look.now
        lines.append(
            pick(
                lang,
                f"期限 {when}{'（已过）' if late else ''}：届时{then}。",
                f"Due {when}{' (past)' if late else ''}: then {then}.",
            )
        )
    for button in found["buttons"]:
        if not button["ready"]:
            say = button["say"] or pick(lang, "条件未满足", "something is missing")
            lines.append(
                pick(lang, f"暂不能选“{button['title']}”：{say}", f"'{button['title']}' is not possible yet: {say}")
            )
    return {"lines": lines, "task": found["id"], "why": found["why"], "deadline": found["deadline"]}


def explain_case(look: Look, id: str, language: Language | None = None) -> dict[str, Any] | None:
    """{"lines": [str], "case", "stands", "next", "armed"}; None: there is no such case.

    stands: {"node","title","since","text"}; next, earliest first: {"at","node","purpose","text","to"}; armed, what may
    come at any time: {"node","purpose","text","to"}.
    """
    look = look.speaking(language)
    case_id = number(id)
    row = look.case_row(case_id) if case_id is not None else None
    if row is None:
        return None
    case, lang = decode_case(row), look.language
    shown = item(look, row)
    about = pick(lang, f"（{shown['record']['label']}）", f" for {shown['record']['label']}") if shown["record"] else ""
    since = look.local(row.started_at)
    if case.status != "active":
        ended = look.local(row.ended_at if row.ended_at is not None else row.last_at)
        words = {
            "completed": ("已结束", "is over"),
            "cancelled": ("已取消", "was cancelled"),
            "failed": ("失败了", "has failed"),
        }[case.status]
        result = (
            pick(lang, f"，结果“{in_words(case.result)}”", f" with '{in_words(case.result)}'") if case.result else ""
        )
        line = pick(
            lang,
            f"“{shown['title']}”{about}{words[0]}（{ended}）{result}。",
            f"'{shown['title']}'{about} {words[1]} since {ended}{result}.",
        )
        return {"lines": [line], "case": shown, "stands": [], "next": [], "armed": []}
    tasks = {task.no: task for task in task_queries.tasks_of_case(look.reader, row.id) if task.state == 0}
    stands = [_stands(look, row, case, token, tasks) for token in case.tokens.values()]
    ahead = _ahead(look, row)
    waiting = _armed(look, row, case)
    lines = [
        pick(
            lang,
            f"“{shown['title']}”{about}自 {since} 起进行中。",
            f"'{shown['title']}'{about} has been running since {since}.",
        )
    ]
    lines += [one["text"] for one in stands]
    lines += [one["text"] for one in ahead]
    lines += [one["text"] for one in waiting]
    if not ahead and not tasks and not waiting and not row.incidents:
        lines.append(pick(lang, "没有定时事项。", "No time is set for anything."))
    return {"lines": lines, "case": shown, "stands": stands, "next": ahead, "armed": waiting}


def _stands(look: Look, row: CaseRow, case: Instance, token: Token, tasks: dict[int, TaskRow]) -> dict[str, Any]:
    """One place where the case is: who must act, or what it waits for."""
    lang = look.language
    node = node_of(look, row, token.node)
    title = look.titles.node(row.workflow, node, lang)
    parts: list[str] = []
    for await_ in token.awaits.values():
        if token.incident is not None and await_.kind not in ("retry", "task"):
            continue
        said = _waits(look, row, case, token, node, await_, tasks, lang)
        if said:
            parts.append(said)
    if token.state == "queued":
        parts.append(pick(lang, "等待其他路径汇合", "waits for other paths to arrive"))
    since = (
        pick(lang, f"自 {look.local(token.opened)} 起", f" since {look.local(token.opened)}") if token.opened else ""
    )
    text = pick(lang, f"位于“{title}”{since}", f"It stands at '{title}'{since}")
    if parts:
        text += pick(lang, "：", ": ") + pick(lang, "；", "; ").join(dict.fromkeys(parts))
    return {
        "node": token.node,
        "title": title,
        "since": iso(token.opened or None),
        "text": text + pick(lang, "。", "."),
    }


def _waits(
    look: Look,
    row: CaseRow,
    case: Instance,
    token: Token,
    node: Any,
    await_: Await,
    tasks: dict[int, TaskRow],
    lang: Language,
) -> str:
    """What one await of a token means to a person; empty for those that are told elsewhere."""
    match await_.kind:
        case "task":
            task = tasks.get(await_.no)
            return _who(look, task, lang) if task is not None else ""
        case "retry":
            open_ = [
                i
                for i in case_queries.incidents_of_case(look.reader, row.id)
                if i.closed_at is None and i.token == await_.no
            ]
            why = f"{open_[0].code}: {open_[0].message}" if open_ else ""
            return pick(
                lang, f"遇到故障，需要处理后重试（{why}）", f"it is stuck and must be repaired and retried ({why})"
            )
        case "service":
            connection = getattr(node, "connection", None)
            title = look.titles.definition(Connection, str(connection), lang) if connection is not None else ""
            return pick(lang, f"等待“{title}”答复", f"waits for an answer of '{title}'")
        case "outside":
            return pick(lang, "等待外部程序办理", "waits for an outside worker")
        case "child":
            return pick(lang, "等待其中一部分完成", "waits for a part of it to be done")
        case "scope":
            return pick(lang, "其中的步骤正在进行", "its steps are under way")
        case _:
            kind, _, name = await_.purpose.partition(":")
            event = trigger_of(look, row, node, kind, name) if kind == "event" else node if kind == "own" else None
            if event is None or isinstance(event, str) or not hasattr(event, "kind"):
                return ""
            found = look.workflow(row)
            heard = hears(look, found.definition, node, kind, name, event, lang) if found is not None else ""
            at = (
                pick(lang, f"（{look.local(await_.due)}）", f" ({look.local(await_.due)})")
                if await_.due is not None
                else ""
            )
            return pick(lang, f"等待：{heard}{at}", f"waits, going on {heard}{at}")


def _who(look: Look, task: TaskRow, lang: Language) -> str:
    if task.assignee is not None:
        name = look.name(task.assignee, lang)
        begun = task.claimed_at is not None
        if begun:
            return pick(lang, f"{name}正在办理", f"{name} is working on it")
        return pick(lang, f"需要{name}办理", f"{name} must act")
    offered = [subject(look, c.subject, lang) for c in task_queries.candidates(look.reader, task.case_id, task.no)]
    if not offered:
        return pick(lang, "没有可办理的人", "nobody can act")
    more = pick(lang, "等", " and others") if len(offered) > MOST_PEOPLE else ""
    who = listed(offered[:MOST_PEOPLE], lang) + more
    return pick(lang, f"可由{who}领取", f"one of these must take it: {who}")


def _ahead(look: Look, row: CaseRow) -> list[dict[str, Any]]:
    """What the clock will do, earliest first."""
    found = look.workflow(row)
    ahead = []
    for timer in due.timers_of_case(look.reader, row.id):
        node = node_of(look, row, timer.node) if timer.node else None
        if found is None or isinstance(node, str):
            continue
        lang = look.language
        says, to = of_purpose(look, found.definition, node, timer.kind)
        title = (
            look.titles.node(row.workflow, node, lang) if node is not None else look.titles.workflow(row.workflow, lang)
        )
        label = {"deadline": ("期限", "deadline"), "remind": ("提醒", "reminder")}.get(timer.kind, ("定时", "time"))
        when = look.local(timer.due_at)
        text = pick(
            lang, f"{when} “{title}”{label[0]}：{says[lang]}。", f"{when}, {label[1]} of '{title}': {says[lang]}."
        )
        ahead.append(
            {"at": iso(timer.due_at), "node": timer.node or None, "purpose": timer.kind, "text": text, "to": to}
        )
    return ahead


def _armed(look: Look, row: CaseRow, case: Instance) -> list[dict[str, Any]]:
    """The interrupts and meanwhiles that are not by the clock."""
    found = look.workflow(row)
    listed_ = []
    for token, await_ in armed(case):
        kind, _, name = await_.purpose.partition(":")
        if kind not in ("interrupt", "meanwhile") or await_.due is not None or found is None:
            continue
        node = node_of(look, row, token.node) if token is not None else None
        trigger = trigger_of(look, row, node, kind, name)
        if trigger is None:
            continue
        text = _event(look, found.definition, node, kind, name, trigger, look.language)
        listed_.append(
            {
                "node": token.node if token is not None else None,
                "purpose": await_.purpose,
                "text": text,
                "to": str(trigger.next),
            }
        )
    return listed_


def _event(look: Look, workflow: Workflow, node: Any, kind: str, name: str, trigger: Any, lang: Language) -> str:
    heard = hears(look, workflow, node, kind, name, trigger, lang)
    done = does(look, workflow, kind, str(trigger.next), node is None, lang)
    return pick(lang, f"{heard}：{done}。", f"{heard[:1].upper()}{heard[1:]}: {done}.")


__all__ = ["explain_case", "explain_score", "explain_task"]
