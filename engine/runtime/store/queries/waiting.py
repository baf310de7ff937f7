"""Who waits for what: subscriptions by (kind, name, key), and messages that wait to be taken (R15, R17, R18)."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from engine.runtime.store.prepared import Query
from engine.runtime.store.queries.conditions import limit
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import MessageRow, SubscriptionRow
from engine.runtime.store.tables import messages, subscriptions

CHUNK = 5000

_WANTED = (
    select(subscriptions)
    .where(subscriptions.c.kind == bindparam("kind"), subscriptions.c.name == bindparam("name"))
    .limit(limit())
)
_BY_KEY = Query(
    _WANTED.where(subscriptions.c.key == bindparam("key"), subscriptions.c.id > bindparam("after")).order_by(
        subscriptions.c.id
    ),
    SubscriptionRow,
)
_LAST = Query(
    select(subscriptions)
    .where(
        subscriptions.c.kind == bindparam("kind"),
        subscriptions.c.name == bindparam("name"),
        subscriptions.c.key == bindparam("key"),
    )
    .order_by(subscriptions.c.id.desc())
    .limit(limit()),
    SubscriptionRow,
)
_CHUNK = Query(
    _WANTED.where(
        subscriptions.c.key == bindparam("key"),
        subscriptions.c.id > bindparam("after"),
        subscriptions.c.id <= bindparam("last"),
    ).order_by(subscriptions.c.id),
    SubscriptionRow,
)
_MESSAGES = Query(
    select(messages)
    .where(
        messages.c.name == bindparam("name"),
        messages.c.key == bindparam("key"),
        messages.c.expires_at > bindparam("now"),
    )
    .order_by(messages.c.id)
    .limit(limit()),
    MessageRow,
)
_NAMED = Query(
    select(messages)
    .where(messages.c.name == bindparam("name"), messages.c.expires_at > bindparam("now"))
    .order_by(messages.c.id)
    .limit(limit()),
    MessageRow,
)
_BY_MESSAGE_ID = Query(select(messages).where(messages.c.message_id == bindparam("message_id")), MessageRow)
_EXPIRED = Query(
    select(messages).where(messages.c.expires_at <= bindparam("now")).order_by(messages.c.expires_at).limit(limit()),
    MessageRow,
)


def subscriptions_for(
    reader: Reader, kind: int, name: str, key: str, after: int = 0, limit: int = CHUNK
) -> list[SubscriptionRow]:
    """Who waits for this, the oldest first; `after`: the id of the last one seen."""
    return reader.all(_BY_KEY, kind=kind, name=name, key=key, after=after, limit=limit)


def last_subscription(reader: Reader, kind: int, name: str, key: str) -> int:
    """The high-water id that fixes the receivers of a signal (R18); 0 when nobody waits."""
    rows = reader.all(_LAST, kind=kind, name=name, key=key, limit=1)
    return rows[0].id if rows else 0


def subscriptions_up_to(
    reader: Reader, kind: int, name: str, key: str, after: int, last: int, limit: int = CHUNK
) -> list[SubscriptionRow]:
    """The next chunk of a signal's receivers: ids above `after`, at most `last`."""
    return reader.all(_CHUNK, kind=kind, name=name, key=key, after=after, last=last, limit=limit)


def messages_for(reader: Reader, name: str, key: str, now: int, limit: int = 1) -> list[MessageRow]:
    """Messages under this name and key that are not expired, the oldest first.

    Taking one is `batch.remove(MESSAGES, (id,))`: of two takers one gets a Conflict and looks again.
    """
    return reader.all(_MESSAGES, name=name, key=key, now=now, limit=limit)


def messages_named(reader: Reader, name: str, now: int, limit: int = 1000) -> list[MessageRow]:
    """Messages of a name under whatever key, the oldest first: for a receiver that matches by other fields."""
    return reader.all(_NAMED, name=name, now=now, limit=limit)


def message_with(reader: Reader, message_id: str) -> MessageRow | None:
    """The message that a publisher gave this id, while it is kept."""
    return reader.one(_BY_MESSAGE_ID, message_id=message_id)


def expired_messages(reader: Reader, now: int, limit: int = 500) -> list[MessageRow]:
    return reader.all(_EXPIRED, now=now, limit=limit)
