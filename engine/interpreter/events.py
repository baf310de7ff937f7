"""What happened to a case, in the past tense. Outside events are given to `advance`; derived ones it records itself.

Longer than other files because it is a list of shapes.

Everything a later replay needs stands in the event: exits taken, ids, people, due dates. Values are plain JSON data
(see expressions/plain.py); moments are microseconds UTC. A case's history is the list of its steps, each one outside
event and what followed from it.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

Plain = Any
"""JSON data: None, bool, int, str, list, dict. Decimal, dates and moments as text, by their declared types."""


class Event(Struct, frozen=True, omit_defaults=True, tag_field="e"):
    """Base of all events; the tag is the class's name."""


# ---- outside events: each names the thing that awaits it by its number in the case -------------------------------


class CaseStarted(Event, frozen=True, tag="CaseStarted"):
    """A case begins at `start`. `body` instead of a start: a copy of one node (for_each), as a case of its own.

    `detached`: called by a case that does not wait for it, so nobody but an operator hears of its error.
    """

    start: str = ""
    by: str | None = None
    record: tuple[str, int] | None = None
    data: dict[str, Plain] = field(default_factory=dict)
    parent: tuple[int, int] | None = None
    depth: int = 0
    body: str = ""
    item: dict[str, Plain] = field(default_factory=dict)
    message: dict[str, Plain] | None = None
    starter: str | None = None
    detached: bool = False


class TaskBegun(Event, frozen=True, tag="TaskBegun"):
    """A person takes an offered task, or begins work on one that is theirs."""

    no: int
    by: str


class TaskGivenBack(Event, frozen=True, tag="TaskGivenBack"):
    no: int
    by: str


class TaskCompleted(Event, frozen=True, tag="TaskCompleted"):
    """`fill` is what the person wrote, by field; `seen` the version of the record that the person saw."""

    no: int
    button: str
    by: str
    fill: dict[str, Plain] = field(default_factory=dict)
    seen: int | None = None


class TaskTransferred(Event, frozen=True, tag="TaskTransferred"):
    no: int
    by: str
    to: str


class ButtonPressed(Event, frozen=True, tag="ButtonPressed"):
    """A button of an interrupt, a meanwhile or more_on, on the record's page."""

    no: int
    by: str
    fill: dict[str, Plain] = field(default_factory=dict)


class TimerFired(Event, frozen=True, tag="TimerFired"):
    no: int
    due: int


class MessageArrived(Event, frozen=True, tag="MessageArrived"):
    no: int
    name: str
    payload: dict[str, Plain] = field(default_factory=dict)


class SignalReceived(Event, frozen=True, tag="SignalReceived"):
    no: int
    name: str


class RecordHappened(Event, frozen=True, tag="RecordHappened"):
    """A record was created, changed or deleted (`what`), and a wait or an armed event named it. `fields`: which changed."""

    no: int
    what: str
    form: str
    id: int
    fields: tuple[str, ...] = ()


class RecordsTouched(Event, frozen=True, tag="RecordsTouched"):
    """Records that conditions or moments of this case read were written elsewhere: look at them again."""

    keys: tuple[str, ...]


class ServiceAnswered(Event, frozen=True, tag="ServiceAnswered"):
    """What an outside call gave, or why it failed. `final`: the other side says that trying again is useless."""

    no: int
    ok: bool
    gives: dict[str, Plain] = field(default_factory=dict)
    error: str = ""
    final: bool = False


class ChildEnded(Event, frozen=True, tag="ChildEnded"):
    """A called case or a copy is over: by a result, or by an error thrown out of it."""

    no: int
    result: str | None = None
    error: str | None = None
    answer: dict[str, Plain] = field(default_factory=dict)


class EscalationRaised(Event, frozen=True, tag="EscalationRaised"):
    """A child case threw an escalation; it goes on."""

    no: int
    code: str


class IncidentRetried(Event, frozen=True, tag="IncidentRetried"):
    """A named person says that the cause is gone: the node is entered anew."""

    no: int
    by: str


class StepFailed(Event, frozen=True, tag="StepFailed"):
    """A machine's event could not be carried out; the token that awaited it gets an incident instead."""

    no: int
    code: str
    message: str


class CaseCancelled(Event, frozen=True, tag="CaseCancelled"):
    by: str | None = None
    why: str = ""


