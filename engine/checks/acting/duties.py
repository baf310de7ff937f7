"""Duties to separate and to bind that leave nobody: `different_from` and `same_as` against who may do what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product

from engine.checks.acting.candidates import Came, outcomes, said, starters
from engine.checks.acting.steps import PersonStep, agree, doers, following, people_of, person_steps, together
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.parse import Expression
from engine.language.kinds.workflow import Workflow
from engine.language.messages import people

_MOST_PAIRS = 20_000
_MOST_STEPS = 3
"""Groups of more people are not used up by a few steps."""


def check(view: View) -> Iterator[Diagnostic]:
    """duty-conflict: the persons named, the path shown."""
    for workflow in view.pack.kind(Workflow).values():
        steps = {step.name: step for step in person_steps(view, workflow)}
        for step in steps.values():
            found = next(_found(view, step, steps), None)
            if found is not None:
                yield found


def _found(view: View, step: PersonStep, steps: dict[str, PersonStep]) -> Iterator[Diagnostic]:
    both = [name for name in step.same_as if name in step.different_from]
    if both:
        yield people.duty_conflict(
            step.node.place("same_as"), step.name,
            (f"'{both[0]}' stands in different_from and in same_as", f"“{both[0]}”同时写在 different_from 和 same_as 中"),
            ("remove one of the two", "请删去其中之一"),
        )  # fmt: skip
        return
    yield from _two_persons(step, steps)
    if view.staff.everybody:
        yield from _separate(view, step, steps)
        yield from _bind(view, step, steps)


def _two_persons(step: PersonStep, steps: dict[str, PersonStep]) -> Iterator[Diagnostic]:
    """same_as two steps that different_from keeps apart."""
    for a, b in combinations(step.same_as, 2):
        one, other = steps.get(a), steps.get(b)
        if one is not None and other is not None and (b in one.different_from or a in other.different_from):
            yield people.duty_conflict(
                step.node.place("same_as"), step.name,
                (f"it is bound to who did '{a}' and who did '{b}', and those are two persons",
                 f"它要求办理人同时是“{a}”与“{b}”的办理人，而这两步必须由不同的人办理"),
                ("name one step in same_as", "same_as 中请只写一个步骤"),
            )  # fmt: skip


def _separate(view: View, step: PersonStep, steps: dict[str, PersonStep]) -> Iterator[Diagnostic]:
    """All who could do the step did others before it, from which it must differ."""
    others = [steps[name] for name in step.different_from if name in steps and name != step.name]
    yield from _whoever_did(view, step, others)
    yield from _all_agreed(view, step, others)
    for came in people_of(view, step) or ():
        if not 1 <= len(came.people) <= _MOST_STEPS:
            continue
        for chosen in combinations(others, len(came.people)):
            way = _path(view, step, chosen)
            did = _covering(view, chosen, came) if way else None
            if did is None or _falls_back(view, step, came, did):
                continue
            en = " and ".join(
                f"{p} may have done '{one.name}'{how[0]}" for (p, how), one in zip(did, chosen, strict=True)
            )
            zh = "，".join(f"{p} 可能办理了“{one.name}”{how[1]}" for (p, how), one in zip(did, chosen, strict=True))
            only = ", ".join(came.people)
            when_en, when_zh = said(came.when)
            yield people.duty_conflict(
                step.node.place("different_from"), step.name,
                (f"{en}, and only {only} could do it{when_en}; path: {' -> '.join(way)}",
                 f"{zh}，而{when_zh}只有 {only} 可以办理；路径：{' -> '.join(way)}"),
                ASK_MORE,
            )  # fmt: skip
            return


def _whoever_did(view: View, step: PersonStep, others: Sequence[PersonStep]) -> Iterator[Diagnostic]:
    """The step is for whoever did another, and must differ from that one."""
    for other in others:
        if isinstance(step.who, Expression) and step.who.text.strip() == f"steps.{other.name}.by":
            yield people.duty_conflict(
                step.node.place("different_from"), step.name,
                (f"it is for whoever did '{other.name}', and must be done by somebody else",
                 f"它由“{other.name}”的办理人办理，又要求由他人办理"),
                ("ask other people, or remove it from different_from", "请改由其他人员办理，或从 different_from 中删去该步骤"),
            )  # fmt: skip


def _all_agreed(view: View, step: PersonStep, others: Sequence[PersonStep]) -> Iterator[Diagnostic]:
    """Everybody had to agree in an approval before, and nobody but these could do the step."""
    for other in others:
        if other.policy is None or other.policy.decide not in ("all", "in_order"):
            continue
        approved = str(next(iter(other.node.arrows().get("approved", ())), ""))
        asked = starters(view, step.workflow)
        everybody = {person for one in people_of(view, other) or () for person in one.people}
        if other.guards_starter and (not asked or not everybody.isdisjoint(asked)):
            continue  # the starter was not asked, and is left
        way: tuple[str, ...] = (other.name, step.name)
        if approved != step.name:
            way = (other.name, *following(view, step.workflow, approved).get(step.name, ()))
        for first, came in together(people_of(view, other), people_of(view, step)) if len(way) > 1 else ():
            did: list[Did] = [(person, ("", "")) for person in came.people]
            if (
                len(came.people) > 1
                and set(came.people) <= set(first.people)
                and not _falls_back(view, step, came, did)
            ):
                only = ", ".join(came.people)
                when_en, when_zh = said(came.when)
                yield people.duty_conflict(
                    step.node.place("different_from"), step.name,
                    (f"all of {only} have agreed in '{other.name}', and only they could do it{when_en}; path: {' -> '.join(way)}",
                     f"{only} 都已在“{other.name}”中同意，而{when_zh}只有他们可以办理；路径：{' -> '.join(way)}"),
                    ASK_MORE,
                )  # fmt: skip
                return


Did = tuple[str, tuple[str, str]]
ASK_MORE = ("ask more people, or write nobody: {transfer_to: ...}", "请扩大人员范围，或写 nobody: {transfer_to: ...}")


def _covering(view: View, chosen: Sequence[PersonStep], came: Came) -> list[Did] | None:
    """Who may have done the chosen steps, so that together they are all who could do this one; each another person."""
    columns: list[list[tuple[Came, Did]]] = []
    for other in chosen:
        options: list[tuple[Came, Did]] = []
        for first, _ in together(people_of(view, other), [came]):
            options += [(first, did) for did in (doers(view, other, first) or {}).items() if did[0] in came.people]
        columns.append(options)
    size = 1
    for column in columns:
        size *= len(column)
    if not 0 < size <= _MOST_PAIRS:
        return None
    for picks in product(*columns):
        persons = {did[0] for _, did in picks}
        fit = all(agree(a, b) for (a, _), (b, _) in combinations(picks, 2))
        if fit and len(persons) == len(picks) and persons >= set(came.people):
            return [did for _, did in picks]
    return None


def _path(view: View, step: PersonStep, chosen: Sequence[PersonStep]) -> tuple[str, ...]:
    """A path that passes the chosen steps in some order and then reaches this one; empty when there is none."""
    if len(chosen) == 1:
        return following(view, step.workflow, chosen[0].name).get(step.name, ())
    for first in chosen:
        rest = [one for one in chosen if one is not first]
        for second in rest:
            there = following(view, step.workflow, first.name).get(second.name)
            if there is not None and (way := _path(view, step, [second, *(r for r in rest if r is not second)])):
                return (*there, *way[1:])
    return ()


def _falls_back(view: View, step: PersonStep, came: Came, did: Sequence[Did]) -> bool:
    """Whether `nobody:` has decided: another outcome, or people of whom somebody is left."""
    nobody = step.nobody
    if nobody is None:
        return False
    if nobody.transfer_to is None:
        return True
    gone = {person for person, _ in did}
    found = outcomes(view, nobody.transfer_to, step.workflow)
    return found is None or all(set(one.people) - gone for one in found if agree(one, came))


def _bind(view: View, step: PersonStep, steps: dict[str, PersonStep]) -> Iterator[Diagnostic]:
    """Who did the step that this one is bound to is none of those who may do it."""
    for name in step.same_as:
        other = steps.get(name)
        way = following(view, step.workflow, name).get(step.name, ()) if other is not None else ()
        if other is None or not way:
            continue
        for first, came in together(people_of(view, other), people_of(view, step)):
            for person, how in (doers(view, other, first) or {}).items():
                if person in came.people or not came.people or _falls_back(view, step, came, []):
                    continue
                only = ", ".join(came.people)
                yield people.duty_conflict(
                    step.node.place("same_as"), step.name,
                    (f"{person} may have done '{name}'{how[0]}, and only {only} may do this; path: {' -> '.join(way)}",
                     f"{person} 可能办理了“{name}”{how[1]}，而此步骤只有 {only} 可以办理；路径：{' -> '.join(way)}"),
                    (f"ask the same people in both steps, or write assignee: steps.{name}.by",
                     f"两个步骤请写相同的人员，或写 assignee: steps.{name}.by"),
                )  # fmt: skip
                return
