"""Cases and steps that an arrow leads to and no values ever do: dead-by-data; and events that contradict themselves."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.conditions.asking import Conditions
from engine.checks.conditions.facts import Analysis, Reached, Way
from engine.checks.conditions.formula import Formula, both, negated
from engine.checks.conditions.telling import fact_words, together_words
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.parse import Expression
from engine.language.kinds.events import Event
from engine.language.messages.conditions import dead_by_data


def check(analysis: Analysis, reached: Reached, conditions: Conditions) -> Iterator[Diagnostic]:
    """dead-by-data of one workflow."""
    for way in reached.dead:
        if way.case is not None and isinstance(way.case.if_, Expression):
            yield from _case(way, analysis, conditions)
        elif way.case is not None and way.target in analysis.nodes and way.target not in reached.at:
            yield _rest(way, analysis)


def _case(way: Way, analysis: Analysis, conditions: Conditions) -> Iterator[Diagnostic]:
    """A case that is never taken; one that cannot hold by itself is a constant condition."""
    expression = way.case.if_
    span = way.case.place("if")
    if conditions.impossible(expression, [way.condition]):
        return
    taken_en, taken_zh = f"'{way.target}' is never reached from here", f"永远不会从这里走到“{way.target}”"
    if way.earlier and conditions.impossible(expression, [way.condition, *map(negated, way.earlier)]):
        line = _line_before(way, conditions)
        where_en = f"the case in line {line} takes it all" if line else "the cases before take it all"
        where_zh = f"第 {line} 行的分支已全部包含" if line else "前面的分支已全部包含"
        yield dead_by_data(span, taken_en, taken_zh, where_en, where_zh)
        return
    yield dead_by_data(span, taken_en, taken_zh, *_because(way, analysis))


def _line_before(way: Way, conditions: Conditions) -> int | None:
    """The line of the one case before that is enough."""
    for case, formula in zip(getattr(way.source, "cases", ()), way.earlier, strict=False):
        if isinstance(case.if_, Expression) and conditions.impossible(way.case.if_, [way.condition, negated(formula)]):
            line: int = case.place("if").line
            return line
    return None


def _because(way: Way, analysis: Analysis) -> tuple[str, str]:
    """The fewest facts that are enough, and the steps they come from."""
    asked: list[Formula] = [way.condition, *map(negated, way.earlier)]
    left = dict(way.base)
    for text in sorted(way.base, key=lambda text: way.base[text].together is True):
        rest = {name: fact for name, fact in left.items() if name != text}
        if analysis.contradicts(rest, asked):
            left = rest
    en, zh = [], []
    for fact in left.values():
        words_en, words_zh = fact_words(fact.term, fact.region) if fact.together is True else together_words(fact.about)
        lines = [(name, analysis.lines[name]) for name in fact.since if name in analysis.lines]
        since_en = ", ".join(f"'{name}' (line {line})" for name, line in lines)
        since_zh = "、".join(f"“{name}”（第 {line} 行）" for name, line in lines)
        en.append(f"{words_en} since {since_en}" if lines else words_en)
        zh.append(f"自{since_zh}起 {words_zh}" if lines else words_zh)
    return " and ".join(en), " 且 ".join(zh)


def _rest(way: Way, analysis: Analysis) -> Diagnostic:
    what = f"'{way.target}' is never reached", f"永远不会走到“{way.target}”"
    why_en, why_zh = _because(way, analysis)
    left = "the cases before leave nothing over", "前面的分支没有剩余的情况"
    return dead_by_data(way.case.place("if"), *what, why_en or left[0], why_zh or left[1])


def events(conditions: Conditions) -> Iterator[Diagnostic]:
    """An event whose `if` or `that` cannot hold when it fires or its button is shown."""
    for _, _, event in conditions.view.of(Event):
        asked = [
            (key, e) for key in ("once", "becomes", "if_", "that") if isinstance(e := getattr(event, key), Expression)
        ]
        formulas = [conditions.formula(expression) for _, expression in asked]
        if len(asked) < 2 or any(formula is None or formula is False for formula in formulas) or event.needs:
            continue
        said_ = [formula for formula in formulas if formula is not None]
        last = asked[-1][1]
        alone = any(conditions.impossible(e, [formula]) for (_, e), formula in zip(asked, said_, strict=True))
        if not alone and conditions.impossible(last, [both(*said_)]):
            key = asked[-1][0].rstrip("_")
            yield dead_by_data(
                event.place(key),
                "this event never leads anywhere",
                "该事件永远不会生效",
                f"its {key} cannot hold together with its {asked[0][0].rstrip('_')}",
                f"{key} 与 {asked[0][0].rstrip('_')} 不可能同时成立",
            )
