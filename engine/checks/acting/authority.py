"""Amounts that are approved above everybody's authority: a group asks for a limit, nobody's covers the amount, and a way
that was written for something else agrees to it all the same.

A limit is a comparison of a person's number with a value of the case: `person.limit >= order.amount`. Such ways are the
fall-back of `nobody:`, a deadline that answers or passes the task on, an arrow for nobody, a gateway that asks for the
limit. Whom a fall-back names beyond the group is named for such amounts: their own limit does not matter when they have
none, or when nobody has a higher one. The very people who were not enough are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING
from typing import Any

from engine.checks.acting.candidates import Came, amounts, outcomes
from engine.checks.acting.limits import Limit, asked_of, held, highest, limits_in
from engine.checks.acting.quorum import number_of
from engine.checks.acting.standing import declared, type_at
from engine.checks.acting.steps import PersonStep, agree, following, people_of, person_steps, possible
from engine.checks.acting.worlds import reached, truth
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.expressions import types
from engine.language.expressions.parse import Expression
from engine.language.expressions.things import Person
from engine.language.expressions.types import Names
from engine.language.kinds.node import Node
from engine.language.kinds.people import Group
from engine.language.kinds.workflow import Workflow
from engine.language.messages import people
from engine.language.scopes import names_of
from engine.language.source import Span, place_of

Steps = Mapping[str, PersonStep]


def check(view: View) -> Iterator[Diagnostic]:
    """nobody-can-act, where the case goes on as if somebody had."""
    if not view.staff.everybody:
        return
    for workflow in view.pack.kind(Workflow).values():
        steps = {step.name: step for step in person_steps(view, workflow)}
        told: set[Span] = set()
        for finding in _all(view, workflow, steps):
            if finding.span not in told:  # the first amount says enough
                told.add(finding.span)
                yield finding


def _all(view: View, workflow: Workflow, steps: Steps) -> Iterator[Diagnostic]:
    for step in steps.values():
        limit = asked_of(view, step.who) if step.policy is not None else None
        if limit is None and step.policy is not None and isinstance(step.who, Expression):
            limit = next(limits_in(view, step.who), None)
        if limit is not None:
            yield from _approval(view, step, limit, steps)
    for _, node in workflow.all_nodes():
        if node.TYPE == "assign":
            yield from _assign(view, workflow, node, steps)
        elif node.TYPE == "exclusive_gateway":
            yield from _gateway(view, workflow, node, steps)


# ---- approvals


def _approval(view: View, step: PersonStep, limit: Limit, steps: Steps) -> Iterator[Diagnostic]:
    members = _members(view, step.who)
    for came in people_of(view, step) or ():
        if any(value is None for _, value in came.when):
            continue  # an amount that is not there is no amount
        if not possible(view, step.workflow, step.name, came):
            continue
        if not came.people and not any(limit.covers(view, person, came) for person in members):
            yield from _too_much(view, step, limit, came, steps)
        elif came.people:
            yield from _passed_on(view, step, limit, came, tuple(came.people))


def _too_much(view: View, step: PersonStep, limit: Limit, came: Came, steps: Steps) -> Iterator[Diagnostic]:
    """Nobody's limit covers it: what the fall-back and then the deadline make of it."""
    nobody, deadline = step.nobody, step.deadline
    if nobody is None or nobody.incident:
        return
    own = step.node.was_written("nobody")
    if nobody.press is not None:
        if nobody.press == "approved":
            yield _finding(view, step, limit, came, nobody.place("press") if own else step.place, *_ANSWERS)
        return
    if nobody.next is not None:
        if _as_if_approved(view, step, str(nobody.next), steps):
            yield _finding(view, step, limit, came, nobody.place("next"), *_LEADS)
        return
    others: tuple[str, ...] = ()
    if nobody.transfer_to is not None:
        for one in outcomes(view, nobody.transfer_to, step.workflow) or ():
            others = one.people if agree(one, came) else ()
            weak = _not_enough(view, step, nobody.transfer_to, limit, came, others)
            if weak is not None:
                place = nobody.place("transfer_to") if own else step.place
                yield _finding(view, step, limit, came, place, *_passes("nobody:", "nobody: ", limit, weak))
                return
        if not others:
            return  # who is asked instead cannot be known, or is nobody: a finding of its own
    yield from _passed_on(view, step, limit, came, others)
    if deadline is not None and deadline.press == "approved":
        yield _finding(view, step, limit, came, deadline.place("press"), *_LATE)
    for key in ("next", "meanwhile"):
        target = getattr(deadline, key, None)
        if deadline is not None and target is not None and _as_if_approved(view, step, str(target), steps):
            yield _finding(view, step, limit, came, deadline.place(key), *_LATE)


