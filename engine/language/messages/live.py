"""Findings about the cases that run while their definitions get a new version."""

from collections.abc import Sequence

from engine.language.diagnostics import Diagnostic, Severity, Text, warning
from engine.language.source import Span


def _cases(n: int) -> tuple[str, str]:
    return ("1 running case" if n == 1 else f"{n} running cases"), f"{n} 个正在办理的事项"


@warning
def live_instance_break(cases: int, en: str, zh: str, lines: Sequence[str]) -> Text:
    """Running cases stand on what the new version drops or retypes. `lines`: what the mapping file must say to move them."""
    count_en, count_zh = _cases(cases)
    if not lines:
        hint = "they go on as they began to their end; to move them, let the new version have what they stand on"
        hint_zh = "它们将按原定义办完；若要迁移，请在新版本中保留它们所在的内容"
    else:
        said = " and ".join(f"`{line}`" for line in lines)
        hint = f"they go on as they began until `remit migrate` moves them; in its mapping file write {said}"
        hint_zh = f"它们按原定义继续办理，直到用 remit migrate 迁移；映射文件中请写 {said.replace(' and ', '，')}"
    return Text(f"{count_en}: {en}", f"{count_zh}：{zh}", hint, hint_zh)


def live_form_break(span: Span, cases: int, workflow: str, key: tuple[str, str], line: int, found: Text) -> Diagnostic:
    """Forms and called workflows are live: a running version reads what the new one no longer has. The same code, an error."""
    count_en, count_zh = _cases(cases)
    text = Text(
        *(
            (
                f"{count_en} of '{workflow}' read this form as it was (line {line} of their version): {found.en}",
                f"“{workflow}”的{count_zh}仍按原样读取此表单（其版本第 {line} 行）：{found.zh}",
                "keep the field until those cases are over or moved; give a new one beside it",
                "在这些事项办完或迁移之前请保留该字段，另加新字段",
            )
            if key[0] == "form"
            else (
                f"{count_en} of '{workflow}' call '{key[1]}' as it was (line {line} of their version): {found.en}",
                f"“{workflow}”的{count_zh}仍按原样调用“{key[1]}”（其版本第 {line} 行）：{found.zh}",
                "keep its results and what it is given until those cases are over or moved",
                "在这些事项办完或迁移之前请保留其结果与所需数据",
            )
        )
    )
    return Diagnostic(span, "live-instance-break", Severity.ERROR, text)
