"""Wording of the security family."""

from __future__ import annotations

from engine.language.diagnostics import Text, error, warning


@error
def escape_attempt(name: str) -> Text:
    """A name or function that reaches behind the data, as attacks on Python do."""
    return Text(
        f"'{name}' is not allowed in an expression",
        f"表达式里不允许使用“{name}”",
        "expressions read fields and call the listed functions, nothing else; names begin with a letter",
        "表达式只能读取字段和调用列出的函数；名称必须以字母开头",
    )


@error
def secret_or_injection(problem_en: str, problem_zh: str, hint_en: str, hint_zh: str) -> Text:
    """A credential that stands in a file, or a text of somebody else where it would be read as an address or markup."""
    return Text(problem_en, problem_zh, hint_en, hint_zh)


@warning
def exposure(problem_en: str, problem_zh: str, hint_en: str, hint_zh: str) -> Text:
    """Something is shown to who has no right to it, or a call leaves for a host that it should not reach."""
    return Text(problem_en, problem_zh, hint_en, hint_zh)
