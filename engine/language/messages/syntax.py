"""Findings about the text itself and its shape: is it YAML, are the keys known, are the scalars readable."""

from collections.abc import Iterable

from engine.language.diagnostics import Diagnostic, Edit, Severity, Text, did_you_mean, error, only_near, warning
from engine.language.source import Span


@error
def yaml_syntax(problem_en: str, problem_zh: str, hint_en: str, hint_zh: str) -> Text:
    return Text(
        en=f"this is not YAML: {problem_en}",
        zh=f"不是合法的 YAML：{problem_zh}",
        hint_en=hint_en or "look at the line above too: an open quote or bracket, a tab, or ': ' inside a text",
        hint_zh=hint_zh or "请同时检查上一行：未闭合的引号或括号、制表符，或文本中的“: ”",
    )


@error
def duplicate_key(key: str, first: Span) -> Text:
    return Text(
        en=f"'{key}' stands here twice; the first is in line {first.line}",
        zh=f"“{key}”在这里写了两次，第一次在第 {first.line} 行",
        hint_en="keep one of them",
        hint_zh="只保留一个",
    )


def _spaced(words: str) -> str:
    """Chinese follows: a space stands between it and Latin letters only."""
    return f"{words} " if words[-1:].isascii() else words


@error
def unknown_key(key: str, where: str, allowed: Iterable[str], where_zh: str = "") -> Text:
    near = only_near(key, allowed := list(allowed))
    said = f"{where} has no key '{key}'", f"{_spaced(where_zh or where)}没有“{key}”这个键"
    return Text(*said, *did_you_mean(key, allowed), near)


@error
def wrong_shape(
    expected_en: str, expected_zh: str, hint_en: str = "", hint_zh: str = "", write: tuple[str, str] | None = None
) -> Text:
    return Text(f"expected {expected_en}", f"这里应为{expected_zh}", hint_en, hint_zh, write)


def unknown_word(span: Span, word: str, what: tuple[str, str], allowed: Iterable[str]) -> Diagnostic:
    """A word of the language that decides which keys may stand here (a kind, a node type): the same code."""
    near = only_near(word, allowed := list(allowed))
    said = f"there is no {what[0]} '{word}'", f"没有名为“{word}”的{what[1]}"
    return Diagnostic(span, "unknown-key", Severity.ERROR, Text(*said, *did_you_mean(word, allowed), near))


def foreign_key(
    span: Span, key: str, where: tuple[str, str], instead_en: str, instead_zh: str, fix: Edit | None = None
) -> Diagnostic:
    """A key that people know from elsewhere and that is said otherwise here: the same code as any unknown key."""
    text = Text(f"{where[0]} has no key '{key}'", f"{_spaced(where[1])}没有“{key}”这个键", instead_en, instead_zh)
    return Diagnostic(span, "unknown-key", Severity.ERROR, text, fix)


def missing_key(
    span: Span, key: str, where: str, where_zh: str = "", only: str | None = None, fix: Edit | None = None
) -> Diagnostic:
    """A key that must be written and is not: the same code as any other wrong shape. `only`: the one value it can have."""
    line = f"{key}: {'...' if only is None else only}"
    text = Text(f"{where} needs '{key}'", f"{_spaced(where_zh or where)}缺少“{key}”", f"write {line}", f"请写 {line}")
    return Diagnostic(span, "wrong-shape", Severity.ERROR, text, fix)


_YES_NO = {"true": "yes", "false": "no", "on": "yes", "off": "no", "y": "yes", "n": "no"}


@error
def ambiguous_scalar(text: str, expected_en: str, expected_zh: str) -> Text:
    return Text(
        en=f"'{text[:80]}' cannot be read as {expected_en}",
        zh=f"“{text[:80]}”不能读作{expected_zh}",
        hint_en=f"write {expected_en}",
        hint_zh=f"请写{expected_zh}",
        write=(text, _YES_NO[text.lower()]) if expected_en == "yes or no" and text.lower() in _YES_NO else None,
    )


@error
def over_limit(what_en: str, what_zh: str, limit: int, hint_en: str = "", hint_zh: str = "") -> Text:
    return Text(
        en=f"{what_en}: more than the allowed {limit:,}" if limit else f"{what_en} is not allowed",
        zh=f"{what_zh}超过上限 {limit:,}" if limit else f"不允许{what_zh}",
        hint_en=hint_en
        or ("split the definition or write it shorter" if limit else "remove it, or write it in another way"),
        hint_zh=hint_zh or ("请拆分定义或写短些" if limit else "请删除或换一种写法"),
    )


@error
def expression_in_braces(text: str) -> Text:
    return Text(
        en=f"a comma or bracket of an expression breaks it inside {{ }} or [ ]: '{text[:60]}'",
        zh=f"表达式里的逗号或括号在 {{ }} 或 [ ] 中会被拆开：“{text[:60]}”",
        hint_en="write this mapping in block style, one key a line (remit fmt does it)",
        hint_zh="请改成每行一个键的写法（remit fmt 可自动改写）",
    )


@error
def comment_ate_expression(text: str) -> Text:
    return Text(
        en=f"' #' begins a comment and cuts the expression to '{text[:60]}'",
        zh=f"“ #”之后是注释，表达式只剩下“{text[:60]}”",
        hint_en="write the expression after '|-' on the next line, or put the whole in double quotes",
        hint_zh="请把表达式写在“|-”的下一行，或整体加双引号",
    )


@error
def reserved_name(name: str) -> Text:
    return Text(
        en=f"'{name}' is a word of the language and cannot be a name",
        zh=f"“{name}”是语言的保留字，不能作名称",
        hint_en=f"choose another name, for example '{name}_step'",
        hint_zh=f"请换一个名称，例如“{name}_step”",
    )


@error
def bad_name(name: str) -> Text:
    return Text(
        en=f"'{name[:60]}' is not a name",
        zh=f"“{name[:60]}”不是合法名称",
        hint_en="names are snake_case: small letters, digits and _, beginning with a letter",
        hint_zh="名称用小写字母、数字和下划线，以字母开头",
    )


@warning
def useless_excuse(
    code: str, problem_en: str, problem_zh: str, hint_en: str, hint_zh: str, write: tuple[str, str] | None = None
) -> Text:
    """A comment `# check: ignore[code] reason` that gives no reason or excuses nothing."""
    en, zh = f"'check: ignore[{code}]' {problem_en}", f"“check: ignore[{code}]”{problem_zh}"
    return Text(en, zh, hint_en, hint_zh, write)


def unread_excuse(span: Span) -> Diagnostic:
    """A comment that is meant as an excuse and is not written as one: the same code."""
    text = Text(
        "this comment excuses nothing: the code is not in brackets, or a capital letter stands in it",
        "此注释没有豁免任何问题：代码没有写在方括号里，或用了大写字母",
        "write # check: ignore[code] reason",
        "请写 # check: ignore[代码] 理由",
    )
    return Diagnostic(span, "useless-excuse", Severity.WARNING, text)
