"""secret-or-injection, second half: a text that somebody else wrote, inside an address or markup of a template.

What a template prints is plain text and nothing is escaped in it: a name `x.example/pay` in the middle of an address
makes another address of it, and a channel that reads markup would read the name as markup. The path of a call is sent
as it stands, so braces in it are no place for a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.checks.pack_view import View
from engine.checks.security.reading import fields_read
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.parse import Expression
from engine.language.kinds.connection import Call, Connection
from engine.language.kinds.form import Form
from engine.language.kinds.template import Template
from engine.language.messages import security
from engine.language.places import Place
from engine.language.source import place_of

FREE = frozenset({"text", "long_text"})
_ADDRESS = re.compile(r"(?:https?://|\bwww\.|\bmailto:)(?:\{\{[^{}]*\}\}|[^\s<>{])*\{\{\s*\Z", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]*)?/?>")
METHODS = ("get", "post", "put", "patch", "delete")


def check(view: View) -> Iterator[Diagnostic]:
    yield from _templates(view)
    for connection in view.pack.kind(Connection).values():
        base = connection.base
        if base is not None and ("{" in base or "}" in base):
            place = place_of(base)
            yield security.secret_or_injection(
                place if place.line else connection.place("base"),
                "nothing is filled into the address of a connection: it is sent with the braces",
                "连接地址中不会填入任何值，花括号会原样发送",
                "write the whole address; what differs by call goes under takes",
                "请写完整地址；每次调用不同的值写在 takes 下",
            )
    for _, _, call in view.of(Call):
        for method in METHODS:
            path = getattr(call, method)
            if path is not None and ("{" in path or "}" in path):
                place = place_of(path)
                yield security.secret_or_injection(
                    place if place.line else call.place(method),
                    "nothing is filled into the path of a call: it is sent with the braces",
                    "调用路径中不会填入任何值，花括号会原样发送",
                    "give the value under takes: it goes into the query or the body, escaped",
                    "请把值写在 takes 下：它会经转义后放入查询参数或正文",
                )


def _templates(view: View) -> Iterator[Diagnostic]:
    for place in view.places:
        if not isinstance(place.definition, Template) or not isinstance(place.holds, Expression):
            continue
        source = view.pack.sources.get(place.span.path)
        text = getattr(getattr(place.definition, place.keys[0], None), place.keys[-1], None)
        if source is None or not isinstance(text, str) or not _is_free(place.holds, place, view):
            continue
        if _ADDRESS.search(source.line(place.span.line)[: place.span.column - 1]):
            yield security.secret_or_injection(
                place.span,
                f"'{place.holds.text}' is what somebody typed, and stands inside an address",
                f"“{place.holds.text}”是用户填写的文本，却放在网址里",
                "put a serial number there, or a field that holds the whole address and that only staff may edit",
                "请改用编号，或改用只有员工能编辑、存有完整网址的字段",
            )
        elif _TAG.search(text):
            yield security.secret_or_injection(
                place.span,
                f"'{place.holds.text}' is what somebody typed, and stands in markup, where nothing escapes it",
                f"“{place.holds.text}”是用户填写的文本，放在标记中且不会被转义",
                "write the template as plain text",
                "请把模板写成纯文本",
            )


def _is_free(expression: Expression, place: Place, view: View) -> bool:
    """Whether it prints a text that people type: a text field of a record or of what the template takes."""
    taken = (getattr(place.definition, "takes", None) or {}).get(expression.text)
    if taken is not None:
        return taken.type in FREE
    for form, field, _ in fields_read(expression, place.names, view):
        owner = view.pack.get(Form, form)
        declared = owner.fields.get(field) if owner is not None else None
        if declared is not None and declared.type in FREE and declared.formula is None:
            return True
    return False
