"""What must hold of definitions: one file per family; `check` runs them all and is the only validator there is.

A check is a function from a View of the pack to findings. Its order here is the order of work, not of the output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.checks import (
    by_the_clock,
    calls,
    conditions,
    copies,
    dataflow,
    deadlines,
    decisions,
    events,
    exits,
    fields,
    flow,
    gateways,
    holding,
    idle_keys,
    inputs,
    joins,
    labels,
    names,
    nested_locks,
    people,
    policies,
    references,
    scenarios,
    scorings,
    security,
    tables,
    types,
    waking,
    wordings,
)
from engine.checks.acting import answers, authority, duties, nobody, quorum, self_approval
from engine.checks.clocks import daylight, limits, locks, moments, reminders
from engine.checks.excuses import excused
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic, in_order
from engine.language.fixes import with_fix
from engine.language.pack import Pack

Check = Callable[[View], Iterable[Diagnostic]]

CHECKS: tuple[Check, ...] = (
    exits.check,
    joins.check,
    flow.check,
    calls.check,
    copies.check,
    holding.check,
    idle_keys.check,
    references.check,
    types.check,
    by_the_clock.check,
    inputs.check,
    people.check,
    policies.check,
    decisions.check,
    tables.check,
    scorings.check,
    deadlines.check,
    limits.check,
    moments.check,
    reminders.check,
    daylight.check,
    locks.check,
    nobody.check,
    authority.check,
    self_approval.check,
    duties.check,
    quorum.check,
    answers.check,
    scenarios.check,
    wordings.check,
    fields.check,
    security.check,
    dataflow.check,
    nested_locks.check,
    waking.check,
    gateways.check,
    events.check,
    conditions.check,
    names.check,
    labels.check,
)


def check(pack: Pack, states: int | None = None) -> list[Diagnostic]:
    """Everything that is wrong with the pack, what the loader found included: each once, by file and line.

    `states`: the bound of each search of the flow proof, where another than the default is wanted.
    """
    view = View(pack) if states is None else View(pack, states)
    found = list(pack.diagnostics)
    for one in CHECKS:
        found += one(view)
    return in_order(with_fix(finding, pack.sources) for finding in excused(found, pack))


__all__ = ["CHECKS", "Check", "View", "check"]
