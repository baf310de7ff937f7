"""Finding records: the indexed part of a condition gives candidates, the whole condition is looked at on each (R9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from engine.language.expressions.parse import Expression
from engine.language.expressions.things import Record
from engine.language.kinds.form import Form
from engine.rules.comparing import rarest
from engine.rules.keyed import end_of, equalities
from engine.runtime.drafts import Draft, Drafts
from engine.runtime.keys import key_text, pieces, pieces_field
from engine.runtime.records import MOST, SearchTooWide

MOST_ALIKE = 200
Order = Sequence[tuple[str, Expression | None]]


class Indexed(NamedTuple):
    """A conjunct that an index answers: the field equals what `value` gives, or one of it."""

    field: str
    value: Expression
    many: bool


class Search:
    """Over the records of one step; what it laid over them is seen."""

    def __init__(self, drafts: Drafts) -> None:
        self.drafts = drafts
        self._plans: dict[str, list[Indexed]] = drafts.facts.__dict__.setdefault("_search_plans", {})

    # -- find

    def find(
        self, form: str, where: Expression | None, env: Mapping[str, Any], order: Order, take: int | None
    ) -> list[Record]:
        """Raises SearchTooWide when more than 1,000 candidates would have to be looked at."""
        declared = self.drafts.facts.forms.get(form)
        if declared is None:
            raise LookupError(f"no form {form!r}")
        found = []
        for record in self._candidates(form, declared, where, env):
            draft = self.drafts.draft(form, record.id)
            if draft is None or draft.merged_into is not None:
                continue
            if where is None or where.holds(_Candidate(env, form, declared, record)):
                found.append(record)
        found = self._ordered(form, declared, found, env, order)
        return found if take is None else found[:take]

    def _candidates(
        self, form: str, declared: Form, where: Expression | None, env: Mapping[str, Any]
    ) -> Iterable[Record]:
        narrowest: set[int] | None = None
        indexed = [] if where is None else self._plan(form, declared, where, env)
        for part in indexed:
            ids = self._having(form, declared, part, part.value.run(env))
            if ids is not None:
                narrowest = ids if narrowest is None else narrowest & ids
        if narrowest is None:
            if indexed:
                raise SearchTooWide(f"{form} where {where.text}" if where is not None else form)
            new = {draft.id for draft in self.drafts.of_form(form) if draft.is_new}
            narrowest = new | set(self.drafts.cache.of_form(form, MOST))
        if len(narrowest) > MOST:
            raise SearchTooWide(f"{form} where {where.text}" if where is not None else form)
        return self.drafts.records(form, sorted(narrowest))

    def _plan(self, form: str, declared: Form, where: Expression, env: Mapping[str, Any]) -> list[Indexed]:
        taken = frozenset(name for name in declared.fields if name in env)
        key = f"{form}\n{where.text}\n{sorted(taken)}"
        plan = self._plans.get(key)
        if plan is None:
            keyed = self.drafts.facts.keyed.get(form, frozenset())
            plan = self._plans[key] = [
                Indexed(field, Expression(where.text, node, where.span), many)
                for field, node, many in equalities(where.tree, form, declared, taken)
                if field in keyed
            ]
        return plan

    def _having(self, form: str, declared: Form, part: Indexed, value: Any) -> set[int] | None:
        """The ids of the records with one of the values; None when there are too many to say."""
        values = value if part.many and isinstance(value, tuple | list) else (value,)
        keys = {key for one in values if (key := key_text(one, declared.fields[part.field])) is not None}
        found: set[int] = set()
        for key in keys:
            ids = self.same(form, part.field, key)
            if ids is None:
                return None
            found |= ids
        return found

    def _ordered(
        self, form: str, declared: Form, records: list[Record], env: Mapping[str, Any], order: Order
    ) -> list[Record]:
        """By the words of `order`, the first decides; what is empty comes last, ties by age."""
        records.sort(key=lambda record: record.id)
        for word, by in reversed(order):
            if word in ("oldest", "newest"):
                records.sort(key=lambda record: record.id, reverse=word == "newest")
                continue
            assert by is not None
            values = {record.id: by.run(_Candidate(env, form, declared, record)) for record in records}
            filled = [record for record in records if values[record.id] is not None]
            empty = [record for record in records if values[record.id] is None]
            # sorted keeps the order of equals, also when it is reversed
            records = sorted(filled, key=lambda record: values[record.id], reverse=word == "highest") + empty
        return records

    # -- by one key

    def same(self, form: str, field: str, key: str) -> set[int] | None:
        """The ids of the records with this key as the step left them; None for more than 1,000."""
        ids = self.drafts.cache.keyed(form, field, key)
        return None if ids is None else self._as_now(form, field, key, ids)

    def _as_now(self, form: str, field: str, key: str, ids: Iterable[int]) -> set[int]:
        found = set(ids)
        for draft in self.drafts.of_form(form):
            if draft.is_dirty:
                (found.add if self._has(draft, field, key) else found.discard)(draft.id)
        return found

    def _has(self, draft: Draft, field: str, key: str) -> bool:
        if draft.merged_into is not None:
            return False
        name = field.removeprefix("~")
        value = draft.record[name]
        declared = self.drafts.facts.forms[draft.form].fields[name]
        return key_text(value, declared) == key if name == field else key in pieces(value)

    def by_unique(self, form: str, field: str, value: Any) -> Record | None:
        key = key_text(value, self.drafts.facts.forms[form].fields[field])
        if key is None:
            return None
        ids = self.same(form, field, key) or set()
        return self.drafts.record(form, min(ids)) if ids else None

    def by_key(self, form: str, path: str, value: Any) -> list[Record]:
        """The records whose value at `path` has the same key; SearchTooWide for more than 1,000."""
        at, field = self._end(form, path)
        key = key_text(value, self.drafts.facts.forms[at].fields[field])
        ids = set() if key is None else self.same(at, field, key)
        if ids is None:
            raise SearchTooWide(f"{form} by {path}")
        return self._up(form, path, self.drafts.records(at, sorted(ids)))

    # -- by alike names

    def alike(self, form: str, path: str, text: str) -> list[Record]:
        """The records that share one of the three rarest pieces of `text`, at most 200, those of the rarest first."""
        at, field = self._end(form, path)
        having: dict[str, set[int]] = {}

        def frequencies(wanted: Sequence[str]) -> dict[str, int]:
            for piece in wanted:
                name = pieces_field(field)
                ids = self.drafts.cache.first_keyed(at, name, piece, MOST_ALIKE + 1)
                having[piece] = self._as_now(at, name, piece, ids)
            return {piece: len(ids) for piece, ids in having.items()}

        found: dict[int, None] = {}
        for piece in rarest(text, frequencies):
            found.update(dict.fromkeys(sorted(having[piece])))
        records = self.drafts.records(at, list(found)[:MOST_ALIKE])
        return self._up(form, path, records)[:MOST_ALIKE]

    def _end(self, form: str, path: str) -> tuple[str, str]:
        end = end_of(self.drafts.facts.forms, form, path)
        if end is None:
            raise LookupError(f"no field {path!r} in {form!r}")
        return end

    def _up(self, form: str, path: str, records: list[Record]) -> list[Record]:
        """From the records at the end of a path back to those that it began at."""
        forms, way = [form], path.split(".")[:-1]
        for part in way:
            end = self.drafts.facts.forms[forms[-1]].fields[part]
            forms.append(str(end.of[0] if isinstance(end.of, tuple) else end.of))
        for owner, reference in zip(reversed(forms[:-1]), reversed(way), strict=True):
            pointing = [found for record in records for found in self.drafts.pointing(owner, reference, record.id)]
            records = list(dict.fromkeys(pointing))
        return records


class _Candidate(dict[str, Any]):
    """The names around a search, and the candidate: under its form's name, and bare where no other name is."""

    def __init__(self, env: Mapping[str, Any], form: str, declared: Form, record: Record) -> None:
        super().__init__(env)
        self[form] = record
        self._declared, self._record = declared, record

    def __missing__(self, name: str) -> Any:
        if name in self._declared.fields or name in ("id", "created_at", "changed_at"):
            return self._record[name]
        raise KeyError(name)
