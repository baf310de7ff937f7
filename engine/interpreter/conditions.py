"""Conditions and moments at rest: `once`, `becomes` and dates that follow a record are looked at when what they read was
written, outermost scope first, interrupts before the rest (LANGUAGE 12.2)."""

from __future__ import annotations

from collections.abc import Iterable

from engine.interpreter import availability
from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.dispatch import raise_incident
from engine.interpreter.events import Await
from engine.interpreter.firing import event_of, happen, scope_run
from engine.interpreter.instance import Scope, Token
from engine.interpreter.names import microseconds_of
from engine.interpreter.order import rank
from engine.interpreter.work import Work
from engine.language.expressions.faults import ExpressionFault


class Watch:
    """What must still be looked at in this step."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.due: set[int] = set()

    def touched(self, keys: Iterable[str], data_changed: bool) -> None:
        """Adds what reads one of these records, or case data that changed."""
        touched = frozenset(keys)
        for await_ in self.work.case.all_awaits():
            if await_.kind in ("condition", "moment") and (data_changed or touched.intersection(await_.keys)):
                self.due.add(await_.no)
        self.due |= self.work.fresh_conditions
        self.work.fresh_conditions = set()

    def look(self) -> bool:
        """Looks at what is due until one thing fires; whether one did."""
        while self.due:
            found = [(entry, no) for no in self.due if (entry := self.work.case.awaiting(no)) is not None]
            self.due = {no for _, no in found}
            if not found:
                return False
            (token, scope, await_), no = min(found, key=lambda f: rank(self.work.case, *f[0]))
            self.due.discard(no)
            if await_.kind == "moment":
                self._moment(token, await_)
            elif self._condition(token, scope, await_):
                return True
        return False

    def _condition(self, token: Token | None, scope: Scope, await_: Await) -> bool:
        event = event_of(self.work, token, await_)
        gate = availability.condition_for(self.work, token, await_.purpose)
        expression = gate or (event.once or event.becomes if event is not None else None)
        assert expression is not None
        run = scope_run(self.work, token)
        try:
            holds, keys = self.work.view.tracked(lambda: expression.run(run.names) is True)
        except ExpressionFault as fault:
            return self._cannot_be_read(token, await_, fault)
        read = tuple(sorted(keys))
        edge = event is not None and event.becomes is not None
        if read != await_.keys or (edge and holds != await_.seen) or await_.count:
            self.work.record(ev.Looked(await_.no, holds if edge else False, read))
            if read != await_.keys:
                self.work.emit(fx.Unsubscribe(await_.no))
                if read:
                    self.work.emit(fx.Subscribe(await_.no, "condition", "", read, token.node if token else ""))
        if not holds or (edge and await_.seen):
            return False
        return happen(self.work, token, scope, await_, ev.RecordsTouched(read))

    def _cannot_be_read(self, token: Token | None, await_: Await, fault: ExpressionFault) -> bool:
        """The data does not fit the condition: nobody else's step is refused for that, an operator is told, once until
        it can be worked out again (`count` of the await)."""
        if await_.count:
            return False
        self.work.record(ev.Looked(await_.no, await_.seen, await_.keys, None, 1))
        said = f"{await_.purpose}: {fault}"
        if token is not None:
            raise_incident(self.work, token, "expression-fault", said)
        else:
            self.work.tell_operator("", "expression-fault", said)
        return False

    def _moment(self, token: Token | None, await_: Await) -> None:
        """A moment follows its record: when the field changes the timer moves; while it is empty nothing is armed."""
        event = event_of(self.work, token, await_)
        moment = event.at if event is not None else None
        if moment is None and token is not None and await_.purpose.startswith(availability.GATE):
            moment = availability.moment_for(self.work.workflow.node(token.node), await_.purpose)
        elif moment is None and token is not None:
            moment = self.work.workflow.node(token.node).moment_for(await_.purpose)
        if moment is None:
            return
        when, keys = scope_run(self.work, token).moment(moment)
        due, read = microseconds_of(when) if when is not None else None, tuple(sorted(keys))
        if due == await_.due and read == await_.keys:
            return
        self.work.record(ev.Looked(await_.no, None, read, due, await_.count))
        node = token.node if token is not None else ""
        if due != await_.due:
            if await_.due is not None:
                self.work.emit(fx.CancelTimer(await_.no))
            if due is not None:
                self.work.emit(fx.SetTimer(await_.no, due, node, await_.purpose))
            task = next((a for a in token.awaits.values() if a.kind == "task"), None) if token is not None else None
            if task is not None and await_.purpose == "deadline":
                self.work.emit(fx.MoveDue(task.no, due))
        if read != await_.keys:
            self.work.emit(fx.Unsubscribe(await_.no))
            if read:
                self.work.emit(fx.Subscribe(await_.no, "condition", "", read, node))
