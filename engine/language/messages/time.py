"""Findings about time words: durations, moments, schedules, opening hours and zones."""

from engine.language.diagnostics import Text, error, warning


@error
def bad_time(
    text: str, expected: tuple[str, str], write: str = "", why: tuple[str, str] = ("", ""), sure: bool = False
) -> Text:
    """`expected` names in en and zh what this place holds; `write` is what to write instead, else `why` tells it.

    `sure` when nothing else than `write` can be meant.
    """
    return Text(
        en=f"'{text}' is not {expected[0]}",
        zh=f"“{text}”不是{expected[1]}",
        hint_en=f"write {write}" if write else why[0],
        hint_zh=f"请写 {write}" if write else why[1],
        write=(text, write) if sure else None,
    )


@error
def no_working_time(problem_en: str, problem_zh: str, hint_en: str, hint_zh: str) -> Text:
    """A person step without a deadline, or a calendar without one open hour."""
    return Text(problem_en, problem_zh, hint_en, hint_zh)


@error
def deadline_impossible(what: tuple[str, str], why: tuple[str, str], write: tuple[str, str]) -> Text:
    """A time that can never come: something else always ends the step or the scope first, or it is always past."""
    return Text(f"{what[0]} {why[0]}", f"{what[1]}{why[1]}", *write)


@error
def reminder_after_deadline(node: str, when: str, within: str, leaves: tuple[str, str], example: str) -> Text:
    """A reminder that comes after the task was left or passed on. `example`: an opening at which it happens."""
    at = (f" (opened {example}, say)", f"（例如 {example} 打开）") if example else ("", "")
    return Text(
        f"the reminder of '{node}' after {when} comes after its deadline of {within}{at[0]}, which {leaves[0]}",
        f"“{node}”在 {when} 后的提醒晚于 {within} 的期限{at[1]}，而到期时{leaves[1]}",
        f"remind more often or fewer times, so that all reminders lie within {within}; or let the task stay: keep_open: yes",
        f"请缩短提醒间隔或减少次数，使其都在 {within} 之内；或让任务保留：keep_open: yes",
    )


@warning
def dst_hazard(text: str, date: str, zone: str, becomes: str) -> Text:
    """A wall-clock time that daylight saving skips (`becomes` is when it fires then) or repeats (`becomes` is empty)."""
    if becomes:
        return Text(
            f"the clocks of {zone} skip {text} on {date}: it fires at {becomes} that day",
            f"{zone} 在 {date} 因夏令时没有 {text} 这一时刻：当天会在 {becomes} 触发",
            "write a time that every day has, as 09:00",
            "请写每天都有的时刻，如 09:00",
        )
    return Text(
        f"the clocks of {zone} show {text} twice on {date}: it fires once, the first time",
        f"{zone} 在 {date} 会出现两次 {text}：只在第一次触发",
        "write a time that every day has once, as 09:00",
        "请写每天只出现一次的时刻，如 09:00",
    )


@error
def lock_without_deadline(node: str, lock: str, held_by: str, why: tuple[str, str]) -> Text:
    """A person may hold a lock over all cases for ever. `held_by`: the step that takes it, `why`: what its deadline lacks."""
    where = ("", "") if held_by == node else (f" inside '{held_by}'", f"（位于“{held_by}”内）")
    return Text(
        f"whoever begins '{node}'{where[0]} can hold the lock '{lock}' for ever, and other cases wait for it: {why[0]}",
        f"开始处理“{node}”{where[1]}的人可以一直占有锁“{lock}”，其他事项都在等它：{why[1]}",
        "write a deadline that ends the step, as {within: 4 workhours, next: hand_back}",
        "请写会结束该步骤的期限，如 {within: 4 workhours, next: hand_back}",
    )
