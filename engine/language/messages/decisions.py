"""Findings about decision tables and their cells."""

from dataclasses import replace

from engine.language.diagnostics import Diagnostic, Severity, Text, error, note
from engine.language.source import Span


@error
def cell_type(text: str, problem_en: str, problem_zh: str, write: str = "", sure: bool = False) -> Text:
    """A cell that is no words of section 8 or whose value its column cannot hold; `write` is what to write instead,
    `sure` when nothing else can be meant.
    """
    return Text(
        en=f"'{text}' is no cell here: {problem_en}",
        zh=f"“{text}”在这里不是单元格：{problem_zh}",
        hint_en=f"write {write}" if write else "",
        hint_zh=f"请写 {write}" if write else "",
        write=(text, write) if sure else None,
    )


@error
def gap(when_en: str, when_zh: str, row: str) -> Text:
    """`when`: an input that no row fits; `row`: the cells of a row that would."""
    return Text(
        f"no row fits {when_en}",
        f"{when_zh}没有任何行符合",
        f"widen a row, add {row}, or say under if_none what holds then",
        f"请放宽某一行、增加 {row}，或在 if_none 中写明此时的结果",
    )


@error
def overlap(one: int, other: int, line: int, when_en: str, when_zh: str) -> Text:
    """Two rows of a `unique` table that fit together; `line` is that of the other one."""
    return Text(
        f"rows {one} and {other} both fit {when_en}, and hit: unique allows one (row {other} is on line {line})",
        f"{when_zh}第 {one} 行与第 {other} 行同时符合，而 hit: unique 只允许一行（第 {other} 行在文件第 {line} 行）",
        "make the cells of the two rows exclude each other, or write hit: first where the order is meant to decide",
        "请让两行的单元格互斥；若本意是靠前者优先，请写 hit: first",
    )


@error
def any_conflict(one: int, other: int, line: int, when_en: str, when_zh: str, column: str) -> Text:
    """Two rows of an `any` table that fit together and answer differently in `column`."""
    return Text(
        f"rows {one} and {other} both fit {when_en} and differ in {column}, which hit: any does not allow "
        f"(row {other} is on line {line})",
        f"{when_zh}第 {one} 行与第 {other} 行同时符合，但 {column} 不同，hit: any 不允许（第 {other} 行在文件第 {line} 行）",
        "give both rows the same answer, or make their cells exclude each other",
        "请让两行给出相同结果，或让它们的单元格互斥",
    )


@error
def shadowed_rule(row: int, by_en: str, by_zh: str, hit: str) -> Text:
    """A row that never wins under first or priority; `by`: the rows that win instead."""
    return Text(
        f"row {row} never wins: {by_en} {'comes first' if hit == 'first' else 'ranks higher'} wherever it fits",
        f"第 {row} 行永远不会被选中：凡是它符合的情况，{by_zh}{'都排在前面' if hit == 'first' else '都优先'}",
        "move the row up, narrow the rows before it, or take it out"
        if hit == "first"
        else "narrow the other rows, or take it out",
        "请把该行上移、收窄前面的行，或删除该行" if hit == "first" else "请收窄其他行，或删除该行",
    )


@note
def duplicate_or_mergeable(row: int, other: int, column: str, cell: str) -> Text:
    """Two rows with the same answer that one row could say; no `column`: they are the same in every cell."""
    if not column:
        return Text(
            f"row {row} says the same as row {other}",
            f"第 {row} 行与第 {other} 行完全相同",
            "take one of them out",
            "请删除其中一行",
        )
    return Text(
        f"rows {other} and {row} give the same answer and differ in {column} only",
        f"第 {other} 行与第 {row} 行结果相同，只有 {column} 不同",
        f"one row could say it: {column}: {cell}",
        f"可以合并为一行：{column}: {cell}",
    )


@error
def hit_policy_misuse(hit: str, problem_en: str, problem_zh: str, hint_en: str, hint_zh: str) -> Text:
    return Text(f"hit: {hit} {problem_en}", f"hit: {hit} {problem_zh}", hint_en, hint_zh)


@error
def empty_cell_or_output(problem_en: str, problem_zh: str, hint_en: str, hint_zh: str) -> Text:
    """A cell that no allowed value fits, or an answer that is declared and that no row gives."""
    return Text(problem_en, problem_zh, hint_en, hint_zh)


@error
def broken_fact(name: str, row: int, when_en: str, when_zh: str, then: str) -> Text:
    """A fact under `proves` that a row breaks; `then`: what the row answers there, as far as the fact reads it."""
    answers_en, answers_zh = (f" and answers {then}", f"，结果为 {then}") if then else ("", "")
    return Text(
        f"row {row} breaks the fact '{name}': it fits {when_en}{answers_en}",
        f"第 {row} 行违反了事实“{name}”：{when_zh}该行符合{answers_zh}",
        "change the row, or the fact if it says too much",
        "请修改该行；若该事实说得过多，请修改事实",
    )


def not_decided(span: Span, what_en: str, what_zh: str, why_en: str, why_zh: str) -> Diagnostic:
    """A question about a table that was given up: the code of all bounded searches."""
    text = Text(
        f"{what_en} not decided: {why_en}",
        f"{what_zh}未能判定：{why_zh}",
        "split the table into two decisions, or compare fewer inputs with each other",
        "请把表拆成两个决策，或减少输入之间的比较",
    )
    return Diagnostic(span, "not-decided", Severity.WARNING, text)


def no_value_of_column(fault: Diagnostic) -> Diagnostic:
    """What reading a cell's value by its column's type said: in a table it is a cell-type, the words and the hint (the
    entries, how it is written) stay. A moment or duration in foreign writing keeps its bad-time, a name its unknown-resource.
    """
    return replace(fault, code="cell-type") if fault.code in {"ambiguous-scalar", "unknown-choice"} else fault