class CaseMigrated(Event, frozen=True, tag="CaseMigrated"):
    """The case goes on with another version of its workflow. Worked out by `fates.py`, so that replay needs no definitions.

    `nodes`: old name -> new name, where they differ. `closes`: awaits whose timer or event is gone or another one;
    `opens`: (token, or 0 for the case; purpose) of what is opened instead. `anew`: tokens whose step begins again at its
    new node. `takes_up`: tokens whose answers count by the rules of now. `empties`: variables that lose their value; `fills`:
    new ones that begin with what they start with. `leaves`, `to`: ids of the two versions. `began`: when the case
    began. `undoes`: this takes an earlier migration back. `restores`: the case as it was before that, as its stored text: it
    becomes that again, and nothing else above counts.
    """

    by: str | None = None
    leaves: int = 0
    to: int = 0
    began: int = 0
    nodes: dict[str, str] = field(default_factory=dict)
    closes: tuple[int, ...] = ()
    opens: tuple[tuple[int, str], ...] = ()
    anew: tuple[int, ...] = ()
    takes_up: tuple[int, ...] = ()
    empties: tuple[str, ...] = ()
    fills: tuple[str, ...] = ()
    undoes: bool = False
    restores: str = ""


# ---- derived events: what followed, enough to rebuild the case without its definitions ---------------------------


class ScopeOpened(Event, frozen=True, tag="ScopeOpened"):
    """A subprocess begins: a scope inside the run of a token. Scope 0 is the case's own."""

    scope: int
    token: int
    node: str


class ScopeClosed(Event, frozen=True, tag="ScopeClosed"):
    scope: int
    result: str | None = None


class TokenPlaced(Event, frozen=True, tag="TokenPlaced"):
    """A token stands on the arrow into `node`; `arrow` is empty where a start or a case event put it there at once."""

    token: int
    scope: int
    node: str
    came: str = ""
    arrow: str = ""
    path: str = ""
    message: dict[str, Plain] | None = None


class JoinFired(Event, frozen=True, tag="JoinFired"):
    """The join takes these tokens; the first of them goes on (none: taken without effect). `round` opens or closes."""

    scope: int
    node: str
    taken: tuple[int, ...]
    goes: int | None = None
    given: tuple[str, ...] | None = None
    fired: bool = False


class TokenHeld(Event, frozen=True, tag="TokenHeld"):
    """The node's lock (mutex) is taken: the token waits before it, nothing is opened yet."""

    token: int


class NodeEntered(Event, frozen=True, tag="NodeEntered"):
    """`again`: a next round, or the step became available; its interrupts and meanwhiles are armed already."""

    token: int
    at: int
    again: bool = False


class WorkBegun(Event, frozen=True, tag="WorkBegun"):
    """The work of a run began: a person began or answered it, or a step took its lock on entry. `lock`: what it holds now;
    it is free again when the token is gone."""

    token: int
    lock: str = ""


class WorkSetDown(Event, frozen=True, tag="WorkSetDown"):
    """A person gave the begun task back: nobody works on it, its lock is free."""

    token: int


class RoundDone(Event, frozen=True, tag="RoundDone"):
    """One round of a node with `repeat` is over by this exit; the token stays. Fields as in NodeLeft."""

    token: int
    exit: str
    at: int
    by: str | None = None
    answer: str | None = None
    opinion: str | None = None
    changed: tuple[str, ...] = ()
    because: dict[str, Plain] | None = None
    voters: tuple[str, ...] = ()


class Await(Struct, frozen=True, omit_defaults=True):
    """One thing that a token (or the case's own scope) waits for. Its number is what an outside event names.

    kind: task timer moment message signal record condition button service child retry.
    purpose: what it is for: own, deadline, remind, interrupt:x, meanwhile:x, event:x, ...
    keys: the records that a condition or moment read, as form:id. seen: a condition's last value. due: a timer's.
    """

    no: int
    kind: str
    purpose: str
    due: int | None = None
    keys: tuple[str, ...] = ()
    seen: bool | None = None
    count: int = 0
    data: dict[str, Plain] = field(default_factory=dict)


class Waited(Event, frozen=True, tag="Waited"):
    """A token waits, or goes on waiting: these awaits are added, those withdrawn, its memory is this."""

    token: int
    opened: tuple[Await, ...] = ()
    closed: tuple[int, ...] = ()
    memory: dict[str, Plain] | None = None


