"""What happens when a time comes or an event is heard: deadlines, reminders, interrupts, meanwhiles, in words."""

from __future__ import annotations

from typing import Any

from engine.language.durations import Duration
from engine.language.kinds.events import Event
from engine.language.kinds.people import Deadline
from engine.language.kinds.workflow import Workflow
from engine.language.values import Formula
from engine.runtime.reading.look import Language, Look, both, pick
from engine.runtime.reading.phrases import people, phrase, quoted
from engine.runtime.reading.titles import in_words, named

UNITS: dict[str, tuple[str, str]] = {
    "seconds": ("秒", "seconds"),
    "minutes": ("分钟", "minutes"),
    "hours": ("小时", "hours"),
    "days": ("天", "days"),
    "weeks": ("周", "weeks"),
    "months": ("个月", "months"),
    "workminutes": ("个工作分钟", "working minutes"),
    "workhours": ("个工作小时", "working hours"),
    "workdays": ("个工作日", "working days"),
}


def place(look: Look, workflow: Workflow, target: str, language: Language, nodes: Any = None) -> str:
    """Where an arrow leads, in words."""
    if target == "end":
        return pick(language, "此路径结束", "this path ends")
    if target == "back":
        return pick(language, "回到来处的步骤", "it goes back to the step that it came from")
    title = title_of(look, workflow, target, language)
    return pick(language, f"转到“{title}”", f"it goes on to '{title}'")


def title_of(look: Look, workflow: Workflow, node: str, language: Language) -> str:
    found = next((n for path, n in workflow.all_nodes() if path[-1] == node), None)
    return look.titles.node(workflow.name, found if found is not None else node, language)


def duration(value: Any, language: Language) -> str:
    if isinstance(value, Duration):
        zh, en = UNITS[value.unit]
        if value.amount == 1:
            en = en.removesuffix("s")
        return pick(language, f"{value.amount} {zh}", f"{value.amount} {en}")
    return quoted(value.expression.text, language) if isinstance(value, Formula) else quoted(str(value), language)


def outcome(look: Look, workflow: Workflow, node: Any, deadline: Deadline, language: Language) -> str:
    """What a missed deadline does."""
    if deadline.next is not None:
        return pick(language, "此步骤作罢，", "this step is left and ") + place(
            look, workflow, str(deadline.next), language
        )
    if deadline.meanwhile is not None:
        title = title_of(look, workflow, str(deadline.meanwhile), language)
        return pick(language, f"任务保留，同时开始“{title}”", f"the task stays and '{title}' begins beside it")
    if deadline.transfer_to is not None:
        who = people(look, deadline.transfer_to, language)
        return pick(language, f"任务转给{who}，重新计时", f"the task passes to {who} and the clock starts anew")
    if deadline.press is not None:
        title = look.titles.button(workflow.name, node, str(deadline.press), language)
        return pick(language, f"自动按“{title}”处理", f"'{title}' is answered by itself")
    return pick(language, "任务保留，算作逾期", "the task stays and counts as overdue")


def hears(look: Look, workflow: Workflow, node: Any, kind: str, name: str, event: Event, language: Language) -> str:
    """When an event fires, in words."""
    match event.kind:
        case "button":
            title = look.titles.trigger(workflow.name, node, kind, name, event, language)
            who = people(look, event.by, language) if event.by is not None else pick(language, "有人", "somebody")
            return pick(language, f"{who}按下“{title}”时", f"when {who} presses '{title}'")
        case "message":
            from engine.language.kinds.message import Message

            title = look.titles.definition(Message, str(event.message), language)
            return pick(language, f"收到消息“{title}”时", f"when the message '{title}' arrives")
        case "signal":
            title = in_words(str(event.signal))
            return pick(language, f"收到信号“{title}”时", f"when the signal '{title}' is sent")
        case "once" | "becomes" as word:
            condition = getattr(event, word)
            return pick(
                language, f"当{quoted(condition.text, 'zh')}成立时", f"when {quoted(condition.text, 'en')} becomes true"
            )
        case "created" | "changed" | "deleted" as word:
            title = look.titles.form(str(getattr(event, word)), language)
            zh = {"created": "新建", "changed": "修改", "deleted": "删除"}[word]
            return pick(language, f"有“{title}”被{zh}时", f"when a record of '{title}' is {word}")
        case "after":
            return pick(
                language, f"开始后 {duration(event.after, 'zh')}", f"{duration(event.after, 'en')} after it began"
            )
        case "at":
            assert event.at is not None
            return pick(language, f"到{quoted(event.at.text, 'zh')}时", f"at {quoted(event.at.text, 'en')}")
        case "every":
            return pick(language, f"每逢{quoted(str(event.every), 'zh')}", f"every {quoted(str(event.every), 'en')}")
        case "called":
            return pick(language, "被其他流程调用时", "when another workflow calls it")
        case word:
            code = in_words(str(getattr(event, word)))
            return pick(language, f"出现“{code}”时", f"when '{code}' is raised")


def does(look: Look, workflow: Workflow, kind: str, target: str, whole: bool, language: Language) -> str:
    """What an interrupt, a meanwhile or an awaited event brings about."""
    if kind == "interrupt":
        stops = (
            pick(language, "其余全部停止，", "everything else stops and ")
            if whole
            else pick(language, "此步骤停止，", "this step stops and ")
        )
        return stops + place(look, workflow, target, language)
    if kind == "meanwhile":
        title = title_of(look, workflow, target, language)
        return pick(language, f"同时开始“{title}”", f"'{title}' begins beside it")
    return place(look, workflow, target, language)


def of_purpose(look: Look, workflow: Workflow, node: Any, purpose: str) -> tuple[dict[str, str], str | None]:
    """What a time or event with this purpose does, in both languages, and the node it leads to."""
    kind, _, name = purpose.partition(":")
    deadline = getattr(node, "deadline", None)
    if kind == "deadline" and isinstance(deadline, Deadline):
        target = deadline.next or deadline.meanwhile
        return both(lambda lang: outcome(look, workflow, node, deadline, lang)), str(target) if target else None
    if kind == "remind":
        return both(lambda lang: pick(lang, "提醒办理人", "whoever has the task is reminded")), None
    if kind == "retry":
        return both(lambda lang: pick(lang, "再次尝试", "it is tried again")), None
    owner = node if node is not None else workflow
    trigger = named(owner, "events" if kind == "event" else kind).get(name)
    if trigger is not None:
        target = str(trigger.next)
        return both(lambda lang: does(look, workflow, kind, target, node is None, lang)), target
    arrows = node.arrows() if node is not None else {}
    targets = arrows.get("reached") or arrows.get("done") or ()
    if kind == "own" and targets:
        return both(lambda lang: place(look, workflow, str(targets[0]), lang)), str(targets[0])
    return both(lambda lang: pick(lang, "流程继续", "the case goes on")), None


__all__ = ["does", "duration", "hears", "of_purpose", "outcome", "people", "phrase", "place", "title_of"]
