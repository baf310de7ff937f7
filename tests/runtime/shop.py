"""A store with the made-up pack of `pack/`, and views on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from engine.language.loader import load
from engine.language.pack import Pack
from engine.language.source import Source
from engine.language.vocabulary import PackTypes
from engine.nodes import catalogue
from engine.runtime.saving import RecordChange
from engine.runtime.store.store import Store
from engine.runtime.store.transaction import Transaction
from engine.runtime.view import SqlView

FOLDER = Path(__file__).parent / "pack"
NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)  # Monday 09:00 in Shanghai


def texts() -> dict[str, str]:
    return {str(path.relative_to(FOLDER)): path.read_text("utf-8") for path in sorted(FOLDER.rglob("*.yaml"))}


@cache
def shop() -> tuple[Pack, PackTypes]:
    pack = load([Source(path, text) for path, text in texts().items()], catalogue())
    assert not pack.diagnostics, "\n".join(map(str, pack.diagnostics))
    return pack, PackTypes(pack)


def view_on(transaction: Transaction, now: dt.datetime = NOW, **options: Any) -> SqlView:
    pack, types = shop()
    return SqlView(transaction, pack, types, now, ids=transaction.ids, actor="an", **options)


@contextmanager
def one_step(store: Store, **options: Any) -> Iterator[SqlView]:
    """A transaction of one step, settled and saved at the end."""
    with store.write() as transaction:
        view = view_on(transaction, **options)
        yield view
        assert view.settle() == []
        view.save()


def made(store: Store, form: str, **values: Any) -> int:
    with one_step(store) as view:
        return view.create(form, values).id


Made = Callable[..., int]
Changes = Mapping[str, RecordChange]
