"""The steps of a case told in order: what came from outside and what followed from it, each as a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.interpreter import events as ev
from engine.interpreter.instance import evolve
from engine.runtime.reading.because import sentence
from engine.runtime.reading.heard import Heard
from engine.runtime.reading.look import Language, Step, pick
from engine.runtime.reading.telling import Told
from engine.runtime.reading.titles import in_words, named

SILENT = frozenset({"exclusive_gateway", "inclusive_gateway", "parallel_gateway", "end"})
"""Steps that are told only by where they led."""


class Story(Heard):
    """Tells the steps of one case in order, folding them."""

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
            told += self.outside(event) if place == 0 else self._derived(event, step.events[0], gone)
            evolve(self.case, event)
        return told

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
                held, awaited = self.awaiting(no)
                kind = awaited.purpose.partition(":")[0] if awaited is not None else "interrupt"
                node_ = held.node if held is not None else None
                yield Told(
                    "event",
                    node_,
                    by,
                    lambda lang: pick(
                        lang,
                        f"发生了“{self.trigger(held, kind, name, lang)}”",
                        f"'{self.trigger(held, kind, name, lang)}' happened",
                    ),
                )
            case ev.EscalationUnheard(thrown):
                yield Told(
                    "escalated",
                    None,
                    None,
                    lambda lang: pick(
                        lang,
                        f"上报“{in_words(thrown)}”，无人处理",
                        f"'{in_words(thrown)}' was reported, and nobody takes it up",
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
            case ev.OperatorTold(_, about, code, message):
                yield Told("incident", about or None, None, lambda lang: self._operator(about, code, message, lang))
            case ev.TokenHeld(token) if self.case.tokens[token].state != "held":
                held_ = self.case.tokens[token].node
                yield Told(
                    "held",
                    held_,
                    None,
                    lambda lang: pick(
                        lang,
                        f"“{self.title(held_, lang)}”等待与其互斥的步骤",
                        f"'{self.title(held_, lang)}' waits for a step that excludes it",
                    ),
                )
            case ev.RoundDone(token, _, _, by):
                again = self.case.tokens[token].node
                yield Told(
                    "round",
                    again,
                    by,
                    lambda lang: pick(
                        lang,
                        f"“{self.title(again, lang)}”完成一轮",
                        f"one round of '{self.title(again, lang)}' is done",
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

    def _operator(self, node: str, code: str, message: str, lang: Language) -> str:
        title = self.title(node, lang) if node else ""
        where = pick(lang, f"“{title}”", f"'{title}'") if node else pick(lang, "此事项", "the case")
        return pick(lang, f"{where}遇到故障（{code}）：{message}", f"{where} ran into a problem ({code}): {message}")

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
        events = named(found, "events")
        if exit_ in events:
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
