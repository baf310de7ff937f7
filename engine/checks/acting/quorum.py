"""Quorums that cannot be reached, and substitutes who stand in for each other in a circle."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from engine.checks.acting.candidates import Came, outcomes, said, who_starts
from engine.checks.acting.steps import PersonStep, agree, following, people_of, person_steps, possible, together
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic, Severity
from engine.language.kinds.organization import Away, Organization
from engine.language.kinds.people import Policy
from engine.language.kinds.workflow import Workflow
from engine.language.messages import people
from engine.language.shapes import Struct
from engine.language.source import Span
from engine.rules.assignment import absence_of


def check(view: View) -> Iterator[Diagnostic]:
    """impossible-quorum."""
    for _, _, struct in view.structs:
        if isinstance(struct, Policy) and struct.was_written("decide"):
            yield from _sense(struct, struct.decide)
    for workflow in view.pack.kind(Workflow).values():
        for step in person_steps(view, workflow):
            yield from _enough(view, step)
    if view.pack.organization is not None:
        yield from _circles(view.pack.organization)


def number_of(decide: Any) -> tuple[str, Decimal] | None:
    """`{count: 2}` or `{share: 60%}` as ("count", 2) or ("share", 60); None for what is neither."""
    if not isinstance(decide, Mapping) or len(decide) != 1:
        return None
    key, text = next(iter(decide.items()))
    found = re.fullmatch(r"(\d{1,6})" if key == "count" else r"(\d{1,6}(?:\.\d{1,6})?)%?", str(text).strip())
    return (str(key), Decimal(found[1])) if found else None


def _sense(struct: Struct, decide: Any) -> Iterator[Diagnostic]:
    if not isinstance(decide, Mapping):
        return
    found = number_of(decide)
    words = ", ".join(f"{key}: {text}" for key, text in decide.items())
    if found is None:
        why = ("a count is a whole number, a share a whole percent", "count 为整数，share 为百分比")
    elif found[0] == "share" and found[1] > 100:
        why = ("more than all can never approve", "同意的人不可能超过全部")
    elif found[1] == 0:
        why = ("nobody would have to approve", "等于不需要任何人同意")
    else:
        return
    yield people.impossible_quorum(
        struct.place("decide"), (f"decide {{{words}}}", f"decide {{{words}}}"), why,
        ("write decide: {count: 2}, decide: {share: 60%} or decide: all", "请写 decide: {count: 2}、decide: {share: 60%} 或 decide: all"),
    )  # fmt: skip


def _enough(view: View, step: PersonStep) -> Iterator[Diagnostic]:
    """A count above the number of those who may be asked: an error when it is always so, else a warning."""
    found = number_of(step.policy.decide) if step.policy is not None else None
    if found is None or found[0] != "count" or found[1] < 1 or not view.staff.everybody:
        return
    yield from _few_instead(view, step, int(found[1]))
    came = [variant for one in people_of(view, step) or () for variant in _asked(view, step, one) if variant.people]
    came += [less for one in came for less in _without_doers(view, step, one)]
    few = [one for one in came if len(one.people) < found[1]]
    if not few:
        return
    always = len(few) == len(came)
    worst = max(few, key=lambda one: len(one.people)) if always else min(few, key=lambda one: len(one.people))
    when_en, when_zh = said(worst.when if not always or len(came) == 1 else ())
    place = step.node.place("decide") if step.node.was_written("decide") else step.place
    names = ", ".join(worst.people[:5])
    finding = people.impossible_quorum(
        place, (f"'{step.name}' needs {found[1]} approvals", f"“{step.name}”需要 {found[1]} 人同意"),
        (f"at most {len(worst.people)} can be asked{when_en}: {names}", f"{when_zh}最多只能问到 {len(worst.people)} 人：{names}"),
        ("ask more people, or write a smaller count", "请扩大审批人范围，或减小 count"),
    )  # fmt: skip
    yield finding if always else dataclasses.replace(finding, severity=Severity.WARNING)


def _asked(view: View, step: PersonStep, came: Came) -> Iterator[Came]:
    """Who is asked, for each way to start: whoever started the case is left out, or their manager is asked instead."""
    policy = step.policy
    for trigger in step.workflow.start.values():
        starts = who_starts(view, step.workflow, trigger)
        persons = {(one, person) for one in starts or () if agree(one, came) for person in one.people}
        if not step.guards_starter or policy is None or not persons:
            yield came
            continue
        for start, person in sorted(persons, key=lambda pair: pair[1]):
            who = view.staff.person(person)
            manager = who["manager"] if who is not None and policy.starter_is_approver == "ask_manager" else None
            if person not in came.people:
                yield came
                continue
            instead = [manager.id] if manager is not None and manager.id != person else []
            left = [p for one in came.people for p in (instead if one == person else [one])]
            when = dict((*came.when, *start.when, ("starter", who)))
            yield Came(tuple(dict.fromkeys(left)), tuple(when.items()))


def _without_doers(view: View, step: PersonStep, came: Came) -> Iterator[Came]:
    """Who is left when those who did the steps of different_from are not asked."""
    others = {other.name: other for other in person_steps(view, step.workflow) if other.name in step.different_from}
    left = list(came.people)
    for name, other in others.items():
        if step.name not in following(view, step.workflow, name):
            continue
        for first, _ in together(people_of(view, other), [came]):
            did = next((person for person in first.people if person in left), None)
            if did is not None:
                left.remove(did)
                break
    if left and len(left) < len(came.people):
        yield Came(tuple(left), came.when)


def _few_instead(view: View, step: PersonStep, count: int) -> Iterator[Diagnostic]:
    """Too few to whom `nobody:` or the deadline passes the approval, when nobody has answered before."""
    all_came = people_of(view, step) or ()
    nobody, deadline = step.nobody, step.deadline
    empty = next((one for one in all_came if not one.people and possible(view, step.workflow, step.name, one)), None)
    if nobody is not None and nobody.transfer_to is not None and empty is not None:
        place = nobody.place("transfer_to") if step.node.was_written("nobody") else step.place
        for one in outcomes(view, nobody.transfer_to, step.workflow) or ():
            if agree(one, empty) and 0 < len(one.people) < count:
                yield _too_few(place, step, count, one, ("when nobody else comes out", "无其他人可办时"))
                break
    if deadline is not None and deadline.transfer_to is not None:
        for came in all_came:
            for one in outcomes(view, deadline.transfer_to, step.workflow, came.people) or ():
                new = Came(tuple(person for person in one.people if person not in came.people), one.when)
                if len(came.people) >= count and agree(new, came) and 0 < len(new.people) < count:
                    when = ("when the deadline passes it on before anybody has answered", "无人答复而期限转交时")
                    yield _too_few(deadline.place("transfer_to"), step, count, new, when)
                    return


def _too_few(place: Span, step: PersonStep, count: int, came: Came, when: tuple[str, str]) -> Diagnostic:
    names = ", ".join(came.people[:5])
    finding = people.impossible_quorum(
        place, (f"'{step.name}' needs {count} approvals", f"“{step.name}”需要 {count} 人同意"),
        (f"{when[0]} only {len(came.people)} can be asked: {names}", f"{when[1]}只能问到 {len(came.people)} 人：{names}"),
        ("pass it to more people, or write a smaller count", "请转给更多人，或减小 count"),
    )  # fmt: skip
    return dataclasses.replace(finding, severity=Severity.WARNING)


def _circles(organization: Organization) -> Iterator[Diagnostic]:
    """On some day all of a row of substitutes are away: nobody decides."""
    absences: tuple[Away, ...] = organization.away or ()
    said_: set[frozenset[str]] = set()
    for away in absences:
        for day in (away.from_, *(other.from_ for other in absences if away.from_ <= other.from_ <= away.to)):
            circle = _circle(str(away.person), day, absences)
            if circle and frozenset(circle) not in said_:
                said_.add(frozenset(circle))
                row = " -> ".join([*circle, circle[0]])
                yield people.impossible_quorum(
                    away.place("substitute"), ("the substitutes go round in a circle", "替代人互相替代形成循环"),
                    (f"on {day} {row} are all away, and nobody decides", f"{day} 时 {row} 全都不在，无人可办"),
                    ("name a substitute who is there", "请指定在岗的替代人"),
                )  # fmt: skip


def _circle(person: str, day: dt.date, absences: tuple[Away, ...]) -> list[str]:
    """The persons who stand in for each other on a day; empty when somebody is there."""
    row: list[str] = []
    while person not in row:
        away = absence_of(person, day, absences)
        if away is None or away.mode == "person_decides" or away.substitute is None:
            return []
        row.append(person)
        person = str(away.substitute)
    return row[row.index(person) :]
