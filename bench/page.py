"""What a run found as text: lines for the terminal and the page docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peers import Peers
from rows import REMIT, Goal, Row


@dataclass
class Found:
    """The answers of one row by contender, and why a contender has none."""

    row: Row
    title: str
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def median(self, name: str) -> float | None:
        values = [answer["value"] for answer in self.answers.get(name, ())]
        return statistics.median(values) if values else None

    def reached(self, goal: Goal) -> str:
        """What came of a goal, in words."""
        ours, limit = self.median(REMIT), goal.limit
        if goal.of is not None:
            theirs = self.median(goal.of)
            if theirs is None:
                return f"{goal.text}: not known"
            limit = theirs * goal.times
        if ours is None:
            return f"{goal.text}: not known"
        good = ours >= limit if self.row.more else ours <= limit
        share = ours / limit
        return f"{goal.text}: {'reached' if good else 'not reached'} ({share:.2f} of it)"


def machine() -> dict[str, str]:
    return {"cores": str(os.cpu_count()), "processor": _processor(), "Python": platform.python_version()}


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def figure(value: float) -> str:
    """Three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def lines(found: Found) -> list[str]:
    """The row for the terminal."""
    out = [found.title]
    for name, median, spread, ratio, more in _table(found):
        out.append(f"  {name:38} {median:>12} {found.row.unit:9} {spread:>22} {ratio:>8}  {more}".rstrip())
    out += [f"  {found.reached(goal)}" for goal in found.row.goals]
    return out


def _table(found: Found) -> list[tuple[str, str, str, str, str]]:
    """(who, median, range, remit's value over theirs or the other way round: above 1 remit is better, what else)."""
    ours = found.median(REMIT)
    table = []
    for contender in found.row.contenders:
        name, median = contender.name, found.median(contender.name)
        if median is None:
            table.append((name, "-", "", "", found.failed.get(name, "not run")))
            continue
        values = [answer["value"] for answer in found.answers[name]]
        ratio = "" if ours is None or name == REMIT else f"{(ours / median if found.row.more else median / ours):.2f} x"
        last = found.answers[name][-1]
        more = ", ".join(
            f"{key} {figure(value)}" for key, value in last.items() if isinstance(value, int | float) and key != "value"
        )
        table.append((name, figure(median), f"{figure(min(values))} to {figure(max(values))}", ratio, more))
    return table


def page(every: list[Found], peers: Peers, rounds: int, quick: bool) -> str:
    """docs/benchmarks.md."""
    about = machine()
    out = [
        "# Measurements",
        "",
        "Written by `make bench` (`bench/run.py`), which installs the peers beside remit and runs both in turn, each contender",
        f"in a process of its own. Rounds in this run: {rounds}{' (quick)' if quick else ''}. The figures are medians; beside",
        "them stand the smallest and the largest. Times on a shared machine vary by two and more from minute to minute, its",
        "disk by ten: **only the ratios inside one table mean something**. `remit is` above 1: remit does more, or needs less.",
        "",
        f"Machine: {about['cores']} cores, {about['processor']}, Python {about['Python']}. Peers: "
        + (", ".join(f"{name} {version}" for name, version in peers.versions.items()) or "none")
        + f". Load of the last 15 minutes: {os.getloadavg()[2]:.1f} processes, these here included.",
    ]
    out += [f"Not installed: {name}: {why}" for name, why in peers.missing.items()]
    for found in every:
        out += [
            "",
            f"## {found.title}",
            "",
            f"| | median, {found.row.unit} | range | remit is | also |",
            "|---|---:|---:|---:|---|",
        ]
        out += [f"| {' | '.join(cells)} |" for cells in _table(found)]
        out += ["", *(f"- {found.reached(goal)}" for goal in found.row.goals)]
        if found.row.between:
            out += ["", found.row.between]
    tried = Path(__file__).with_name("tried.md")
    return "\n".join([*out, "", tried.read_text("utf-8").rstrip(), ""])
