"""Fixtures of live-instance-break: `old` and `new` text of one definition, and the cases that run on the old one.

```yaml
old: |
  workflow: ...
new: |
  workflow: ...
cases:
  - {at: [look], awaits: [task own, timer deadline], votes: {ida: approved}, data: {note: x}, count: 3}
```
`at`: the nodes where tokens stand; `awaits`: kind and purpose of what the first of them waits for; `queued: arrow` stands
before a join; `undo: [node, handler]`. All else is worked out from the old text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from engine.checks import check
from engine.checks.live_cases import check_live, judged
from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.events import Await
from engine.interpreter.fates import Standing
from engine.interpreter.instance import Instance, Scope, Token
from engine.language.diagnostics import Diagnostic, in_order
from engine.language.kinds.workflow import Workflow
from engine.language.loader import load
from engine.language.pack import Pack
from engine.language.source import Source
from engine.nodes import catalogue


def is_standing(text: str) -> bool:
    return any(line.startswith("old: |") for line in text.splitlines())


def checked(text: str, base: Mapping[str, Source], where: Any) -> tuple[list[Diagnostic], Pack]:
    """The findings of the new text, and of what it would do to the cases on the old one."""
    wanted = yaml.safe_load(text)
    packs = []
    for version in ("old", "new"):
        files = {where(part): part for part in wanted[version].split("---\n")}
        packs.append(load({**base, **{p: Source(p, t) for p, t in files.items()}}.values(), catalogue()))
    old, new = packs
    assert not [d for d in check(old) if d.severity == "error"], "the old version must be without errors"
    workflow = next(w for w in old.kind(Workflow).values() if w.path == where(wanted["old"].split("---\n")[0]))
    compiled = CompiledWorkflow(workflow, old)
    standing = Standing(compiled, list(_cases(compiled, wanted["cases"])))
    return in_order([*check(new), *check_live(new, judged(new, [standing]))]), new


def _cases(workflow: CompiledWorkflow, wanted: list[dict[str, Any]]) -> Iterator[Instance]:
    for one in wanted:
        for no in range(one.get("count", 1)):
            yield _case(workflow, no + 1, one)


def _case(workflow: CompiledWorkflow, id: int, wanted: dict[str, Any]) -> Instance:
    case = Instance(id, workflow.name, status="active", start=next(iter(workflow.definition.start)))
    case.scopes[0] = Scope(0, undo=[(node, handler, {}) for node, handler in wanted.get("undo", ())])
    case.data = dict(wanted.get("data", {}))
    numbers = iter(range(1, 1000))
    for place, node in enumerate(wanted["at"]):
        scope = 0
        home = workflow.graph.node_scope[node]
        if home:
            owner = Token(next(numbers), 0, home, "running")
            scope = next(numbers)
            case.tokens[owner.no], case.scopes[scope] = owner, Scope(scope, owner.no, home)
        token = Token(next(numbers), scope, node, "running", came=wanted.get("came", ""))
        if wanted.get("queued") and place == 0:
            token.state, token.arrow = "queued", wanted["queued"]
        if place == 0:
            for said in wanted.get("awaits", ()):
                kind, purpose = said.split(" ")
                no = next(numbers)
                token.awaits[no] = Await(no, kind, purpose)
            if "votes" in wanted:
                token.memory = {"votes": dict(wanted["votes"])}
        case.tokens[token.no] = token
    return case
