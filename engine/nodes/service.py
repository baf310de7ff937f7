"""service: calls an outside system by a connection's name.

The call happens after the commit; its answer is a new event. A failure is tried again as `retry` says; after the last one
the exit is `failed` if it has an arrow, else an incident. Each attempt carries the same idempotency key.

```yaml
esign:
  type: service
  connection: esign
  call: create_envelope
  give: {contract_number: = contract.number}
  retry: {times: 5, first_after: 1 minutes, then: double}
  next: {done: signature, failed: esign_by_hand}
```
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Map
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from engine.interpreter import events as ev
from engine.interpreter.node import Fail, Leave, NodeType, Outcome, Timer, Wait
from engine.interpreter.node import Service as Calling
from engine.interpreter.run import Run
from engine.language.durations import Duration
from engine.language.kinds.connection import Connection
from engine.language.pack import Pack
from engine.language.shapes import DURATION, PATH, VALUE, MapOf, Name, NumberShape, OneWord, Struct, StructShape, key
from engine.language.values import Value
from engine.nodes.parts.giving import given, take

MOST_DOUBLINGS = 12


@dataclass(frozen=True, kw_only=True)
class Retry(Struct):
    """How often a failed call is tried again, and when."""

    times: int = key(NumberShape(0, 100, whole=True), "tries after the first", required=True)
    first_after: Duration = key(DURATION, "before the first of them", required=True)
    then: str = key(OneWord("double", "same"), "each later pause", default="same")


@dataclass(frozen=True, kw_only=True)
class Service(NodeType):
    """Calls an outside system by a connection's name."""

    TYPE: ClassVar[str] = "service"

    connection: str = key(Name(), "the connection", required=True)
    call: str = key(Name(), "its call", required=True)
    give: Map[str, Value] | None = key(MapOf(Name(reserved=True), VALUE), "what the call takes")
    into: Map[str, str] | None = key(MapOf(Name(reserved=True), PATH), "where what it gives is written")
    retry: Retry | None = key(StructShape(Retry, ("retry", "retry")), "when a failed call is tried again")

    def waits(self) -> bool:
        return True

    def optional_exits(self) -> tuple[str, ...]:
        return ("failed",)

    def inputs(self, pack: Pack) -> Map[str, Any] | None:
        found = pack.get(Connection, self.connection)
        call = (found.calls or {}).get(self.call) if found is not None else None
        return (call.takes or {}) if call is not None else None

    def outputs(self, pack: Pack) -> Map[str, Any] | None:
        found = pack.get(Connection, self.connection)
        call = (found.calls or {}).get(self.call) if found is not None else None
        return (call.gives or {}) if call is not None else None

    def enter(self, run: Run) -> Outcome:
        takes, _ = run.work.workflow.types.call(self.connection, self.call)
        give = given(run, self.give, takes)
        return Wait(
            [Calling("own", str(self.connection), str(self.call), give, 1)], memory={"give": give, "attempt": 1}
        )

    def resume(self, run: Run, event: ev.AnyEvent) -> Outcome:
        assert run.awaited is not None
        if isinstance(event, ev.TimerFired):
            attempt = run.memory["attempt"] + 1
            calling = Calling("own", str(self.connection), str(self.call), run.memory["give"], attempt)
            return Wait([calling], closes=(run.awaited.no,), memory={**run.memory, "attempt": attempt})
        assert isinstance(event, ev.ServiceAnswered)
        if event.ok:
            _, gives = run.work.workflow.types.call(self.connection, self.call)
            values = {n: run.typed(v, gives[n]) for n, v in event.gives.items() if n in gives}
            take(run, self.into, values)
            return Leave("done")
        attempt = run.memory["attempt"]
        if self.retry is not None and not event.final and attempt <= self.retry.times:
            pause = self._pause(run, attempt)
            return Wait(
                [Timer("retry", run.due_after(pause))],
                closes=(run.awaited.no,),
                memory={**run.memory, "error": event.error},
            )
        if "failed" in self.arrows():
            return Leave("failed", because={"error": event.error[:500], "attempts": attempt})
        return Fail("service-failed", f"{self.connection}.{self.call}: {event.error}")

    def _pause(self, run: Run, attempt: int) -> Duration:
        """The pause before the next try, with up to a tenth more by the case and run: no two cases march in step."""
        assert self.retry is not None
        factor = 2 ** min(attempt - 1, MOST_DOUBLINGS) if self.retry.then == "double" else 1
        seed = hashlib.sha256(f"{run.case.id}.{run.token.no}.{attempt}".encode()).digest()
        pause = self.retry.first_after
        amount = pause.amount * factor
        if pause.unit in ("seconds", "minutes", "hours"):
            amount = amount + (Decimal(amount) * seed[0] / 2550).quantize(Decimal("0.001"))
        return Duration(amount, pause.unit, f"{amount} {pause.unit}")
