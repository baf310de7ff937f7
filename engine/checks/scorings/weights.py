"""Weights of parts, rules and models: caps that cannot be reached or that cut a rule, and what adds nothing ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks.regions import Numbers
from engine.checks.regions.lines import short
from engine.checks.scorings.attainable import Range
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.scoring import BehaviourPart, Model, ModelPart, RulesPart, Scoring
from engine.language.messages.scoring import silent_rule, weight_error
from engine.language.shapes import Struct
from engine.language.source import Span, place_of

say = Numbers().say


def weights(scoring: Scoring, raw: Mapping[str, Range]) -> Iterator[Diagnostic]:
    """weight-error and silent-rule of one scoring. `raw`: the parts without their caps."""
    read = {path[0] for path in scoring.total.reads}
    for name, part in scoring.parts.items():
        if name not in read:
            place = place_of(name)
            yield silent_rule(
                place if place.line else scoring.span,
                f"total does not read the part {name}, so nothing of it counts",
                f"total 没有用到部分 {name}，其中的分数都不起作用",
                f"add it: {scoring.total.text} + {name}",
                f"请加上它：{scoring.total.text} + {name}",
            )
        if isinstance(part, RulesPart | BehaviourPart):
            yield from _caps(str(name), part, raw[str(name)])
        elif isinstance(part, ModelPart) and not 0 <= part.if_not_ready <= 1:
            yield weight_error(
                part.place("if_not_ready"), f"a chance lies between 0 and 1, this is {say(part.if_not_ready)}",
                f"概率在 0 到 1 之间，现在是 {say(part.if_not_ready)}", "write 0.35 for 35 %", "35% 请写 0.35",
            )  # fmt: skip


def _caps(name: str, part: RulesPart | BehaviourPart, raw: Range) -> Iterator[Diagnostic]:
    cap = part.at_most
    if cap is not None and raw.high is not None and raw.high < cap:
        top = say(short(raw.high) or 0)
        yield weight_error(
            part.place("at_most"), f"the part {name} never gives more than {top}, and at_most says {say(cap)}",
            f"部分 {name} 最多得 {top} 分，而 at_most 写的是 {say(cap)}",
            f"write at_most: {top}, or raise what its rules add", f"请写 at_most: {top}，或提高其规则的分值",
        )  # fmt: skip
    rules: Mapping[str, Struct] = part.rules if isinstance(part, RulesPart) else part.points
    for called, rule in rules.items():
        add, own = rule.add, getattr(rule, "at_most", None)  # type: ignore[attr-defined]
        limits = [limit for limit in (cap, own) if limit is not None]
        if add == 0 or (own == 0 and add > 0):
            yield _silent(rule.place("add"), str(called))
        elif limits and add > min(limits):
            least = say(min(limits))
            yield weight_error(
                rule.place("add"), f"{called} adds {say(add)} and at_most lets {least} through",
                f"{called} 加 {say(add)} 分，而 at_most 只允许 {least}",
                f"write add: {least}, or raise at_most", f"请写 add: {least}，或提高 at_most",
            )  # fmt: skip
        elif own is not None and cap is not None and own > cap:
            yield weight_error(
                rule.place("at_most"), f"{called} may give {say(own)} and its part {name} at most {say(cap)}",
                f"{called} 最多 {say(own)} 分，而所在部分 {name} 最多 {say(cap)} 分",
                f"write at_most: {say(cap)} or less", f"请写 at_most: {say(cap)} 或更小",
            )  # fmt: skip


def _silent(place: Span, called: str) -> Diagnostic:
    return silent_rule(
        place, f"{called} adds nothing whatever the record holds", f"无论记录内容如何，{called} 都不加分",
        "give it points, or take it out", "请给它分值，或删除它",
    )  # fmt: skip


def terms(model: Model) -> Iterator[Diagnostic]:
    """The same of a model's coefficients."""
    seen: set[tuple[str, str | None, str | None]] = set()
    for term in model.terms:
        called = f"{term.field} is {term.is_}" if term.is_ is not None else str(term.field)
        key = (str(term.field), term.is_, term.scale)
        if term.weight == 0 or (term.is_ is None and term.spread == 0):
            yield _silent(term.place("weight" if term.weight == 0 else "spread"), called)
        elif key in seen:
            yield weight_error(
                term.place("field"), f"the term {called} stands here twice, and both weights count",
                f"项 {called} 出现两次，两个权重都会计入", "keep one of them", "请只保留一个",
            )  # fmt: skip
        elif term.spread < 0:
            yield weight_error(
                term.place("spread"), f"a spread below 0 turns the sign of the weight of {called} round",
                f"spread 小于 0 会使 {called} 的权重变号", "write it without the minus", "请去掉负号",
            )  # fmt: skip
        seen.add(key)
