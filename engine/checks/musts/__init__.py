"""Rules of forms proved along the transactions of workflows: what steps write keeps them, or a path breaks them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.checks.conditions.facts import analysed
from engine.checks.dataflow.flows import Flow
from engine.checks.musts.balance import Balance
from engine.checks.musts.standing import rules_of
from engine.checks.musts.transactions import Transactions
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.form import Form


def check(view: View, flows: Iterable[Flow]) -> Iterator[Diagnostic]:
    """form-flow-clash: of rules that compare amounts with each other."""
    rules = {form.name: list(rules_of(form, view)) for form in view.pack.kind(Form).values() if form.must}
    judged = [rule for one in rules.values() for rule in one if rule.compares]
    asked = frozenset[str]().union(*(rule.reads | rule.about for rule in judged))
    for flow in flows:
        if not _writes(flow, asked, {rule.form.name for rule in judged}):
            continue
        analysis, reached = analysed(view, flow.touches.workflow)
        yield from Balance(Transactions(flow, view, analysis, reached), rules).check()


def _writes(flow: Flow, names: frozenset[str], forms: set[str]) -> bool:
    """Whether steps write a field that a rule reads, or make a record that has rules or stands in a list."""
    if any(write.path.rsplit(".", 1)[-1] in names and not write.asked for write in flow.touches.writes):
        return True
    return any(getattr(node, "records", None) for node in flow.touches.nodes.values()) and bool(forms)
