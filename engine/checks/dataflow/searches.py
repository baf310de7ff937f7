"""unindexed-search: a search whose condition has no part that an index answers, so that it looks at every record.

What the store answers by an index stands in engine/rules/keyed.py: equality of a stored field of one value with something
known before. A start that finds its record by a message, a key of a matching and `reuse` are searches too.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.check import check as check_expression
from engine.language.expressions.parse import Expression
from engine.language.kinds.form import Form
from engine.language.kinds.matching import LookIn, Matching
from engine.language.kinds.workflow import Workflow
from engine.language.messages import reference
from engine.language.source import place_of
from engine.rules.keyed import can_have_keys, end_of, equalities, keyed_fields


def check(view: View) -> Iterator[Diagnostic]:
    """unindexed-search."""
    keyed = keyed_fields(view.pack)
    yield from _conditions(view, keyed)
    yield from _starts(view)
    yield from _matchings(view)
    yield from _reused(view, keyed)


def _conditions(view: View, keyed: dict[str, frozenset[str]]) -> Iterator[Diagnostic]:
    forms = view.pack.kind(Form)
    for place in view.places:
        form, where = getattr(place.node, "form", None), place.holds
        if not isinstance(form, str) or form not in forms or where is not getattr(place.node, "where", None):
            continue
        assert isinstance(where, Expression)
        taken = frozenset(name for name in forms[form].fields if name in place.names.known)
        asked = {field for field, _, _ in equalities(where.tree, form, forms[form], taken)}
        if not asked & keyed[form] and not check_expression(where, place.names, view.types.vocabulary, place.wants)[1]:
            yield reference.unindexed_search(place.span, where.text, form)


def _starts(view: View) -> Iterator[Diagnostic]:
    """`start: {message: paid, match: {number: order.number}}`: the record is looked up by these fields alone."""
    for workflow in view.pack.kind(Workflow).values():
        form = view.pack.get(Form, str(workflow.case))
        for trigger in workflow.start.values() if form is not None else ():
            for expression in (trigger.match or {}).values() if trigger.message is not None else ():
                path = expression.text.split(".")
                field = (
                    form.fields.get(path[1])
                    if form is not None and path[0] == workflow.case and len(path) == 2
                    else None
                )
                known = len(path) == 2 and path[0] == workflow.case and field is None
                if not known and (field is None or not can_have_keys(field)):
                    yield reference.unindexed_search(expression.span, expression.text, str(workflow.case))


def _matchings(view: View) -> Iterator[Diagnostic]:
    forms = view.pack.kind(Form)
    for matching in view.pack.kind(Matching).values():
        for name, look in matching.look_in.items():
            for path in (look.any_same or {}).values() if isinstance(look, LookIn) else ():
                end = end_of(forms, str(name), str(path))
                if end is not None and not can_have_keys(forms[end[0]].fields[end[1]]):
                    yield reference.unindexed_search(place_of(path), str(path), str(name))


def _reused(view: View, keyed: dict[str, frozenset[str]]) -> Iterator[Diagnostic]:
    for _, _, struct in view.structs:
        form, reuse = getattr(struct, "form", None), getattr(struct, "reuse", None)
        if isinstance(form, str) and isinstance(reuse, str):
            declared = view.pack.get(Form, form)
            if declared is not None and reuse in declared.fields and reuse not in keyed[form]:
                yield reference.unindexed_search(place_of(reuse), f"reuse: {reuse}", form)
