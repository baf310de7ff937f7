"""One write transaction of the writer: what each command came to, and the commit with its doubts (R20-R24)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from engine.runtime.ports import Answer, Committed, Handle, Work
from engine.runtime.store.batch import Batch, Mark
from engine.runtime.store.errors import CannotUndo, Conflict, Refused, StoreError, Unavailable
from engine.runtime.store.rows import CommandRow
from engine.runtime.store.statements import CASES, COMMANDS, DELIVERIES, EFFECTS, RECORD_VERSIONS, STEPS, TIMERS, Kept
from engine.runtime.store.store import Store
from engine.runtime.store.transaction import Transaction

Outcome = Answer | BaseException
"""What a command came to: the answer, or what its future raises."""

BeforeCommit = Callable[[Transaction, Sequence[str]], None]
"""Called after the flush with the ids of the new effects: the queue's `enqueue`."""


class Again(Exception):
    """Nothing of the batch was committed: each of its commands must be run alone.

    `reason`: what stood in the way. `outcome`: what the command came to whose writes could not be undone alone.
    """

    def __init__(self, reason: BaseException, outcome: Outcome | None = None) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.outcome = outcome


def run_command(transaction: Transaction, handle: Handle, command: Any) -> Outcome:
    """Runs one command; what it wrote stays in the batch only if it was answered.

    A Conflict is returned for the caller to run the command again. Again: the transaction itself is lost.
    """
    batch = transaction.batch
    key = getattr(command, "key", None)
    mark = batch.mark()
    try:
        if key is not None:
            known = _answered(transaction, command.actor, key, command.digest)
            if known is not None:
                return known
            mark = batch.mark()
        answer = Answer(body=command.run(transaction)) if isinstance(command, Work) else handle(transaction, command)
        if key is not None:
            _remember(transaction, command, answer.status, answer.body)
        return answer
    except Refused as refused:
        _undo(batch, mark, refused)
        if key is not None and 400 <= refused.status < 500:  # a definite no is kept like a yes
            _remember(transaction, command, refused.status, {"code": refused.code, "detail": refused.detail})
        return refused
    except Conflict as conflict:
        _undo(batch, mark, conflict)
        return conflict
    except Exception as error:
        if transaction.dialect.owns(error):  # the transaction is in doubt, so it is given up as a whole
            raise Again(transaction.dialect.translate(error) or error) from error
        _undo(batch, mark, error)
        return error


def _undo(batch: Batch, mark: Mark, outcome: Outcome) -> None:
    try:
        batch.truncate(mark)
    except CannotUndo as error:
        raise Again(error, outcome) from error


def _answered(transaction: Transaction, actor: str, key: str, digest: bytes) -> Outcome | None:
    known = transaction.row(COMMANDS, actor, key)
    if known is None:
        return None
    if known.digest != digest:
        return Refused(422, "key-used-for-another-request")
    body = msgspec.json.decode(known.answer)
    if known.status >= 400:
        return Refused(known.status, body["code"], body["detail"])
    return Answer(known.status, body, repeated=True)


def _remember(transaction: Transaction, command: Any, status: int, body: Any) -> None:
    answer = msgspec.json.encode(body).decode()
    row = CommandRow(command.actor, command.key, command.digest, status, answer, transaction.now)
    transaction.batch.put(COMMANDS, row)


def commit(store: Store, transaction: Transaction, before_commit: Sequence[BeforeCommit]) -> Committed:
    """Flushes and commits. Again: nothing was written; Unavailable: nothing, or (`unknown`) nobody can tell."""
    connection = transaction.connection
    try:
        transaction.flush()
        effects = tuple(
            f"{row.case_id}.{row.seq}.{row.n}"
            for row in transaction.batch.written(EFFECTS).values()
            if row is not None and row.state == 0 and row.attempts == 0
        )
        if effects:
            for call in before_commit:
                call(transaction, effects)
    except Exception as error:
        rollback(transaction)
        raise Again(store.dialect.translate(error) or error) from error
    try:
        connection.commit()
    except Exception as error:
        rollback(transaction)
        translated = store.dialect.translate(error)
        if translated is None:
            raise
        if not was_committed(store, transaction, translated):
            raise Again(translated) from error
    return _committed(transaction, effects)


def was_committed(store: Store, transaction: Transaction, error: StoreError) -> bool:
    """After a COMMIT without an answer: whether it happened (R24), asked on a new connection.

    The witness is a row that only this transaction can have written: a step with its hash (stronger than `cases.head`,
    which another process may have moved on since), a record's version, or a stored command. Unavailable with `unknown`
    if there is none, or if the database cannot be asked.
    """
    batch = transaction.batch
    try:
        with store.read() as reader:
            witnesses: tuple[Kept[Any], ...] = (STEPS, RECORD_VERSIONS, COMMANDS)
            for kept in witnesses:
                for key, row in batch.written(kept).items():
                    if row is not None:
                        return bool(reader.row(kept, *key) == row)
    except Exception as second:
        raise Unavailable(f"commit unknown: {error}; then {second}", unknown=True) from second
    if batch.wrote:
        raise Unavailable(f"commit unknown: {error}", unknown=True) from error
    return False


def rollback(transaction: Transaction) -> None:
    """Rolls back; a connection that cannot even do that is thrown away."""
    connection = transaction.connection
    try:
        connection.rollback()
    except Exception:
        connection.invalidate()
        connection.rollback()  # of SQLAlchemy's own note of the lost transaction; the next use connects anew


def _committed(transaction: Transaction, effects: tuple[str, ...]) -> Committed:
    batch = transaction.batch
    due = [row.due_at for row in batch.written(TIMERS).values() if row is not None]
    deliveries = sum(row is not None for row in batch.written(DELIVERIES).values())
    cases = frozenset(key[0] for key in batch.written(CASES))
    return Committed(min(due, default=None), deliveries, effects, cases)
