"""Two suites of verdicts on BPMN models, beside what `check` says of the same process as a workflow of ours: property by property.

A collaboration is judged process by process, with messages that may come at any time or never. So what check finds sound and safe is
so with any network; a fault that check finds may need a message that never comes so: then the suite's verdict decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.checks import View, check
from engine.language.loader import load
from engine.language.source import Source
from engine.nodes import catalogue
from tests.conformance.bpmn import ALWAYS, PACK, PEOPLE, emitted
from tests.conformance.soundness.model import Json, Translated, trigger, within
from tests.conformance.suites import Outcome, Unsaid, suite

FAULTS = {
    "safe": {"double-token", "over-at-once", "open-meanwhile"},
    "option_to_complete": {"deadlock", "livelock", "over-at-once"},
    "proper_completion": {"double-result", "improper-completion"},
    "no_dead_activities": {"unreachable-step", "dead-by-data"},
    "sound": {"deadlock", "livelock", "over-at-once", "double-result", "improper-completion"},
}
"""Property -> the codes that deny it. fbpmn's `sound` is that a process always ends, at one of its ends and once. Tokens without end
are an incident at `at_once`, so nothing completes there."""
Found = dict[str, set[str]]
"""Code that holds -> the elements of the model that findings of this code name; check tells a fault once, at its first cause."""
Judge = Callable[[Translated], Found]


def fbpmn() -> list[dict[str, Any]]:
    return suite("fbpmn_soundness.json", "models")


def analyzer() -> list[dict[str, Any]]:
    return suite("bpmn_analyzer_properties.json", "models")


def checked(process: Translated) -> Found:
    """What `check` finds in the workflow: the codes of FAULTS, and the elements at their lines or in their words."""
    from engine.checks.flow import verdicts

    found: Found = {}
    text = emitted(process.tree)
    files = {"pack.yaml": PACK, "calendars/always.yaml": ALWAYS, "people/staff.yaml": PEOPLE}
    path = f"workflows/{process.tree['workflow']}.yaml"
    pack = load([Source(p, t) for p, t in {**files, path: text}.items()], catalogue())
    unread = [f"{d.span}: {d.code}: {d.message()}" for d in pack.diagnostics]
    if unread:
        raise AssertionError(f"the adapter wrote what cannot be read: {unread[0]}")
    lines = text.splitlines()
    wanted = set().union(*FAULTS.values(), {"not-decided"})
    for proofs in verdicts(View(pack)).values():
        found |= {code: set() for proof in proofs for code in proof.codes if code in wanted}
    for finding in check(pack):
        if finding.code in wanted:
            words = set(re.findall(r"\w+", f"{finding.message()} {finding.hint()}"))
            above = (re.fullmatch(r" *(\w+):", line) for line in reversed(lines[: finding.span.line]))
            nearest = next((match[1] for match in above if match and match[1] in process.ids), "")
            found.setdefault(finding.code, set()).update(process.ids[n] for n in {*words, nearest} if n in process.ids)
    return found


def outcomes(model: Json, judge: Judge = checked) -> Iterator[Outcome]:
    """One for every property that the suite judges."""
    name = str(model.get("name") or model["file"])
    processes = model["model"]["processes"]
    messages = len(processes) > 1
    for property_, expected in model["expected"].items():
        if property_ == "message_sound":
            continue  # of what lies in the network at the end: nothing of ours
        label = f"{name} {property_}"
        if not isinstance(expected, bool):
            why = (
                "the suite has no verdict"
                if expected is None
                else "the verdict depends on the network between the processes"
            )
            yield Outcome(label, "unsaid", why)
            continue
        try:
            found = together([judged(process, property_, judge) for process in processes])
        except Unsaid as why_not:
            yield Outcome(label, "unsaid", str(why_not))
            continue
        yield compared(label, property_, expected, found, model, messages)


def judged(process: Json, property_: str, judge: Judge) -> Found:
    """A result on every end shows that two were reached; one end at a time, that the same was reached twice."""
    if property_ != "proper_completion":
        return judge(Translated(process, None if property_ == "sound" else frozenset(), property_ == "safe"))
    ends = [node["id"] for node in process["nodes"] if node["type"] == "endEvent"]
    found = [(end, judge(Translated(process, frozenset([end])))) for end in ends]
    return together([{code: {end, *names} for code, names in faults.items()} for end, faults in found])


def compared(label: str, property_: str, expected: bool, found: Found, model: Json, messages: bool) -> Outcome:
    denied = sorted(FAULTS[property_] & set(found))
    if "not-decided" in found:
        return Outcome(label, "wrong", "check met its bound of states")
    if expected != bool(denied):
        culprits = [c for c in model.get("problem_elements") or () if expected is False]
        unnamed = sorted(c for c in culprits if not named(c, set().union(*found.values()), model))
        return Outcome(label, "wrong", f"{denied} without naming {unnamed}") if unnamed else Outcome(label, "agreed")
    if denied and messages:
        return Outcome(
            label, "unsaid", f"{', '.join(denied)}, if messages come at any time: which come is between the processes"
        )
    if not denied and messages and property_ in ("sound", "option_to_complete", "no_dead_activities"):
        return Outcome(
            label, "unsaid", "each process alone is sound: what is wrong is between them, messages that do not come"
        )
    if denied and property_ == "proper_completion" and set(found) & (FAULTS["option_to_complete"] | FAULTS["safe"]):
        return Outcome(
            label,
            "deliberate",
            "an end is reached twice in a run that never completes: the tool looks at completed runs only",
        )
    if (
        not denied
        and property_ == "safe"
        and any(comes_again(node) for p in model["model"]["processes"] for node in within(p))
    ):
        return Outcome(
            label, "deliberate", "a path beside the work that may come again runs once at a time (LANGUAGE 13.6)"
        )
    return Outcome(label, "wrong", f"{denied or 'nothing'} found, beside {sorted(found)}; expected {expected}")


def comes_again(node: Json) -> bool:
    """An event that does not interrupt, and is no timer of one time."""
    stays = node.get("cancelActivity") == "false" or node.get("isInterrupting") == "false"
    return stays and "after" not in trigger(node)


def named(culprit: str, elements: set[str], model: Json) -> bool:
    """An element, or a flow by either of its ends; or it lies behind what is named, which is then the cause."""
    flows = [f for p in model["model"]["processes"] for part in (p, *within(p)) for f in part.get("flows", [])]
    ends = {flow["id"]: {flow["from"], flow["to"]} for flow in flows}
    behind, queue = set(elements), list(elements)
    while queue:
        at = queue.pop()
        new = {flow["to"] for flow in flows if flow["from"] == at} - behind
        behind |= new
        queue += new
    return bool(behind & ends.get(culprit, {culprit}))


def together(parts: list[Mapping[str, set[str]]]) -> Found:
    found: Found = {}
    for part in parts:
        for code, names in part.items():
            found.setdefault(code, set()).update(names)
    return found
