"""What a new version would do to the cases that run: those that stand on what it drops or retypes (requirements, publish impact report).

Cases go on with the definitions that they began on (RUNTIME R31), so nothing breaks by itself: a finding says which cases
could not be moved without a person's choice. Forms are live: what a running version reads must stay, so that is an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from engine.checks import exits, inputs, references, types
from engine.checks.live_flow import Ways
from engine.checks.pack_view import View
from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.fates import Fate, Standing, fates
from engine.interpreter.instance import Instance
from engine.interpreter.proposals import text_of
from engine.interpreter.remarks import CANNOT, CHOICE, Remark
from engine.language.diagnostics import Diagnostic, Severity
from engine.language.kinds.form import Form
from engine.language.kinds.workflow import Workflow
from engine.language.messages import live
from engine.language.pack import Pack
from engine.language.source import Span, place_of

LIVE = ("form", "workflow", "organization", "calendar", "connection", "message", "texts", "dashboard")
"""Kinds that running cases see as they are now."""


Judged = Sequence[tuple[Standing, Sequence[tuple[Instance, Fate]]]]
"""What becomes of each case, by the version that it runs on."""


def judged(pack: Pack, standing: Sequence[Standing]) -> Judged:
    """The fate of every case when `pack` is in force."""
    ways = Ways()
    return [(one, fates(pack, one, ways)) for one in standing]


def check_live(pack: Pack, cases: Judged) -> Iterator[Diagnostic]:
    """live-instance-break, once for each thing that running cases stand on."""
    breaks: dict[str, Counter[Remark]] = {}
    for one, found in cases:
        counted = breaks.setdefault(one.old.name, Counter())
        counted.update(r for _, fate in found for r in fate.remarks if r.bearing in (CHOICE, CANNOT))
    for name, counted in breaks.items():
        workflow = pack.get(Workflow, name)
        for remark, number in counted.items():
            yield live.live_instance_break(
                _place(pack, workflow, remark), number, remark.said("en"), remark.said("zh"), text_of(remark.fix)
            )
    for one, _ in cases:
        if one.cases and pack.get(Workflow, one.old.name) is not None:
            yield from check_live_things(pack, one.old, len(one.cases))


def _place(pack: Pack, workflow: Workflow | None, remark: Remark) -> Span:
    """The node in the new text, else where the nodes, the data or the workflow begin; where that is gone, the pack."""
    if workflow is None:
        return pack.root.span if pack.root is not None else Span("pack.yaml", 1, 1, 1, 1)
    for _, node in workflow.all_nodes():
        if node.name == remark.node:
            return node.place("type") if remark.what == "type-differs" else place_of(node.name)
    key = "data" if remark.what.startswith("variable") else "case" if remark.what == "record-differs" else "nodes"
    if key == "data" and remark.node in (workflow.data or {}):
        return place_of(next(n for n in workflow.data or {} if n == remark.node))
    return workflow.place(key if workflow.was_written(key) else "workflow")


def check_live_things(pack: Pack, running: CompiledWorkflow, cases: int) -> Iterator[Diagnostic]:
    """live-instance-break of what running cases see as it is now, forms and called workflows: what the running version would
    have wrong with the new ones and has right now."""
    old, own = running.pack, running.definition
    things = {key for key in (*pack.definitions, *old.definitions) if key[0] == "form" or key[0] == "workflow"}
    differ = [key for key in sorted(things - {("workflow", own.name)}) if _text(pack, key) != _text(old, key)]
    if not differ:
        return
    mixed = {key: d for key, d in pack.definitions.items() if key[0] in LIVE}
    mixed |= {key: d for key, d in old.definitions.items() if key[0] not in LIVE or d is own}
    sources = {**pack.sources, own.path: old.sources[own.path]}
    sources |= {path: source for path, source in old.sources.items() if path not in sources}
    before = {(d.code, d.span, d.text) for d in _errors(old, {own.path})}
    after = [d for d in _errors(Pack(mixed, sources), {own.path}) if (d.code, d.span, d.text) not in before]
    said: set[str] = set()
    for finding in after:
        if finding.text.en in said:
            continue
        said.add(finding.text.en)
        line = old.sources[finding.span.path].line(finding.span.line)
        key = next(
            (k for k in differ if f"{k[1]}." in line or k[1] in finding.text.en or f": {k[1]}," in line), differ[0]
        )
        yield live.live_form_break(
            _place_of_thing(pack, key, line), cases, running.name, key, finding.span.line, finding.text
        )


def _place_of_thing(pack: Pack, key: tuple[str, str], line: str) -> Span:
    """The field that the old line reads, else where the fields or nodes begin; of what is gone, the pack."""
    thing = pack.definitions.get(key)
    if thing is None:
        return pack.root.span if pack.root is not None else Span("pack.yaml", 1, 1, 1, 1)
    if isinstance(thing, Form):
        read = next((field for field in thing.fields if f"{key[1]}.{field}" in line), None)
        return place_of(read) if read is not None else thing.place("fields")
    return thing.place("nodes") if thing.was_written("nodes") else thing.span


def _errors(pack: Pack, paths: set[str]) -> list[Diagnostic]:
    """What reads a form or calls a workflow wrongly: names, types, choices, inputs, exits."""
    view = View(pack)
    found = [d for one in (references.check, types.check, inputs.check, exits.check) for d in one(view)]
    breaks = [
        d for d in found if d.severity is Severity.ERROR and d.code != "unknown-exit"
    ]  # an arrow too many is none
    return [d for d in breaks if d.span.path in paths]


def _text(pack: Pack, key: tuple[str, str]) -> str:
    definition = pack.definitions.get(key)
    source = pack.sources.get(definition.path) if definition is not None else None
    return source.text if source is not None else ""
