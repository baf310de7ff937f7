"""One step being worked out: the draft of the case, what was recorded, what the world must do, and who is ready.

`record` is the only way to change the draft (through evolve), `emit` the only way to ask something of the world.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Mapping
from typing import Any

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.events import Await, Plain
from engine.interpreter.instance import Instance, Scope, Token, evolve
from engine.interpreter.names import names_of
from engine.interpreter.node import Fail
from engine.interpreter.view import Refused, View

MOST_ENTRIES = 200
MOST_EFFECTS = 500
OVER_ALL = "lock "
"""How the name of a lock over all cases begins: as a cursor (the case that holds it, 0: nobody) and as a signal (free)."""


class TooLarge(Exception):
    """The step entered too many nodes or asked too much of the world: it is rolled back (RUNTIME R12)."""


class Work:
    """The state of one `advance`. `ready` holds token numbers, oldest first."""

    def __init__(self, workflow: CompiledWorkflow, case: Instance, view: View, at: int) -> None:
        self.workflow, self.case, self.view, self.at = workflow, case, view, at
        self.events: list[ev.AnyEvent] = []
        self.effects: list[fx.AnyEffect] = []
        self.ready: deque[int] = deque()
        self.entries = 0
        self.last_no = case.no
        self.fresh_conditions: set[int] = set()
        self.failures: Mapping[int, Fail] = {}
        self.cause = 0
        """Whose doing the rest is: the entry last made, or minus the number of the event that last fired."""
        self.case_opened = at
        self.looked_at = -1
        self.again: set[int] = set()
        """Tokens in `ready` that begin their next round."""

    # ---- the two ways out

    def record(self, event: ev.AnyEvent) -> None:
        evolve(self.case, event)
        self.events.append(event)

    def emit(self, effect: fx.AnyEffect) -> None:
        self.effects.append(effect)
        if len(self.effects) > MOST_EFFECTS:
            raise TooLarge(f"more than {MOST_EFFECTS} effects in one step")

    def tell_operator(self, node: str, code: str, message: str) -> None:
        """An incident of the case as a whole."""
        no = self.number()
        self.record(ev.OperatorTold(no, node, code, message[:2000]))
        self.emit(fx.OpenIncident(no, node, code, message[:2000]))

    def number(self) -> int:
        self.last_no = max(self.last_no, self.case.no) + 1
        return self.last_no

    def entered(self) -> None:
        self.entries += 1
        self.cause = self.entries
        if self.entries > MOST_ENTRIES:
            raise TooLarge(f"more than {MOST_ENTRIES} node entries in one step")

    # ---- reading

    def names(self, token: Token | None = None) -> dict[str, Any]:
        return names_of(self.case, token, self.view, self.workflow.data_types)

    def token(self, no: int) -> Token:
        return self.case.tokens[no]

    def children_of(self, token: int) -> list[Scope]:
        """The scopes that a token's run holds, directly."""
        return [scope for scope in self.case.scopes.values() if scope.no and scope.token == token]

    def tokens_in(self, scope: int) -> list[Token]:
        return [token for token in self.case.tokens.values() if token.scope == scope]

    def cursor(self, name: str) -> int:
        """Where a cursor stands, with what this step moved; -1 where it never was. Its row is locked (RUNTIME R34)."""
        moved = [e.position for e in self.effects if isinstance(e, fx.MoveCursor) and e.name == name]
        return moved[-1] if moved else self.view.cursor(name)

    # ---- placing tokens

    def next_round(self, token: int) -> None:
        """The token begins its node again (repeat): after what is ready now, oldest first as ever."""
        self.again.add(token)
        self.ready.append(token)

    def place(self, scope: int, node: str, came: str = "", arrow: str = "", path: str = "",
              message: Mapping[str, Plain] | None = None) -> None:  # fmt: skip
        """A new token at `node`: on its arrow when the node joins, else ready to enter. Where no such arrow is drawn
        (`back` leads there) the step opens at once."""
        token = self.number()
        waits_for_others = arrow and self.workflow.joins(node) and self.workflow.scope_of(node).draws(arrow)
        self.record(
            ev.TokenPlaced(
                token,
                scope,
                node,
                came,
                arrow if waits_for_others else "",
                path,
                dict(message) if message is not None else None,
            )
        )
        self.bound(scope, node, arrow if waits_for_others else "")
        if not waits_for_others:
            self.ready.append(token)

    def bound(self, scope: int, node: str, arrow: str = "") -> None:
        """Raises OverAtOnce where a node, or an arrow before a join, holds more tokens than the workflow allows (14)."""
        standing = sum(
            1 for t in self.case.tokens.values()
            if t.node == node and t.scope == scope and (t.state == "queued" and t.arrow == arrow if arrow else t.state != "queued")
        )  # fmt: skip
        if standing > self.workflow.at_once:
            raise OverAtOnce(node, self.workflow.at_once)

    # ---- withdrawing: everything that a token or scope opened goes with it

    def close_awaits(self, awaits: Iterable[Await]) -> None:
        for await_ in awaits:
            match await_.kind:
                case "task":
                    self.emit(fx.CloseTask(await_.no))
                case "timer" | "moment":
                    if await_.due is not None:
                        self.emit(fx.CancelTimer(await_.no))
                    if await_.keys:
                        self.emit(fx.Unsubscribe(await_.no))
                case "service" | "outside":
                    self.emit(fx.WithdrawCall(await_.no))
                case "child":
                    self.emit(fx.CancelChild(await_.no))
                case "retry":
                    self.emit(fx.CloseIncident(await_.no))
                case "thrown":
                    pass
                case _:
                    self.emit(fx.Unsubscribe(await_.no))

    def held_by(self, tokens: Iterable[int]) -> tuple[list[int], list[int]]:
        """The tokens and scopes that go when these tokens go: what stands in the subprocesses they run, all the way in."""
        all_tokens, scopes, queue = [], [], list(tokens)
        while queue:
            no = queue.pop(0)
            all_tokens.append(no)
            for scope in self.children_of(no):
                scopes.append(scope.no)
                queue += [t.no for t in self.tokens_in(scope.no)]
        return all_tokens, scopes

    def release(self, tokens: Iterable[int], scopes: Iterable[int]) -> None:
        """The effects of withdrawing: tasks closed, timers off, calls and children withdrawn."""
        for no in tokens:
            self.close_awaits(self.case.tokens[no].awaits.values())
        for no in scopes:
            self.close_awaits(self.case.scopes[no].awaits.values())

    def withdraw(self, tokens: Iterable[int], why: str) -> None:
        all_tokens, scopes = self.held_by(tokens)
        if not all_tokens:
            return
        self.release(all_tokens, scopes)
        self.free(all_tokens)
        self.record(ev.Withdrawn(tuple(all_tokens), tuple(scopes), why))

    def free(self, tokens: Iterable[int]) -> None:
        """The locks over all cases that these tokens hold are free when they go; a lock of this case is gone with them."""
        gone = set(tokens)
        held = {lock for no in gone if (lock := self.case.tokens[no].lock).startswith(OVER_ALL)}
        for lock in sorted(held):
            if not any(t.lock == lock for t in self.case.tokens.values() if t.no not in gone):
                self.emit(fx.MoveCursor(lock, 0))
                self.emit(fx.PublishSignal(lock))

    def close_rounds(self, scope: int, nodes: Container[str]) -> None:
        """What the joins at these nodes have taken in an open round goes too: the next token begins a new round."""
        for node in [node for node in self.case.scopes[scope].rounds if node in nodes]:
            self.record(ev.JoinFired(scope, node, (), None, ()))

    def withdraw_scope(self, scope: int, why: str, but: int | None = None) -> None:
        """Everything in a scope, detached copies too, but not the scope itself, nor the token `but`."""
        self.withdraw([t.no for t in self.tokens_in(scope) if t.no != but], why)
        self.close_rounds(scope, set(self.case.scopes[scope].rounds))
        for path, queue in list(self.case.scopes[scope].queued.items()):
            for _ in list(queue):
                self.record(ev.PathQueued(scope, path, None, taken=True))
        beside = [a for a in self.case.scopes[scope].awaits.values() if a.purpose == "detached"]
        if beside:
            self.close_awaits(beside)
            self.record(ev.Armed(scope, (), tuple(a.no for a in beside)))


class OverAtOnce(Exception):
    """A node would hold more tokens than the workflow's at_once: an incident, and the flow proof finds it (14)."""

    def __init__(self, node: str, bound: int) -> None:
        super().__init__(f"more than {bound} tokens at '{node}'")
        self.node, self.bound = node, bound


def late(what: str = "this") -> Refused:
    return Refused("late", f"{what} is no longer open", "该事项已不再等待处理")
