"""Wording of the security family."""

from __future__ import annotations

from engine.language.diagnostics import Text, error


@error
def escape_attempt(name: str) -> Text:
    """A name or function that reaches behind the data, as attacks on Python do."""
    return Text(
        f"'{name}' is not allowed in an expression",
        f"表达式里不允许使用“{name}”",
        "expressions read fields and call the listed functions, nothing else; names begin with a letter",
        "表达式只能读取字段和调用列出的函数；名称必须以字母开头",
    )
