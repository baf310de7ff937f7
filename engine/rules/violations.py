"""What is wrong with a record, as values: which field or rule, a code, and what to tell the person, in en and zh.

They become an HTTP 422, a refused event, or a line of an import's report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Violation:
    """`rule`: the must rule's name, or the field's (`plan.amount` in a row). `place`: the keys down to the value.

    `text_key` names the translation of a must rule's own words; they stand in both languages until then.
    """

    rule: str
    code: str
    say_en: str
    say_zh: str
    place: tuple[str | int, ...] = ()
    text_key: str = ""

    def say(self, language: str) -> str:
        return self.say_zh if language == "zh" else self.say_en

    def plain(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "rule": self.rule,
            "code": self.code,
            "say": self.say_en,
            "say_zh": self.say_zh,
            "place": list(self.place),
        }


WORDS: dict[str, tuple[str, str]] = {
    "required": ("must be filled in", "必须填写"),
    "at-least": ("must be at least {}", "不能小于 {}"),
    "at-most": ("must be at most {}", "不能大于 {}"),
    "above": ("must be more than {}", "必须大于 {}"),
    "below": ("must be less than {}", "必须小于 {}"),
    "rows-at-least": ("needs at least {} rows", "至少需要 {} 行"),
    "rows-at-most": ("may have at most {} rows", "最多 {} 行"),
    "text-at-least": ("needs at least {} characters", "至少 {} 个字符"),
    "text-at-most": ("may have at most {} characters", "最多 {} 个字符"),
    "unknown-choice": ("has no entry '{}'", "没有选项“{}”"),
    "not-a-phone": ("'{}' is no valid phone number", "“{}”不是有效的电话号码"),
    "not-an-email": ("'{}' is no valid e-mail address", "“{}”不是有效的邮箱地址"),
    "wrong-role": ("{} does not have the role for this", "{} 没有所需的角色"),
    "not-of-my": ("belongs to another {}", "属于另一个{}"),
    "computed": ("is worked out and cannot be written", "由系统计算，不能填写"),
    "unknown-field": ("is no field of this form", "不是该表单的字段"),
}
"""What each code says after the field's title."""


def violation(
    code: str, place: tuple[str | int, ...], title: tuple[str, str], detail: tuple[str, str] = ("", "")
) -> Violation:
    """A violation of a field's declaration; `title` and `detail` in en and zh."""
    en, zh = WORDS[code]
    return Violation(
        ".".join(str(part) for part in place if isinstance(part, str)),
        code,
        f"{title[0]}: {en.format(detail[0])}",
        f"{title[1]}：{zh.format(detail[1])}",
        place,
    )
