"""What can be asked of the runtime, as data: each is one outside event with one target, carried out by the runner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.interpreter.events import Outside
from engine.interpreter.versions import Choices


@dataclass
class Command:
    """`actor` is a person's id or empty for the system. With `key` and `digest` it is carried out once (R35).

    `alone`: what follows in other cases is left to the mailbox; set when carrying it out here could not be undone.
    """

    actor: str = ""
    key: str | None = None
    digest: bytes = b""
    alone: bool = field(default=False, compare=False)

    @property
    def target_case(self) -> int | None:
        return None


@dataclass
class TellCase(Command):
    """An event for a case. `effect` is the id of the effect that it answers: done with the same commit."""

    case: int = 0
    event: Outside | None = None
    effect: str | None = None

    @property
    def target_case(self) -> int | None:
        return self.case


@dataclass
class PressButton(Command):
    """A button of a case's interrupt or meanwhile, by its name."""

    case: int = 0
    button: str = ""
    fill: Mapping[str, Any] = field(default_factory=dict)

    @property
    def target_case(self) -> int | None:
        return self.case


@dataclass
class NewRecord(Command):
    form: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    cause: str | None = None


@dataclass
class ChangeRecord(Command):
    """`version`: what the caller saw; another one is refused."""

    form: str = ""
    id: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None


@dataclass
class StartCase(Command):
    """A start by a person or a program. `record` is its id, `data` case variables of a `called` start."""

    workflow: str = ""
    start: str = ""
    record: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    fill: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class PublishMessage(Command):
    """From outside; `message_id` makes it count once."""

    name: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    message_id: str | None = None


@dataclass
class PublishSignal(Command):
    name: str = ""


@dataclass
class MigrateCase(Command):
    """A case goes on with another version of its workflow: definition `to`, as a person chose. Refused when it cannot.

    `undo`: back to the version that its latest migration left; then `to` and `choices` come from there. `seen`: the number of
    its last step when it was judged; refused when it has moved on since.
    """

    case: int = 0
    to: int = 0
    choices: Choices = field(default_factory=Choices)
    undo: bool = False
    seen: int | None = None

    @property
    def target_case(self) -> int | None:
        return self.case


@dataclass
class Sweep(Command):
    """Due timers and schedules, earliest first, at most so many."""

    most: int = 200


@dataclass
class Drain(Command):
    """Deliveries that wait in the mailbox, at most so many."""

    most: int = 100


@dataclass
class NoteSent(Command):
    """A notice was delivered, or could not be: noted with its effect."""

    effect: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
