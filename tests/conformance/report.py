"""`python -m tests.conformance.report` runs the public suites of tables and workflows and writes docs/conformance.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.conformance import betsy, dmn, soundness, zen
from tests.conformance.suites import FOLDER, Outcome

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
HEAD = """\
# Conformance to public suites

Written by `python -m tests.conformance.report` from a run; do not edit. The suites are not in this repository: `REMIT_SUITES` names
their folder. Adapters in `tests/conformance/` turn each case into definitions of ours, the real loader reads them, the real
engine runs them, and the results are compared. S-FEEL, ZEN and BPMN stand only in the adapters.

- **agreed**: the same result.
- **deliberate**: another result, and a rule says why it is right.
- **wrong**: another result.
- **not sayable**: our language has no words for a construct of the case; the reason is found by rule, never by a case's name.

"""
NOTES = """\
## How things are turned

**DMN.** Cells become cell words one to one (LANGUAGE 16). A literal that no cell can hold (a time with seconds) becomes an
input that always has this value. A cell that is an expression becomes a yes/no input, worked out as a step's `give:` would. Rows
that contradict their policy are null in DMN and a conflict (an incident) here; no hit without default is null there, here empty.

**GoRules.** As above. Several tables in a row are asked one after the other; `passThrough`, loops and paths are the adapter's
plumbing, as `for_each` and `give`/`into` are in a workflow. Our output cells are literals: a table with a computed output is not
sayable as a decision (a `set` step computes).

**betsy.** One process is one workflow, a script is a `service` call: a step of its own commit. Three semantics that were decided early:

- A merge without synchronisation runs the next step once a token (`join: each`): betsy expects the same. **Agreed.**
- The default of an inclusive split excludes the others (`otherwise` only if no condition holds). **Agreed.**
- An OR-join (`join: matching`) waits only for tokens that can still arrive. **Agreed.**
- A signal is heard by all who wait when the step that threw it has come to rest, not in the middle of the step. BPMN engines hear
  it at the throw; the adapter puts `after: 0 seconds` behind each throw, so that what surrounds it is still open.
  **Deliberate**, the same log.
- `test.contains("a")` is `contains(run.test, 'a')`, which ignores case: the inputs are written in capitals, the conditions are not.
- The events of a `behavior` of copies do not interrupt the copies (`meanwhile`), as betsy expects, whatever the boundary event says.
- An event subprocess's steps stand in the scope around it (LANGUAGE 15).
- An open incident is what betsy calls an exception of the engine.
- What the excerpt leaves out is told from names: an event definition that stands elsewhere from the name of its reference, and
  compensation handlers by their order, since associations are left out.

**fbpmn, BPMN Analyzer.** Here nothing runs: `check` proves, and its codes are compared with the verdicts. Each process is a
workflow in which every choice is free; tokens rest on flows in BPMN and in steps that wait here, so a wait stands where flows meet.

- safe: no `double-token`, `over-at-once`, `open-meanwhile`. Option to complete: no `deadlock`, `livelock`, nor tokens without end.
  Proper completion: no end is reached twice (`double-result` where it names a result, else `improper-completion`). No dead
  activities: no `unreachable-step`. fbpmn's sound is option to complete and one end of the process, once.
- A collaboration is judged process by process, with messages that may come at any time or never. What check finds in order is so
  with any network; what is wrong only between the processes is not ours to say, and listed. `message_sound` is not compared:
  what lies in the network at the end is nothing of a process.
- `check` tells a fault once, at its first cause; an element of the suite counts as named when it is named or lies behind what is.
- A path beside the work that may come again runs once at a time (LANGUAGE 13.6), where BPMN starts a second: **deliberate**.
"""


def main() -> None:
    behaviours = betsy.behaviours()
    tables = [o for folder in dmn.decisions() for o in dmn.outcomes(folder)]
    graphs = [o for graph in zen.graphs() for o in zen.outcomes(graph)]
    core = [o for b in behaviours if not b["outside_core"] for o in betsy.outcomes(b)]
    rest = [o for b in behaviours if b["outside_core"] for o in betsy.outcomes(b)]
    models = [o for model in soundness.fbpmn() for o in soundness.outcomes(model)]
    properties = [o for model in soundness.analyzer() for o in soundness.outcomes(model)]
    if not (tables or graphs or behaviours or models or properties):
        raise SystemExit(f"no suite in {FOLDER}: set REMIT_SUITES")
    suites = [
        ("DMN TCK, tables-only folders: decisions of cases", tables),
        ("GoRules, graphs of tables: cases", graphs),
        ("betsy, core: cases", core),
        ("betsy, outside its core: cases", rest),
        ("fbpmn, models: safe, sound", models),
        ("BPMN Analyzer, models: safeness, option to complete, proper completion, no dead activities", properties),
    ]
    lines = ["| suite | cases | agreed | deliberate | wrong | not sayable |", "|---|---|---|---|---|---|"]
    lines += [_row(name, outcomes) for name, outcomes in suites]
    differences = [o for _, outcomes in suites for o in outcomes if o.verdict != "agreed"]
    lines += ["", "## Each difference", "", "| case | verdict | reason |", "|---|---|---|"]
    lines += [f"| {o.case} | {_named(o)} | {o.reason.replace('|', '/')} |" for o in differences]
    PAGE.write_text(HEAD + "\n".join(lines) + "\n\n" + NOTES, encoding="utf-8")
    print("\n".join(lines))


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    counts = [sum(o.verdict == verdict for o in outcomes) for verdict in ("agreed", "deliberate", "wrong", "unsaid")]
    share = f" ({100 * counts[0] / len(outcomes):.1f} %)" if outcomes else ""
    return f"| {name} | {len(outcomes)} | {counts[0]}{share} | {counts[1]} | {counts[2]} | {counts[3]} |"


def _named(outcome: Outcome) -> str:
    return "not sayable" if outcome.verdict == "unsaid" else outcome.verdict


if __name__ == "__main__":
    main()
