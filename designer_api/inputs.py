"""Validators of bodies and queries whose messages exist in both languages, as "en|zh"."""

from __future__ import annotations

from collections.abc import Iterable

from apiflask.validators import Length, OneOf, Range, Regexp

BETWEEN = "|"
STANDARD = {
    "Not a valid string": "应为文本",
    "Not a valid integer": "应为整数",
    "Not a valid boolean": "应为 true 或 false",
    "Not a valid mapping type": "应为对象",
    "Not a valid list": "应为列表",
    "Field may not be null": "不能为 null",
    "Invalid input type": "类型不正确",
}
"""What marshmallow itself says."""
RECORD = r"[a-z][a-z0-9_]{0,99}:[0-9]{1,19}\Z"


def whole(low: int, high: int) -> Range:
    return Range(low, high, error=f"a number from {low} to {high}{BETWEEN}应在 {low} 到 {high} 之间")


def long(low: int, high: int) -> Length:
    """The length of a text."""
    return Length(low, high, error=f"{low} to {high} characters{BETWEEN}应有 {low} 到 {high} 个字符")


def most(high: int) -> Length:
    """How many entries a list or object may have."""
    return Length(max=high, error=f"at most {high} entries{BETWEEN}最多 {high} 项")


def among(words: Iterable[str]) -> OneOf:
    listed = list(words)
    return OneOf(listed, error=f"one of {', '.join(listed)}{BETWEEN}应为 {'、'.join(listed)} 之一")


def like(pattern: str, en: str, zh: str) -> Regexp:
    return Regexp(pattern, error=f"{en}{BETWEEN}{zh}")


def both(message: str) -> tuple[str, str]:
    """A validator's message in en and zh."""
    en, split, zh = message.rstrip(".").partition(BETWEEN)
    return en, zh if split else STANDARD.get(en, en)