def _passed_on(view: View, step: PersonStep, limit: Limit, came: Came, had: tuple[str, ...]) -> Iterator[Diagnostic]:
    """The deadline passes the task on to people who were not enough."""
    deadline = step.deadline
    if deadline is None or deadline.transfer_to is None:
        return
    for one in outcomes(view, deadline.transfer_to, step.workflow, had) or ():
        new = tuple(person for person in one.people if person not in had)
        weak = _not_enough(view, step, deadline.transfer_to, limit, came, new) if agree(one, came) else None
        if weak is not None:
            place = deadline.place("transfer_to")
            yield _finding(view, step, limit, came, place, *_passes("the deadline", "期限", limit, weak))
            return


def _not_enough(
    view: View, step: PersonStep, to: Any, limit: Limit, came: Came, people_: tuple[str, ...]
) -> Person | None:
    """One of those who can approve without anybody whose limit covers it, or who is named for such amounts."""
    asked = _members(view, step.who)
    same = isinstance(to, Group) and isinstance(step.who, Group) and to.role in (None, step.who.role)
    most = highest(view, limit.attribute)
    weak: list[Person] = []
    for person in (p for p in map(view.staff.person, people_) if p is not None):
        value = held(person, limit.attribute)
        named = not (same and person in asked) and (value is None or value >= most)
        if not named and not limit.covers(view, person, came):
            weak.append(person)
    return weak[0] if weak and len(weak) >= _needed(step, len(people_)) else None


def _needed(step: PersonStep, asked: int) -> int:
    """How many must agree (engine/nodes/parts/voting.py)."""
    decide = step.policy.decide if step.policy is not None else "all"
    if decide in ("any", "random_one"):
        return 1
    found = number_of(decide)
    if found is None:
        return asked
    return int(found[1]) if found[0] == "count" else int((found[1] * asked / 100).to_integral_value(ROUND_CEILING))


# ---- ways around an approval


def _as_if_approved(view: View, step: PersonStep, target: str, steps: Steps) -> bool:
    """Whether an arrow to `target` comes, without another person, to where only `approved` leads."""
    approved, refused = (next(iter(step.node.arrows().get(exit_, ())), "") for exit_ in ("approved", "refused"))
    return str(approved) in _straight(view, step.workflow, target, steps) - _straight(
        view, step.workflow, str(refused), steps
    )


def _straight(view: View, workflow: Workflow, first: str, steps: Steps) -> frozenset[str]:
    """What a path from there comes to before a person has to act, `first` included."""
    if first in steps or first in ("end", "back"):
        return frozenset([first])
    return frozenset([first, *following(view, workflow, first, stops=frozenset(steps))])


def _assign(view: View, workflow: Workflow, node: Node, steps: Steps) -> Iterator[Diagnostic]:
    """An approver is looked for by the limit; the arrow for nobody leads to where the approval would have."""
    group, field = getattr(node, "from_", None), str(getattr(node, "field", ""))
    limit = asked_of(view, group)
    arrows = node.arrows()
    found, none = (str(next(iter(arrows.get(exit_, ())), "")) for exit_ in ("assigned", "nobody"))
    if limit is None or group is None or not none:
        return
    members = _members(view, group)
    for name in sorted(_straight(view, workflow, found, steps) & set(steps)):
        step = steps[name]
        who = step.who
        reads = isinstance(who, Expression) and any(".".join(path) == field for path in who.reads)
        if step.policy is None or not reads or not _as_if_approved(view, step, none, steps):
            continue
        for came in outcomes(view, group, workflow) or ():
            covered = came.people or any(limit.covers(view, person, came) for person in members)
            if not covered and possible(view, workflow, str(node.name), came):
                target = node.next.exits.get("nobody") if node.next is not None else None
                place = place_of(target)
                yield _finding(view, step, limit, came, place if place.line else node.place("next"), *_LEADS)
                return


