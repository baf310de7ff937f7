"""What the world must do, in the imperative: data only. The runtime turns each into rows of the same transaction."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

Plain = Any


class Effect(Struct, frozen=True, omit_defaults=True, tag_field="e"):
    """Base of all effects. `no` is the number of the await that it belongs to, unique in the case."""


class OpenTask(Effect, frozen=True, tag="OpenTask"):
    """A task for a person (`assignee`) or for one of `candidates`: person ids, or `role:x` for a whole role."""

    no: int
    node: str
    title: str
    assignee: str | None = None
    candidates: tuple[str, ...] = ()
    due: int | None = None
    priority: int = 0
    record: tuple[str, int] | None = None


class ChangeTask(Effect, frozen=True, tag="ChangeTask"):
    """Transferred, taken or given back: the task's people and due date from now on, all of them."""

    no: int
    assignee: str | None = None
    candidates: tuple[str, ...] = ()
    due: int | None = None
    begun: bool = False


class MoveDue(Effect, frozen=True, tag="MoveDue"):
    """The task is due at another time; its people stay."""

    no: int
    due: int | None = None


class RenameNode(Effect, frozen=True, tag="RenameNode"):
    """What was opened under this number belongs to a node that is called differently now; a task's title with it."""

    no: int
    node: str
    title: str


class CloseTask(Effect, frozen=True, tag="CloseTask"):
    """Done by `by` with an outcome, or no longer needed (`outcome` None)."""

    no: int
    outcome: str | None = None
    by: str | None = None


class ReopenTask(Effect, frozen=True, tag="ReopenTask"):
    """A task that a migration withdrew is open again as it was; `candidates` as in OpenTask."""

    no: int
    candidates: tuple[str, ...] = ()


class SetTimer(Effect, frozen=True, tag="SetTimer"):
    no: int
    due: int
    node: str
    kind: str


class CancelTimer(Effect, frozen=True, tag="CancelTimer"):
    no: int


class Subscribe(Effect, frozen=True, tag="Subscribe"):
    """kind: message signal record condition button. `key` is what must be equal; one row for each key."""

    no: int
    kind: str
    name: str
    keys: tuple[str, ...]
    node: str


class Unsubscribe(Effect, frozen=True, tag="Unsubscribe"):
    no: int


class CallService(Effect, frozen=True, tag="CallService"):
    """One attempt of an outside call; the answer comes back as ServiceAnswered."""

    no: int
    connection: str
    call: str
    give: dict[str, Plain] = field(default_factory=dict)
    attempt: int = 1
    key: str = ""


class AskOutside(Effect, frozen=True, tag="AskOutside"):
    """A task for an outside worker, fetched by topic (`external`)."""

    no: int
    topic: str
    give: dict[str, Plain] = field(default_factory=dict)


class WithdrawCall(Effect, frozen=True, tag="WithdrawCall"):
    no: int


class Notify(Effect, frozen=True, tag="Notify"):
    """Tell one person or record by the first channel that reaches it. `to` is `person:id` or `form:id`."""

    to: str
    template: str
    via: tuple[str, ...] = ()
    give: dict[str, Plain] = field(default_factory=dict)
    record: tuple[str, int] | None = None
    urgent: bool = False
    node: str = ""


class PublishMessage(Effect, frozen=True, tag="PublishMessage"):
    name: str
    payload: dict[str, Plain]


class PublishSignal(Effect, frozen=True, tag="PublishSignal"):
    name: str


class StartCase(Effect, frozen=True, tag="StartCase"):
    """A child: a call (`workflow`) or a copy of a node of this workflow (`body`)."""

    no: int
    workflow: str
    record: tuple[str, int] | None = None
    start: str = ""
    data: dict[str, Plain] = field(default_factory=dict)
    body: str = ""
    item: dict[str, Plain] = field(default_factory=dict)
    depth: int = 0
    detached: bool = False
    by: str | None = None


class CancelChild(Effect, frozen=True, tag="CancelChild"):
    no: int


class TellParent(Effect, frozen=True, tag="TellParent"):
    """This case is over (or escalates): the parent's await hears of it."""

    result: str | None = None
    error: str | None = None
    escalation: str | None = None
    answer: dict[str, Plain] = field(default_factory=dict)


class CreateRecord(Effect, frozen=True, tag="CreateRecord"):
    form: str
    id: int


class WriteRecord(Effect, frozen=True, tag="WriteRecord"):
    """These fields of a record were written through the view; the view holds the typed values."""

    form: str
    id: int
    fields: tuple[str, ...]


class MergeRecord(Effect, frozen=True, tag="MergeRecord"):
    """`loser` is given up for `winner`: references move, the loser stays readable."""

    loser: tuple[str, int]
    winner: tuple[str, int]


class MoveCursor(Effect, frozen=True, tag="MoveCursor"):
    """An assignment took its turn: where the next one begins."""

    name: str
    position: int


class CountLoad(Effect, frozen=True, tag="CountLoad"):
    """A pick with a cap: `member` may hold at most `cap` of `kind` when this commits."""

    member: str
    kind: str
    cap: int | None = None


class OpenIncident(Effect, frozen=True, tag="OpenIncident"):
    no: int
    node: str
    code: str
    message: str


class CloseIncident(Effect, frozen=True, tag="CloseIncident"):
    no: int
    by: str | None = None


AnyEffect = (
    OpenTask | ChangeTask | MoveDue | RenameNode | CloseTask | ReopenTask | SetTimer | CancelTimer | Subscribe | Unsubscribe | CallService
    | AskOutside | WithdrawCall | Notify | PublishMessage | PublishSignal | StartCase | CancelChild
    | TellParent | CreateRecord | WriteRecord | MergeRecord | MoveCursor | CountLoad | OpenIncident | CloseIncident
)  # fmt: skip
