"""What running scenarios came to: each test passed or failed with its place, and what no scenario walked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.language.diagnostics import Diagnostic, Language, Severity, Text, is_clean, render
from engine.language.source import Source, Span


class NotMet(Exception):
    """A step did not go as the scenario says: the place, and what was instead, in both languages."""

    def __init__(self, span: Span, en: str, zh: str) -> None:
        super().__init__(f"{span}: {en}")
        self.span, self.en, self.zh = span, en, zh


@dataclass(frozen=True)
class Outcome:
    """One test. `problem` is where and why it failed; None when it passed."""

    scenarios: str
    test: str
    span: Span
    problem: NotMet | None = None
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return self.problem is None

    def diagnostic(self) -> Diagnostic | None:
        """The failure as a finding, to be shown with its line and a caret."""
        if self.problem is None:
            return None
        return Diagnostic(self.problem.span, "scenario-failed", Severity.ERROR, Text(self.problem.en, self.problem.zh))

    def plain(self) -> dict[str, Any]:
        found = self.diagnostic()
        return {
            "scenarios": self.scenarios, "test": self.test, "path": self.span.path, "line": self.span.line, "passed": self.passed,
            "seconds": round(self.seconds, 3), "problem": found.plain() if found is not None else None,
        }  # fmt: skip


@dataclass(frozen=True)
class Coverage:
    """The nodes and arrows of one workflow that some scenario walked, of all that there are."""

    workflow: str
    nodes: int
    arrows: int
    unwalked_nodes: tuple[str, ...]
    unwalked_arrows: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        return {
            "workflow": self.workflow, "nodes": self.nodes, "arrows": self.arrows, "unwalked_nodes": list(self.unwalked_nodes),
            "unwalked_arrows": list(self.unwalked_arrows),
        }  # fmt: skip


@dataclass(frozen=True)
class Report:
    """All tests of a run. `findings` are what the loader found: with errors in them nothing was run."""

    outcomes: tuple[Outcome, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    findings: tuple[Diagnostic, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict, repr=False)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if not outcome.passed)

    @property
    def ok(self) -> bool:
        return bool(self.outcomes) and not self.failed and is_clean(self.findings)

    def lines(self, language: Language = "en") -> list[str]:
        """The report for a person."""
        zh = language == "zh"
        lines = [render(d, self.sources, language) for d in self.findings]
        for outcome in self.outcomes:
            mark = ("通过" if zh else "passed") if outcome.passed else ("失败" if zh else "FAILED")
            lines.append(f"{mark}  {outcome.scenarios}: {outcome.test.replace('_', ' ')}")
            found = outcome.diagnostic()
            if found is not None:
                lines += [f"  {line}" for line in render(found, self.sources, language).split("\n")]
        for one in self.coverage:
            lines += self._coverage(one, zh)
        passed, total = len(self.outcomes) - len(self.failed), len(self.outcomes)
        if not self.outcomes:
            lines.append("没有场景测试" if zh else "no scenarios")
        else:
            lines.append(f"{total} 个测试，{passed} 个通过" if zh else f"{passed} of {total} tests passed")
        return lines

    @staticmethod
    def _coverage(one: Coverage, zh: bool) -> list[str]:
        nodes, arrows = one.nodes - len(one.unwalked_nodes), one.arrows - len(one.unwalked_arrows)
        head = f"{one.workflow}: " + (
            f"走过 {nodes}/{one.nodes} 个节点、{arrows}/{one.arrows} 条连线"
            if zh
            else f"{nodes} of {one.nodes} nodes and {arrows} of {one.arrows} arrows walked"
        )
        missed = [*one.unwalked_nodes, *one.unwalked_arrows]
        return [head, *(f"  {'未走过' if zh else 'not walked'}: {what}" for what in missed)]

    def plain(self) -> dict[str, Any]:
        """The report as JSON data."""
        return {
            "passed": len(self.outcomes) - len(self.failed),
            "failed": len(self.failed),
            "tests": [outcome.plain() for outcome in self.outcomes],
            "coverage": [one.plain() for one in self.coverage],
            "findings": [d.plain() for d in self.findings],
        }
