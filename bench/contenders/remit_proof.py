"""remit: how long the flow proof takes, from definitions that are read already to its verdict."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any

from telling import tell

from engine.checks import View, check
from engine.language.loader import load
from engine.language.pack import Pack
from engine.language.source import Source
from engine.nodes import catalogue
from tests.conformance import soundness
from tests.conformance.bpmn import ALWAYS, PACK, PEOPLE, emitted
from tests.conformance.soundness.model import Translated
from tests.conformance.suites import Unsaid
from tests.laws.large_workflows import large, spoiled
from tests.laws.soundness_workflows import blocks, drawn, text

NOTE = "template: note\nfor: order\nvia: [app]\nen:\n  subject: Note\n  body: Hello\n"
FORM = "form: order\nlabel: = name\nfields: {name: {type: text}}\n"
TASK = "{type: user_task, assignee: starter, deadline: none, "


def _pack(*files: tuple[str, str]) -> Pack:
    base = {"pack.yaml": PACK, "calendars/always.yaml": ALWAYS, "people/staff.yaml": PEOPLE}
    base |= {"forms/order.yaml": FORM, "templates/note.yaml": NOTE}
    pack = load([Source(path, words) for path, words in {**base, **dict(files)}.items()], catalogue())
    assert not pack.diagnostics, str(pack.diagnostics[0].message())
    return pack


def _texts(random: int) -> Iterator[str]:
    """The models of both public suites, where they are, asked as every property asks; and random workflows."""
    for model in (*soundness.fbpmn(), *soundness.analyzer()):
        for process in model["model"]["processes"]:
            for safe in (True, False):
                try:
                    yield emitted(Translated(process, None if safe else frozenset(), safe).tree)
                except Unsaid:
                    continue
    for seed in range(random // 2):
        yield text(blocks(seed))
        yield text(drawn(seed))


def models(figure: str, random: int) -> dict[str, Any]:
    """Milliseconds of a workflow alone: median, p99 or worst."""
    from engine.checks.flow import verdicts

    took = []
    for words in _texts(random):
        pack = _pack((f"workflows/{words.split()[1]}.yaml", words))
        begun = time.perf_counter()
        verdicts(View(pack))
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    value = {"median": statistics.median(took), "p99": took[int(len(took) * 0.99)], "worst": took[-1]}[figure]
    return {"value": value, "workflows": len(took)}


def nested(workflows: int) -> dict[str, Any]:
    """Milliseconds of the worst of so many workflows of 30 to 60 steps in nested blocks, half of them with a fault put in."""
    from engine.checks.flow import verdicts

    took, open_ = [], 0
    for seed in range(workflows // 2):
        for tree in (large(seed), spoiled(seed)):
            pack = _pack((f"workflows/{tree['workflow']}.yaml", text(tree)))
            begun = time.perf_counter()
            found = verdicts(View(pack))[tree["workflow"]]
            took.append((time.perf_counter() - begun) * 1000)
            open_ += any("not-decided" in proof.codes for proof in found)
    took.sort()
    figures = {"median": round(statistics.median(took), 1), "p99": round(took[int(len(took) * 0.99)], 1)}
    return {"value": took[-1], **figures, "workflows": len(took), "not decided": open_}


def _proved(nodes: str, first: str) -> float:
    from engine.checks.flow import verdicts

    words = f"workflow: one\ndata: {{c: {{type: yes_no}}}}\nstart:\n  begin: {{called: [c], next: {first}}}\nnodes:\n{nodes}"
    pack = _pack(("workflows/one.yaml", words))
    begun = time.perf_counter()
    proofs = verdicts(View(pack))["one"]
    took = time.perf_counter() - begun
    codes = {code for proof in proofs for code in proof.codes}
    assert not codes, codes
    return took


def parallel(branches: int, steps: int) -> dict[str, Any]:
    """Milliseconds of one block of so many branches of so many tasks."""
    tasks = [
        f"  t{b}_{s}: {TASK}next: {f't{b}_{s + 1}' if s + 1 < steps else 'meet'}}}\n"
        for b in range(branches)
        for s in range(steps)
    ]
    fork = f"  fork: {{type: parallel_gateway, next: [{', '.join(f't{b}_0' for b in range(branches))}]}}\n"
    return {"value": _proved(fork + "".join(tasks) + f"  meet: {TASK}join: all, next: end}}\n", "fork") * 1000}


def long(nodes: int) -> dict[str, Any]:
    """Seconds of a workflow of so many steps, one after another, every third a choice that is taken back."""
    lines = []
    for i in range(nodes):
        after = f"n{i + 1}" if i + 1 < nodes else "end"
        if i % 3 == 2:
            cases = f"[{{if: case.c, next: n{i - 1}}}, {{if: otherwise, next: {after}}}]"
            lines.append(f"  n{i}: {{type: exclusive_gateway, cases: {cases}}}\n")
        else:
            lines.append(f"  n{i}: {TASK}{'join: each, ' if i % 3 == 1 else ''}next: {after}}}\n")
    return {"value": _proved("".join(lines), "n0")}


def project(definitions: int) -> dict[str, Any]:
    """Seconds from text to every finding: workflows, forms and decisions in equal parts."""
    files = []
    for i in range(definitions // 4):
        form = (
            f"form: f{i}\nlabel: = name\nfields:\n  name: {{type: text, required: yes}}\n  amount: {{type: money, required: yes}}\n"
            "  owner: {type: person, required: yes}\n  status: {type: choice, start_with: a, required: yes, of: {a: A, b: B}}\n"
            "must:\n  small:\n    that: amount <= 1_000_000\n    say: Too much\n"
        )
        decision = (
            f"decision: d{i}\nhit: unique\ninputs:\n  status: {{type: choice, of: f{i}.status}}\n  amount: {{type: money}}\n"
            "outputs:\n  days: {type: number}\nrules:\n"
            + "".join(f"  - {{status: a, amount: at least {k}000 below {k + 1}000, days: {k}}}\n" for k in range(20))
            + "  - {status: a, amount: below 0, days: 1}\n  - {status: a, amount: at least 20000, days: 2}\n"
            + "  - {status: b, amount: any, days: 3}\n"
        ).replace("at least 0000", "at least 0")
        files += [(f"forms/f{i}.yaml", form), (f"decisions/d{i}.yaml", decision)]
        for seed, make in ((2 * i, blocks), (2 * i + 1, blocks)):
            tree = make(seed)
            files.append((f"workflows/{tree['workflow']}.yaml", text(tree)))
    begun = time.perf_counter()
    check(_pack(*files))
    return {"value": time.perf_counter() - begun, "definitions": len(files)}


if __name__ == "__main__":
    tell({"models": models, "nested": nested, "parallel": parallel, "long": long, "project": project})
