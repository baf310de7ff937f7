"""Functions over texts: spelling, comparing, names of companies, regions of phone numbers."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine.language.durations import Duration
from engine.language.expressions.arithmetic import EXACT, Env, Number, bounded
from engine.language.expressions.context import CONTEXT, context_of
from engine.language.expressions.faults import MOST_DIGITS, ExpressionFault
from engine.language.expressions.functions.declare import function
from engine.language.expressions.things import Person, Record

_MOST_COMPARED = 200
"""Characters of a text that similarity, spelling in Latin letters and company names look at."""


@function(
    "x: number or money or text or date or time or moment or duration or yes_no or choice or person or team",
    gives="text",
    en="As it is written: 1250.5, 2026-03-02, 2026-03-02 09:00, yes; a person's name.",
    zh="写成文本：1250.5、2026-03-02、2026-03-02 09:00、yes；人员为姓名。",
    needs_env=True,
)
def text(env: Env, x: Any) -> str | None:
    match x:
        case bool():
            return "yes" if x else "no"
        case int() | str() | Duration():
            return str(x)
        case Decimal():
            return plain_number(x)
        case dt.datetime():
            return f"{x.astimezone(context_of(env).zone):%Y-%m-%d %H:%M}"
        case dt.date():
            return x.isoformat()
        case dt.time():
            return f"{x:%H:%M}"
        case Person():
            return str(x["name"] or x.id)
        case _:
            raise ExpressionFault(f"text() of {type(x).__name__}")


def plain_number(number: Decimal) -> str:
    """All digits, no exponent, no zeros at the end."""
    shown = format(number, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


@function(
    "t: text",
    gives="number",
    en="The number that the text spells; empty when it is none.",
    zh="文本所写的数字；不是数字时为空。",
)
def number(t: str) -> Number | None:
    plain = unicodedata.normalize("NFKC", t[:_MOST_COMPARED]).strip()
    if len(t) > _MOST_COMPARED or not re.fullmatch(
        r"[-+]?\d{1,3}([,_]\d{3})+(\.\d+)?|[-+]?\d+(\.\d+)?", plain, re.ASCII
    ):
        return None
    plain = plain.replace(",", "").replace("_", "")
    if len(plain.lstrip("+-").replace(".", "")) > MOST_DIGITS:
        return None
    return bounded(EXACT.create_decimal(plain) if "." in plain else int(plain))


@function("t: text", gives="text", en="In small letters.", zh="转为小写。")
def lower(t: str) -> str:
    return t.lower()


@function("t: text", gives="text", en="In capital letters.", zh="转为大写。")
def upper(t: str) -> str:
    return t.upper()


@function("t: text", gives="text", en="Without blanks at both ends.", zh="去掉首尾空白。")
def trim(t: str) -> str:
    return t.strip()


@function("t: text", gives="number", en="How many characters.", zh="字符数。")
def length(t: str) -> int:
    return len(t)


@function(
    "t: text, s: text",
    gives="yes_no",
    en="Whether the text begins with s; case counts.",
    zh="是否以 s 开头；区分大小写。",
    if_empty=False,
)
def starts_with(t: str, s: str) -> bool:
    return t.startswith(s)


@function(
    "where: list or text, x: any",
    gives="yes_no",
    en="Whether x is in the list, or in the text (there case does not count).",
    zh="列表是否含有 x，或文本是否含有 x（不区分大小写）。",
    if_empty=False,
    counted=True,
)
def contains(where: Any, x: Any) -> bool:
    if isinstance(where, str):
        return isinstance(x, str) and x.casefold() in where.casefold()
    return x in where


@function(
    "a: text, b: text",
    gives="number",
    en="How alike two names are, 0 to 1, after company_name().",
    zh="两个名称的相似度，0 到 1，先按 company_name() 规范。",
)
def similar(a: str, b: str) -> Decimal:
    from rapidfuzz import fuzz

    ratio = fuzz.WRatio(company_name(a)[:_MOST_COMPARED], company_name(b)[:_MOST_COMPARED])
    return Decimal(round(ratio * 100)).scaleb(-4)


_LEGAL_FORM = re.compile(
    r"(股份有限公司|有限责任公司|有限公司|集团公司|总公司|分公司|公司|集团|股份|控股"
    r"|\b(incorporated|inc|corporation|corp|company|co|limited|ltd|llc|llp|plc|gmbh|mbh|ag|kg|sa|sas|srl|bv|nv|oy|ab|pty|pte|group|holdings?)\b\.?)+\s*$"
)
_BRACKETS = re.compile(r"[()\[\]{}<>《》【】〔〕「」『』]")
_SIGNS = re.compile(r"[\s,.&'\"·・_/-]+")


@function(
    "t: text",
    gives="text",
    en="The company's name as it is compared: without legal form, brackets, case and width.",
    zh="用于比较的公司名：去掉公司形式、括号、大小写和全半角差别。",
)
def company_name(t: str) -> str:
    return _company_name(t[:_MOST_COMPARED])


@lru_cache(maxsize=4096)  # a search for alike names asks for the same candidates again and again
def _company_name(t: str) -> str:
    plain = unicodedata.normalize("NFKC", t).casefold()
    plain = _SIGNS.sub(" ", _BRACKETS.sub(" ", plain)).strip()
    while (shorter := _LEGAL_FORM.sub("", plain).strip()) and shorter != plain:
        plain = shorter
    return plain.replace(" ", "") if any("\u3400" <= c <= "\u9fff" for c in plain) else plain


@function(
    "t: text", gives="text", en="Chinese characters in Latin letters, without tones.", zh="汉字转拼音，不带声调。"
)
def pinyin(t: str) -> str:
    from pypinyin import lazy_pinyin

    return " ".join(piece.strip() for piece in lazy_pinyin(t[:_MOST_COMPARED]) if piece.strip())


@function(
    "p: text",
    gives="text",
    en="Where the phone number is from; empty when unknown.",
    zh="电话号码归属地；未知时为空。",
    needs_env=True,
)
def phone_region(env: Env, p: str) -> str | None:
    context = env.get(CONTEXT)
    return _region(p[:40], context.language if context is not None else "zh")


@function(
    "p: text",
    gives="text",
    en="The country of the phone number, two letters; empty when unknown.",
    zh="电话号码的国家代码（两个字母）；未知时为空。",
)
def country_of(p: str) -> str | None:
    return _country(p[:40])


def _phone(p: str) -> Any:
    import phonenumbers

    try:
        found = phonenumbers.parse(p, "CN")
    except phonenumbers.NumberParseException:
        return None
    return found if phonenumbers.is_possible_number(found) else None


@lru_cache(maxsize=4096)
def _region(p: str, language: str) -> str | None:
    from phonenumbers import geocoder

    found = _phone(p)
    return (geocoder.description_for_number(found, language) or None) if found is not None else None


@lru_cache(maxsize=4096)
def _country(p: str) -> str | None:
    import phonenumbers

    found = _phone(p)
    return (phonenumbers.region_code_for_number(found) or None) if found is not None else None


@function(
    "record: record", gives="text", en="How the record is called in lists.", zh="记录在列表中的名称。", needs_env=True
)
def label(env: Env, record: Record) -> str:
    return context_of(env).label(record)


@function(
    "choice: choice",
    gives="text",
    en="The entry's title in the reader's language.",
    zh="选项的标题，按读者的语言。",
    needs_env=True,
    takes_empty=True,
    of_choice=True,
)
def title(env: Env, record: Record | None, field: str | None, value: str | None) -> str | None:
    known = record if isinstance(record, Record) else None
    return None if value is None else context_of(env).title_of(known, field, value)
