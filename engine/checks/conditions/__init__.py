"""What conditions say together, worked out without running them: see `formula`, `reading`, `solving`."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.conditions import branches, constants, dead, interrupts, loops
from engine.checks.conditions.asking import conditions_of
from engine.checks.conditions.facts import analysed
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.workflow import Workflow


def check(view: View) -> Iterator[Diagnostic]:
    """branch-gap, branch-overlap, constant-condition, dead-by-data, own-interrupt, endless-or-impossible-loop."""
    conditions = conditions_of(view)
    yield from constants.check(conditions)
    yield from dead.events(conditions)
    for workflow in view.pack.kind(Workflow).values():
        analysis, reached = analysed(view, workflow)
        yield from dead.check(analysis, reached, conditions)
        yield from interrupts.check(analysis, reached, conditions)
        yield from loops.check(analysis, reached, conditions)
        told = [way.case for way in reached.dead if way.case is not None]
        for name, state in reached.at.items():
            yield from branches.check(analysis.nodes[name], state, told, analysis, conditions)
