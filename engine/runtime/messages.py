"""Messages: published once, kept until taken or expired, brought to exactly one receiver (LANGUAGE 13.8, RUNTIME R17)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from engine.interpreter import events as ev
from engine.interpreter.arming import message_key
from engine.interpreter.names import microseconds_of
from engine.interpreter.tagged import to_tagged
from engine.interpreter.view import Refused, Violation
from engine.language.expressions.plain import NotPlain, from_plain
from engine.language.expressions.things import Record
from engine.language.kinds.message import Message
from engine.runtime import mailbox
from engine.runtime.applying import keep_message
from engine.runtime.store.batch import UNTOUCHED
from engine.runtime.store.queries import waiting
from engine.runtime.store.rows import CommandRow, MessageRow
from engine.runtime.store.statements import COMMANDS, MESSAGES
from engine.runtime.subscribers import subscribers

if TYPE_CHECKING:
    from engine.runtime.handling import Handling


PUBLISHED = "~message"
"""In the place of an actor: under it the ids of messages are remembered."""


def publish(handling: Handling, name: str, payload: Mapping[str, Any], message_id: str | None) -> dict[str, Any]:
    """A message comes in: kept, and brought to whoever waits for it. The same `message_id` counts once."""
    pack, _ = handling.active()
    message = pack.get(Message, name)
    if message is None:
        known = ", ".join(pack.kind(Message))
        raise Refused(
            "not-found", f"there is no message '{name}'; there are: {known}", f"没有消息“{name}”，可用：{known}"
        )
    values = _typed(handling, message, payload)
    if message_id is not None and _known(handling, message_id):
        return {"message": name, "repeated": True}
    listeners = handling.runner.listeners(pack)
    sets = listeners.match_fields.get(name) or [()]
    key = message_key({field: values.get(field) for field in sets[0]})
    view = handling.view(None)
    expires = microseconds_of(view.calendar(None).add(view.now, message.kept))
    keep_message(handling.tx, name, key, dict(payload), message_id, expires)
    if message_id is not None:
        handling.tx.batch.put(COMMANDS, CommandRow(PUBLISHED, message_id, b"", 202, "{}", handling.tx.now))
    for fields in sets:
        look = mailbox.Match(name, message_key({field: values.get(field) for field in fields}))
        handling.post(look)
        handling.post_after_commit(look)
    for start in listeners.by_message.get(name, ()):
        record = _found_by(handling, start.trigger.match or {}, values, start.workflow.case)
        if start.workflow.case is not None and record is None:
            continue
        plain = {field: to_tagged(value) for field, value in values.items()}
        key_ = (record.form, record.id) if record is not None else None
        handling.post(mailbox.Start(start.workflow.name, start.name, key_, plain))
    return {"message": name}


def _typed(handling: Handling, message: Message, payload: Mapping[str, Any]) -> dict[str, Any]:
    _, types = handling.active()
    fields = types.message(message.name)
    view = handling.view(None)
    values: dict[str, Any] = {}
    for name, plain in payload.items():
        if name not in fields:
            raise _unfit(name, f"'{message.name}' carries no '{name}'", f"消息“{message.name}”没有字段“{name}”")
        try:
            values[name] = from_plain(plain, fields[name], view)
        except NotPlain as wrong:
            raise _unfit(name, f"'{name}' cannot be read: {wrong}", f"“{name}”无法识别：{wrong}") from wrong
    missing = next((n for n, f in message.carries.items() if f.required and values.get(n) is None), None)
    if missing is not None:
        raise _unfit(str(missing), f"'{missing}' must be given", f"必须给出“{missing}”")
    return values


def _unfit(field: str, en: str, zh: str) -> Refused:
    return Refused(field, en, zh, [Violation(field, zh, en, field)])


def _known(handling: Handling, message_id: str) -> bool:
    """Kept still, or taken already: its id stays as long as the answers to commands do."""
    if handling.tx.row(COMMANDS, PUBLISHED, message_id) is not None:
        return True
    return waiting.message_with(handling.reader, message_id) is not None


def _found_by(
    handling: Handling, match: Mapping[str, Any], values: Mapping[str, Any], form: str | None
) -> Record | None:
    """The record whose fields equal the message's: `match: {email: lead.email}`; none matches an empty value."""
    if form is None:
        return None
    view = handling.view(None)
    candidates: list[Record] | None = None
    for name, expression in match.items():
        path = expression.text.split(".")
        if len(path) != 2 or path[0] != form or values.get(name) is None:
            return None
        found = list(view.by_key(form, path[1], values[name]))
        candidates = found if candidates is None else [r for r in candidates if r in found]
    return candidates[0] if candidates else None


def match(handling: Handling, name: str, key: str) -> None:
    """Brings the oldest message with this key to the oldest who waits for it; exactly one takes it."""
    for receiver in subscribers(handling, "message", name, key):
        message = _oldest(handling, name, key)
        if message is None:
            return
        case = handling.tx.load_case(receiver.case_id)
        if case is None or case.status != 0:
            continue
        handling.tx.batch.remove(MESSAGES, (message.id,))
        payload = msgspec.json.decode(message.payload)
        before = case.seq
        after = handling.step(case, ev.MessageArrived(receiver.no, name, payload), None)
        if after.seq == before:  # its `if` says no: the message stays for others
            handling.tx.batch.put(MESSAGES, message)


def _oldest(handling: Handling, name: str, key: str) -> MessageRow | None:
    """The oldest unexpired message that has these values: by its key, or by its fields where it was kept under others."""
    batch, now = handling.tx.batch, handling.tx.now
    wanted = msgspec.json.decode(key)
    if any(value is None for value in wanted.values()):
        return None  # an empty field is equal to nothing
    rows = {row.id: row for row in waiting.messages_for(handling.reader, name, key, now, 20)}
    pack, _ = handling.active()
    sets = handling.runner.listeners(pack).match_fields.get(name) or [()]
    if tuple(sorted(wanted)) != sets[0]:
        rows |= {row.id: row for row in waiting.messages_named(handling.reader, name, now)}
    rows = {id: row for id, row in rows.items() if batch.get(MESSAGES, (id,)) is UNTOUCHED}
    rows |= {row.id: row for row in batch.rows(MESSAGES) if row.name == name and row.expires_at > now}
    for id in sorted(rows):
        if rows[id].key == key or _fits(rows[id], wanted):
            return rows[id]
    return None


def _fits(row: MessageRow, wanted: Mapping[str, Any]) -> bool:
    payload = msgspec.json.decode(row.payload)
    return all(payload.get(field) == value for field, value in wanted.items())
