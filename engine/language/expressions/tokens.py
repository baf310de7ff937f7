"""The words of an expression: names, numbers, texts and signs, each with its place. Everything else is refused here."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from engine.language.diagnostics import Diagnostic
from engine.language.messages.security import escape_attempt
from engine.language.messages.syntax import over_limit
from engine.language.messages.type_errors import bad_expression
from engine.language.source import Span

MOST_CHARACTERS = 2_000
MOST_DEPTH = 50
MOST_NAME = 100
MOST_DIGITS = 40

KEYWORDS = frozenset(["and", "or", "not", "in", "if", "else", "for", "yes", "no", "empty"])

_BEHIND = re.compile(
    r"_|.*__|(gi|cr|ag|tb|co|f|func)_(frame|code|globals|builtins|locals|back|await|yieldfrom|running|lasti|next|closure|defaults|dict|doc|name|consts|trace)$|mro$"
)
"""Names that reach behind the data in Python: nothing here would answer them, and who writes one should hear it."""

_NUMBER = re.compile(r"[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?")
_SIGN = re.compile(r"==|!=|<=|>=|[-+*/%<>(),.\[\]]")
_NAME = re.compile(r"[A-Za-z_\u3007\u3400-\u4dbf\u4e00-\u9fff][A-Za-z0-9_\u3007\u3400-\u4dbf\u4e00-\u9fff]*\Z")

_PYTHON = (
    ("**", "multiply with *", "请用 * 相乘"),
    ("//", "divide with / and cut with floor(...)", "请用 / 相除，再用 floor(...) 取整"),
    (":=", "an expression sets nothing; compare with ==", "表达式不能赋值；比较请用 =="),
    ("&&", "write and", "请写 and"),
    ("||", "write or", "请写 or"),
    ("<>", "write !=", "请写 !="),
    ("=", "compare with ==", "比较请用 =="),
    ("!", "write not", "请写 not"),
    ("&", "write and", "请写 and"),
    ("|", "write or", "请写 or"),
    ('"', "put texts in single quotes: 'east'", "文本请用单引号：'east'"),
    ("“", "put texts in single quotes: 'east'", "文本请用英文单引号：'east'"),
    ("‘", "put texts in single quotes: 'east'", "文本请用英文单引号：'east'"),
    ("{", "write a list with [ ]", "列表请用 [ ]"),
    (";", "write one expression only", "只能写一个表达式"),
    ("\n", "write the expression in one line", "表达式请写在一行内"),
)
_CONSTANTS = {
    "True": "yes", "true": "yes", "False": "no", "false": "no", "None": "empty", "null": "empty", "nil": "empty",
    "AND": "and", "OR": "or", "NOT": "not", "IN": "in",
}  # fmt: skip


class Token(NamedTuple):
    """`kind` is name, word (a keyword), number, text, sign, assign (the = of a keyword argument) or end.

    `value` is what a number or a text means.
    """

    kind: str
    text: str
    offset: int
    length: int
    value: int | Decimal | str | None = None


class Refused(Exception):
    """Carries the finding out of tokenizer and parser; `parse` catches it."""

    def __init__(self, finding: Diagnostic) -> None:
        super().__init__(finding.text.en)
        self.finding = finding


def bad(span: Span, offset: int, length: int, en: str, zh: str, hint_en: str = "", hint_zh: str = "") -> Refused:
    return Refused(bad_expression(span.inside(offset, length), en, zh, hint_en, hint_zh))


def tokens_of(text: str, span: Span) -> list[Token]:
    """All words of `text`, an `end` after them. Raises Refused at the first thing that is none."""
    if len(text) > MOST_CHARACTERS:
        raise Refused(over_limit(span, "characters of an expression", "表达式字符数", MOST_CHARACTERS))
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        character = text[at]
        if character in " \t":
            at += 1
            continue
        if character == "'":
            token = _text(text, at, span)
        elif character.isascii() and character.isdigit():
            token = _number(text, at, span)
        elif character == "_" or character.isalnum():
            token = _word(text, at, span)
        elif (sign := _SIGN.match(text, at)) and not text.startswith(("**", "//", "<>", "<<", ">>", "->"), at):
            token = Token("sign", sign.group(), at, len(sign.group()))
        elif character == "=" and len(tokens) > 1 and tokens[-1].kind == "name" and tokens[-2].text in ("(", ","):
            token = Token("assign", "=", at, 1)
        else:
            raise _stray(text, at, span)
        tokens.append(token)
        at = token.offset + token.length
    tokens.append(Token("end", "", max(len(text) - 1, 0), 1))
    return tokens


def _text(text: str, at: int, span: Span) -> Token:
    """A text in single quotes; '' or \\' is a quote in it, \\\\ a backslash."""
    value: list[str] = []
    end = at + 1
    while end < len(text):
        character = text[end]
        if character == "\\" and text[end + 1 : end + 2] in ("'", "\\"):
            value.append(text[end + 1])
            end += 2
        elif character == "'" and text[end + 1 : end + 2] == "'":
            value.append("'")
            end += 2
        elif character == "'":
            return Token("text", text[at : end + 1], at, end + 1 - at, "".join(value))
        elif unicodedata.category(character) in ("Cc", "Cs"):
            raise bad(span, end, 1, "a control character in a text", "文本中有控制字符")
        else:
            value.append(character)
            end += 1
    raise bad(
        span, at, len(text) - at, "the text has no closing quote", "文本缺少结尾的单引号", "close it with '", "请补上 '"
    )


