"""Starts that give no record: a case that follows one would begin without it, or never (LANGUAGE section 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks.dataflow.touches import Touches
from engine.checks.exits import targets_of
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.events import Trigger
from engine.language.kinds.form import Form
from engine.language.kinds.node import Node
from engine.language.kinds.workflow import Workflow, walk
from engine.language.messages import flow
from engine.language.source import Span, place_of

WITHOUT_RECORD = ("every", "signal")
OF_A_RECORD = ("created", "changed", "deleted")


def check(view: View) -> Iterator[Diagnostic]:
    """start-end."""
    for workflow in view.pack.kind(Workflow).values():
        if workflow.case is None or view.pack.get(Form, workflow.case) is None:
            continue
        for name, trigger in workflow.start.items():
            if trigger.kind in OF_A_RECORD and trigger.of is None:
                form = str(getattr(trigger, trigger.kind))
                if form != workflow.case and view.pack.get(Form, form) is not None:
                    yield _never(name, trigger, form, workflow.case, view)
            elif trigger.kind in WITHOUT_RECORD:
                reader = _reader(workflow, trigger, view)
                if reader is not None:
                    yield _empty(name, trigger, reader, workflow.case)


def _reader(workflow: Workflow, trigger: Trigger, view: View) -> str | None:
    """A step behind the start that reads or writes the record which is not there."""
    behind = _behind(workflow.nodes, str(trigger.next))
    touches = Touches(workflow, view)
    other = {name for name, node in touches.nodes.items() if workflow.case in _names(node)}
    used = {r.node for r in touches.reads if any(p[0] == workflow.case for p in r.expression.reads)}
    used |= {write.node for write in touches.writes if write.path.split(".")[0] == workflow.case}
    return next((name for name in behind if name in used - other), None)


def _names(node: Node) -> set[str]:
    """Names that mean something else inside a step: what a search looks at, what is created, the item of a copy."""
    found = {str(name) for name in getattr(node, "records", None) or ()} | {str(getattr(node, "form", None))}
    return found | ({str(node.for_each.as_)} if node.for_each is not None else set())


def _behind(nodes: Mapping[str, Node], first: str) -> list[str]:
    """The nodes that a path can come to, those inside subprocesses too, nearest first."""
    found, work = [], [first]
    while work:
        name = work.pop(0)
        if name not in nodes or name in found:
            continue
        found += [name, *(str(node.name) for _, node in walk(nodes[name].inner(), ()))]
        work += targets_of(nodes[name])
    return found


def _empty(name: object, trigger: Trigger, reader: str, case: str) -> Diagnostic:
    return flow.start_end(
        _place(name, trigger),
        f"'{name}' opens a case that follows no {case}, and '{reader}' needs one: {trigger.kind} gives no record",
        f"“{name}”产生的事项没有 {case}，而“{reader}”需要它：{trigger.kind} 不提供记录",
        "let a workflow without case: begin so, find the records and call this one for each: {type: call, for: ...}; "
        "or begin with created, changed, becomes, button or a message with match",
        "请让一个没有 case: 的流程这样开始，查出记录后用 call 逐条调用本流程；"
        "或用 created、changed、becomes、button 或带 match 的 message 开始",
    )


def _never(name: object, trigger: Trigger, form: str, case: str, view: View) -> Diagnostic:
    declared = view.pack.get(Form, form)
    fields = declared.fields if declared is not None else {}
    pointing = [f for f, field in fields.items() if field.type == "record" and case in _forms(field.of)]
    write = f"of: {pointing[0]}" if pointing else f"created: {case}"
    return flow.start_end(
        _place(name, trigger),
        f"'{name}' never opens a case: nothing says which {case} a {form} is about",
        f"“{name}”不会产生事项：没有说明 {form} 对应哪个 {case}",
        f"write {write}" + ("" if pointing else f", or give {form} a field that points to a {case}"),
        f"请写 {write}" + ("" if pointing else f"，或在 {form} 中加上指向 {case} 的字段"),
    )


def _forms(of: object) -> tuple[str, ...]:
    return tuple(str(form) for form in of) if isinstance(of, tuple) else (str(of),)


def _place(name: object, trigger: Trigger) -> Span:
    return place_of(name) if place_of(name).line else trigger.span
