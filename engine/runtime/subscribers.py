"""Who waits for something, as the transaction will leave it: rows of the database with the batch's own laid over.

Reading them this way does not flush the batch, so events that wait together still share one write. What the database
says about a key is asked once in a transaction: only this transaction's own batch changes it until the commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from engine.runtime.applying import KINDS
from engine.runtime.store.batch import UNTOUCHED
from engine.runtime.store.queries import waiting
from engine.runtime.store.rows import SubscriptionRow
from engine.runtime.store.statements import SUBSCRIPTIONS
from engine.runtime.store.transaction import Transaction

if TYPE_CHECKING:
    from engine.runtime.handling import Handling

MOST = 1000
Asked = dict[tuple[int, str, str], list[SubscriptionRow]]
_ASKED: WeakKeyDictionary[Transaction, Asked] = WeakKeyDictionary()


def subscribers(handling: Handling, kind: str, name: str, key: str, in_database: bool = True) -> list[SubscriptionRow]:
    """The oldest first. `in_database`: False when the key is of this transaction's making: only the batch can know it."""
    batch, number = handling.tx.batch, KINDS[kind]
    found: dict[tuple[int, int, str], SubscriptionRow] = {}
    if in_database:
        for row in _in_database(handling, number, name, key):
            now = batch.get(SUBSCRIPTIONS, SUBSCRIPTIONS.key_of(row))
            kept = batch.seen(SUBSCRIPTIONS, row) if now is UNTOUCHED else None
            if kept is not None:
                found[SUBSCRIPTIONS.key_of(row)] = kept
    for row in batch.listening(number, name, key):
        found[SUBSCRIPTIONS.key_of(row)] = row
    return sorted(found.values(), key=lambda row: row.id)


def _in_database(handling: Handling, number: int, name: str, key: str) -> list[SubscriptionRow]:
    asked = _ASKED.setdefault(handling.tx, {})
    if handling.tx.batch.written(SUBSCRIPTIONS):
        asked.clear()  # a flush has moved rows of ours into the database
        return waiting.subscriptions_for(handling.reader, number, name, key, limit=MOST)
    found = asked.get((number, name, key))
    if found is None:
        found = asked[number, name, key] = waiting.subscriptions_for(handling.reader, number, name, key, limit=MOST)
    return found
