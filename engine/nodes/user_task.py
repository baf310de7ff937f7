"""user_task: a person does something and presses a button.

`assignee` gives it to a person, `offer` lets one of several take it. `read` is shown, `edit` may be written for the life of
this task; what neither names is hidden. The buttons are the exits; without `buttons` there is one, `done`.

```yaml
first_call:
  type: user_task
  assignee: lead.owner
  read: [company, phone]
  edit: [need, budget]
  deadline: {within: 5 workminutes, next: call_overdue}
  buttons:
    connected: {title: Connected}
    junk: {title: Not a lead, needs: [lead.return_reason]}
  next: {connected: qualified, junk: close_junk}
```
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.events import AnyEvent, Plain
from engine.interpreter.names import microseconds_of
from engine.interpreter.node import Fail, Leave, NodeType, Opening, Outcome, Task, Wait
from engine.interpreter.run import Run
from engine.interpreter.view import Refused
from engine.language.expressions.things import Person
from engine.language.kinds.people import (
    ADDS,
    BUTTONS,
    DEADLINE,
    NOBODY,
    OFFER,
    ONE,
    Adds,
    Button,
    Deadline,
    Group,
    Nobody,
)
from engine.language.shapes import ListOf, Moment, Name, key
from engine.nodes.parts import tasking


@dataclass(frozen=True, kw_only=True)
class UserTask(NodeType):
    """A person does something and presses a button."""

    TYPE: ClassVar[str] = "user_task"
    EXACTLY_ONE: ClassVar[Any] = (("assignee", "offer"),)

    assignee: Any = key(ONE, "the person it is given to")
    offer: Any = key(OFFER, "the people one of whom takes it")
    read: tuple[str, ...] | None = key(ListOf(Name(reserved=True), at_least=0), "fields that are shown")
    edit: tuple[str, ...] | None = key(
        ListOf(Name(reserved=True), at_least=0), "fields that may be written in this task"
    )
    adds: Adds | None = key(ADDS, "a record that is written with the press")
    buttons: Any = key(BUTTONS, "the ways to end it; without them `done`")
    deadline: Deadline | str | None = key(DEADLINE, "by when, and what happens then; or none")
    nobody: Nobody | None = key(NOBODY, "when no person comes out")
    different_from: tuple[str, ...] | None = key(ListOf(Name(), single=True), "not who did these steps")
    same_as: tuple[str, ...] | None = key(ListOf(Name(), single=True), "who did these steps")

    def waits(self) -> bool:
        return True

    def by_people(self) -> bool:
        return True

    def own_exits(self) -> tuple[str, ...]:
        if self.buttons == "none":
            return ()
        return tuple(str(name) for name in self.buttons) if self.buttons else ("done",)

    def extra_arrows(self) -> dict[str, str]:
        found: dict[str, str] = {}
        if isinstance(self.deadline, Deadline):
            if self.deadline.next is not None:
                found["deadline"] = str(self.deadline.next)
            if self.deadline.meanwhile is not None:
                found["deadline meanwhile"] = str(self.deadline.meanwhile)
        if self.nobody is not None and self.nobody.next is not None:
            found["nobody"] = str(self.nobody.next)
        return found

    def moment_for(self, purpose: str) -> Moment | None:
        return self.deadline.by if purpose == "deadline" and isinstance(self.deadline, Deadline) else None

    def asked_otherwise(self, before: NodeType, memory: Map[str, Plain], root: Any, root_before: Any) -> str:
        if not isinstance(before, UserTask) or self._whom() == before._whom():
            return ""
        return "anew" if memory.get("own_offer") and memory.get("assignee") is None else "people"

    def _whom(self) -> tuple[Any, ...]:
        return (self.assignee, self.offer, self.different_from, self.same_as)

    # ---- behaviour

    def candidates(self, run: Run) -> list[Person]:
        """Who may take an offered task now; who would get it, in a case that moved to a version that does not offer it."""
        whom = self.offer if self.offer is not None else self.assignee
        people = tasking.without(run, run.people(whom), self.different_from)
        return tasking.only(run, people, self.same_as)

    def enter(self, run: Run) -> Outcome:
        if self.assignee is not None:
            people = tasking.without(run, run.people(self.assignee), self.different_from)
            people = tasking.only(run, people, self.same_as)
            people = tasking.stand_in(run, people[0]) if len(people) == 1 else people
            people = tasking.without(run, people, self.different_from)
        else:
            people = self.candidates(run)
        own_offer = self.offer is not None
        if not people:
            otherwise = tasking.nobody_there(run, self.nobody)
            if isinstance(otherwise, list):
                people, own_offer = tasking.without(run, otherwise, self.different_from), False
                if not people:
                    return Fail("nobody-can-act", f"no person for '{self.name}', nor among those it passes to")
            elif otherwise is not None:
                return otherwise
        return self._open(run, people, own_offer)

    def _open(self, run: Run, people: list[Person], own_offer: bool) -> Wait:
        """`own_offer`: to whom the step itself offers it, looked at anew whenever it matters; else to these people."""
        offered = own_offer or len(people) != 1
        person = people[0] if not offered else None
        due = tasking.due_of(run, self.deadline or "none", person)
        candidates = self._subjects(people, own_offer) if offered else ()
        task = Task("own", run.title(), person.id if person else None, candidates, due.at)
        memory = {
            "assignee": person.id if person else None,
            "offered": offered,
            "own_offer": own_offer,
            "people": [] if own_offer else [p.id for p in people],
        }
        return Wait((task, *due.timers), memory=memory)

    def _subjects(self, people: list[Person], own_offer: bool) -> tuple[str, ...]:
        """A whole role as one subject, so that who joins it later sees the task too; else the persons."""
        whole = isinstance(self.offer, Group) and self.offer.where is None and self.offer.team is None
        if own_offer and whole and self.offer.role and not self.different_from and not self.same_as:
            return (f"role:{self.offer.role}",)
        return tuple(f"person:{p.id}" for p in people)

    def clocks(self, run: Run) -> Sequence[Opening]:
        assignee = run.memory.get("assignee")
        return tasking.clocks_of(run, self.deadline, run.view.person(assignee) if assignee else None)

    def resume(self, run: Run, event: AnyEvent) -> Outcome:
        match event:
            case ev.TaskBegun():
                return self._begin(run, event.by)
            case ev.TaskGivenBack():
                return self._give_back(run, event)
            case ev.TaskTransferred():
                return self._transfer(run, event)
            case ev.TaskCompleted():
                return self._complete(run, event)
            case ev.TimerFired():
                return self._timer(run, event)
            case _:
                raise LookupError(f"a user_task does not await {type(event).__name__}")

    def _may_act(self, run: Run, by: str) -> bool:
        """Whether a person may begin or answer: it is theirs, or it is offered to them and nobody has taken it."""
        if run.memory["assignee"] is not None:
            return bool(run.memory["assignee"] == by)
        if run.memory.get("own_offer"):
            return any(p.id == by for p in self.candidates(run))
        return by in run.memory["people"]

    def _begin(self, run: Run, by: str) -> Outcome:
        if not self._may_act(run, by):
            taken = run.memory["assignee"] is not None and run.memory["offered"]
            raise (
                Refused("late", "somebody else has taken this task", "任务已被他人领取")
                if taken
                else tasking.not_yours()
            )
        assert run.awaited is not None
        run.emit(fx.ChangeTask(run.awaited.no, by, (), tasking.due_now(run), begun=True))
        return Wait(memory={**run.memory, "assignee": by})

    def offered(self, run: Run) -> tuple[str, ...]:
        if run.memory["assignee"] is not None:
            return ()
        return self._subjects(self._offered_now(run), bool(run.memory.get("own_offer")))

    def _give_back(self, run: Run, event: ev.TaskGivenBack) -> Outcome:
        if run.memory["assignee"] != event.by or not run.memory["offered"]:
            raise tasking.not_yours()
        assert run.awaited is not None
        subjects = self._subjects(self._offered_now(run), bool(run.memory.get("own_offer")))
        run.emit(fx.ChangeTask(run.awaited.no, None, subjects, tasking.due_now(run)))
        return Wait(memory={**run.memory, "assignee": None})

    def _offered_now(self, run: Run) -> list[Person]:
        if run.memory.get("own_offer"):
            return self.candidates(run)
        return [p for i in run.memory["people"] if (p := run.view.person(i)) is not None]

    def _transfer(self, run: Run, event: ev.TaskTransferred) -> Outcome:
        to = run.view.person(event.to)
        if run.memory["assignee"] != event.by or to is None or not tasking.without(run, [to], self.different_from):
            raise tasking.not_yours()
        assert run.awaited is not None
        run.emit(fx.ChangeTask(run.awaited.no, to.id, (), tasking.due_now(run)))
        return Wait(memory={**run.memory, "assignee": to.id})

    def _complete(self, run: Run, event: ev.TaskCompleted) -> Outcome:
        if not self._may_act(run, event.by):
            raise tasking.not_yours()
        if event.button not in self.own_exits():
            raise Refused(
                "unknown-button", f"this task has no button '{event.button}'", f"此任务没有按钮“{event.button}”"
            )
        tasking.too_soon(run, self.deadline or "none")
        run.names["assignee"] = run.view.person(event.by)
        button: Button | None = self.buttons.get(event.button) if isinstance(self.buttons, Map) else None
        pressed = tasking.press(run, event, button, self.edit or (), self.adds)
        assert run.awaited is not None
        run.emit(fx.CloseTask(run.awaited.no, event.button, event.by))
        return Leave(event.button, by=event.by, answer=event.button, opinion=pressed.opinion, changed=pressed.changed)

    def _timer(self, run: Run, event: ev.TimerFired) -> Outcome:
        assert run.awaited is not None
        if run.awaited.purpose == "remind":
            assignee = run.memory["assignee"]
            to = [assignee] if assignee else [p.id for p in self._offered_now(run)]
            return tasking.remind(run, self.deadline or "none", event, to)
        deadline = self.deadline
        assert isinstance(deadline, Deadline)
        run.names["assignee"] = run.view.person(run.memory["assignee"]) if run.memory["assignee"] else None
        done = (run.awaited.no,)
        if deadline.next is not None:
            return Leave("deadline")
        if deadline.meanwhile is not None:
            return Wait(closes=done, paths=(str(deadline.meanwhile),))
        if deadline.press is not None:
            return self._answers_itself(run, str(deadline.press))
        if deadline.transfer_to is not None:
            return self._pass_on(run, deadline)
        return Wait(closes=done)

    def _answers_itself(self, run: Run, name: str) -> Outcome:
        button: Button | None = self.buttons.get(name) if isinstance(self.buttons, Map) else None
        missing = [str(p) for p in (button.needs or ()) if p != "opinion"] if button is not None else []
        empty = [p for p in missing if (owner := run.owner_of(p)) is None or owner[p.rsplit(".", 1)[1]] is None]
        if button is not None and (empty or tasking.button_holds(run, button) is not None):
            return Fail("deadline-cannot-press", f"the deadline presses '{name}', but what it needs is not there")
        return Leave(name, answer=name)

    def _pass_on(self, run: Run, deadline: Deadline) -> Outcome:
        """Somebody else gets it and the clock starts anew; nobody new: it stays, and an operator is told."""
        assert run.awaited is not None
        had = {run.memory["assignee"], *run.memory["people"]}
        people = [
            p for p in tasking.without(run, run.people(deadline.transfer_to), self.different_from) if p.id not in had
        ]
        if not people:
            return Fail("nobody-can-act", f"the deadline of '{self.name}' passes it on, and nobody new is there")
        timers = [a.no for a in run.token.awaits.values() if a.purpose in ("deadline", "remind")]
        task = tasking.task_of(run)
        assert task is not None
        due = tasking.due_of(run, deadline, people[0] if len(people) == 1 else None)
        assignee = people[0].id if len(people) == 1 else None
        run.emit(fx.ChangeTask(task.no, assignee, () if assignee else tuple(f"person:{p.id}" for p in people), due.at))
        memory = {
            "assignee": assignee,
            "offered": assignee is None,
            "own_offer": False,
            "people": [p.id for p in people],
            "since": microseconds_of(run.now),
        }
        return Wait(due.timers, closes=tuple(timers), memory=memory)
