"""Findings about how tokens flow: joins, deadlocks, loops."""

from engine.language.diagnostics import Text, error


@error
def misplaced_join(join: str, problem_en: str, problem_zh: str, write: str = "") -> Text:
    return Text(
        en=f"'join: {join}' cannot work here: {problem_en}",
        zh=f"“join: {join}”在这里无效：{problem_zh}",
        hint_en=f"write {write}" if write else "",
        hint_zh=f"请写 {write}" if write else "",
    )
