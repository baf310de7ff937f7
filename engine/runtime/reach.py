"""Which records a written record touches: those whose formulas, rules or ownership read over it (LANGUAGE 12.2).

Worked out once a pack: every path that a formula or a `must` reads is a way of hops from the reader to what it reads;
`Reach.readers` gives the ways that end at a written field, and walking one backwards finds the records that read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Literal, NamedTuple

from engine.language.expressions.parse import Expression
from engine.language.kinds.form import Field, Form

MOST_HOPS = 3
"""References in one path; a formula counts anew (RUNTIME R7)."""

What = Literal["formula", "must", "load"]


class Hop(NamedTuple):
    """From a record of `form` over its `field`: a reference, or (`by` given) the records whose `by` points here.

    A list with `of_my` is two hops: over that reference, and from the shared record to those whose `by` points there.
    """

    form: str
    field: str
    by: str = ""


class Reader(NamedTuple):
    """Something of `form` that reads a field over `hops`: a formula, a must rule, or who holds it while open."""

    form: str
    what: What
    name: str
    hops: tuple[Hop, ...]


class Reach:
    """The readers of every field of a pack's forms."""

    def __init__(self, forms: Mapping[str, Form]) -> None:
        self._forms = forms
        self._readers: dict[tuple[str, str], dict[Reader, None]] = {}
        self._listed: dict[tuple[str, str], bool] = {}
        for name, form in forms.items():
            for field, declared in form.fields.items():
                if declared.formula is not None:
                    self._add(name, "formula", str(field), declared.formula)
            for rule, must in (form.must or {}).items():
                for part in (must.that, must.only_if, must.unless):
                    if part is not None:
                        self._add(name, "must", str(rule), part)
            for part in (form.owned_by, form.open_if):
                if part is not None:
                    self._add(name, "load", "", part)

    def readers(self, form: str, field: str) -> tuple[Reader, ...]:
        return self._found.get((form, field), ())

    @cached_property
    def _found(self) -> dict[tuple[str, str], tuple[Reader, ...]]:
        return {place: tuple(readers) for place, readers in self._readers.items()}

    def relations(self, form: str, reference: str) -> bool:
        """Whether some form lists the records of `form` by this reference: the one it leads to, or with `of_my` another."""
        found = self._listed.get((form, reference))
        if found is None:
            declared = self._forms[form].fields.get(reference)
            found = self._listed[form, reference] = declared is not None and any(
                field.type == "records" and field.by == reference and form in forms_of(field)
                for target, listing in self._forms.items()
                for field in listing.fields.values()
                if field.of_my is not None or target in forms_of(declared)
            )
        return found

    def _add(self, form: str, what: What, name: str, expression: Expression) -> None:
        for path in expression.reads:
            self._walk(Reader(form, what, name, ()), form, path)

    def _walk(self, reader: Reader, form: str, path: tuple[str, ...]) -> None:
        field = self._forms[form].fields.get(path[0])
        if field is None:
            return
        self._note(form, path[0], reader)
        if field.type not in ("record", "records") or len(reader.hops) == MOST_HOPS:
            return
        by = str(field.by) if field.type == "records" else ""
        way = [Hop(form, path[0], by)]
        if by and field.of_my is not None:  # up to the record that is shared, then down to those that point at it
            self._note(form, str(field.of_my), reader)
            shared = forms_of(self._forms[form].fields[field.of_my])
            way = [Hop(form, str(field.of_my)), Hop(shared[0], path[0], by)]
        over = reader._replace(hops=(*reader.hops, *way))
        for target in forms_of(field):
            if target not in self._forms:
                continue
            if by:
                self._note(target, by, over)
            if len(path) > 1:
                self._walk(over, target, path[1:])

    def _note(self, form: str, field: str, reader: Reader) -> None:
        # a rule counts only what it reads here or upwards from lists: a written account does not look at every contract
        if reader.what != "must" or not reader.hops or reader.hops[0].by:
            self._readers.setdefault((form, field), {})[reader] = None


def forms_of(field: Field) -> tuple[str, ...]:
    """The forms that a reference or a `records` list leads to."""
    if field.type not in ("record", "records"):
        return ()
    return tuple(map(str, field.of)) if isinstance(field.of, tuple) else (str(field.of),)
