"""Findings about scenarios that test nothing and texts that are missing or stale."""

from engine.language.diagnostics import Diagnostic, Severity, Text, warning
from engine.language.source import Span


@warning
def missing_text(key: str, language: str, text: str) -> Text:
    """A title of the pack has no text in another of its languages."""
    return Text(
        en=f"'{text[:60]}' has no text in {language}: '{key}' is missing",
        zh=f"“{text[:60]}”没有 {language} 文本：缺少“{key}”",
        hint_en=f"add the line {key}: ... to texts/{language}.yaml",
        hint_zh=f"请在 texts/{language}.yaml 中加上 {key}: ...",
    )


def stale_text(span: Span, key: str) -> Diagnostic:
    """A text for something that the pack does not say (any more): the same code."""
    text = Text(
        f"nothing in the pack has the text '{key}'", f"包中没有“{key}”对应的文本", "remove the line", "请删除该行"
    )
    return Diagnostic(span, "missing-text", Severity.WARNING, text)


def missing_language(span: Span, language: str, what_en: str, what_zh: str) -> Diagnostic:
    """A whole file or a template's wording is missing in one language: the same code."""
    text = Text(
        f"{what_en} is missing in {language}",
        f"缺少 {language} 的{what_zh}",
        f"every language of the pack needs its texts; write {what_en}",
        f"包的每种语言都需要文本，请补写{what_zh}",
    )
    return Diagnostic(span, "missing-text", Severity.WARNING, text)


def blank_wording(span: Span, language: str, template: str, what_en: str, what_zh: str) -> Diagnostic:
    """One line of a template says nothing in one language: the same code."""
    text = Text(
        f"the {what_en} of the template '{template}' is blank in {language}",
        f"模板“{template}”的 {language} {what_zh}是空白的",
        f"write the {what_en} that people shall read",
        f"请写上{what_zh}",
    )
    return Diagnostic(span, "missing-text", Severity.WARNING, text)


@warning
def test_tests_nothing(problem_en: str, problem_zh: str, hint_en: str, hint_zh: str) -> Text:
    return Text(f"this test tests nothing: {problem_en}", f"该测试没有测试任何内容：{problem_zh}", hint_en, hint_zh)
