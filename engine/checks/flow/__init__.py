"""The flow proof: that a case can always be finished, and that no bound of the language is broken (LANGUAGE 13, 14).

Scope by scope: `net` makes the token game of one scope, `reductions` joins what is sound by its shape (`sequences`, `forks`),
`game` and `joins` carry out its steps as `advance` does, `stubborn` leaves out what cannot matter, `explore` searches,
`smaller` takes apart what was joined wrongly, `scopes` puts the scopes together, `findings` tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks import exits
from engine.checks.flow.findings import told
from engine.checks.flow.scopes import Proof, Prover
from engine.checks.flow.starts import starts_and_ends
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic, Severity
from engine.language.kinds.workflow import Workflow


def check(view: View) -> Iterator[Diagnostic]:
    """start-end, unreachable-step, deadlock, livelock, double-token, improper-completion, over-at-once, open-meanwhile,
    double-result, not-decided."""
    begun = {name: list(starts_and_ends(workflow)) for name, workflow in view.pack.kind(Workflow).items()}
    for name, proofs in verdicts(view).items():
        yield from begun[name]
        if not begun[name]:  # a start that is not there has no path
            for proof in proofs:
                yield from told(proof)


def verdicts(view: View) -> Mapping[str, list[Proof]]:
    """Workflow -> what was found of each of its scopes, its own last; `Proof.codes` are the codes that hold, unfiltered."""
    prover = Prover(view, view.states)
    unfit = unreadable(view)
    found = {}
    for name, workflow in view.pack.kind(Workflow).items():
        found[name] = prover.of(name) if workflow.span.path not in unfit else []
    return found


def unreadable(view: View) -> frozenset[str]:
    """Files in which something could not be read, or an arrow or exit is not in order: nothing is said of their flow."""
    read = {d.span.path for d in view.pack.diagnostics if d.severity is Severity.ERROR}
    return frozenset(read | {d.span.path for d in exits.check(view)})


__all__ = ["Proof", "check", "unreadable", "verdicts"]
