"""Wording of the type family: names, operands and functions of expressions, and values against declared types."""

from __future__ import annotations

from collections.abc import Iterable

from engine.language.diagnostics import Diagnostic, Severity, Text, did_you_mean, error, only_near, warning
from engine.language.source import Span


@error
def bad_expression(
    problem_en: str, problem_zh: str, hint_en: str = "", hint_zh: str = "", write: tuple[str, str] | None = None
) -> Text:
    """The text is not one expression of the language."""
    return Text(
        f"this is not an expression: {problem_en}",
        f"不是合法的表达式：{problem_zh}",
        hint_en or "for example: lead.score >= 70 and lead.region == 'east'",
        hint_zh or "例如：lead.score >= 70 and lead.region == 'east'",
        write,
    )


@error
def unknown_variable(name: str, where_en: str, where_zh: str, allowed: Iterable[str]) -> Text:
    """`where` says what was looked into: 'here', 'lead', 'a row of contract.plan'."""
    near = only_near(name, allowed := list(allowed))
    return Text(f"{where_en} has no '{name}'", f"{where_zh}没有“{name}”", *did_you_mean(name, allowed), near)


@error
def type_mismatch(
    found_en: str,
    found_zh: str,
    wanted_en: str,
    wanted_zh: str,
    hint_en: str = "",
    hint_zh: str = "",
    write: tuple[str, str] | None = None,
) -> Text:
    en, zh = f"{wanted_en} is wanted here, this is {found_en}", f"这里应为{wanted_zh}，现在是{found_zh}"
    return Text(en, zh, hint_en, hint_zh, write)


@error
def unknown_function(name: str, allowed: Iterable[str]) -> Text:
    """No function of this name; `allowed` are the names that may have been meant."""
    near = only_near(name, allowed := list(allowed))
    return Text(f"there is no function '{name}'", f"没有函数“{name}”", *did_you_mean(name, allowed), near)


def wrong_arguments(span: Span, usage: str, problem_en: str, problem_zh: str) -> Diagnostic:
    """A known function with too few, too many or unknown arguments: the same code, `usage` is how it is written."""
    text = Text(problem_en, problem_zh, f"write {usage}", f"请写 {usage}")
    return Diagnostic(span, "unknown-function", Severity.ERROR, text)


@error
def unknown_choice(entry: str, choice: str, entries: Iterable[str]) -> Text:
    listed = list(entries)
    close_en, close_zh = did_you_mean(entry, listed)
    all_of = ", ".join(listed[:24]) + (", ..." if len(listed) > 24 else "")
    hint_en = f"{close_en} the entries: {all_of}" if close_en.startswith("did") else f"the entries: {all_of}"
    hint_zh = f"{close_zh}可选：{all_of}" if close_en.startswith("did") else f"可选：{all_of}"
    near = only_near(entry, listed)
    return Text(f"{choice} has no entry '{entry}'", f"{choice} 没有选项“{entry}”", hint_en, hint_zh, near)


@warning
def constant_condition(value: bool) -> Text:
    shown = ("yes", "成立") if value else ("no", "不成立")
    return Text(
        f"this condition is always {shown[0]}",
        f"此条件总是{shown[1]}",
        "compare a field, or leave the condition out",
        "请与字段比较，或去掉该条件",
    )


@error
def rule_changes_with_time(function: str) -> Text:
    return Text(
        f"a must rule cannot use {function}(): a record that was right yesterday would be wrong today",
        f"must 规则不能使用 {function}()：昨天正确的记录今天会变成错误",
        "compare with a field, for example submitted_on, that a step sets to today()",
        "请与一个字段比较，例如由某步骤设为 today() 的 submitted_on",
    )


@error
def time_in_condition(function: str) -> Text:
    return Text(
        f"{function}() is looked at here only when a field changes, not when time passes",
        f"这里的 {function}() 只在字段变化时才重新计算，时间流逝不会触发",
        "for a moment write at:, for example at: 14 days after lead.last_touch_at at 09:00",
        "如需到时触发请写 at:，例如 at: 14 days after lead.last_touch_at at 09:00",
    )


def rule_changes_by_formula(span: Span, field: str, function: str) -> Diagnostic:
    """The same by way of a field; the code is rule-changes-with-time."""
    text = Text(
        f"{field} is worked out with {function}(): a record that was right yesterday would be wrong today",
        f"{field} 由 {function}() 计算得出：昨天正确的记录今天会变成错误",
        "compare stored fields in a must rule, for example submitted_on, that a step sets to today()",
        "must 规则中请比较存储的字段，例如由某步骤设为 today() 的 submitted_on",
    )
    return Diagnostic(span, "rule-changes-with-time", Severity.ERROR, text)


def time_in_formula(span: Span, field: str, function: str) -> Diagnostic:
    """The same by way of a field; the code is time-in-condition."""
    text = Text(
        f"{field} is worked out with {function}(), and is looked at here only when a field changes, not when time passes",
        f"{field} 由 {function}() 计算得出，这里只在字段变化时才重新计算，时间流逝不会触发",
        "for a moment write at:, for example at: 14 days after lead.last_touch_at at 09:00",
        "如需到时触发请写 at:，例如 at: 14 days after lead.last_touch_at at 09:00",
    )
    return Diagnostic(span, "time-in-condition", Severity.ERROR, text)
