"""Cases played on a World: applies the effects of each step to tables in memory, and holds law 1 after every step.

The smallest runtime there can be: tasks, timers, subscriptions, calls and children are dictionaries by case and number.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import msgspec

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.advance import advance, replay
from engine.interpreter.arming import message_key
from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.instance import Instance
from engine.interpreter.names import microseconds_of, moment_of
from engine.interpreter.order import rank_of
from engine.interpreter.view import Refused
from engine.language.durations import Duration, parse_duration
from engine.language.expressions.plain import from_plain
from engine.language.kinds.workflow import Workflow
from engine.language.pack import Pack
from engine.language.source import Span
from tests.interpreter.world import OFFICE, World

MONDAY = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
"""09:00 in Vienna."""


def _text(value: Any) -> str:
    """A word of the definitions (a str that knows its place) is stored as text."""
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError(f"a case holds a {type(value).__name__}")


ENCODER = msgspec.json.Encoder(enc_hook=_text)


def stored(instance: Instance) -> Any:
    """A case as it would lie in the database."""
    return json.loads(ENCODER.encode(instance))


class Played:
    """One case, with every step that was recorded."""

    def __init__(self, id: int, workflow: CompiledWorkflow) -> None:
        self.id, self.workflow = id, workflow
        self.live = Instance(id, workflow.name)
        self.steps: list[tuple[ev.AnyEvent, ...]] = []
        self.moments: list[int] = []


class Stage:
    """`now` moves only by `advance`. Tables are keyed by (case, number of the await)."""

    def __init__(self, pack: Pack, now: dt.datetime = MONDAY, services: str = "by hand") -> None:
        self.pack, self.world, self.now = pack, World(pack, now), now
        self.compiled = {name: CompiledWorkflow(w, pack) for name, w in pack.kind(Workflow).items()}
        self.cases: dict[int, Played] = {}
        self.tasks: dict[tuple[int, int], fx.OpenTask] = {}
        self.timers: dict[tuple[int, int], fx.SetTimer] = {}
        self.subscriptions: dict[tuple[int, int], fx.Subscribe] = {}
        self.calls: dict[tuple[int, int], fx.CallService] = {}
        self.children: dict[tuple[int, int], int] = {}
        self.incidents: dict[tuple[int, int], fx.OpenIncident] = {}
        self.sent: list[fx.Notify] = []
        self.left: list[str] = []
        """Nodes left, in order, over all cases."""

    # ---- one outside event

    def give(self, case: int, event: ev.Outside) -> None:
        """One event, one transaction. A refused one changes nothing: asserted here for every refusal (law 4)."""
        played = self.cases[case]
        before = stored(played.live)
        self.world.begin(self.now)
        try:
            step = advance(played.workflow, played.live, event, self.world, microseconds_of(self.now))
        except Refused:
            self.world.forget()
            assert stored(played.live) == before, "a refused event changed the case"
            raise
        assert stored(played.live) == before, "advance changed the case it was given"
        if not step.events:
            return  # it means nothing now: nothing is recorded
        played.live = msgspec.json.decode(ENCODER.encode(step.case), type=Instance)  # as after a restart
        played.steps.append(step.events)
        played.moments.append(step.case.last_at)
        self._law_1(played)
        nodes = {e.token: e.node for s in played.steps for e in s if isinstance(e, ev.TokenPlaced)}
        self.left += [nodes[e.token] for e in step.events if isinstance(e, ev.NodeLeft)]
        for effect in step.effects:
            self._carry_out(case, effect)
        touched = tuple(f"{e.form}:{e.id}" for e in step.effects if isinstance(e, fx.WriteRecord | fx.CreateRecord))
        if touched:
            self._touch(touched, but=case)

    @staticmethod
    def _law_1(played: Played) -> None:
        """The fold of what was recorded, read back from its stored form, is the live case."""
        steps = [msgspec.json.decode(ENCODER.encode(s), type=tuple[ev.AnyEvent, ...]) for s in played.steps]
        again = replay(Instance(played.id, played.workflow.name), steps, played.moments)
        assert stored(again) == stored(played.live)

    def _carry_out(self, case: int, effect: fx.AnyEffect) -> None:
        key = (case, getattr(effect, "no", 0))
        match effect:
            case fx.OpenTask():
                self.tasks[key] = effect
            case fx.ChangeTask():
                self.tasks[key] = msgspec.structs.replace(
                    self.tasks[key], assignee=effect.assignee, candidates=effect.candidates, due=effect.due
                )
            case fx.MoveDue():
                self.tasks[key] = msgspec.structs.replace(self.tasks[key], due=effect.due)
            case fx.CloseTask():
                self.tasks.pop(key, None)
            case fx.SetTimer():
                self.timers[key] = effect
            case fx.CancelTimer():
                self.timers.pop(key, None)
            case fx.Subscribe():
                self.subscriptions[key] = effect
            case fx.Unsubscribe():
                self.subscriptions.pop(key, None)
            case fx.CallService():
                self.calls[key] = effect
            case fx.WithdrawCall():
                self.calls.pop(key, None)
            case fx.MoveCursor():
                self.world.cursors[effect.name] = effect.position
            case fx.OpenIncident():
                self.incidents[key] = effect
            case fx.CloseIncident():
                self.incidents.pop(key, None)
            case fx.Notify():
                self.sent.append(effect)
            case fx.StartCase():
                self._child(key, effect)
            case fx.CancelChild():
                child = self.children.pop(key, None)
                if child is not None and self.cases[child].live.status == "active":
                    self.give(child, ev.CaseCancelled(None, "withdrawn"))
            case fx.TellParent():
                self._tell(case, effect)
            case fx.PublishSignal():
                self.signal(effect.name)
            case fx.PublishMessage():
                self.message(effect.name, effect.payload)

    def _child(self, key: tuple[int, int], effect: fx.StartCase) -> None:
        child = self.open(effect.workflow)
        self.children[key] = child
        parent = None if effect.detached and not effect.body else key
        event = ev.CaseStarted(
            effect.start, effect.by, effect.record, effect.data, parent, effect.depth, effect.body, effect.item, starter=effect.by
        )  # fmt: skip
        self.give(child, event)

    def _tell(self, case: int, effect: fx.TellParent) -> None:
        parent = self.cases[case].live.parent
        assert parent is not None
        if self.children.get(parent) != case:
            return  # the parent has withdrawn it
        if effect.escalation is not None:
            self.give(parent[0], ev.EscalationRaised(parent[1], effect.escalation))
            return
        self.children.pop(parent)
        self.give(parent[0], ev.ChildEnded(parent[1], effect.result, effect.error, effect.answer))

    def _touch(self, keys: tuple[str, ...], but: int = 0) -> None:
        for case in sorted({c for (c, _), s in self.subscriptions.items() if s.kind == "condition"} - {but}):
            if self.cases[case].live.status == "active":
                self.give(case, ev.RecordsTouched(keys))

    # ---- what tests do

    def open(self, workflow: str) -> int:
        case = len(self.cases) + 1
        self.cases[case] = Played(case, self.compiled[workflow])
        return case

    def start(self, workflow: str, by: str | None = "tom", record: tuple[str, int] | None = None, **data: Any) -> int:
        case = self.open(workflow)
        start = next(iter(self.compiled[workflow].definition.start))
        self.give(case, ev.CaseStarted(start, by, record, data))
        return case

    def task(self, node: str, by: str | None = None, of: int | None = None) -> tuple[int, int]:
        """The open task of a node: of this person if several are open, else the oldest; `of`: of this case."""
        found = [key for key, task in sorted(self.tasks.items()) if task.node == node and of in (None, key[0])]
        mine = [key for key in found if by is not None and self.tasks[key].assignee == by]
        if not found:
            raise LookupError(f"no task of '{node}' is open; open are {sorted(t.node for t in self.tasks.values())}")
        return (mine or found)[0]

    def press(
        self,
        node: str,
        button: str = "done",
        by: str | None = None,
        fill: dict[str, Any] | None = None,
        of: int | None = None,
    ) -> None:
        case, no = self.task(node, by, of)
        person = by or self.tasks[(case, no)].assignee or self.subject(case, no)
        self.give(case, ev.TaskCompleted(no, button, person, fill or {}))

    def begin(self, node: str, by: str) -> None:
        case, no = self.task(node, by)
        self.give(case, ev.TaskBegun(no, by))

    def give_back(self, node: str, by: str) -> None:
        case, no = self.task(node, by)
        self.give(case, ev.TaskGivenBack(no, by))

    def transfer(self, node: str, by: str, to: str) -> None:
        case, no = self.task(node, by)
        self.give(case, ev.TaskTransferred(no, by, to))

    def retry(self) -> None:
        """A person repairs the oldest incident."""
        case, no = min(self.incidents)
        self.give(case, ev.IncidentRetried(no, "mia"))

    def subject(self, case: int, no: int) -> str:
        first = self.tasks[(case, no)].candidates[0]
        kind, _, name = first.partition(":")
        return name if kind == "person" else self.world.members(name, None)[0].id

    def fire(self, key: tuple[int, int]) -> None:
        timer = self.timers.pop(key)
        self.now = max(self.now, moment_of(timer.due))
        self.give(key[0], ev.TimerFired(key[1], timer.due))

    def advance(self, words: str) -> None:
        duration = parse_duration(words, Span("", 1, 1, 1, 2))
        assert isinstance(duration, Duration), words
        target = OFFICE.add(self.now, duration)
        while due := [(t.due, key) for key, t in self.timers.items() if moment_of(t.due) <= target]:
            self.fire(min(due)[1])
        self.now = target

    def answer(self, ok: bool = True, **gives: Any) -> None:
        """Answers the oldest open call."""
        key = min(self.calls)
        self.calls.pop(key)
        self.give(key[0], ev.ServiceAnswered(key[1], ok, gives, "" if ok else "no answer"))

    def message(self, name: str, payload: dict[str, Any]) -> bool:
        """To the oldest wait whose match fits; whether one did. Nothing is kept here: that is the runtime's."""
        types = next(iter(self.compiled.values())).types.message(name)
        typed = {n: from_plain(v, types[n], self.world) for n, v in payload.items() if n in types}
        for key, wanted in sorted(self.subscriptions.items()):
            if wanted.kind == "message" and wanted.name == name:
                match = {n: typed.get(n) for n in json.loads(wanted.keys[0])}
                if message_key(match) == wanted.keys[0]:
                    self.give(key[0], ev.MessageArrived(key[1], name, payload))
                    return True
        return False

    def signal(self, name: str) -> int:
        heard = [key for key, s in self.subscriptions.items() if s.kind == "signal" and s.name == name]
        heard.sort(key=lambda key: (key[0], rank_of(self.cases[key[0]].live, key[1])))
        for key in heard:
            if key in self.subscriptions:
                self.give(key[0], ev.SignalReceived(key[1], name))
        return len(heard)

    def button(self, case: int, name: str, by: str, fill: dict[str, Any] | None = None) -> None:
        for (owner, no), wanted in sorted(self.subscriptions.items()):
            if owner == case and wanted.kind == "button" and wanted.name == name:
                self.give(case, ev.ButtonPressed(no, by, fill or {}))
                return
        raise LookupError(f"no button '{name}' is armed")

    def change(self, form: str, id: int, **values: Any) -> None:
        self.world.records[(form, id)].update(values)
        self._touch((f"{form}:{id}",))

    # ---- what tests ask

    def open_nodes(self) -> dict[str, int]:
        """Open tasks by node, over all cases."""
        found: dict[str, int] = {}
        for task in self.tasks.values():
            found[task.node] = found.get(task.node, 0) + 1
        return found

    def leftovers(self, case: int) -> list[str]:
        """What a case that is over has left behind: nothing may."""
        tables: tuple[dict[tuple[int, int], Any], ...] = (self.tasks, self.timers, self.subscriptions, self.calls)
        return [repr(what) for table in tables for key, what in table.items() if key[0] == case]
