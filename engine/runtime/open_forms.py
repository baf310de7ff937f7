"""Whether a stored record is open, by its form's `open_if`: what held() and the load counters count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.interpreter.names import moment_of
from engine.language.kinds.form import Form
from engine.language.pack import Pack
from engine.language.vocabulary import PackTypes
from engine.rules.in_form import InForm
from engine.runtime.store.rows import RecordRow
from engine.runtime.store.store import Store
from engine.runtime.store.transaction import Transaction
from engine.runtime.view import SqlView

IsOpen = Callable[[RecordRow], bool]


def open_forms(store: Store, pack: Pack, types: PackTypes, clock: Callable[[], int]) -> dict[str, IsOpen]:
    """By form with an owner: whether a record of it is open now."""
    forms = {name: form for name, form in pack.kind(Form).items() if form.owned_by is not None}

    def judge(form: Form) -> IsOpen:
        def is_open(row: RecordRow) -> bool:
            if form.open_if is None:
                return True
            with store.read() as reader:
                now = clock()
                tx = Transaction(reader.connection, store.dialect, store.ids, now, None)
                view = SqlView(tx, pack, types, moment_of(now), ids=store.ids, actor=None)
                record: Any = view.record(row.form, row.id)
                return bool(form.open_if.holds(InForm(record, view.context)))

        return is_open

    return {name: judge(form) for name, form in forms.items()}
