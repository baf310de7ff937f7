"""Decision tables proved: what they leave open, say twice, say in vain, and the facts that they promise.

Every table becomes a grid of its inputs (`sheet`, `axes`, `grid`) and every question is one about boxes on it, exact for
numbers, money, dates, texts, choices and empty. A search that meets its bound says so (`not-decided`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from engine.checks.pack_view import View
from engine.checks.tables import columns, covering, facts, meeting
from engine.checks.tables.axes import GaveUp
from engine.checks.tables.sheet import Sheet, sheet_of
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.decision import Decision
from engine.language.messages import decisions

Question = Callable[[Sheet], Iterable[Diagnostic]]
QUESTIONS: tuple[tuple[Question, str, str], ...] = (
    (columns.cells, "whether every cell fits something is", "单元格是否有值符合"),
    (columns.values, "whether every answer is allowed is", "结果是否都在允许范围内"),
    (columns.answers, "whether every answer is given is", "是否给出所有结果"),
    (covering.gaps, "whether the rows leave a gap is", "各行是否有遗漏"),
    (covering.shadowed, "whether every row can win is", "每一行是否都可能被选中"),
    (meeting.overlaps, "whether rows fit at once is", "各行是否重叠"),
    (meeting.mergeable, "whether rows could be one is", "各行能否合并"),
    (facts.broken, "whether the facts hold is", "事实是否成立"),
)


def check(view: View) -> Iterator[Diagnostic]:
    """Every question for every decision whose cells and types can be read."""
    for decision in view.pack.kind(Decision).values():
        yield from columns.policy(decision, view.types.decision_outputs(decision.name))
        sheet = sheet_of(decision, view)
        if sheet is not None:
            yield from of_sheet(sheet)


def of_sheet(sheet: Sheet) -> Iterator[Diagnostic]:
    for question, what_en, what_zh in QUESTIONS:
        try:
            yield from question(sheet)
        except GaveUp as gave_up:
            yield decisions.not_decided(
                sheet.decision.place("rules"),
                what_en,
                what_zh,
                f"the search met its bound after {gave_up.steps:,} steps",
                f"搜索达到上限（{gave_up.steps:,} 步）",
            )
