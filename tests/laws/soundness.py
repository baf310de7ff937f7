"""The flow proof beside its plain reference, and beside what the real `advance` can reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.checks import View, check
from engine.interpreter.compiled import CompiledWorkflow
from engine.language.kinds.workflow import Workflow
from tests.interpreter.stage import MONDAY
from tests.interpreter.world import World, pack_of
from tests.laws.reference import Tree
from tests.laws.soundness_reference import TooLarge, verdict
from tests.laws.soundness_runtime import Explored
from tests.laws.soundness_workflows import blocks, drawn, scopes, text

CODES = frozenset(
    [
        "deadlock",
        "livelock",
        "double-token",
        "over-at-once",
        "unreachable-step",
        "double-result",
        "improper-completion",
        "open-meanwhile",
    ]
)
FIRST = CODES - {"unreachable-step"}
STUCK = {"deadlock": "stuck", "livelock": "stuck"}
TOGETHER = 25
"""Workflows in one pack."""


@dataclass
class Count:
    workflows: int = 0
    bounded: int = 0
    faulty: Counter[str] = field(default_factory=Counter)
    """How many workflows have which fault; a workflow may have several."""


@dataclass
class Difference:
    tree: Tree
    what: str

    def __str__(self) -> str:
        return f"{text(self.tree)}{self.what}"


def trees(kind: str, seeds: Iterable[int]) -> list[Tree]:
    return [{"blocks": blocks, "drawn": drawn}[kind](seed) for seed in seeds]


def proved(made: list[Tree]) -> dict[str, tuple[set[str], set[str]]]:
    """Of each workflow: the codes that the proof found, and those that `check` tells of it."""
    from engine.checks.flow import verdicts

    pack = pack_of(*(text(tree) for tree in made))
    held = {name: {code for proof in proofs for code in proof.codes} for name, proofs in verdicts(View(pack)).items()}
    told: dict[str, set[str]] = {name: set() for name in held}
    for finding in check(pack):
        name = finding.span.path.removeprefix("workflows/").removesuffix(".yaml")
        if name in told and finding.code in CODES:
            told[name].add(finding.code)
    return {tree["workflow"]: (held[tree["workflow"]], told[tree["workflow"]]) for tree in made}


def beside_reference(made: list[Tree], count: Count) -> list[Difference]:
    """The same workflows are faulty, and every fault that the proof or `check` tells is one of the reference.
    A proof may stop at a fault: of several it has one, and a step that cannot be reached is none where another fault is."""
    found = []
    for name, (held, told) in proved(made).items():
        tree = next(tree for tree in made if tree["workflow"] == name)
        count.workflows += 1
        try:
            true = verdict(tree)
        except TooLarge:
            count.bounded += 1
            continue
        count.faulty.update(true or ["clean"])
        seen = all(bool(held & codes) == bool(true & codes) for codes in (FIRST, CODES))
        if not (seen and told <= held <= true and bool(told) == bool(held)):
            what = f"reference {sorted(true)}\nproof     {sorted(held)}\ncheck     {sorted(told)}"
            found.append(Difference(tree, what))
    return found


def beside_runtime(made: list[Tree], count: Count) -> list[Difference]:
    """Stuck, beyond at_once, two results: what the real cases come to is what the proof says, where the case is one scope.
    With subprocesses, each proved alone, a case can only come to less: what is around may end them."""
    from engine.checks.flow import verdicts

    compared = {"stuck", "over-at-once", "double-result"}
    found = []
    for tree in made:
        pack = pack_of(text(tree))
        name = tree["workflow"]
        held = {STUCK.get(code, code) for proof in verdicts(View(pack))[name] for code in proof.codes}
        count.workflows += 1
        try:
            reached = Explored(tree, CompiledWorkflow(pack.kind(Workflow)[name], pack), World(pack, MONDAY)).faults
        except TooLarge:
            count.bounded += 1
            continue
        count.faulty.update(reached or ["clean"])
        stopped = held - compared - {"unreachable-step"}
        alone = len(scopes(tree)) == 1 and not stopped
        expected = held & compared
        if stops(tree):
            reached = reached - {"stuck"}  # what goes round until it is interrupted is no fault
        missed = alone and not stops(tree) and expected and not reached
        if missed or (not held and reached):
            found.append(Difference(tree, f"the cases come to {sorted(reached)}, the proof says {sorted(held)}"))
    return found


def stops(tree: Tree) -> bool:
    """Whether an interrupt of the case or of a subprocess may end what stands in a scope."""
    return "interrupt" in tree or any("interrupt" in scope for scope in scopes(tree))