class Armed(Event, frozen=True, tag="Armed"):
    """Awaits of a scope (the case's own interrupts and meanwhiles), or one await that looks different now."""

    scope: int
    opened: tuple[Await, ...] = ()
    closed: tuple[int, ...] = ()


class Looked(Event, frozen=True, tag="Looked"):
    """A condition or moment was looked at again: its last value, what it read, when it is due."""

    no: int
    seen: bool | None = None
    keys: tuple[str, ...] = ()
    due: int | None = None
    count: int = 0


class NodeLeft(Event, frozen=True, tag="NodeLeft"):
    """A run is over by an exit. `because` is what the decision rested on (at most about 1 KB); `voters`: who answered,
    where several decide together."""

    token: int
    exit: str
    at: int
    by: str | None = None
    answer: str | None = None
    opinion: str | None = None
    changed: tuple[str, ...] = ()
    because: dict[str, Plain] | None = None
    voters: tuple[str, ...] = ()


class TokenEnded(Event, frozen=True, tag="TokenEnded"):
    """A path is over; the result is the case's or the subprocess's, if it named one."""

    token: int
    result: str | None = None


class Withdrawn(Event, frozen=True, tag="Withdrawn"):
    """Tokens and scopes taken away with all that they opened."""

    tokens: tuple[int, ...]
    scopes: tuple[int, ...] = ()
    why: str = ""


class PathQueued(Event, frozen=True, tag="PathQueued"):
    """A meanwhile fired while its path still runs: it begins when that is over (13.6). `taken` removes the first."""

    scope: int
    path: str
    message: dict[str, Plain] | None = None
    taken: bool = False


class EventFired(Event, frozen=True, tag="EventFired"):
    """An interrupt, a meanwhile or an awaited event came; `name` is how the definition calls it."""

    no: int
    name: str
    by: str | None = None


class EscalationUnheard(Event, frozen=True, tag="EscalationUnheard"):
    """An escalation that nobody catches, here or in the cases above: it is only logged, the thrower went on."""

    code: str


class VariableSet(Event, frozen=True, tag="VariableSet"):
    name: str
    value: Plain


class StarterSet(Event, frozen=True, tag="StarterSet"):
    by: str


class Decided(Event, frozen=True, tag="Decided"):
    """Why a node chose as it did: an assignment, a score, a decision's rows, a gateway's condition."""

    node: str
    because: dict[str, Plain]


class IncidentRaised(Event, frozen=True, tag="IncidentRaised"):
    """A token cannot go on; it stays where it is until a person repairs and retries."""

    no: int
    token: int
    code: str
    message: str


class OperatorTold(Event, frozen=True, tag="OperatorTold"):
    """An incident of the case as a whole: no token stands still for it, nothing is retried. `no` is the incident's number."""

    no: int
    node: str
    code: str
    message: str


class CompensationListed(Event, frozen=True, tag="CompensationListed"):
    """A node with `undo` was left normally: its handler is remembered with the data of that moment."""

    scope: int
    node: str
    handler: str
    data: dict[str, Plain] = field(default_factory=dict)


class CompensationTaken(Event, frozen=True, tag="CompensationTaken"):
    scope: int
    index: int


class CaseEnded(Event, frozen=True, tag="CaseEnded"):
    """status: completed, cancelled or failed."""

    result: str | None = None
    status: str = "completed"


Outside = (
    CaseStarted | TaskBegun | TaskGivenBack | TaskCompleted | TaskTransferred | ButtonPressed | TimerFired | MessageArrived
    | SignalReceived | RecordHappened | RecordsTouched | ServiceAnswered | ChildEnded | EscalationRaised | IncidentRetried
    | StepFailed | CaseCancelled | CaseMigrated
)  # fmt: skip
Derived = (
    ScopeOpened | ScopeClosed | TokenPlaced | JoinFired | TokenHeld | NodeEntered | WorkBegun | WorkSetDown | RoundDone | Waited
    | Armed | Looked | NodeLeft | TokenEnded | Withdrawn | PathQueued | EventFired | EscalationUnheard | VariableSet | StarterSet | Decided
    | IncidentRaised | OperatorTold | CompensationListed | CompensationTaken | CaseEnded
)  # fmt: skip
AnyEvent = Outside | Derived
