"""Approvals that who asked for them may give: the starter, the owner of the record, who did the step before.

The engine itself keeps the starter from deciding unless the policy says `allow`, as substitute, when a deadline or
`nobody:` passes the task on, and in a transfer; `different_from` holds in all these ways, too. What it cannot know is
looked for here: a case that no person started, a proposal made in a step, a binding to the proposer. Where others must
agree as well (`all` of several, a count), there are more eyes than the asker's, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks.acting.candidates import Came, outcomes, persons_at, who_starts
from engine.checks.acting.quorum import number_of
from engine.checks.acting.steps import PersonStep, doers, following, people_of, person_steps, together
from engine.checks.acting.worlds import may_write, reached
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.parse import Expression
from engine.language.kinds.events import Trigger
from engine.language.kinds.form import Form
from engine.language.kinds.workflow import Workflow
from engine.language.messages import people
from engine.language.scopes import names_of


def check(view: View) -> Iterator[Diagnostic]:
    """self-approval."""
    if not view.staff.everybody:
        return
    for workflow in view.pack.kind(Workflow).values():
        steps = {step.name: step for step in person_steps(view, workflow)}
        for step in steps.values():
            if step.policy is not None:
                found = next(_found(view, step, steps), None)
                if found is not None:
                    yield found


def _found(view: View, step: PersonStep, steps: dict[str, PersonStep]) -> Iterator[Diagnostic]:
    yield from _bound(view, step, steps)
    yield from _starter(view, step, steps)
    yield from _owner(view, step)
    yield from _proposer(view, step, steps)
    yield from _presser(view, step, steps)
    yield from _counted_before(view, step, steps)


def _bound(view: View, step: PersonStep, steps: dict[str, PersonStep]) -> Iterator[Diagnostic]:
    """same_as binds the approval to who did the work that it is about."""
    for name in step.same_as:
        other = steps.get(name)
        if other is not None and other.policy is None and _proposes(other):
            yield people.self_approval(
                step.node.place("same_as"), step.name,
                (f"same_as binds it to whoever did '{name}'", f"same_as 将其限定为“{name}”的办理人"),
                _way(following(view, step.workflow, name).get(step.name, ())),
                ("write different_from instead of same_as", "请将 same_as 改为 different_from"),
            )  # fmt: skip


def _starter(view: View, step: PersonStep, steps: dict[str, PersonStep]) -> Iterator[Diagnostic]:
    """`starter_is_approver: allow`, and the starter may be asked."""
    if step.policy is None or step.policy.starter_is_approver != "allow":
        return
    if any(_for_starter(steps[name]) for name in step.different_from if name in steps):
        return  # the starter did that step
    person = ""
    if not _for_starter(step):
        person = _asked_starter(view, step) or ""
        if not person:
            return
    place = step.node.place("starter_is_approver") if step.node.was_written("starter_is_approver") else step.place
    who = (person, person) if person else ("whoever starts the case", "发起人")
    yield people.self_approval(
        place, step.name,
        (f"{who[0]} may start it and be its approver, and starter_is_approver is allow",
         f"{who[1]}既可发起又是审批人，而 starter_is_approver 为 allow"),
        _shortest(view, step),
        ("write starter_is_approver: ask_manager, skip or forbid", "请写 starter_is_approver: ask_manager、skip 或 forbid"),
    )  # fmt: skip


def _asked_starter(view: View, step: PersonStep) -> str | None:
    """Somebody who may press a start and come out as approver then."""
    came = people_of(view, step) or ()
    for trigger in step.workflow.start.values():
        for start, one in together(who_starts(view, step.workflow, trigger), came):
            known = dict(one.when).get("starter")
            asked = alone(view, step, one)
            both = [p for p in start.people if p in asked and (known is None or known.id == p)]
            if both:
                return both[0]
    return None


def _owner(view: View, step: PersonStep) -> Iterator[Diagnostic]:
    """A case that no person started: the owner of its record is who asks, and no rule keeps them from deciding."""
    starts = [
        name for name, trigger in step.workflow.start.items() if trigger.button is None and trigger.called is None
    ]
    form = view.pack.get(Form, str(step.workflow.case)) if step.workflow.case is not None else None
    if not starts or form is None or form.owned_by is None:
        return
    path = f"{form.name}.{form.owned_by.text.strip()}"
    if isinstance(step.who, Expression) and step.who.text.strip() == path:
        return  # the owner is meant
    owners = persons_at(view, path, names_of(step.workflow, view.types), step.workflow)
    for one in people_of(view, step) or ():
        known = dict(one.when).get(path)
        asked = alone(view, step, one)
        for owner in [known.id] if known is not None else owners or ():
            if owner in asked:
                yield people.self_approval(
                    step.place, step.name,
                    (f"'{starts[0]}' starts it without a person, and {owner} may own the record and decide about it{asked[owner][0]}",
                     f"“{starts[0]}”发起时没有发起人，而 {owner} 可能既是记录的负责人，又是审批人{asked[owner][1]}"),
                    _shortest(view, step),
                    (f"leave the owner out: where: person != {path}", f"请排除负责人：where: person != {path}"),
                )  # fmt: skip
                return


def _proposer(view: View, step: PersonStep, steps: dict[str, PersonStep]) -> Iterator[Diagnostic]:
    """Who did the step just before, and wrote something in it, may be asked to approve it."""
    for other in steps.values():
        if other.policy is not None or other.name in step.different_from or not _proposes(other):
            continue
        way = _straight(view, other, step, steps)
        if not way or _is_starter(view, other, step):
            continue
        if isinstance(step.who, Expression) and step.who.text.strip() == f"steps.{other.name}.by":
            yield people.self_approval(
                step.place,
                step.name,
                (f"it is for whoever did '{other.name}'", f"它由“{other.name}”的办理人审批"),
                _way(way),
                ("ask somebody else: approvers: {role: ...}", "请由他人审批：approvers: {role: ...}"),
            )
            return
        for first, second in together(people_of(view, other), people_of(view, step)):
            asked = alone(view, step, second)
            both = [p for p in doers(view, other, first) or () if p in asked]
            if both:
                how = asked[both[0]]
                yield people.self_approval(
                    step.place,
                    step.name,
                    (
                        f"{both[0]} may do '{other.name}' and then decide about it{how[0]}",
                        f"{both[0]} 可能办理“{other.name}”后又自己审批{how[1]}",
                    ),
                    _way(way),
                    (f"write different_from: [{other.name}]", f"请写 different_from: [{other.name}]"),
                )
                return


def _presser(view: View, step: PersonStep, steps: dict[str, PersonStep]) -> Iterator[Diagnostic]:
    """Who filled in a button of an event that leads to the approval: no step that different_from could name."""
    for definition, _, event in view.of(Trigger):
        if definition is not step.workflow or event.button is None or not event.needs or event.by is None:
            continue
        if event in step.workflow.start.values():
            continue  # the starter, whom the policy keeps away
        first = str(event.next)
        way: tuple[str, ...] = (first,) if first == step.name else ()
        if not way and first not in _eyes(steps):
            way = tuple(following(view, step.workflow, first, stops=_eyes(steps)).get(step.name, ()))
        for one, second in together(outcomes(view, event.by, step.workflow), people_of(view, step) if way else None):
            asked = alone(view, step, second)
            both = [person for person in one.people if person in asked]
            if both:
                how = asked[both[0]]
                yield people.self_approval(
                    step.place,
                    step.name,
                    (
                        f"{both[0]} may press '{event.button}' and then decide about it{how[0]}",
                        f"{both[0]} 可能按下“{event.button}”后又自己审批{how[1]}",
                    ),
                    _way(way),
                    (
                        "let the button lead to a user task that fills it in, and write different_from with its name",
                        "请让该按钮先进入一个填写的人工任务，并在 different_from 中写上它的名称",
                    ),
                )
                return


def _counted_before(view: View, step: PersonStep, steps: dict[str, PersonStep]) -> Iterator[Diagnostic]:
    """`approved_before: skip` takes an approval for an answer that was given before somebody changed what it was about."""
    if step.policy is None or step.policy.approved_before != "skip":
        return
    changes = {
        name: way for name, one in steps.items() if _proposes(one) and (way := _straight(view, one, step, steps))
    }
    for before in (one for one in steps.values() if one.policy is not None and one.name != step.name):
        approved = str(next(iter(before.node.arrows().get("approved", ())), ""))
        reached_by: dict[str, tuple[str, ...]] = {approved: (before.name, approved)} if approved in steps else {}
        reached_by |= {n: (before.name, *way) for n, way in following(view, step.workflow, approved).items()}
        for change in (name for name in changes if name in reached_by and name != before.name):
            for first, second in together(people_of(view, before), people_of(view, step)):
                both = [p for p in doers(view, before, first) or () if p in alone(view, step, second)]
                if both:
                    own = step.node.was_written("approved_before")
                    yield people.self_approval(
                        step.node.place("approved_before") if own else step.place,
                        step.name,
                        (
                            f"{both[0]} may have approved '{before.name}', which counts here, and '{change}' changes it afterwards",
                            f"{both[0]} 可能已同意“{before.name}”并在此处算数，而“{change}”在那之后又作了修改",
                        ),
                        _way((*reached_by[change][:-1], *changes[change])),
                        ("write approved_before: ask", "请写 approved_before: ask"),
                    )
                    return


def alone(view: View, step: PersonStep, came: Came) -> Mapping[str, tuple[str, str]]:
    """Who may decide the approval without anybody else, each with how."""
    decide = step.policy.decide if step.policy is not None else "all"
    needed = number_of(decide)
    if needed is not None and needed[0] == "count" and needed[1] > 1:
        return {}

    each = step.node.for_each
    many = each is not None and isinstance(step.who, Expression) and step.who.text.strip() == each.as_
    if each is not None and many and str(each.first or "").strip() != "1":
        return {}  # a copy for each of several people

    def one_is_enough(people: int) -> bool:
        if decide in ("any", "random_one") or people <= 1:
            return True
        return needed is not None and (needed[0] == "count" or needed[1] * people <= 100)

    everybody = doers(view, step, came) or {}
    passed: set[str] = set()
    if step.deadline is not None and step.deadline.transfer_to is not None:
        for one in outcomes(view, step.deadline.transfer_to, step.workflow, tuple(everybody)) or ():
            passed |= set(one.people) if one_is_enough(len(one.people)) else set()
    return {
        person: how
        for person, how in everybody.items()
        if (one_is_enough(len(came.people)) and (person in came.people or person not in passed)) or person in passed
    }


def _proposes(step: PersonStep) -> bool:
    """Whether something is written in the step: fields, a record, what a button asks for."""
    buttons = getattr(step.node, "buttons", None)
    asked = [path for b in buttons.values() for path in b.needs or ()] if isinstance(buttons, Mapping) else []
    return bool(
        getattr(step.node, "edit", None) or getattr(step.node, "adds", None) or any(path != "opinion" for path in asked)
    )


def _for_starter(step: PersonStep) -> bool:
    return isinstance(step.who, Expression) and step.who.text.strip() == "starter"


def _eyes(steps: Mapping[str, PersonStep]) -> frozenset[str]:
    """The steps in which somebody looks at what came before, or puts something else in its place."""
    return frozenset(name for name, one in steps.items() if one.policy is not None or _proposes(one) or _decides(one))


def _decides(step: PersonStep) -> bool:
    """Whether somebody chooses in the step how it goes on: one more pair of eyes."""
    buttons = getattr(step.node, "buttons", None)
    return isinstance(buttons, Mapping) and len(buttons) > 1


def _is_starter(view: View, other: PersonStep, step: PersonStep) -> bool:
    """Whether the step before is the starter's, whom the policy keeps away: by name, or because only they may start."""
    if not step.guards_starter or not isinstance(other.who, Expression):
        return False
    path = other.who.text.strip()
    pressed = all(
        start.button is not None and isinstance(start.by, Expression) and start.by.text.strip() == path
        for start in step.workflow.start.values()
    )
    written = any(may_write(view, node, path) for _, node in step.workflow.all_nodes())
    return _for_starter(other) or (pressed and not written)


def _straight(view: View, other: PersonStep, step: PersonStep, steps: dict[str, PersonStep]) -> tuple[str, ...]:
    """A path from one step to the other on which nobody decides or proposes anything else; empty when there is none."""
    return tuple(following(view, step.workflow, other.name, stops=_eyes(steps)).get(step.name, ()))


def _shortest(view: View, step: PersonStep) -> str:
    ways = [way for _, way in reached(view, step.workflow, {}).get(step.name, ())]
    return _way(min(ways, key=len)) if ways else ""


def _way(way: tuple[str, ...]) -> str:
    return " -> ".join(way) if len(way) > 1 else ""
