"""What a node type is: declared keys, exits, and two functions, `enter` and `resume`, that return an Outcome.

A node decides and says; it never changes the case and never cleans up: whatever it opened is withdrawn by the
interpreter when its token leaves. Adding a node type is one file with one class derived from NodeType.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.interpreter.events import Plain
from engine.language.expressions.parse import Expression
from engine.language.kinds.node import Node

if TYPE_CHECKING:
    from engine.interpreter.events import AnyEvent
    from engine.interpreter.run import Run
    from engine.language.kinds.events import Event
    from engine.language.shapes import Moment


# ---- what a waiting node opens: each becomes an await with a number, and an effect ---------------------------------


@dataclass(frozen=True)
class Opening:
    """`purpose` comes back with the event that answers it."""

    purpose: str = "own"


@dataclass(frozen=True)
class Task(Opening):
    """A task: for `assignee`, else for one of `candidates` (person ids or role:x). `data` is kept with the await."""

    title: str = ""
    assignee: str | None = None
    candidates: tuple[str, ...] = ()
    due: int | None = None
    priority: int = 0
    data: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True)
class Timer(Opening):
    """At `due` (microseconds UTC). `keys`: the records that `due` was worked out from; it follows them."""

    due: int | None = None
    keys: tuple[str, ...] = ()
    count: int = 0
    moving: bool = False


@dataclass(frozen=True)
class Subscription(Opening):
    """kind: message signal record button. `keys`: what must be equal."""

    kind: str = "message"
    name: str = ""
    keys: tuple[str, ...] = ()
    data: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True)
class Condition(Opening):
    """`once` or `becomes` over the case's env: looked at when a record that it reads was written."""

    expression: Expression | None = None
    edge: bool = False
    """True for becomes: it fires on the turn from false to true, beginning with the value at arming."""


@dataclass(frozen=True)
class Service(Opening):
    connection: str = ""
    call: str = ""
    give: Mapping[str, Plain] = field(default_factory=dict)
    attempt: int = 1


@dataclass(frozen=True)
class Outside(Opening):
    topic: str = ""
    give: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True)
class Child(Opening):
    """A case of its own: a call, or a copy of this node (`body`)."""

    workflow: str = ""
    record: tuple[str, int] | None = None
    start: str = ""
    data: Mapping[str, Plain] = field(default_factory=dict)
    body: str = ""
    item: Mapping[str, Plain] = field(default_factory=dict)
    detached: bool = False


@dataclass(frozen=True)
class Inside(Opening):
    """A scope of the node's own nodes, beginning at `start`: a subprocess."""

    start: str = ""


# ---- outcomes --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Leave:
    """The run is over by this exit. `exits`: several at once (inclusive gateway). `by`, `answer`... feed steps.x."""

    exit: str = "done"
    exits: tuple[str, ...] = ()
    by: str | None = None
    answer: str | None = None
    opinion: str | None = None
    changed: tuple[str, ...] = ()
    because: Mapping[str, Plain] | None = None
    voters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wait:
    """The run goes on: these are opened, those (by number) withdrawn; `paths` are second paths that begin (targets).

    `alone`: all else that stands in the scope is withdrawn.
    """

    opens: Sequence[Opening] = ()
    closes: Sequence[int] = ()
    memory: Mapping[str, Plain] | None = None
    paths: tuple[str, ...] = ()
    alone: bool = False


@dataclass(frozen=True)
class End:
    """The path is over. kind: normal terminate cancel error escalation."""

    result: str | None = None
    kind: str = "normal"
    code: str | None = None


@dataclass(frozen=True)
class Fail:
    """The run cannot go on: an incident, which a person repairs and retries."""

    code: str
    message: str


@dataclass(frozen=True)
class Ignore:
    """The event was awaited but means nothing now (its `if` is false): nothing changes."""


Outcome = Leave | Wait | End | Fail | Ignore


@dataclass(frozen=True, kw_only=True)
class NodeType(Node):
    """Base of every node type. `TYPE` is its word in YAML, its file's name, its test's name and its manual heading."""

    def waits(self) -> bool:
        """Whether it can wait for an outside event; a node that never waits is done in the step that reached it."""
        return False

    def by_people(self) -> bool:
        """Whether people do it: then it is shown at once, and its lock is taken and its time counts when somebody begins."""
        return False

    def enter(self, run: Run) -> Outcome:
        """A token begins this node."""
        raise NotImplementedError(self.TYPE)

    def resume(self, run: Run, event: AnyEvent) -> Outcome:
        """Something this run awaits happened; `run.awaited` is the await."""
        raise LookupError(f"{self.TYPE} awaits nothing, and got {type(event).__name__}")

    def event_for(self, purpose: str) -> Event | None:
        """The definition's event that an await with this purpose stands for; types with own events override it."""
        return None

    def clocks(self, run: Run) -> Sequence[Opening]:
        """The timers of its own that run beside what it waits for (deadline, reminders), as this definition has them,
        counted from when the run was opened: set anew when a case moves to this version."""
        return ()

    def by_votes(self) -> bool:
        """Whether several people's answers make its outcome: then a person says what becomes of them in a new version."""
        return False

    def asked_otherwise(self, before: NodeType, memory: Mapping[str, Plain], root: Any, root_before: Any) -> str:
        """How an open run under `before` would be put to people here: '' as it is; `people`: others would get it, who has it
        keeps it; `anew`: nobody has taken or answered it, so it is given out anew; `answers`: some were given that would count
        differently. `root`: the definition of the pack with its policies, of each version."""
        return ""

    def can_take_up(self, memory: Mapping[str, Plain], root: Any) -> bool:
        """Whether answers that were given under another definition can lead to an outcome here."""
        return True

    def take_up(self, run: Run) -> Outcome:
        """Answers that were given under another definition count by this one, from now on."""
        return Wait()

    def offered(self, run: Run) -> tuple[str, ...]:
        """To whom the awaited task of an open run is offered (person:id, role:x); nobody where it is somebody's."""
        return ()

    def moment_for(self, purpose: str) -> Moment | None:
        """The moment that a timer with this purpose follows, besides those of events."""
        return None

    def inputs(self, pack: Any) -> Mapping[str, Any] | None:
        """What `give` may hold: name -> Field, by the definition that the node uses; None when nothing is known."""
        return None

    def outputs(self, pack: Any) -> Mapping[str, Any] | None:
        """What `into` may take: name -> Field."""
        return None


__all__ = [
    "Child", "Condition", "End", "Fail", "Ignore", "Inside", "Leave", "NodeType", "Opening", "Outcome", "Outside", "Service",
    "Subscription", "Task", "Timer", "Wait",
]  # fmt: skip
