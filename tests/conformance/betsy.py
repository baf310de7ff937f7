"""betsy: BPMN behaviour, run on the real machine in memory at virtual time, and the log of steps compared (a multiset)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from engine.checks import check
from engine.interpreter import events as ev
from engine.language.diagnostics import Severity
from engine.language.kinds.workflow import Workflow
from engine.language.loader import load
from engine.language.source import Source
from engine.nodes import catalogue
from engine.play.stage import Stage
from engine.runtime import commands
from engine.runtime.store.queries import records
from tests.conformance import bpmn
from tests.conformance.suites import Outcome, Unsaid, suite

MONDAY = 1_772_442_000_000_000
"""2026-03-02 09:00 UTC, in microseconds."""
PATIENCE_MS = 15_000
LABELS = {"marker": "MarkerExists"} | {f"task_{i}": f"Task{i}" for i in range(1, 20)}


def behaviours() -> list[dict[str, Any]]:
    return suite("betsy_bpmn_behaviour.json", "behaviour")


def outcomes(behaviour: Mapping[str, Any]) -> list[Outcome]:
    """One for every case."""
    cases = behaviour["cases"]
    labels = [f"{behaviour['name']} {case['input'] or case.get('integer', '')}".strip() for case in cases]
    try:
        texts = bpmn.texts(behaviour["model"])
    except Unsaid as why:
        return [Outcome(label, "unsaid", str(why)) for label in labels]
    except LookupError as crash:
        return [Outcome(label, "wrong", f"the adapter finds no {crash} in the model") for label in labels]
    found = []
    refused, findings = checked(texts)
    for label, case in zip(labels, cases, strict=True):
        wanted = Counter(case["expect"])
        if refused or (findings and "DeploymentFailed" in wanted):
            got = Counter(["DeploymentFailed"])
        else:
            try:
                got = run(texts, case)
            except Exception as crash:  # one case that breaks must not hide the others
                found.append(Outcome(label, "wrong", f"{type(crash).__name__}: {crash}"))
                continue
        if got == wanted:
            found.append(Outcome(label, "agreed"))
            continue
        reason = f"{sorted(got.elements())} instead of {sorted(wanted.elements())}" + "".join(f"; {f}" for f in refused)
        why_not = deliberate(behaviour, wanted, got)
        found.append(
            Outcome(label, "deliberate" if why_not else "wrong", f"{why_not}: {reason}" if why_not else reason)
        )
    return found


def checked(texts: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """What the loader refuses, and what `check` calls an error: a model that deadlocks is run all the same."""
    pack = load([Source(path, text) for path, text in texts.items()], catalogue())
    unread = [f"{d.span}: {d.code}: {d.message()}" for d in pack.diagnostics if d.severity == Severity.ERROR]
    errors = [f"{d.span}: {d.code}: {d.message()}" for d in check(pack) if d.severity == Severity.ERROR]
    meant = [
        e for e in errors if any(f": {code}: " in e for code in ("unknown-variable", "type-mismatch", "bad-expression"))
    ]
    return [*unread, *meant], errors


def deliberate(behaviour: Mapping[str, Any], wanted: Counter[str], got: Counter[str]) -> str:
    """Why another log is right, found by rule; empty when there is no such reason."""
    scripts = {str(n.get("script")) for p in behaviour["model"]["processes"] for n in bpmn.every_node(p)}
    can_log = {f"Task{s.removeprefix('SCRIPT_task')}" for s in scripts if s.startswith("SCRIPT_task")}
    for step in wanted:
        if step.startswith("Task") and step not in can_log:
            return f"no node of the model logs {step}"
    return ""


def run(texts: Mapping[str, str], case: Mapping[str, Any]) -> Counter[str]:
    """The log of one case. An open incident is the exception that betsy expects of an engine."""
    calls = {line.strip().partition(":")[0] for line in texts["connections/log.yaml"].splitlines()[3:]}
    stage = Stage(texts, catalogue(), MONDAY, None, {f"log.{call}": {"exit": "done"} for call in calls})
    try:
        values = {"test": case["input"], "integer": case.get("integer")}
        stage.ask(commands.NewRecord(form="run", values={n: v for n, v in values.items() if v is not None}), None)
        stage.advance_to(MONDAY + (case["delay_ms"] or PATIENCE_MS) * 1000)
        log = Counter(_label(name, given) for name, given, _ in stage.canned.sent)
        log["Increment"] += _increments(stage)
        log["ExecutionParallel"] += side_by_side(stage)
        for incident in stage.incidents():
            log["ErrorThrownErrorEvent" if incident.code == "unhandled-error" else "RuntimeException"] += 1
    finally:
        stage.close()
    return Counter({step: count for step, count in log.items() if step and count})


def side_by_side(stage: Stage) -> bool:
    """Whether two steps that take time were open at once."""
    spans: list[tuple[int, int]] = []
    with stage.look() as look:
        workflows = look.pack.kind(Workflow)
    for name, events in stage.histories():
        slow = {n for n, node in nodes_in(workflows[name].nodes) if node.title == bpmn.STAMP}
        places = {e.token: e.node for e in events if isinstance(e, ev.TokenPlaced) and e.node in slow}
        begun = {e.token: e.at for e in events if isinstance(e, ev.NodeEntered)}
        spans += [(begun[e.token], e.at) for e in events if isinstance(e, ev.NodeLeft) and e.token in places]
    return any(a is not b and a[0] < b[1] and b[0] < a[1] for a in spans for b in spans)


def nodes_in(nodes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, node in nodes.items():
        yield name, node
        yield from nodes_in(node.inner())


def _label(name: str, given: Mapping[str, Any]) -> str:
    call = name.removeprefix("log.")
    if call == "data":
        return "DataCorrect" if given.get("value") == "String" else ""
    return LABELS.get(call, "")


def _increments(stage: Stage) -> int:
    """The `line` records: an incrementing script writes one, with its variable, in one commit."""
    with stage.machine.store.read() as reader:
        return len(records.newest_of_form(reader, "line", limit=1000))