def _number(text: str, at: int, span: Span) -> Token:
    match = _NUMBER.match(text, at)
    assert match is not None
    digits, end = match.group(), match.end()
    if end < len(text) and (text[end] == "_" or text[end].isalnum()):
        shown = text[at : end + 1]
        raise bad(
            span,
            at,
            len(shown),
            f"'{shown}' is not a number",
            f"“{shown}”不是数字",
            "write 2_000_000 or 12.5; a duration is days(5) or minutes(5)",
            "请写 2_000_000 或 12.5；时长写 days(5)、minutes(5)",
        )
    if len(digits.replace("_", "").replace(".", "")) > MOST_DIGITS:
        raise Refused(over_limit(span.inside(at, end - at), "digits of a number", "数字位数", MOST_DIGITS))
    if len(digits) > 1 and digits[0] == "0" and digits[1] != ".":
        en, zh = f"'{digits}' begins with 0", f"“{digits}”以 0 开头"
        raise bad(span, at, end - at, en, zh, "write it without, or as a text '007'", "请去掉 0，或写成文本 '007'")
    plain = digits.replace("_", "")
    return Token("number", digits, at, end - at, Decimal(plain) if "." in plain else int(plain))


def _word(text: str, at: int, span: Span) -> Token:
    end = at
    while end < len(text) and (text[end] == "_" or text[end].isalnum()):
        end += 1
    word, length = text[at:end], end - at
    if length > MOST_NAME:
        raise Refused(over_limit(span.inside(at, length), "characters of a name", "名称字符数", MOST_NAME))
    folded = unicodedata.normalize("NFKC", word)
    if _BEHIND.match(folded):
        raise Refused(escape_attempt(span.inside(at, length), word))
    if folded != word or not _NAME.match(word):
        raise bad(
            span, at, length, f"'{word}' has letters that look like others", f"“{word}”含有形似的其他字符",
            "names are of a-z, 0-9, _ and Chinese characters", "名称只能用 a-z、0-9、_ 和汉字",
        )  # fmt: skip
    if word in _CONSTANTS:
        meant = _CONSTANTS[word]
        raise bad(
            span,
            at,
            length,
            f"'{word}' is not a word here",
            f"这里没有“{word}”这个词",
            f"write {meant}",
            f"请写 {meant}",
        )
    if text[end : end + 1] in ("'", '"') and word in ("f", "b", "r", "u", "fr", "rf", "br", "rb"):
        en, zh = f"a text has no '{word}' before it", f"文本前不能有“{word}”"
        raise bad(
            span, at, length, en, zh, "join with +: 'No. ' + text(position)", "请用 + 连接：'第' + text(position)"
        )
    return Token("word" if word in KEYWORDS else "name", word, at, length)


def _stray(text: str, at: int, span: Span) -> Refused:
    for sign, en, zh in _PYTHON:
        if text.startswith(sign, at):
            shown = sign if sign != "\n" else "\\n"
            return bad(span, at, len(sign), f"'{shown}' has no meaning here", f"这里不能写“{shown}”", en, zh)
    character = text[at]
    wide = unicodedata.normalize("NFKC", character)
    wide = {"。": ".", "、": ","}.get(character, wide)
    if wide != character and _SIGN.match(wide):
        return bad(
            span,
            at,
            1,
            f"'{character}' is a wide sign",
            f"“{character}”是全角符号",
            f"write {wide}",
            f"请用半角 {wide}",
        )
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return bad(span, at, 1, f"'{shown}' has no meaning here", f"这里不能写“{shown}”")
