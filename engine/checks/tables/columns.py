"""What the columns of a table can hold: cells that nothing fits, answers that no row gives, a policy that does not suit."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Map

from engine.checks.regions import in_words, on_line
from engine.checks.tables.sheet import BOUNDED, Sheet, allowed_of
from engine.language.cells import AnyValue, Cell, Is, Not, OneOf, others
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.types import (
    ANY,
    DATE,
    DURATION,
    MOMENT,
    MONEY,
    NUMBER,
    TIME,
    Choice,
    Plain,
    Type,
    words,
)
from engine.language.kinds.decision import Decision
from engine.language.messages import decisions
from engine.language.source import place_of
from engine.language.yamltree import Scalar, Sequence, Tree

AGGREGATES = ("sum", "min", "max", "count")
SUITS: Map[str, frozenset[Type]] = {
    "sum": frozenset([NUMBER, MONEY]),
    "min": frozenset([NUMBER, MONEY, DATE, TIME, MOMENT, DURATION]),
    "max": frozenset([NUMBER, MONEY, DATE, TIME, MOMENT, DURATION]),
    "count": frozenset([NUMBER]),
}


def policy(decision: Decision, outputs: Map[str, Type]) -> Iterator[Diagnostic]:
    """hit-policy-misuse: sum, min, max, count over several outputs or what cannot be added; a rank without choices."""
    hit, place = str(decision.hit), decision.place("hit")
    if hit in AGGREGATES:
        if len(outputs) != 1:
            listed = ", ".join(outputs)
            yield decisions.hit_policy_misuse(
                place, hit, f"takes one output, and here are {len(outputs)}: {listed}",
                f"只能有一个输出，这里有 {len(outputs)} 个：{listed}",
                "keep one output, and make a decision of its own for each other",
                "只保留一个输出，其余各写成单独的决策",
            )  # fmt: skip
        for name, type_ in outputs.items():
            if type_ not in SUITS[hit] and type_ != ANY:
                en, zh = words(type_)
                wanted_en, wanted_zh = words(NUMBER)
                fitting = "collect, or first"
                yield decisions.hit_policy_misuse(
                    place, hit, f"cannot be of the output {name}, which is {en}", f"不能用于输出 {name}（{zh}）",
                    f"write hit: {fitting}, or make {name} {wanted_en}",
                    f"请写 hit: {fitting}，或把 {name} 改为{wanted_zh}",
                )  # fmt: skip
    ranked = hit in ("priority", "output_order")
    if ranked and ANY not in outputs.values() and not any(isinstance(type_, Choice) for type_ in outputs.values()):
        other = "first" if hit == "priority" else "rule_order"
        yield decisions.hit_policy_misuse(
            place, hit, "has no order to go by: no output is a choice", "没有排序依据：没有选项类型的输出",
            f"declare an output of type choice, its entries best first; or write hit: {other}",
            f"请声明一个 choice 类型的输出，最优先的选项写在最前；或改写为 hit: {other}",
        )  # fmt: skip


def cells(sheet: Sheet) -> Iterator[Diagnostic]:
    """empty-cell-or-output and cell-type: cells, or entries of a list in one, that no allowed value fits."""
    for at, (row, written) in enumerate(zip(sheet.table.rows, sheet.decision.rules, strict=True)):
        for name, cell, region in zip(sheet.table.inputs, row.cells, sheet.regions[at], strict=True):
            tree = written[name]
            if isinstance(cell, AnyValue):
                continue
            if region is not None and not isinstance(cell, OneOf) and not (region & sheet.allowed[name]).is_empty:
                continue
            if isinstance(cell, OneOf) and isinstance(tree, Sequence):
                for part, item in zip(cell.cells, tree.items, strict=True):
                    yield from _cell(sheet, name, part, item)
            else:
                yield from _cell(sheet, name, cell, tree)


_EMPTY_HINT = {
    False: ("write the lower bound first and make it lower than the upper one", "请让下限小于上限"),
    True: ("leave out fewer values", "请少排除一些值"),
}


def _cell(sheet: Sheet, name: str, cell: Cell, tree: Tree) -> Iterator[Diagnostic]:
    if others(cell):
        return
    allowed = sheet.allowed[name]
    region = on_line(cell, allowed.line)
    if not (region & allowed).is_empty:
        return
    text = f"'{tree.text}'" if isinstance(tree, Scalar) else "this cell"
    text_zh = f"“{tree.text}”" if isinstance(tree, Scalar) else "这个单元格"
    declared = sheet.decision.inputs[name]
    if region.empty and not region.stretches and not declared.may_be_empty:
        yield decisions.empty_cell_or_output(
            tree.span, f"nothing fits {text}: {name} cannot be empty", f"没有值符合{text_zh}：{name} 不能为空",
            f"write may_be_empty: yes at the input {name}, or take this out",
            f"请在输入 {name} 写 may_be_empty: yes，或删除此处",
        )  # fmt: skip
    elif region.is_empty and not isinstance(cell, Is):
        yield decisions.empty_cell_or_output(
            tree.span, f"nothing fits {text}: there is no such value", f"没有值符合{text_zh}：不存在这样的值",
            *_EMPTY_HINT[isinstance(cell, Not)],
        )  # fmt: skip
    elif isinstance(cell, Is):
        yield decisions.cell_type(
            tree.span, getattr(tree, "text", "..."), f"{name} never has this value by its declaration", f"按声明 {name} 不会取此值",
            in_words(allowed.filled),
        )  # fmt: skip
    else:
        yield decisions.empty_cell_or_output(
            tree.span, f"nothing fits {text}: {name} never has such values by its declaration",
            f"没有值符合{text_zh}：按声明 {name} 不会取这些值",
            f"write what lies within the bounds of {name}, or widen them at the input",
            f"请写 {name} 范围内的值，或在输入处放宽范围",
        )  # fmt: skip


def values(sheet: Sheet) -> Iterator[Diagnostic]:
    """cell-type: an answer outside the bounds that its output declares."""
    for name, type_ in sheet.outputs.items():
        allowed = allowed_of(sheet.decision.outputs[name], type_)
        if allowed is None or not isinstance(type_, Plain) or type_.name not in BOUNDED:
            continue
        at = sheet.table.outputs.index(name)
        for row, one in enumerate(sheet.table.rows):
            value = one.outputs[at]
            if value is not None and not allowed.contains(value):
                yield decisions.cell_type(
                    sheet.place(row, name), allowed.line.say(value), f"it lies outside the bounds that {name} declares",
                    f"它超出了 {name} 声明的范围", in_words(allowed.filled),
                )  # fmt: skip


def answers(sheet: Sheet) -> Iterator[Diagnostic]:
    """empty-cell-or-output: an entry that an output declares itself and that no row gives."""
    for at, (name, type_) in enumerate(sheet.outputs.items()):
        entries = sheet.decision.outputs[name].of
        if not isinstance(type_, Choice) or not isinstance(entries, Map):
            continue
        given = {row.outputs[at] for row in sheet.table.rows} | {sheet.table.if_none.get(name)}
        for entry in entries:
            if str(entry) not in given:
                place = place_of(entry)
                yield decisions.empty_cell_or_output(
                    place if place.line else sheet.decision.outputs[name].span,
                    f"no row answers {name}: {entry}", f"没有任何行给出 {name}: {entry}",
                    "add the row that gives it, or take the entry out", "请增加给出它的行，或删除该选项",
                )  # fmt: skip
