"""Values given on the command line: FIELD=VALUE, read by the declared type of the field."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from engine.commands.saying import Mistake
from engine.language.diagnostics import Diagnostic, did_you_mean
from engine.language.expressions.plain import to_plain
from engine.language.expressions.types import TEXT, ListOf, RecordType, Rows, Type
from engine.language.literals import read_literal
from engine.language.source import Span


def given(sets: Sequence[str] | None, types: Mapping[str, Type], zone: ZoneInfo, strict: bool = True) -> dict[str, Any]:
    """Field -> plain value. `strict`: a field that `types` does not know is refused; else it is a text."""
    values: dict[str, Any] = {}
    for text in sets or ():
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or not name:
            raise Mistake(f"--set {text}: write FIELD=VALUE", f"--set {text}：请写成 字段=值")
        if name in values:
            raise Mistake(f"--set {name} is given twice", f"--set {name} 写了两次")
        if name not in types and strict:
            en, zh = did_you_mean(name, types)
            raise Mistake(
                f"--set {name}: there is no such field; {en}", f"--set {name}：没有这个字段；{zh}", "unknown-field"
            )
        values[name] = _read(name, value, types.get(name, TEXT), zone)
    return values


def _read(name: str, text: str, type_: Type, zone: ZoneInfo) -> Any:
    if text == "":
        return None
    if isinstance(type_, RecordType):
        if not text.isdigit():
            raise Mistake(f"--set {name}: the number of a record is wanted", f"--set {name}：应为记录编号")
        return {"form": type_.forms[0], "id": int(text)} if len(type_.forms) == 1 else int(text)
    if isinstance(type_, ListOf | Rows):
        try:
            return json.loads(text, parse_float=str)
        except ValueError:
            raise Mistake(f"--set {name}: a JSON list is wanted", f"--set {name}：应为 JSON 列表") from None
    read = read_literal(text, Span(f"--set {name}", 1, 1, 1, len(text) + 1), type_, zone)
    if isinstance(read, Diagnostic):
        en, zh = (f"{read.message(x)} {read.hint(x)}" for x in ("en", "zh"))
        raise Mistake(f"--set {name}: {en}", f"--set {name}：{zh}", read.code)
    return to_plain(read)
