"""Findings about how tokens flow: joins, deadlocks, loops."""

from engine.language.diagnostics import Text, error, warning
from engine.language.source import Span


@error
def misplaced_join(join: str, problem_en: str, problem_zh: str, write: str = "") -> Text:
    return Text(
        en=f"'join: {join}' cannot work here: {problem_en}",
        zh=f"“join: {join}”在这里无效：{problem_zh}",
        hint_en=f"write {write}" if write else "",
        hint_zh=f"请写 {write}" if write else "",
    )


@error
def lock_inside_lock(step: str, lock: str, outer: str, held: str, place: Span) -> Text:
    return Text(
        en=f"'{step}' waits for the lock '{lock}' while '{outer}' (line {place.line}) holds the lock '{held}'",
        zh=f"“{step}”在“{outer}”（第 {place.line} 行）持有锁“{held}”时又等待锁“{lock}”",
        hint_en=f"write the same lock '{held}' on both, or put the step outside '{outer}'",
        hint_zh=f"请两处使用同一个锁“{held}”，或把该步骤移到“{outer}”之外",
    )


@warning
def misplaced_condition(problem_en: str, problem_zh: str, instead_en: str, instead_zh: str) -> Text:
    """A choice or a join that decides or joins nothing."""
    return Text(problem_en, problem_zh, instead_en, instead_zh)


@warning
def unhandled_event(problem_en: str, problem_zh: str, instead_en: str, instead_zh: str) -> Text:
    """Something is thrown, awaited or kept, and the other side of it is not there."""
    return Text(problem_en, problem_zh, instead_en, instead_zh)


@error
def livelock_across_workflows(way: str) -> Text:
    return Text(
        en=f"these workflows wake each other for ever, and nothing waits in between: {way}",
        zh=f"这些流程无休止地互相唤醒，中间没有任何等待：{way}",
        hint_en="put a step that waits into the circle, or an if on one of the starts that is not true the second time",
        hint_zh="请在循环中加入会等待的步骤，或在其中一个 start 上写第二次不再成立的 if",
    )
