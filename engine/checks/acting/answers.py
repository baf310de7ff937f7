"""Steps that answer by themselves: every `press` is listed, and refused where two persons shall look at it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from engine.checks.acting.steps import PersonStep, person_steps
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic, Severity
from engine.language.kinds.people import Deadline, Nobody
from engine.language.kinds.workflow import Workflow
from engine.language.messages import people

WHEN = {
    "deadline": ("when its deadline passes", "到期时"),
    "nobody": ("when nobody can act", "无人可办时"),
}


def check(view: View) -> Iterator[Diagnostic]:
    """answers-by-itself: a note; an error for one half of a four-eyes pair."""
    root = view.pack.root
    for name, policy in ((root.approval_policies or {}) if root is not None else {}).items():
        if policy.nobody is not None and policy.nobody.press is not None:
            yield people.answers_by_itself(
                policy.nobody.place("press"), str(name), WHEN["nobody"], str(policy.nobody.press)
            )
    for workflow in view.pack.kind(Workflow).values():
        steps = list(person_steps(view, workflow))
        for step in steps:
            partner = _partner(step, steps)
            for key, does in (("deadline", step.deadline), ("nobody", step.nobody)):
                yield from _pressed(step, key, does, partner)


def _pressed(step: PersonStep, key: str, does: Deadline | Nobody | None, partner: str) -> Iterator[Diagnostic]:
    if does is None or does.press is None or does.press not in (*step.node.own_exits(), *step.node.optional_exits()):
        return  # a button that is not there is a finding of its own
    own = key == "deadline" or step.node.was_written("nobody")
    if not own and not partner:
        return  # listed at the policy
    place = does.place("press") if own else step.place
    finding = people.answers_by_itself(place, step.name, WHEN[key], str(does.press), partner)
    yield dataclasses.replace(finding, severity=Severity.ERROR) if partner else finding


def _partner(step: PersonStep, steps: list[PersonStep]) -> str:
    """The step from which this one must differ, or that must differ from it."""
    if step.different_from:
        return step.different_from[0]
    return next((other.name for other in steps if step.name in other.different_from), "")
