"""BPMN control flow, as JSON, becomes workflows of ours (LANGUAGE section 15): the YAML texts of a pack.

One process is one workflow. A script is a `service` call, so that each activity is a step of its own commit, as it is a
unit of work in BPMN. A process without event at its start begins with the record `run`, which holds the case's inputs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.conformance.bpmn.activities import STAMP, called_by
from tests.conformance.bpmn.arrows import Json
from tests.conformance.bpmn.events import MESSAGES
from tests.conformance.bpmn.processes import Process
from tests.conformance.decision_text import slug

PACK = """\
pack: conformance
language: en
also: []
currency: EUR
time_zone: UTC
calendar: always
"""
ALWAYS = """\
calendar: always
time_zone: UTC
hours: {mon: [00:00-23:59], tue: [00:00-23:59], wed: [00:00-23:59], thu: [00:00-23:59], fri: [00:00-23:59]}
"""
PEOPLE = """\
organization: staff
roles: {clerk: {title: Clerk}}
people: {tom: {name: Tom, roles: [clerk], manager: none}}
"""
RUN = """\
form: run
label: = test
fields:
  test: {type: text}
  integer: {type: number}
  words: {type: text}
  never: {type: text}
"""
LINE = """\
form: line
label: = what
fields: {what: {type: text}}
"""


def texts(model: Json) -> dict[str, str]:
    """The pack's files. Raises Unsaid where our language has no words."""
    calls: set[str] = set()
    found = {
        "pack.yaml": PACK,
        "calendars/always.yaml": ALWAYS,
        "people/staff.yaml": PEOPLE,
        "forms/run.yaml": RUN,
        "forms/line.yaml": LINE,
    }
    called = {called_by(n) for p in model["processes"] for n in every_node(p) if n["type"] == "callActivity"}
    for process in model["processes"]:
        made = Process(model, process, called, calls)
        found[f"workflows/{made.name}.yaml"] = emitted(made.definition())
    for name in model.get("messages", {}):
        message = slug(MESSAGES + name)
        found[f"messages/{message}.yaml"] = (
            f"message: {message}\nfrom: [case]\ncarries: {{topic: {{type: text, required: yes}}}}\nkept: 30 days\n"
        )
    lines = ["connection: log", "kind: python", "calls:"]
    lines += [
        f"  {call}: {{takes: {{value: {{type: text}}}}, timeout: 20 seconds}}" for call in sorted(calls or {"begin"})
    ]
    found["connections/log.yaml"] = "\n".join([*lines, ""])
    return found


def every_node(container: Json) -> Iterator[Json]:
    for node in container.get("nodes", []):
        yield node
        yield from every_node(node)


def emitted(value: Any, depth: int = 0) -> str:
    """Block style throughout: nothing here needs a quote."""
    pad = "  " * depth
    lines = []
    for name, part in value.items():
        if isinstance(part, Mapping) and part:
            lines.append(f"{pad}{name}:\n{emitted(part, depth + 1)}")
        elif isinstance(part, list) and part and isinstance(part[0], Mapping):
            lines.append(f"{pad}{name}:")
            for item in part:
                first, *rest = emitted(item, depth + 2).splitlines()
                lines.append("\n".join([f"{pad}  - {first.strip()}", *rest]))
        elif isinstance(part, list):
            lines.append(f"{pad}{name}: [{', '.join(map(str, part))}]")
        else:
            lines.append(f"{pad}{name}: {'{}' if part == {} else part}")
    return "\n".join(lines) + ("\n" if depth == 0 else "")


__all__ = ["STAMP", "emitted", "every_node", "texts"]
