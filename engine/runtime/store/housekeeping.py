"""What must be thrown away in time: old answers, expired messages; and the write-ahead log of SQLite."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from engine.runtime.store import tables
from engine.runtime.store.prepared import Query
from engine.runtime.store.queries.conditions import limit
from engine.runtime.store.queries.waiting import expired_messages
from engine.runtime.store.rows import CommandRow
from engine.runtime.store.statements import COMMANDS, MESSAGES
from engine.runtime.store.transaction import Transaction

KEEP_ANSWERS = 7 * 86_400 * 1_000_000
"""Microseconds for which a command key is known (R35)."""

MOST = 1000
"""Rows of one transaction."""

_OLD = Query(
    select(tables.commands)
    .where(tables.commands.c.at < bindparam("before"))
    .order_by(tables.commands.c.at)
    .limit(limit()),
    CommandRow,
)


def forget_answers(transaction: Transaction, most: int = MOST) -> int:
    """Deletes command keys older than KEEP_ANSWERS; how many."""
    old = transaction.all(_OLD, before=transaction.now - KEEP_ANSWERS, limit=most)
    for row in old:
        transaction.batch.remove(COMMANDS, (row.actor, row.key))
    return len(old)


def expire_messages(transaction: Transaction, most: int = MOST) -> int:
    """Deletes messages that nobody took in time; how many."""
    expired = expired_messages(transaction, transaction.now, most)
    for message in expired:
        transaction.batch.remove(MESSAGES, (message.id,))
    return len(expired)
