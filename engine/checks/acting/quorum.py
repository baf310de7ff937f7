"""Quorums that cannot be reached, and substitutes who stand in for each other in a circle."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from engine.checks.acting.candidates import Came, said, who_starts
from engine.checks.acting.steps import PersonStep, agree, people_of, person_steps
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic, Severity
from engine.language.kinds.organization import Away, Organization
from engine.language.kinds.people import Policy
from engine.language.kinds.workflow import Workflow
from engine.language.messages import people
from engine.language.shapes import Struct
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
    came = [variant for one in people_of(view, step) or () for variant in _asked(view, step, one) if variant.people]
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
