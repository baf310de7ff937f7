"""Findings about forms: fields that nothing fits, that nobody sees when they are wanted, that begin with a wrong value."""

from __future__ import annotations

from engine.language.diagnostics import Text, error, warning


@error
def unsatisfiable_field(field: str, problem_en: str, problem_zh: str, hint_en: str, hint_zh: str) -> Text:
    """A declaration that no value can meet, or that nobody may meet."""
    return Text(f"nothing fits '{field}': {problem_en}", f"没有值符合“{field}”：{problem_zh}", hint_en, hint_zh)


@warning
def visibility_trap(field: str, problem_en: str, problem_zh: str, hint_en: str, hint_zh: str) -> Text:
    """A field that people do not see when they are to fill it in."""
    return Text(f"people miss '{field}': {problem_en}", f"用户看不到“{field}”：{problem_zh}", hint_en, hint_zh)


@error
def default_breaks_own_rule(field: str, value: str, rule_en: str, rule_zh: str) -> Text:
    """The value that a new record begins with is one that the form refuses."""
    return Text(
        f"'{field}' begins with {value}, and the form refuses that: {rule_en}",
        f"“{field}”的初始值是 {value}，而表单不接受它：{rule_zh}",
        "begin with a value that the rule allows, or leave start_with out",
        "请写规则允许的初始值，或去掉 start_with",
    )
