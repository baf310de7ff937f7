"""The shapes that the runtime's parts meet by: clock, command, answer, handler, queue, lanes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple, Protocol

from engine.runtime.store.transaction import Transaction

Clock = Callable[[], int]
"""Microseconds since 1970, UTC."""

Lane = Literal["interactive", "bulk"]
"""People wait in `interactive`; imports, timers and deliveries go by `bulk`."""


class Command(Protocol):
    """One outside event and its target. What else it holds is between who submits and who handles it.

    Optional attributes: `actor` and `key` (str) with `digest` (bytes of the request's body) make it idempotent (R35):
    the answer is stored, and given again for the same key and digest.
    """

    @property
    def target_case(self) -> int | None: ...


class Work(NamedTuple):
    """The runtime's own work as a command: housekeeping, claims of jobs, deployments. It knows how to run itself."""

    run: Callable[[Transaction], Any]
    target_case: int | None = None


class Answer(NamedTuple):
    """What a command came to. `body` is JSON data when the command has a key. `repeated`: it was answered before."""

    status: int = 200
    body: Any = None
    repeated: bool = False


Handle = Callable[[Transaction, Any], Answer]
"""Runs one command against the transaction's batch. Refused: nothing is recorded, the caller is told no.

It may be run again from the start (Conflict), so it keeps nothing outside the batch.
"""


class Committed(NamedTuple):
    """What a commit brought about, for those who wake up after it. All of it is in the database too."""

    earliest_due: int | None
    deliveries: int
    effects: tuple[str, ...]
    cases: frozenset[int]


class Perform(Protocol):
    """Carries out the effect `case.seq.n` (R36): done already = returns at once. Never inside a transaction."""

    def __call__(self, effect: str) -> None: ...


class Queue(Protocol):
    """Brings effect ids to whoever performs them, at least once (R51). It never sees steps, timers or deliveries."""

    def enqueue(self, transaction: Transaction, effects: Iterable[str]) -> None:
        """Called once a batch, after its writes and before COMMIT, on the batch's own connection."""

    def wake(self) -> None:
        """After a commit that enqueued something."""

    def start(self, perform: Perform) -> None: ...

    def stop(self, timeout: float) -> None:
        """Takes no more; waits up to `timeout` seconds for what runs."""
