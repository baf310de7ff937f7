"""Carries out effects outside any transaction: calls of services and notices (RUNTIME R26, R36).

An effect is tried once; what it came to goes back as an event or a note, whose transaction marks the effect done. A
crash in between does it again with the same key.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

from engine.interpreter.effects import AnyEffect, CallService, Notify
from engine.interpreter.events import ServiceAnswered
from engine.interpreter.names import moment_of
from engine.language.vocabulary import PackTypes
from engine.rules.rendering import Language
from engine.runtime.codec import decode_effect
from engine.runtime.connections.python import Callable_
from engine.runtime.connections.reply import Reply
from engine.runtime.notices import Notice, notices
from engine.runtime.packs import LoadedPack
from engine.runtime.ports import Clock
from engine.runtime.services import SEND, Connections, Services, takes_of
from engine.runtime.store.errors import Refused
from engine.runtime.store.queries.effects import WAITING
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import CaseRow
from engine.runtime.store.statements import CASES, EFFECTS
from engine.runtime.store.store import Store
from engine.runtime.store.transaction import Transaction
from engine.runtime.view import SqlView

Told = dict[str, Any]
"""{"via", "to", "subject", "body", "language", "undeliverable"}, and "why" when it is: unknown-receiver, no-address,
or what the channel said."""

LATE = "late"
"""The code of a refusal that says: nobody awaits this event."""

_log = logging.getLogger(__name__)


class NotDelivered(Exception):
    """A channel failed in a way that may pass: the queue performs the effect again, later."""


class Performer:
    """`performer(effect_id)` is the queue's `Perform`.

    `pack_for(reader, definition_id)`: what a case runs on: `PackCache.pack_for`. `answer(case_id, event, effect_id)`
    and `told(effect_id, result)` commit what an effect came to and mark it done.
    `services`: callables by name, or a Services of one's own (`Canned`). `environ` holds secrets and settings.
    """

    def __init__(
        self,
        store: Store,
        pack_for: Callable[[Reader, int], LoadedPack],
        answer: Callable[[int, ServiceAnswered, str], object],
        told: Callable[[str, Told], object],
        *,
        services: Services | Mapping[str, Callable_] | None = None,
        clock: Clock | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._store, self._pack_for, self._answer, self._told = store, pack_for, answer, told
        self._clock = clock or store.clock
        if services is None or isinstance(services, Mapping):
            env = os.environ if environ is None else environ
            self.services: Services = Connections(services, env, lambda: moment_of(self._clock()))
        else:
            self.services = services

    def __call__(self, effect: str) -> None:
        """Raises NotDelivered, or what is our mistake; a service that says no is an answer, not an exception."""
        with self._store.read() as reader:
            found = self._read(reader, effect)
            if found is None:
                return
            case, payload = found
            types = self._pack_for(reader, case.definition_id).types
            ways = self._ways(reader, types, case, payload) if isinstance(payload, Notify) else []
        if isinstance(payload, Notify):
            self._told(effect, self._tell(types, ways, effect))
            return
        reply = self.services.call(types, payload.connection, payload.call, payload.give, payload.key or effect)
        event = ServiceAnswered(payload.no, reply.ok, dict(reply.gives), reply.error, reply.final)
        try:
            self._answer(case.id, event, effect)
        except Refused as refused:
            if refused.code != LATE:
                raise
            self._told(effect, {"late": True})  # the case waits no more: the answer is for nobody

    def _read(self, reader: Reader, effect: str) -> tuple[CaseRow, CallService | Notify] | None:
        """The effect and its case; None when it is done, not ours to do, or gone with its case."""
        case_id, seq, n = (int(part) for part in effect.split("."))
        row = reader.row(EFFECTS, case_id, seq, n)
        case = reader.row(CASES, case_id)
        if row is None or case is None:
            _log.warning("effect %s is not there any more", effect)
            return None
        payload: AnyEffect = decode_effect(row.payload)
        ours = row.state == WAITING and isinstance(payload, CallService | Notify)
        return (case, payload) if ours else None  # type: ignore[return-value]

    # -- notices

    def _ways(self, reader: Reader, types: PackTypes, case: CaseRow, effect: Notify) -> list[Notice]:
        now = self._clock()
        transaction = Transaction(reader.connection, self._store.dialect, self._store.ids, now, None)
        views: dict[Language, SqlView] = {}

        def view_in(language: Language) -> SqlView:
            if language not in views:
                views[language] = SqlView(
                    transaction, types.pack, types, moment_of(now), ids=self._store.ids, actor=None, language=language
                )
            return views[language]

        return notices(effect, case.workflow, types, view_in)

    def _tell(self, types: PackTypes, ways: list[Notice], key: str) -> Told:
        """Tells by the first channel that reaches and takes it; one that says never is passed over."""
        refused = ""
        for notice in ways:
            if notice.undeliverable:
                return _told(notice, notice.why)
            reply = self._send(types, notice, key)
            if reply.ok:
                return _told(notice)
            if not reply.final:
                raise NotDelivered(f"{notice.via}: {reply.error}")
            refused = reply.error
        return _told(ways[-1]._replace(via=None), refused)

    def _send(self, types: PackTypes, notice: Notice, key: str) -> Reply:
        if notice.connection is None:
            return Reply(True)
        give = {"to": notice.to, "subject": notice.subject, "body": notice.body}
        takes = takes_of(types, notice.connection, SEND)
        wanted = {name: value for name, value in give.items() if takes is None or name in takes}
        return self.services.call(types, notice.connection, SEND, wanted, key)


def _told(notice: Notice, why: str | None = None) -> Told:
    told: Told = {
        "via": notice.via, "to": notice.to, "subject": notice.subject, "body": notice.body, "language": notice.language,
        "undeliverable": notice.undeliverable,
    }  # fmt: skip
    return told if why is None else {**told, "why": why}
