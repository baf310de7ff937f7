"""Findings about time words: durations, moments, schedules, opening hours and zones."""

from engine.language.diagnostics import Text, error


@error
def bad_time(text: str, expected: tuple[str, str], write: str = "", why: tuple[str, str] = ("", "")) -> Text:
    """`expected` names in en and zh what this place holds; `write` is what to write instead, else `why` tells it."""
    return Text(
        en=f"'{text}' is not {expected[0]}",
        zh=f"“{text}”不是{expected[1]}",
        hint_en=f"write {write}" if write else why[0],
        hint_zh=f"请写 {write}" if write else why[1],
    )


@error
def no_working_time(problem_en: str, problem_zh: str, hint_en: str, hint_zh: str) -> Text:
    """A person step without a deadline, or a calendar without one open hour."""
    return Text(problem_en, problem_zh, hint_en, hint_zh)
