"""The runner: carries out one command against a transaction: loads, advances, and turns what followed into rows.

It is the writer's `handle`. What a step means for other targets is posted and carried out in the same transaction while
its bound lasts (RUNTIME R10); the rest stands in the mailbox.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from typing import Any

import msgspec

from engine.interpreter import view as core
from engine.runtime import case_migrations, codec, mailbox
from engine.runtime.commands import (
    ChangeRecord,
    Command,
    Drain,
    MigrateCase,
    NewRecord,
    NoteSent,
    PressButton,
    PublishMessage,
    PublishSignal,
    StartCase,
    Sweep,
    TellCase,
)
from engine.runtime.handling import Handling
from engine.runtime.listeners import Listeners, listeners_of
from engine.runtime.packs import PackCache
from engine.runtime.ports import Answer
from engine.runtime.store.errors import Refused
from engine.runtime.store.statements import EFFECTS
from engine.runtime.store.transaction import Transaction

STATUS = {"not-yours": 403, "not-granted": 403, "not-found": 404}
"""HTTP statuses of refusals by code; broken rules and missing fields are 422, everything else 409."""
_log = logging.getLogger(__name__)


class Runner:
    """`live`: the workflows that are awake (scenarios); None: all. `on_open` hears the ids of new cases."""

    def __init__(self, packs: PackCache, live: Collection[str] | None = None) -> None:
        self.packs, self.live = packs, live
        self._listeners: tuple[Any, Listeners] | None = None

    def listeners(self, pack: Any) -> Listeners:
        """Who listens, for the active pack; worked out anew after a deployment."""
        if self._listeners is None or self._listeners[0] is not pack:
            self._listeners = (pack, listeners_of(pack, self.live))
        return self._listeners[1]

    def handle(self, transaction: Transaction, command: Command) -> Answer:
        """Carries out a command. Raises the store's Refused with the person's words in both languages."""
        handling = Handling(self, transaction, command)
        try:
            answer = self._carry_out(handling, command)
            handling.settle_mail()
        except core.Refused as refused:
            raise refusal(refused) from refused
        except core.Unfit as unfit:
            first = unfit.violations[0]
            raise refusal(core.Refused(first.field or first.rule, first.en, first.zh, unfit.violations)) from unfit
        return answer

    def _carry_out(self, handling: Handling, command: Command) -> Answer:
        match command:
            case TellCase():
                assert command.event is not None
                if command.effect is not None:
                    handling.mark_effect(command.effect)
                return Answer(body=handling.tell_case(command.case, command.event, command.actor or None))
            case PressButton():
                return Answer(body=handling.press(command.case, command.button, command.actor, command.fill))
            case NewRecord():
                return Answer(
                    201, handling.create_record(command.form, command.values, command.actor or None, command.cause)
                )
            case ChangeRecord():
                return Answer(
                    body=handling.change_record(
                        command.form, command.id, command.values, command.actor or None, command.version
                    )
                )
            case StartCase():
                return Answer(201, handling.start_by_hand(command))
            case PublishMessage():
                return Answer(202, handling.publish(command.name, command.payload, command.message_id))
            case PublishSignal():
                handling.post(mailbox.Tell(command.name))
                return Answer(202, {"signal": command.name})
            case Sweep():
                return Answer(body={"fired": handling.sweep(command.most)})
            case Drain():
                return Answer(body={"delivered": handling.drain(command.most)})
            case MigrateCase():
                return Answer(body=case_migrations.migrate(handling, command))
            case NoteSent():
                return Answer(body=self._note(handling.tx, command))
            case _:
                raise LookupError(f"nobody carries out a {type(command).__name__}")

    def _note(self, tx: Transaction, command: NoteSent) -> dict[str, Any]:
        case, seq, n = (int(part) for part in command.effect.split("."))
        row = tx.row(EFFECTS, case, seq, n)
        if row is None or row.state != 0:
            return {"noted": False}
        payload = msgspec.json.decode(row.payload) | {"sent": dict(command.result)}
        text = codec.encode(payload)
        tx.batch.change(EFFECTS, row, row._replace(payload=text, state=1, answered_at=tx.now))
        return {"noted": True}


def refusal(refused: core.Refused) -> Refused:
    """A step's refusal as the store and HTTP know it."""
    status = STATUS.get(refused.code, 422 if refused.violations else 409)
    violations = [
        {"rule": v.rule, "field": v.field, "form": v.form, "en": v.en, "zh": v.zh} for v in refused.violations
    ]
    return Refused(status, refused.code, {"en": refused.en, "zh": refused.zh, "violations": violations})


Handle = Callable[[Transaction, Command], Answer]
