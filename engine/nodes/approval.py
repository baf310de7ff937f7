"""approval: several people decide together, by a policy of the pack.

A policy answers every question (LANGUAGE section 6); the node repeats only what differs. The exits are `approved`,
`refused`, `returned` if it has an arrow, and own buttons.

```yaml
manager_review:
  type: approval
  policy: standard
  approvers: manager(contract.owner)
  deadline: {within: 1 workdays, keep_open: yes}
  next: {approved: sign, refused: set_refused, returned: revise}
```
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.events import AnyEvent, Plain
from engine.interpreter.names import microseconds_of
from engine.interpreter.node import Fail, Leave, NodeType, Opening, Outcome, Task, Wait
from engine.interpreter.run import Run
from engine.interpreter.view import Refused
from engine.language.expressions.things import Person
from engine.language.kinds.pack import PackDefinition
from engine.language.kinds.people import ADDS, BUTTONS, DEADLINE, PEOPLE, Adds, Button, Deadline, Policy
from engine.language.shapes import ListOf, Moment, Name, key
from engine.nodes.parts import tasking, voting

# A little longer than 300 lines: one node type is one file.
ANSWERS = ("approved", "refused", "returned")
ASK_MANAGER = "ask_manager"


@dataclass(frozen=True, kw_only=True)
class Approval(NodeType, Policy):
    """Several people decide together, by a policy of the pack."""

    TYPE: ClassVar[str] = "approval"

    policy: str = key(Name(), "a policy of pack.yaml", required=True)
    approvers: Any = key(PEOPLE, "who decides", required=True)
    read: tuple[str, ...] | None = key(ListOf(Name(reserved=True), at_least=0), "fields that are shown")
    edit: tuple[str, ...] | None = key(
        ListOf(Name(reserved=True), at_least=0), "fields that may be written in this task"
    )
    adds: Adds | None = key(ADDS, "a record that is written with the press")
    buttons: Any = key(BUTTONS, "more buttons besides approved, refused and returned")
    deadline: Deadline | str | None = key(DEADLINE, "by when, and what happens then; or none")
    different_from: tuple[str, ...] | None = key(ListOf(Name(), single=True), "not who did these steps")
    same_as: tuple[str, ...] | None = key(ListOf(Name(), single=True), "who did these steps")

    def waits(self) -> bool:
        return True

    def by_people(self) -> bool:
        return True

    def own_exits(self) -> tuple[str, ...]:
        own = tuple(str(name) for name in self.buttons) if isinstance(self.buttons, Map) else ()
        return ("approved", "refused", *(name for name in own if name not in ANSWERS))

    def optional_exits(self) -> tuple[str, ...]:
        return ("returned",)

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
        return self.deadline.by if purpose.startswith("deadline") and isinstance(self.deadline, Deadline) else None

    # ---- the policy in force

    def rules(self, run: Run) -> Policy:
        """The pack's policy, with what this node says differently."""
        return self.rules_of(run.view.pack.root)

    def rules_of(self, root: Any) -> Policy:
        """The policy in force in a pack, given by its definition."""
        named = (root.approval_policies or {}).get(self.policy) if isinstance(root, PackDefinition) else None
        base = named or Policy()
        names = [f.name for f in fields(Policy) if "shape" in f.metadata]
        return Policy(**{n: getattr(self, n) if getattr(self, n) is not None else getattr(base, n) for n in names})

    def deciders(self, run: Run, rules: Policy) -> list[Person]:
        """Who is asked, in order: absences, the starter, four eyes and earlier approvals are looked at here."""
        found = run.people(self.approvers)
        found = tasking.only(run, tasking.without(run, found, self.different_from), self.same_as)
        asked = [p for person in found for p in self._present(run, rules, person)]
        asked = [p for person in asked for p in self._not_the_starter(run, rules, person)]
        asked = tasking.without(run, asked, self.different_from)
        return list(dict.fromkeys(asked))

    def _present(self, run: Run, rules: Policy, person: Person) -> list[Person]:
        if run.view.substitute(person) is None:
            return [person]
        if rules.person_away == "substitute":
            return tasking.stand_in(run, person)
        if rules.person_away == ASK_MANAGER:
            return _manager(run, person)
        return []

    def _not_the_starter(self, run: Run, rules: Policy, person: Person) -> list[Person]:
        if person.id != run.case.starter or rules.starter_is_approver == "allow":
            return [person]
        return _manager(run, person) if rules.starter_is_approver == ASK_MANAGER else []

    # ---- behaviour

    def enter(self, run: Run) -> Outcome:
        rules = self.rules(run)
        asked = self.deciders(run, rules)
        if not asked:
            otherwise = tasking.nobody_there(run, rules.nobody)
            if isinstance(otherwise, list):
                asked = tasking.without(run, otherwise, self.different_from)
                if rules.starter_is_approver != "allow":
                    asked = [p for p in asked if p.id != run.case.starter]
                if not asked:
                    return Fail("nobody-can-act", f"no approver for '{self.name}' who may decide")
            elif otherwise is not None:
                return otherwise
        if rules.decide == "random_one" and asked:
            asked = [asked[voting.pick(run, len(asked))]]
        if asked and voting.wanted(rules.decide, len(asked)) > len(asked):
            return self._too_few(rules, len(asked))
        votes: dict[str, Plain] = {
            p.id: "approved" for p in asked if voting.approved_before(run, rules.approved_before, p)
        }
        memory: dict[str, Plain] = {
            "asked": [p.id for p in asked],
            "votes": votes,
            "tasks": {},
            "changed": [],
            "opinions": {},
        }
        decided = voting.decided(rules.decide, memory, None)
        if asked and decided is not None:
            return decided
        return Wait(self._ask(run, rules, memory), memory=memory)

    def _too_few(self, rules: Policy, asked: int) -> Fail:
        needed = voting.wanted(rules.decide, asked)
        return Fail("impossible-quorum", f"'{self.name}' needs {needed} approvals and only {asked} may give one")

    def _ask(self, run: Run, rules: Policy, memory: dict[str, Plain]) -> list[Opening]:
        """A task for each who is asked now: all at once, or in order the next one. One clock for the step."""
        waiting = [i for i in memory["asked"] if i not in memory["votes"]]
        now = waiting[:1] if rules.decide == "in_order" else waiting
        first = run.view.person(now[0]) if len(now) == 1 else None
        due = tasking.due_of(run, self.deadline or "none", first)
        tasks: list[Opening] = [Task("own", run.title(), i, (), due.at, data={"person": i}) for i in now]
        if not now:
            tasks = [Task("own", run.title(), None, (), due.at, data={"person": None})]
        return [*tasks, *due.timers]

    def clocks(self, run: Run) -> Sequence[Opening]:
        waiting = [i for i in run.memory.get("asked", ()) if i not in run.memory.get("votes", {})]
        return tasking.clocks_of(run, self.deadline, run.view.person(waiting[0]) if len(waiting) == 1 else None)

    def by_votes(self) -> bool:
        return True

    def asked_otherwise(self, before: NodeType, memory: Map[str, Plain], root: Any, root_before: Any) -> str:
        if not isinstance(before, Approval):
            return ""
        whom = (self.approvers, self.different_from, self.same_as)
        others = whom != (before.approvers, before.different_from, before.same_as)
        how = _deciding(self.rules_of(root)) != _deciding(before.rules_of(root_before))
        if not others and not how:
            return ""
        if memory.get("votes"):
            return "answers"
        return "anew" if how else "people"

    def can_take_up(self, memory: Map[str, Plain], root: Any) -> bool:
        asked = len(memory["asked"])
        return voting.wanted(self.rules_of(root).decide, asked) <= asked

    def take_up(self, run: Run) -> Outcome:
        """The answers may be enough now; else whoever has not answered and has no task is asked."""
        rules = self.rules(run)
        decided = voting.decided(rules.decide, run.memory, None)
        if decided is not None:
            return decided
        tasks = [a for a in run.token.awaits.values() if a.kind == "task"]
        has = {a.data.get("person") for a in tasks}
        waiting = [i for i in run.memory["asked"] if i not in run.memory["votes"] and i not in has]
        if rules.decide == "in_order":
            waiting = [] if tasks else waiting[:1]
        due = tasking.due_now(run)
        return Wait([Task("own", run.title(), i, (), due, data={"person": i}) for i in waiting])

    def resume(self, run: Run, event: AnyEvent) -> Outcome:
        match event:
            case ev.TaskCompleted():
                return self._complete(run, event)
            case ev.TaskTransferred():
                return self._transfer(run, event)
            case ev.TaskBegun():
                if self._owner(run) != event.by:
                    raise tasking.not_yours()
                assert run.awaited is not None
                run.emit(fx.ChangeTask(run.awaited.no, event.by, (), tasking.due_now(run), begun=True))
                return Wait()
            case ev.TaskGivenBack():
                raise Refused(
                    "not-offered", "this task was not offered, it cannot be given back", "该任务不是领取的，不能退还"
                )
            case ev.TimerFired():
                return self._timer(run, event)
            case _:
                raise LookupError(f"an approval does not await {type(event).__name__}")

    def _owner(self, run: Run) -> str | None:
        """Whose task the awaited one is: a transfer is remembered by the task's number."""
        assert run.awaited is not None
        moved: str | None = run.memory["tasks"].get(str(run.awaited.no))
        return moved or run.awaited.data.get("person")

    def _complete(self, run: Run, event: ev.TaskCompleted) -> Outcome:
        rules = self.rules(run)
        if self._owner(run) != event.by:
            raise tasking.not_yours()
        if event.button not in (*self.own_exits(), *(("returned",) if "returned" in self.arrows() else ())):
            raise Refused(
                "unknown-button", f"this task has no button '{event.button}'", f"此任务没有按钮“{event.button}”"
            )
        tasking.too_soon(run, self.deadline or "none")
        self._stale(run, event)
        opinion = event.fill.get(tasking.OPINION)
        wanted = rules.opinion == "always" or (
            rules.opinion == "when_refusing" and event.button in ("refused", "returned")
        )
        if wanted and not opinion:
            raise Refused(tasking.OPINION, "an opinion must be given", "必须填写意见")
        run.names["assignee"] = run.view.person(event.by)
        button: Button | None = self.buttons.get(event.button) if isinstance(self.buttons, Map) else None
        pressed = tasking.press(run, event, button, self.edit or (), self.adds)
        assert run.awaited is not None
        run.emit(fx.CloseTask(run.awaited.no, event.button, event.by))
        person = run.awaited.data.get("person") or event.by
        memory = dict(run.memory)
        memory["changed"] = list(dict.fromkeys([*memory["changed"], *pressed.changed]))
        memory["votes"] = {**memory["votes"], person: event.button}
        if person not in memory["asked"]:
            memory["asked"] = [*memory["asked"], person]
        memory["voters"] = [*memory.get("voters", ()), event.by]
        if pressed.opinion is not None:
            memory["opinions"] = {**memory["opinions"], event.by: pressed.opinion}
        decided = voting.decided(rules.decide, memory, event.by)
        if decided is not None:
            return decided
        closes = [run.awaited.no]
        opens: list[Opening] = []
        if rules.decide == "in_order":
            closes += [a.no for a in run.token.awaits.values() if a.purpose in ("deadline", "remind")]
            opens = self._ask(run, rules, memory)
            memory["since"] = microseconds_of(run.now)
        return Wait(opens, closes=tuple(closes), memory=memory)

    def _stale(self, run: Run, event: ev.TaskCompleted) -> None:
        """An approval counts for what the person saw: another version of the record is refused (RUNTIME R8)."""
        if event.seen is not None and run.record is not None and event.seen != run.record.version:
            raise Refused(
                "stale",
                "the record has changed since you opened it; look at it again",
                "记录在您打开后已被修改，请重新查看",
            )

    def _transfer(self, run: Run, event: ev.TaskTransferred) -> Outcome:
        rules = self.rules(run)
        if self._owner(run) != event.by:
            raise tasking.not_yours()
        if "transfer" not in (rules.may or ()):
            raise Refused("not-allowed", "this approval cannot be transferred", "该审批不允许转交")
        to = run.view.person(event.to)
        fits = to is not None and tasking.without(run, [to], self.different_from)
        if to is None or not fits or (to.id == run.case.starter and rules.starter_is_approver != "allow"):
            raise Refused("not-possible", "this person may not decide here", "此人不能审批该事项")
        if to.id in run.memory["asked"]:
            raise Refused("not-possible", "this person decides already", "此人已在审批人中")
        assert run.awaited is not None
        run.emit(fx.ChangeTask(run.awaited.no, to.id, (), tasking.due_now(run)))
        return Wait(memory={**run.memory, "tasks": {**run.memory["tasks"], str(run.awaited.no): to.id}})

    def _timer(self, run: Run, event: ev.TimerFired) -> Outcome:
        assert run.awaited is not None
        open_tasks = [a for a in run.token.awaits.values() if a.kind == "task"]
        owners = [run.memory["tasks"].get(str(a.no)) or a.data.get("person") for a in open_tasks]
        if run.awaited.purpose == "remind":
            return tasking.remind(run, self.deadline or "none", event, [o for o in owners if o])
        deadline, done = self.deadline, (run.awaited.no,)
        assert isinstance(deadline, Deadline)
        run.names["assignee"] = run.view.person(owners[0]) if owners and owners[0] else None
        if deadline.next is not None:
            return Leave("deadline", voters=voting.voters(run.memory))
        if deadline.meanwhile is not None:
            return Wait(closes=done, paths=(str(deadline.meanwhile),))
        if deadline.press is not None:
            changed = tuple(run.memory["changed"])
            return Leave(
                str(deadline.press), answer=str(deadline.press), changed=changed, voters=voting.voters(run.memory)
            )
        if deadline.transfer_to is not None:
            return self._pass_on(run, deadline, [a.no for a in open_tasks])
        return Wait(closes=done)

    def _pass_on(self, run: Run, deadline: Deadline, tasks: list[int]) -> Outcome:
        """Whoever has not answered is replaced; the clock starts anew."""
        rules = self.rules(run)
        had = set(run.memory["asked"])
        people = [
            p for p in tasking.without(run, run.people(deadline.transfer_to), self.different_from) if p.id not in had
        ]
        if rules.starter_is_approver != "allow":
            people = [p for p in people if p.id != run.case.starter]
        if not people:
            return Fail("nobody-can-act", f"the deadline of '{self.name}' passes it on, and nobody new is there")
        memory = dict(run.memory)
        memory["asked"] = [*(i for i in memory["asked"] if i in memory["votes"]), *(p.id for p in people)]
        if voting.wanted(rules.decide, len(memory["asked"])) > len(memory["asked"]):
            return self._too_few(rules, len(memory["asked"]))
        memory["since"] = microseconds_of(run.now)
        timers = [a.no for a in run.token.awaits.values() if a.purpose in ("deadline", "remind")]
        return Wait(self._ask(run, rules, memory), closes=(*tasks, *timers), memory=memory)


def _deciding(rules: Policy) -> tuple[Any, ...]:
    """What of a policy says who answers and when that is enough; the rest is looked at when it is needed."""
    return (rules.decide, rules.starter_is_approver, rules.approved_before, rules.person_away)


def _manager(run: Run, person: Person) -> list[Person]:
    manager = person["manager"]
    return [manager] if isinstance(manager, Person) and manager.id != run.case.starter else []
