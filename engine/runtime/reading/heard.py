"""What came from outside, as a sentence: who answered what, which time came, what was heard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.interpreter import events as ev
from engine.interpreter.events import Await
from engine.interpreter.instance import Token
from engine.language.kinds.connection import Connection
from engine.language.kinds.message import Message
from engine.runtime.reading.look import Language, pick
from engine.runtime.reading.telling import Telling, Told
from engine.runtime.reading.titles import in_words


class Heard(Telling):
    """Tells the first event of a step."""

    def outside(self, event: ev.AnyEvent) -> Iterator[Told]:
        name = self.look.name
        token, awaited = self.awaiting(event.no) if hasattr(event, "no") else (None, None)
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
            case ev.CaseMigrated(by):
                yield Told(
                    "migrated",
                    None,
                    by,
                    lambda lang: (
                        pick(
                            lang,
                            f"{name(by, lang)}撤销了版本迁移",
                            f"{name(by, lang)} took the move to another version back",
                        )
                        if event.undoes
                        else pick(
                            lang,
                            f"{name(by, lang)}将事项迁移到新版本",
                            f"{name(by, lang)} moved this to the new version",
                        )
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

        def title(lang: Language) -> str:
            found = self.look.titles.workflow(self.case.workflow, lang) if node is None else self.title(node, lang)
            return pick(lang, f"“{found}”", f"'{found}'")

        def told(what: str, zh: str, en: str) -> Told:
            return Told(what, node, None, lambda lang: pick(lang, zh, en).format(title(lang)))

        match awaited.purpose.partition(":")[0]:
            case "deadline":
                yield told("deadline", "{}的期限已过", "the deadline of {} passed")
            case "remind":
                yield told("reminded", "已提醒办理{}", "a reminder of {} was sent")
            case "retry":
                yield told("tried-again", "再次尝试{}", "{} was tried again")
            case "own" | "event":
                yield told("time", "{}等的时间到了", "the time that {} waited for came")
            case _:
                return  # an interrupt or a meanwhile: told as the event that it is

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
