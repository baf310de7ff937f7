"""Rows as values: one NamedTuple a table, its fields in the order of the columns.

Longer than other files because it is a list of shapes: what is read and what is written has one. Moments are
microseconds UTC; people are ids of the organization file.
"""

from __future__ import annotations

from typing import NamedTuple


class DefinitionRow(NamedTuple):
    """Deployed definition texts, immutable, each under the hash of its closure (R30, R31)."""

    id: int
    hash: str
    kind: str
    name: str
    text: str
    created_at: int


class ActiveRow(NamedTuple):
    """Which definition is in force under a kind and name (R30)."""

    kind: str
    name: str
    definition_id: int


class DeploymentRow(NamedTuple):
    """The log of deployments; its highest id tells every process that `active` changed (R32)."""

    id: int
    at: int
    actor: str | None
    changes: str


class CaseRow(NamedTuple):
    """One row a case: where it stands now (`state`) and the head of its history."""

    id: int
    workflow: str
    definition_id: int
    record_form: str | None
    record_id: int | None
    parent_id: int | None
    parent_no: int | None
    business_key: str | None
    status: int
    seq: int
    state: str
    head: bytes
    incidents: int
    started_at: int
    last_at: int
    ended_at: int | None = None


class StepRow(NamedTuple):
    """The history: one row an outside event with all that followed from it (R42), append-only and chained (R44)."""

    case_id: int
    seq: int
    at: int
    kind: str
    actor: str | None
    cause: str | None
    events: str
    hash: bytes
    redacted: bytes | None = None


class CaseValueRow(NamedTuple):
    """What is too big for a case's state: lists, query results, anything above 2 KB (R28)."""

    case_id: int
    name: str
    no: int
    value: str


class TaskRow(NamedTuple):
    """Work of people, open (`state` 0) and closed; the columns that lists show and sort by."""

    case_id: int
    no: int
    workflow: str
    node: str
    state: int
    assignee: str | None
    due_at: int
    priority: int
    title: str
    record_form: str | None
    record_id: int | None
    version: int
    opened_at: int
    claimed_at: int | None = None
    closed_at: int | None = None
    outcome: str | None = None


class CandidateRow(NamedTuple):
    """Who may take an open task: a row for each subject ('role:finance', 'user:li_na') while it can be taken."""

    subject: str
    due_at: int
    case_id: int
    no: int


class TaskPersonRow(NamedTuple):
    """People tied to a task other than its owner: copied to, decided, delegated from."""

    subject: str
    kind: int
    at: int
    case_id: int
    no: int


class TimerRow(NamedTuple):
    """Whatever is due at a moment: one row each, found by its due time (R38)."""

    case_id: int
    no: int
    token: int
    due_at: int
    node: str
    kind: str
    attempts: int = 0


class SubscriptionRow(NamedTuple):
    """What cases wait for besides people and time: messages, signals, records, by (kind, name, key)."""

    case_id: int
    no: int
    id: int
    token: int
    kind: int
    name: str
    key: str
    node: str


class MessageRow(NamedTuple):
    """Messages that nobody has taken yet, until they expire (R17)."""

    id: int
    name: str
    key: str
    payload: str
    message_id: str | None
    expires_at: int


class DeliveryRow(NamedTuple):
    """The durable mailbox between cases (R10): what one step means for other targets."""

    id: int
    case_id: int | None
    workflow: str | None
    event: str
    cause: str | None = None
    depth: int = 0
    attempts: int = 0
    not_before: int = 0


class EffectRow(NamedTuple):
    """What the world must do, in order of its birth; (case, seq, n) is the idempotency key of all attempts (R36)."""

    case_id: int
    seq: int
    n: int
    kind: str
    payload: str
    state: int = 0
    attempts: int = 0
    answered_at: int | None = None


class JobRow(NamedTuple):
    """The embedded queue: a job names an effect and is held by a lease (R50)."""

    id: int
    kind: str
    key: str | None
    args: str
    state: int = 0
    attempts: int = 0
    locked_by: str | None = None
    locked_until: int | None = None


class IncidentRow(NamedTuple):
    """What went wrong and waits for an operator."""

    id: int
    case_id: int | None
    token: int | None
    node: str | None
    code: str
    message: str
    event: str | None
    opened_at: int
    closed_at: int | None = None
    closed_by: str | None = None


class CommandRow(NamedTuple):
    """Answers already given, by the caller's idempotency key (R35)."""

    actor: str
    key: str
    digest: bytes
    status: int
    answer: str
    at: int


class RecordRow(NamedTuple):
    """Business records: the data as they are now; `version` guards every write (R8)."""

    id: int
    form: str
    version: int
    data: str
    owner: str | None
    team: str | None
    merged_into: int | None
    created_at: int
    changed_at: int


class RecordKeyRow(NamedTuple):
    """Order-preserving text keys of records for look-ups, ranges and search tokens (R9, R55)."""

    form: str
    field: str
    key: str
    record_id: int


class UniqueKeyRow(NamedTuple):
    """The arbiter of uniqueness: one row a unique value (R16)."""

    form: str
    rule: str
    key: str
    record_id: int


class RecordVersionRow(NamedTuple):
    """What changed in a record, by whom and because of what; one row a version."""

    record_id: int
    version: int
    at: int
    actor: str | None
    cause: str | None
    changes: str


class LoadRow(NamedTuple):
    """How many open things of a kind a member holds; changed relatively, recounted by verify (R33)."""

    member: str
    kind: str
    n: int
    last_at: int


class CursorRow(NamedTuple):
    """Positions that picks in turn go by; a pick locks its node's row (R34)."""

    name: str
    position: int


class SerialRow(NamedTuple):
    """The last serial number given out under a name."""

    name: str
    position: int


class AnchorRow(NamedTuple):
    """Witnesses of the chain: a hash over the heads of the cases touched in a span of time (R44)."""

    id: int
    at: int
    cases: int
    hash: bytes


class ArchivedRow(NamedTuple):
    """Ended cases moved out of the way, each as one packed body; the head is kept (R47)."""

    case_id: int
    record_form: str | None
    record_id: int | None
    ended_at: int
    head: bytes
    body: bytes


class TokenRow(NamedTuple):
    """Access tokens of the HTTP interface: the digest only, never the token."""

    id: int
    person: str
    digest: bytes
    created_at: int
    revoked_at: int | None = None
