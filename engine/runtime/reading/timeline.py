"""What happened to a case, step by step, in sentences for a person.

The history is folded as it is told, so that every event is read with the case as it was then. What only moves the
machinery says nothing; the reasons that were recorded go along as data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from engine.interpreter import events as ev
from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.events import Await
from engine.interpreter.instance import Instance, Token, evolve
from engine.language.kinds.connection import Connection
from engine.language.kinds.message import Message
from engine.runtime.reading.because import sentence
from engine.runtime.reading.look import BadCursor, Language, Look, Step, both, iso, number, pick
from engine.runtime.reading.titles import in_words

PAGE = 200
SILENT = frozenset({"exclusive_gateway", "inclusive_gateway", "parallel_gateway", "end"})
"""Steps that are told only by where they led."""


class Told(NamedTuple):
    """One thing worth telling: a kebab word, the step, who did it, the sentence, the recorded reason."""

    what: str
    node: str | None
    by: str | None
    say: Callable[[Language], str]
    because: dict[str, Any] | None = None


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


class Story:
    """Tells the steps of one case in order, folding them."""

    def __init__(self, look: Look, workflow: CompiledWorkflow | None, case: Instance) -> None:
        self.look, self.workflow, self.case = look, workflow, case

    def step(self, step: Step) -> list[Told]:
        """What there is to tell of a step. A step whose text was taken out tells only that it was."""
        if not step.events:
            return [
                Told(
                    "redacted",
                    None,
                    step.actor,
                    lambda lang: pick(lang, "此步骤的内容已删除", "the content of this step was removed"),
                )
            ]
        gone = {e.token for e in step.events if isinstance(e, ev.NodeLeft | ev.TokenEnded)}
        gone |= {t for e in step.events if isinstance(e, ev.Withdrawn) for t in e.tokens}
        told: list[Told] = []
        for place, event in enumerate(step.events):
            told += self._outside(event) if place == 0 else self._derived(event, step.events[0], gone)
            evolve(self.case, event)
        return told

    # -- names

    def node(self, name: str) -> Any:
        return self.workflow.node(name) if self.workflow is not None and self.workflow.has(name) else name

    def title(self, name: str, language: Language) -> str:
        return self.look.titles.node(self.case.workflow, self.node(name), language)

    def button(self, node: str, name: str, language: Language) -> str:
        return self.look.titles.button(self.case.workflow, self.node(node), name, language)

    def trigger(self, token: Token | None, kind: str, name: str, language: Language) -> str:
        """What a named event of a step, or of the whole case, is called."""
        owner = self.node(token.node) if token is not None else None
        held = owner if owner is not None else (self.workflow.definition if self.workflow is not None else None)
        triggers = getattr(held, "events" if kind == "event" else kind, None)
        trigger = triggers.get(name) if hasattr(triggers, "get") else None
        node = owner if not isinstance(owner, str) else None
        return self.look.titles.trigger(self.case.workflow, node, kind, name, trigger, language)

    def _awaiting(self, no: int) -> tuple[Token | None, Await | None]:
        found = self.case.awaiting(no)
        return (found[0], found[2]) if found is not None else (None, None)

    # -- outside events

    def _outside(self, event: ev.AnyEvent) -> Iterator[Told]:
        name = self.look.name
        token, awaited = self._awaiting(event.no) if hasattr(event, "no") else (None, None)
        node = token.node if token is not None else None
        match event:
            case ev.CaseStarted():
                yield Told("started", None, event.by or event.starter, lambda lang: self._started(event, lang))
            case ev.TaskBegun(_, by):
                yield Told(
                    "begun",
                    node,
                    by,
                    lambda lang: pick(
                        lang,
                        f"{name(by, lang)}开始办理“{self.title(node or '', lang)}”",
                        f"{name(by, lang)} began '{self.title(node or '', lang)}'",
                    ),
                )
            case ev.TaskGivenBack(_, by):
                yield Told(
                    "given-back",
                    node,
                    by,
                    lambda lang: pick(
                        lang,
                        f"{name(by, lang)}退还了“{self.title(node or '', lang)}”",
                        f"{name(by, lang)} gave back '{self.title(node or '', lang)}'",
                    ),
                )
            case ev.TaskCompleted():
                opinion = event.fill.get("opinion")
                yield Told("answered", node, event.by, lambda lang: self._answered(event, node or "", opinion, lang))
            case ev.TaskTransferred(_, by, to):
                yield Told(
                    "transferred",
                    node,
                    by,
                    lambda lang: pick(
                        lang,
                        f"{name(by, lang)}把“{self.title(node or '', lang)}”转交给{name(to, lang)}",
                        f"{name(by, lang)} passed '{self.title(node or '', lang)}' on to {name(to, lang)}",
                    ),
                )
            case ev.ButtonPressed(_, by):
                kind, _, trigger = awaited.purpose.partition(":") if awaited is not None else ("", "", "")
                yield Told(
                    "pressed",
                    node,
                    by,
                    lambda lang: pick(
                        lang,
                        f"{name(by, lang)}按下“{self.trigger(token, kind, trigger, lang)}”",
                        f"{name(by, lang)} pressed '{self.trigger(token, kind, trigger, lang)}'",
                    ),
                )
            case ev.TimerFired():
                yield from self._time(token, awaited)
            case ev.MessageArrived(_, called):
                yield Told(
                    "message",
                    node,
                    None,
                    lambda lang: pick(
                        lang,
                        f"收到消息“{self.look.titles.definition(Message, called, lang)}”",
                        f"the message '{self.look.titles.definition(Message, called, lang)}' arrived",
                    ),
                )
            case ev.SignalReceived(_, called):
                yield Told(
                    "signal",
                    node,
                    None,
                    lambda lang: pick(
                        lang, f"收到信号“{in_words(called)}”", f"the signal '{in_words(called)}' was heard"
                    ),
                )
            case ev.RecordHappened(_, what, form, id):
                zh = {"created": "新建", "changed": "修改", "deleted": "删除"}.get(what, what)
                yield Told(
                    "record",
                    node,
                    None,
                    lambda lang: pick(
                        lang,
                        f"{self.look.titles.form(form, lang)}“{self.look.label(form, id)}”被{zh}",
                        f"{self.look.titles.form(form, lang)} '{self.look.label(form, id)}' was {what}",
                    ),
                )
            case ev.ServiceAnswered():
                yield Told("service", node, None, lambda lang: self._service(event, node, lang))
            case ev.ChildEnded():
                yield Told("part-ended", node, None, lambda lang: self._part_ended(event, node, lang))
            case ev.EscalationRaised(_, code):
                yield Told(
                    "escalated",
                    node,
                    None,
                    lambda lang: pick(
                        lang, f"子流程上报“{in_words(code)}”", f"a part of this reported '{in_words(code)}'"
                    ),
                )
            case ev.IncidentRetried(no, by):
                stuck = next((t.node for t in self.case.tokens.values() if t.incident == no), None)
                yield Told(
                    "retried",
                    stuck,
                    by,
                    lambda lang: pick(
                        lang,
                        f"{name(by, lang)}处理了故障并重试",
                        f"{name(by, lang)} repaired the cause and tried again",
                    ),
                )
            case ev.CaseCancelled(by, why):
                yield Told(
                    "cancelled",
                    None,
                    by,
                    lambda lang: (
                        pick(lang, f"{name(by, lang)}取消了流程", f"{name(by, lang)} cancelled the case")
                        + (pick(lang, f"：{why}", f": {why}") if why else "")
                    ),
                )
            case _:
                return

    def _started(self, event: ev.CaseStarted, lang: Language) -> str:
        titles, look = self.look.titles, self.look
        title = titles.workflow(self.case.workflow, lang)
        if event.body:
            return pick(
                lang,
                f"“{self.title(event.body, lang)}”的一份开始",
                f"one of several '{self.title(event.body, lang)}' began",
            )
        about = (
            pick(lang, f"（{look.label(*event.record)}）", f" for {look.label(*event.record)}") if event.record else ""
        )
        definition = self.workflow.definition if self.workflow is not None else None
        trigger = definition.start.get(event.start) if definition is not None else None
        kind = trigger.kind if trigger is not None else ""
        by = event.by or event.starter
        if kind == "button" and trigger is not None:
            pressed = titles.trigger(self.case.workflow, None, "start", event.start, trigger, lang)
            return pick(
                lang,
                f"{look.name(by, lang)}按下“{pressed}”，开始“{title}”{about}",
                f"{look.name(by, lang)} pressed '{pressed}' and began '{title}'{about}",
            )
        why = {
            "created": ("因为新建了记录", "because a record was created"),
            "changed": ("因为记录被修改", "because a record was changed"),
            "becomes": ("因为条件成立了", "because a condition became true"),
            "message": ("因为收到消息", "because a message arrived"),
            "signal": ("因为收到信号", "because a signal was sent"),
            "every": ("按时间表", "by its schedule"),
            "at": ("因为时间到了", "because its time came"),
            "called": ("由另一流程调用", "because another workflow called it"),
        }.get(kind)
        reason = pick(lang, f"，{why[0]}", f", {why[1]}") if why is not None else ""
        who = pick(lang, f"（发起人{look.name(by, lang)}）", f" (by {look.name(by, lang)})") if by else ""
        return pick(lang, f"“{title}”开始{about}{reason}{who}", f"'{title}' began{about}{reason}{who}")

    def _answered(self, event: ev.TaskCompleted, node: str, opinion: Any, lang: Language) -> str:
        by, button, title = (
            self.look.name(event.by, lang),
            self.button(node, event.button, lang),
            self.title(node, lang),
        )
        text = pick(lang, f"{by}在“{title}”中选择“{button}”", f"{by} answered '{title}' with '{button}'")
        return text + (pick(lang, f"，意见：{opinion}", f", saying: {opinion}") if opinion else "")

    def _time(self, token: Token | None, awaited: Await | None) -> Iterator[Told]:
        if awaited is None:
            return
        node = token.node if token is not None else None
        kind = awaited.purpose.partition(":")[0]
        title = (
            (lambda lang: self.title(node, lang))
            if node is not None
            else (lambda lang: self.look.titles.workflow(self.case.workflow, lang))
        )
        if kind == "deadline":
            yield Told(
                "deadline",
                node,
                None,
                lambda lang: pick(lang, f"“{title(lang)}”的期限已过", f"the deadline of '{title(lang)}' passed"),
            )
        elif kind == "remind":
            yield Told(
                "reminded",
                node,
                None,
                lambda lang: pick(lang, f"已提醒办理“{title(lang)}”", f"a reminder of '{title(lang)}' was sent"),
            )
        elif kind == "retry":
            yield Told(
                "tried-again",
                node,
                None,
                lambda lang: pick(lang, f"再次尝试“{title(lang)}”", f"'{title(lang)}' was tried again"),
            )
        elif kind == "own" or kind == "event":
            yield Told(
                "time",
                node,
                None,
                lambda lang: pick(
                    lang, f"“{title(lang)}”等的时间到了", f"the time that '{title(lang)}' waited for came"
                ),
            )

    def _service(self, event: ev.ServiceAnswered, node: str | None, lang: Language) -> str:
        found = self.node(node) if node is not None else None
        connection = getattr(found, "connection", None)
        title = (
            self.title(node or "", lang)
            if connection is None
            else self.look.titles.definition(Connection, str(connection), lang)
        )
        if event.ok:
            return pick(lang, f"“{title}”已答复", f"'{title}' answered")
        return pick(lang, f"“{title}”失败：{event.error}", f"'{title}' failed: {event.error}")

    def _part_ended(self, event: ev.ChildEnded, node: str | None, lang: Language) -> str:
        title = self.title(node or "", lang)
        if event.error is not None:
            return pick(lang, f"“{title}”的一部分失败：{event.error}", f"a part of '{title}' failed: {event.error}")
        result = (
            pick(lang, f"，结果“{in_words(event.result)}”", f" with '{in_words(event.result)}'") if event.result else ""
        )
        return pick(lang, f"“{title}”的一部分已完成{result}", f"a part of '{title}' is done{result}")

    # -- what followed

    def _derived(self, event: ev.AnyEvent, outside: ev.AnyEvent, gone: set[int]) -> Iterator[Told]:
        match event:
            case ev.NodeEntered(token, _) if token not in gone:
                node = self.case.tokens[token].node
                if getattr(self.node(node), "TYPE", "") not in SILENT:
                    yield Told(
                        "entered",
                        node,
                        None,
                        lambda lang: pick(lang, f"开始“{self.title(node, lang)}”", f"'{self.title(node, lang)}' began"),
                    )
            case ev.NodeLeft():
                yield from self._left(event, outside)
            case ev.Decided(node, because):
                yield Told(_word(because), node, None, lambda lang: self._because(node, because, lang), because)
            case ev.EventFired(no, name, by) if not isinstance(outside, ev.ButtonPressed):
                token, awaited = self._awaiting(no)
                kind = awaited.purpose.partition(":")[0] if awaited is not None else "interrupt"
                node_ = token.node if token is not None else None
                yield Told(
                    "event",
                    node_,
                    by,
                    lambda lang: pick(
                        lang,
                        f"发生了“{self.trigger(token, kind, name, lang)}”",
                        f"'{self.trigger(token, kind, name, lang)}' happened",
                    ),
                )
            case ev.Withdrawn(tokens):
                names = [
                    t.node for no in tokens if (t := self.case.tokens.get(no)) is not None and t.state == "running"
                ]
                if names:
                    yield Told("withdrawn", names[0], None, lambda lang: self._withdrawn(names, lang))
            case ev.IncidentRaised(_, token, code, message):
                stuck = self.case.tokens[token].node
                yield Told(
                    "incident",
                    stuck,
                    None,
                    lambda lang: pick(
                        lang,
                        f"“{self.title(stuck, lang)}”遇到故障（{code}）：{message}",
                        f"'{self.title(stuck, lang)}' ran into a problem ({code}): {message}",
                    ),
                )
            case ev.CaseEnded(result, status) if not isinstance(outside, ev.CaseCancelled):
                yield Told("ended", None, None, lambda lang: self._ended(result, status, lang))
            case _:
                return

    def _left(self, event: ev.NodeLeft, outside: ev.AnyEvent) -> Iterator[Told]:
        node = self.case.tokens[event.token].node
        found = self.node(node)
        type_ = getattr(found, "TYPE", "")
        because = event.because
        pressed = isinstance(outside, ev.TaskCompleted) and self.case.awaiting(outside.no) is not None
        owner = self.case.awaiting(outside.no) if isinstance(outside, ev.TaskCompleted) and pressed else None
        if owner is not None and owner[0] is not None and owner[0].no == event.token and type_ != "approval":
            return  # told by the press
        why = self._because(node, because, "en")
        if type_ in SILENT:
            if why:
                yield Told(
                    "decided",
                    node,
                    None,
                    lambda lang: (
                        pick(lang, f"“{self.title(node, lang)}”：", f"'{self.title(node, lang)}': ")
                        + self._because(node, because, lang)
                    ),
                    because,
                )
            return
        if type_ == "approval" and event.exit not in ("deadline", "nobody"):
            yield Told("decided", node, event.by, lambda lang: self._voted(node, event, lang), because)
            return
        if event.exit in ("deadline", "nobody", "missed", "exhausted", "failed") or (
            type_ == "user_task" and event.by is None
        ):
            yield Told("left", node, event.by, lambda lang: self._exit(node, event.exit, because, lang), because)
            return
        if why:
            yield Told(
                _word(because),
                node,
                event.by,
                lambda lang: f"{self._quoted(node, lang)}{self._because(node, because, lang)}",
                because,
            )
            return
        more = len(self._exits(found)) > 1
        yield Told("done", node, event.by, lambda lang: self._exit(node, event.exit if more else "", None, lang))

    def _exits(self, node: Any) -> tuple[str, ...]:
        return tuple(node.exits()) if hasattr(node, "exits") else ()

    def _quoted(self, node: str, lang: Language) -> str:
        return pick(lang, f"“{self.title(node, lang)}”：", f"'{self.title(node, lang)}': ")

    def _exit(self, node: str, exit_: str, because: dict[str, Any] | None, lang: Language) -> str:
        title = self.title(node, lang)
        if not exit_:
            return pick(lang, f"“{title}”完成", f"'{title}' is done")
        way = self.trigger_or_button(node, exit_, lang)
        text = pick(lang, f"“{title}”以“{way}”结束", f"'{title}' ended with '{way}'")
        why = self._because(node, because, lang)
        return text + (pick(lang, f"：{why}", f": {why}") if why else "")

    def trigger_or_button(self, node: str, exit_: str, lang: Language) -> str:
        found = self.node(node)
        events = getattr(found, "events", None)
        if hasattr(events, "get") and exit_ in events:
            return self.look.titles.trigger(self.case.workflow, found, "event", exit_, events[exit_], lang)
        return self.button(node, exit_, lang)

    def _voted(self, node: str, event: ev.NodeLeft, lang: Language) -> str:
        answer = self.button(node, event.answer or event.exit, lang)
        text = pick(
            lang, f"“{self.title(node, lang)}”的结果：{answer}", f"'{self.title(node, lang)}' was decided: {answer}"
        )
        votes = self._because(node, event.because, lang)
        return text + (pick(lang, f"（{votes}）", f" ({votes})") if votes else "")

    def _because(self, node: str, because: dict[str, Any] | None, lang: Language) -> str:
        return sentence(self.look, self.case.workflow, self.node(node), because, lang)

    def _withdrawn(self, nodes: list[str], lang: Language) -> str:
        titles = pick(lang, "、", ", ").join(dict.fromkeys(self.title(node, lang) for node in nodes))
        return pick(lang, f"不再需要：{titles}", f"no longer needed: {titles}")

    def _ended(self, result: str | None, status: str, lang: Language) -> str:
        ways = {
            "completed": ("流程结束", "the case is over"),
            "cancelled": ("流程取消", "the case was cancelled"),
            "failed": ("流程失败", "the case failed"),
        }
        zh, en = ways.get(status, (status, status))
        named = pick(lang, f"，结果“{in_words(result)}”", f" with the result '{in_words(result)}'") if result else ""
        return pick(lang, zh, en) + named


def _word(because: dict[str, Any] | None) -> str:
    """What kind of choice a recorded reason is of."""
    for key, word in (
        ("scoring", "scored"),
        ("chosen", "assigned"),
        ("rows", "decided"),
        ("made", "created"),
        ("to", "told"),
    ):
        if because is not None and key in because:
            return word
    return "done"