def _gateway(view: View, workflow: Workflow, node: Node, steps: Steps) -> Iterator[Diagnostic]:
    """A gateway asks for the limit of whoever would approve, and goes past the approval when it is not enough."""
    cases = getattr(node, "cases", ())
    names = names_of(workflow, view.types)
    for case in cases:
        if case.is_otherwise or not isinstance(case.if_, Expression):
            continue
        for limit in limits_in(view, case.if_):
            asked = [steps[n] for n in sorted(_straight(view, workflow, str(case.next), steps) & set(steps))]
            for step in (one for one in asked if one.policy is not None):
                for other in cases:
                    if other is case or not _as_if_approved(view, step, str(other.next), steps):
                        continue
                    came = _above(view, workflow, case.if_, limit, names)
                    if came is None or not _taken(view, cases, other, came):
                        continue
                    if possible(view, workflow, str(node.name), came):
                        place = place_of(other.next)
                        yield _finding(view, step, limit, came, place if place.line else other.span, *_LEADS)


def _above(view: View, workflow: Workflow, expression: Expression, limit: Limit, names: Names) -> Came | None:
    """The largest amount that is tried, when it is more than anybody's limit."""
    if len(limit.read) != 1 or type_at(view, limit.read[0], names) not in (types.NUMBER, types.MONEY):
        return None
    path = limit.read[0]
    tried = amounts(view, expression, declared(view, path, names))
    return Came((), ((path, tried[-1]),)) if tried and tried[-1] > highest(view, limit.attribute) else None


def _taken(view: View, cases: Any, wanted: Any, came: Came) -> bool:
    """Whether a case of the gateway may be taken while that holds."""
    world = {path: frozenset([value]) for path, value in came.when}
    for case in cases:
        may = truth(view, None if case.is_otherwise else case.if_, world)
        if case is wanted:
            return True in may
        if False not in may:
            return False
    return False


# ---- words

_ANSWERS = ("nobody's limit covers it, and nobody: approves it", "没有人的额度足够，而 nobody: 会直接同意")
_LEADS = (
    "nobody's limit covers it, and this arrow leads to where only an approval should",
    "没有人的额度足够，而这条箭头通向只有同意后才应到达的步骤",
)
_LATE = (
    "nobody's limit covers it, and the deadline lets it pass without anybody",
    "没有人的额度足够，而期限一到便在无人同意时放行",
)


def _passes(what: str, what_zh: str, limit: Limit, person: Person) -> tuple[str, str]:
    value = held(person, limit.attribute)
    if value is None:
        return (
            f"{what} passes it to {person.id}, who has no {limit.attribute}",
            f"{what_zh}会转给没有 {limit.attribute} 的 {person.id}",
        )
    return (
        f"{what} passes it to {person.id}, whose {limit.attribute} is {value:_}",
        f"{what_zh}会转给 {limit.attribute} 只有 {value:_} 的 {person.id}",
    )


def _finding(view: View, step: PersonStep, limit: Limit, came: Came, place: Span, en: str, zh: str) -> Diagnostic:
    values = {path: frozenset([value]) for path, value in came.when if path != "assignee"}
    ways = [way for _, way in reached(view, step.workflow, values).get(step.name, ())]
    way = min(ways, key=len, default=(step.name,))
    approved = next(iter(step.node.arrows().get("approved", ())), "")
    path = " -> ".join([*way, str(approved)] if approved else way)
    return people.above_authority(place, step.name, limit.when(came), (en, zh), path)


def _members(view: View, who: Any) -> list[Person]:
    """Of whom the limit is asked: the people of a group before its `where`; anybody whom an expression may name."""
    if not isinstance(who, Group):
        return view.staff.everybody
    return view.staff.people.members(_text(who.role), _text(who.team))


def _text(word: Any) -> str | None:
    return None if word is None else str(word)
