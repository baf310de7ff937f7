"""Assignments that can come out empty, and fall-backs that nobody holds (LANGUAGE section 6, "Nobody").

Judged on the pack's own people; a pack without people is not judged. A step that says `nobody:` has decided what
happens, and only the people whom it passes the task to are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.checks.acting.candidates import Came, outcomes, said, starters, who_starts
from engine.checks.acting.standing import empty_path
from engine.checks.acting.steps import PersonStep, agree, doers, people_of, person_steps, possible
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.events import Event
from engine.language.kinds.people import Group
from engine.language.kinds.workflow import Workflow
from engine.language.messages import people
from engine.language.source import Span


def check(view: View) -> Iterator[Diagnostic]:
    """nobody-can-act."""
    organization = view.staff.organization
    if organization is None or not view.staff.everybody:
        return
    if any(role not in organization.roles for person in organization.people.values() for role in person.roles):
        return  # a role that is not spelled right is one that somebody seems not to have
    yield from _policies(view)
    for workflow in view.pack.kind(Workflow).values():
        for step in person_steps(view, workflow):
            found = list(_step(view, step))
            yield from found
            own = getattr(step.node, "nobody", None)
            if not found and own is not None and own.transfer_to is not None:
                named = (f"'{step.name}'", f"“{step.name}”")
                yield from _never(view, workflow, own.transfer_to, own.place("transfer_to"), named)
            yield from _deadline(view, step)
        for _, _, event in (found for found in view.of(Event) if found[0] is workflow):
            if event.button is not None and event.by is not None:
                yield from _never(
                    view,
                    workflow,
                    event.by,
                    event.place("by"),
                    (f"the button '{event.button}'", f"按钮“{event.button}”"),
                )
        for _, node in workflow.all_nodes():
            group = getattr(node, "from_", None)
            if node.TYPE == "assign" and isinstance(group, Group):
                yield from _never(view, workflow, group, node.place("from"), (f"'{node.name}'", f"“{node.name}”"))


def _policies(view: View) -> Iterator[Diagnostic]:
    """The people whom a policy of the pack passes to."""
    root = view.pack.root
    for name, policy in ((root.approval_policies or {}) if root is not None else {}).items():
        nobody = policy.nobody
        if nobody is not None and nobody.transfer_to is not None:
            came = outcomes(view, nobody.transfer_to, None)
            if came is not None and not any(one.people for one in came):
                yield _nobody(
                    nobody.place("transfer_to"), (f"the policy '{name}'", f"策略“{name}”"), nobody.transfer_to, ()
                )


def _step(view: View, step: PersonStep) -> Iterator[Diagnostic]:
    came = people_of(view, step)
    if came is None:
        path = empty_path(view, step.who) if step.nobody is None else None
        if path is not None:
            who = (f"'{step.name}'", f"“{step.name}”")
            yield _nobody(step.place, who, step.who, ((path, None),))
        return
    empty = next((one for one in came if not one.people and possible(view, step.workflow, step.name, one)), None)
    who = (f"'{step.name}'", f"“{step.name}”")
    if empty is not None:
        if step.nobody is None:
            yield _nobody(step.place, who, step.who, empty.when)
        else:
            yield from _fallback(view, step, empty, None)
        return
    yield from _only_the_starter(view, step, came)


def _fallback(view: View, step: PersonStep, empty: Came, starter: str | None) -> Iterator[Diagnostic]:
    """The people whom `nobody:` passes the task to: they must be there, and must not be the starter alone."""
    nobody = step.nobody
    if nobody is None or nobody.transfer_to is None:
        return
    came = outcomes(view, nobody.transfer_to, step.workflow)
    for one in came or ():
        if agree(one, empty) and not [p for p in one.people if p != starter]:
            own = step.node.was_written("nobody")
            if not own and came is not None and not any(other.people for other in came):
                return  # said at the policy
            place = nobody.place("transfer_to") if own else step.place
            who = (f"'{step.name}'", f"“{step.name}”")
            if starter is not None:
                yield people.nobody_can_act(place, *who, *_starter_alone(starter))
            else:
                yield _nobody(place, who, nobody.transfer_to, (*empty.when, *one.when))
            return


def _only_the_starter(view: View, step: PersonStep, came: Sequence[Came]) -> Iterator[Diagnostic]:
    """Whoever started the case may not decide, and nobody else is asked."""
    if not step.guards_starter or step.policy is None:
        return
    for starter in starters(view, step.workflow) or ():
        for one in came:
            known = dict(one.when).get("starter")
            if (known is not None and known.id != starter) or one.people != (starter,):
                continue
            if not _starts(view, step, one, starter):
                continue
            person = view.staff.person(starter)
            if (
                step.policy.starter_is_approver == "ask_manager"
                and person is not None
                and person["manager"] is not None
            ):
                continue
            if step.nobody is not None and step.nobody.transfer_to is None:
                continue
            yield from _fallback(view, step, one, starter)
            return


def _starts(view: View, step: PersonStep, came: Came, starter: str) -> bool:
    """Whether the starter may be this person while `came` holds: a start by the owner fixes both."""
    for trigger in step.workflow.start.values():
        for one in who_starts(view, step.workflow, trigger) or ():
            if starter in one.people and agree(one, came):
                return True
    return False


def _deadline(view: View, step: PersonStep) -> Iterator[Diagnostic]:
    """A deadline that passes the task to nobody, whoever has it. To nobody new: it stays, which is no mistake."""
    deadline = step.deadline
    if deadline is None or deadline.transfer_to is None:
        return
    place, who = deadline.place("transfer_to"), (f"'{step.name}'", f"“{step.name}”")
    persons = doers(view, step)
    came = outcomes(view, deadline.transfer_to, step.workflow, tuple(persons) if persons else None)
    if not came:
        return
    if not any(one.people for one in came):
        yield _nobody(place, who, deadline.transfer_to, came[0].when if len(came) == 1 else ())
        return


def _never(view: View, workflow: Workflow, who: Any, place: Span, named: tuple[str, str]) -> Iterator[Diagnostic]:
    """People who are never there: a button that nobody can press, an assign that finds nobody, a fall-back of nobody."""
    came = outcomes(view, who, workflow)
    if came and not any(one.people for one in came):
        yield _nobody(place, named, who, came[0].when if len(came) == 1 else ())


# ---- words


def _starter_alone(starter: str) -> tuple[str, str]:
    return (
        f"when {starter} starts the case, only {starter} is left, who may not decide about it",
        f"当 {starter} 发起时，只剩 {starter}，而发起人不得审批",
    )


def _nobody(place: Span, who: tuple[str, str], asked: Any, when: Sequence[tuple[str, Any]]) -> Diagnostic:
    if isinstance(asked, Group) and asked.where is None:
        parts = [(f"the role '{asked.role}'", f"角色“{asked.role}”")] if asked.role else []
        parts += [(f"the team '{asked.team}'", f"团队“{asked.team}”")] if asked.team else []
        en = f"no person of the organization has {' and '.join(p[0] for p in parts)}"
        zh = f"组织中没有人属于{'且'.join(p[1] for p in parts)}"
        return people.nobody_can_act(place, *who, en, zh)
    en, zh = said(when)
    return people.nobody_can_act(place, *who, f"nobody comes out{en}", f"{zh}没有符合的人员")
