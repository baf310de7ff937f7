"""Writes from outside: a record made or changed by a person, an import or a scenario, by the same rules as a step's.

The answer is what changed, for starts and conditions of cases to hear of; a no is `Refused` and leaves nothing behind.
Rights (access lines) are looked at before, by whoever knows the person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.interpreter.view import Unfit, Violation
from engine.language.expressions.things import Record
from engine.runtime.store.errors import Refused
from engine.runtime.view import Saved, SqlView


class RecordService:
    """Over the view of one event; the view's `actor` is who writes. Values are plain data, or typed values."""

    def __init__(self, view: SqlView) -> None:
        self.view = view

    def create_record(self, form: str, values: Mapping[str, Any], *, cause: str | None = None) -> tuple[int, Saved]:
        """The new record's id and what changed. Refused 404 for an unknown form, 422 for values that do not fit."""
        if form not in self.view.forms:
            known = ", ".join(self.view.forms)
            raise _no(
                404,
                "unknown-form",
                f"there is no form '{form}'; there are: {known}",
                f"没有表单“{form}”，可用：{known}",
            )
        try:
            record = self.view.create(form, values)
        except Unfit as unfit:
            raise does_not_fit(unfit.violations) from unfit
        return record.id, self._saved(cause)

    def change_record(
        self, form: str, id: int, values: Mapping[str, Any], *, version: int | None = None, cause: str | None = None
    ) -> Saved:
        """What changed. Refused 404, 409 when the record has another `version` or was given up, 422."""
        record = self._there(form, id, version)
        try:
            self.view.write(record, values)
        except Unfit as unfit:
            raise does_not_fit(unfit.violations) from unfit
        return self._saved(cause)

    def _there(self, form: str, id: int, version: int | None) -> Record:
        record = self.view.record(form, id)
        if record is None:
            raise _no(404, "unknown-record", f"there is no {form} {id}", f"没有编号为 {id} 的 {form}")
        into = self.view.merged_into(record)
        if into is not None:
            raise _no(409, "merged", f"this {form} was given up for {into}", f"该记录已合并到 {into}")
        if version is not None and record.version != version:
            raise _no(409, "stale", "somebody has changed this record since you read it", "记录在您读取后已被修改")
        return record

    def _saved(self, cause: str | None) -> Saved:
        violations = self.view.settle()
        if violations:
            raise does_not_fit(violations)
        return self.view.save(cause)


def does_not_fit(violations: Iterable[Violation]) -> Refused:
    """The refusal that names every rule and field, in both languages; its code is the first field or rule."""
    found = [{"rule": v.rule, "field": v.field, "form": v.form, "zh": v.zh, "en": v.en} for v in violations]
    first = found[0]
    code = first["field"] or first["rule"] or "does-not-fit"
    return Refused(422, code, {"en": first["en"], "zh": first["zh"], "violations": found})


def _no(status: int, code: str, en: str, zh: str) -> Refused:
    return Refused(status, code, {"en": en, "zh": zh, "violations": []})
