"""Errors and escalations and who catches them: the subprocess around, those around it, the workflow, then the steps that call it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.node import Node
from engine.language.kinds.workflow import Workflow
from engine.language.messages import flow


@dataclass(frozen=True)
class Site:
    """A node, and what is around it in its workflow: subprocesses from the inside outwards."""

    workflow: Workflow
    node: Node
    around: tuple[Node, ...]


def check(view: View) -> Iterator[Diagnostic]:
    workflows = view.pack.kind(Workflow)
    sites = [site for workflow in workflows.values() for site in _sites(workflow, workflow.nodes, ())]
    calls: dict[str, list[Site]] = {}
    for site in sites:
        calls.setdefault(str(getattr(site.node, "workflow", "")), []).append(site)
    for site in sites:
        kind, code, key = _thrown(site.node)
        if not code:
            continue
        missed = _missed(kind, code, site.workflow, site.around, calls, frozenset())
        if missed is not None:
            yield flow.unhandled_event(
                site.node.place(key),
                f"'{site.node.name}' throws the {kind} '{code}' and nothing catches it{missed[0]}",
                f"“{site.node.name}”抛出的{'错误' if kind == 'error' else '上报'}“{code}”无人捕获{missed[1]}",
                f"write interrupt: {{on_{code}: {{{kind}: {code}, next: ...}}}} on the subprocess, the workflow or the call outside",
                f"请在外层子流程、流程或调用步骤上写 interrupt: {{on_{code}: {{{kind}: {code}, next: ...}}}}",
            )


def _sites(workflow: Workflow, nodes: Mapping[str, Node], around: tuple[Node, ...]) -> Iterator[Site]:
    for node in nodes.values():
        yield Site(workflow, node, around)
        yield from _sites(workflow, node.inner(), (node, *around))


def _thrown(node: Node) -> tuple[str, str, str]:
    """What a node throws: error or escalation, its code, the key where it is written."""
    if node.type == "end" and getattr(node, "kind", "") in ("error", "escalation"):
        return str(getattr(node, "kind", "")), str(getattr(node, "code", None) or ""), "code"
    if node.type == "signal" and getattr(node, "escalation", None):
        return "escalation", str(getattr(node, "escalation", "")), "escalation"
    return "", "", ""


def _missed(
    kind: str,
    code: str,
    workflow: Workflow,
    around: tuple[Node, ...],
    calls: Mapping[str, list[Site]],
    seen: frozenset[str],
) -> tuple[str, str] | None:
    """Where it gets out uncaught, in en and zh words; None where everything that may run it catches it."""
    owners: list[Node | Workflow] = [*around, workflow]
    if any(_catches(owner, kind, code) for owner in owners) or workflow.name in seen:
        return None
    if any(trigger.called is None for trigger in workflow.start.values()):
        return "", ""
    for site in calls.get(workflow.name, ()):
        where = (
            f" where '{site.workflow.name}' calls it in '{site.node.name}'",
            f"（“{site.workflow.name}”在“{site.node.name}”中调用它）",
        )
        if getattr(site.node, "detached", False):
            return where
        if _missed(kind, code, site.workflow, (site.node, *site.around), calls, seen | {workflow.name}) is not None:
            return where
    return None


def _catches(owner: Node | Workflow, kind: str, code: str) -> bool:
    events = [*(owner.interrupt or {}).values(), *(owner.meanwhile or {}).values()]
    return any(getattr(event, kind) in (code, "any") for event in events)
