"""What one step means for other targets, as data: deliveries (RUNTIME R10, R13).

Each is carried out inside the transaction that caused it while its bound lasts, else it stands in the mailbox and any
process drains it after the commit.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct, field

from engine.interpreter.events import Outside
from engine.runtime.codec import plain_text


class Delivery(Struct, frozen=True, omit_defaults=True, tag_field="d"):
    """Base of all deliveries."""


class ToCase(Delivery, frozen=True, tag="case"):
    """An event for one case that exists."""

    case: int
    event: Outside


class OpenChild(Delivery, frozen=True, tag="child"):
    """A case that another one opened: a call or a copy. `definition`: the parent's closure, for copies."""

    workflow: str
    event: Outside
    definition: int | None = None


class Start(Delivery, frozen=True, tag="start"):
    """A start of a workflow, caused by a record, a message, a signal or a schedule."""

    workflow: str
    start: str
    record: tuple[str, int] | None = None
    message: dict[str, Any] | None = None
    by: str | None = None


class Match(Delivery, frozen=True, tag="match"):
    """A message was published, or somebody began to wait for one: bring them together (R17)."""

    name: str
    key: str


class LookAgain(Delivery, frozen=True, tag="look"):
    """Records written while somebody may have begun to watch them: whoever committed later sees both (R17)."""

    keys: tuple[str, ...]


class Tell(Delivery, frozen=True, tag="signal"):
    """A signal, to everyone who waited when it was sent: subscriptions above `after`, at most `last` (R18)."""

    name: str
    after: int = 0
    last: int | None = None


class CancelChildren(Delivery, frozen=True, tag="cancel"):
    """The children that an await of a case opened are withdrawn with it."""

    parent: int
    no: int


class Rescore(Delivery, frozen=True, tag="rescore"):
    """A record's score is worked out anew (a scoring's `again`)."""

    scoring: str
    form: str
    id: int


class RescoreAll(Delivery, frozen=True, tag="rescore-all"):
    """Every record of a scoring's form, in pages: those after `after`."""

    scoring: str
    after: int = 0


AnyDelivery = ToCase | OpenChild | Start | Match | LookAgain | Tell | CancelChildren | Rescore | RescoreAll
_encoder = msgspec.json.Encoder(enc_hook=plain_text)
_decoder = msgspec.json.Decoder(AnyDelivery)


class Posted(Struct, frozen=True):
    """A delivery on its way: who caused it (`case.seq`, or a record's change), and how many causes lie before it."""

    delivery: AnyDelivery
    cause: str | None = None
    depth: int = 0
    causes: tuple[int, ...] = field(default=())


def encode(delivery: AnyDelivery) -> str:
    return _encoder.encode(delivery).decode()


def decode(text: str) -> AnyDelivery:
    return _decoder.decode(text)


def case_of(delivery: AnyDelivery) -> int | None:
    return delivery.case if isinstance(delivery, ToCase) else None
