"""Every expression, path, value and hole of a template against the names and types of its place."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks import literals
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.expressions import types
from engine.language.expressions.check import check as check_expression
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.types import RecordType, fits, words
from engine.language.kinds.form import Form
from engine.language.messages import time, type_errors
from engine.language.places import Place, Written
from engine.language.source import Span, place_of


def check(view: View) -> Iterator[Diagnostic]:
    """unknown-variable, type-mismatch, unknown-function, unknown-choice, rule-changes-with-time, time-in-condition."""
    for place in view.places:
        holds = place.holds
        if isinstance(holds, Diagnostic):
            yield holds
        elif isinstance(holds, Expression):
            yield from _expression(holds, place, view)
        elif isinstance(holds, Written):
            yield from _written(holds, place, view)
        else:
            yield from literals.check_value(holds, place, view)


def _expression(expression: Expression, place: Place, view: View) -> list[Diagnostic]:
    if place.wants == types.MOMENT:
        found, _ = check_expression(expression, place.names, view.types.vocabulary, None, forbid_clock=place.clock)
        if found == types.DATE:  # LANGUAGE 2: a date needs a time of day
            said = "a moment: a date needs a time of day", "时刻：日期后须写时间"
            return [time.bad_time(expression.span, expression.text, said, f"{expression.text} at 09:00")]
    return check_expression(expression, place.names, view.types.vocabulary, place.wants, forbid_clock=place.clock)[1]


def _written(written: Written, place: Place, view: View) -> Iterator[Diagnostic]:
    """The path leads somewhere, to something that is stored, and can hold what is written there."""
    span = place_of(written.path)
    path = parse(str(written.path), span)
    if isinstance(path, Diagnostic):
        yield path
        return
    names = place.names
    if written.read and "." not in written.path and written.path not in names.known:
        asked = _asked(place, view)
        if written.path not in asked:
            yield type_errors.unknown_variable(span, written.path, "the press", "该按钮", asked)
        return
    found, findings = check_expression(path, names, view.types.vocabulary)
    yield from findings
    if findings or written.read:
        return
    if "." not in written.path:
        yield _not_stored(span, f"'{written.path}' itself", f"“{written.path}”本身")
        return
    yield from _stored(str(written.path), span, place, view)
    if written.given is not None and not fits(written.given, found):
        yield type_errors.type_mismatch(span, *words(written.given), *words(found), *_for_several(written.given))


def _for_several(given: types.Type) -> tuple[str, str]:
    if not isinstance(given, types.Choices):
        return "", ""
    return f"several can come: declare it as {{type: choices, of: {given.of.name}}}", (
        f"可能有多个值：请声明为 {{type: choices, of: {given.of.name}}}"
    )


def _asked(place: Place, view: View) -> list[str]:
    """What a press asks for by a bare name: the opinion, fields of the record that it adds or of the case's own."""
    adds = getattr(place.node, "adds", None)
    form = getattr(place.definition, "case", None)
    return ["opinion", *(getattr(adds, "ask", None) or ()), *(view.types.form(form) if form else ())]


def _stored(path: str, span: Span, place: Place, view: View) -> Iterator[Diagnostic]:
    """A field that is worked out cannot be written; nor can what is no field of a record or of the case."""
    owner, _, field = path.rpartition(".")
    parsed = parse(owner, span)
    if isinstance(parsed, Diagnostic) or owner == "case":
        return
    of, _ = check_expression(parsed, place.names, view.types.vocabulary)
    if not isinstance(of, RecordType):
        if of != types.ANY:
            yield _not_stored(span, f"'{path}'", f"“{path}”")
        return
    for name in of.forms:
        form = view.pack.get(Form, name)
        declared = form.fields.get(field) if form is not None else None
        computed = field in types.RECORD_FIELDS or (
            declared is not None and (declared.formula is not None or declared.type in ("records", "serial"))
        )
        if computed:
            yield _not_stored(span, f"{name}.{field}, which is worked out", f"计算得出的 {name}.{field}")
            return


def _not_stored(span: Span, found_en: str, found_zh: str) -> Diagnostic:
    return type_errors.type_mismatch(
        span,
        found_en,
        found_zh,
        "a stored field or case data",
        "可写入的字段或 case 数据",
        "write to a field as lead.status, or to case.x",
        "请写入字段（如 lead.status）或 case.x",
    )
