"""Reminders that come after the deadline where the task is no longer there, or is somebody else's by then."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from engine.checks.clocks.in_force import calendars_of, reaches
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic, Severity
from engine.language.durations import Duration
from engine.language.kinds.people import Deadline
from engine.language.kinds.workflow import Workflow
from engine.language.messages import time
from engine.language.walk import structs
from engine.language.wall_clock import to_local

LEAVES = {
    "next": ("leaves the step", "会离开该步骤"),
    "press": ("answers it", "会自动作答"),
    "transfer_to": ("passes it on", "会转给他人"),
}
"""The outcomes after which nobody waits for a reminder; with the others the task stays, and reminders go on."""


def check(view: View) -> Iterator[Diagnostic]:
    """reminder-after-deadline: an error where it is so at every opening, a warning where it is so at some."""
    for workflow in view.pack.kind(Workflow).values():
        calendars = calendars_of(view, workflow)
        for _, node in workflow.all_nodes():
            for _, deadline in structs(node):
                if not isinstance(deadline, Deadline) or deadline is not getattr(node, "deadline", None):
                    continue
                outcome = next((key for key in LEAVES if deadline.was_written(key)), None)
                remind, within = deadline.remind, deadline.within
                if outcome is None or remind is None or within is None or remind.times < 1:
                    continue
                found = reaches(remind.every, remind.times, within, calendars)
                if not found.always and found.when is None:
                    continue
                example = f"{to_local(found.when, calendars[0].zone):%Y-%m-%d %H:%M}" if found.when else ""
                finding = time.reminder_after_deadline(
                    deadline.place("remind"),
                    str(node.name),
                    _length(remind.every, remind.times),
                    str(within),
                    LEAVES[outcome],
                    "" if found.always else example,
                )
                yield finding if found.always else dataclasses.replace(finding, severity=Severity.WARNING)


def _length(every: Duration, times: int) -> str:
    return f"{every.amount * times} {every.unit}"
