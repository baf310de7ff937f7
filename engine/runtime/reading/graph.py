"""A workflow as a picture: its nodes, its arrows with what they stand for, and its subprocesses as groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.language.kinds.node import Node
from engine.language.kinds.people import Deadline
from engine.language.kinds.workflow import Workflow
from engine.runtime.reading.deadlines import duration, hears
from engine.runtime.reading.look import Look
from engine.runtime.reading.phrases import quoted
from engine.runtime.reading.titles import named

START = "@start:"
"""Ids of the places where a case begins: no node's name has an @."""
END = "@end"


def graph(look: Look, workflow: str) -> dict[str, Any] | None:
    """{"name","title","nodes","arrows","groups"}; None for an unknown workflow.

    Nodes: {"id","type","title","group","join","for_each"}. Beside the workflow's own there are `@start:<name>` (type
    start), `@interrupt:<name>` and `@meanwhile:<name>` of the whole workflow, and, where a path ends without a node,
    `@end`, inside a subprocess `@end:<group>`. Arrows: {"from","to","exit","label","kind"} with kind next, interrupt,
    meanwhile, start or deadline; "back" on one that returns. Groups: {"id","title","group","start"}, the id that of the
    subprocess's node.
    """
    found = look.workflow(None, workflow)
    if found is None:
        return None
    definition, language = found.definition, look.language
    nodes: list[dict[str, Any]] = []
    arrows: list[dict[str, Any]] = []
    groups: list[dict[str, Any]] = []
    for name, trigger in definition.start.items():
        title = _heard(look, definition, None, "start", str(name), trigger)
        nodes.append({"id": f"{START}{name}", "type": "start", "title": title, "group": None})
        arrows.append(_arrow(f"{START}{name}", str(trigger.next), "", title, "start"))
    for kind in ("interrupt", "meanwhile"):
        for name, trigger in (getattr(definition, kind) or {}).items():
            label = _heard(look, definition, None, kind, str(name), trigger)
            nodes.append({"id": f"@{kind}:{name}", "type": kind, "title": label, "group": None})
            arrows.append(_arrow(f"@{kind}:{name}", str(trigger.next), str(name), label, kind))
    for path, node in definition.all_nodes():
        group = path[-2] if len(path) > 1 else None
        title = look.titles.node(definition.name, node, language)
        shown: dict[str, Any] = {"id": str(node.name), "type": node.TYPE, "title": title, "group": group}
        if node.join is not None:
            shown["join"] = node.join.mode
        if node.for_each is not None:
            shown["for_each"] = True
        nodes.append(shown)
        if node.inner():
            groups.append(
                {"id": str(node.name), "title": title, "group": group, "start": str(getattr(node, "start", ""))}
            )
        came = [a.source for a in found.graph.of(str(node.name)).into[str(node.name)]]
        own = [one for arrow in _arrows(look, definition, node) for one in _backwards(arrow, came)]
        arrows += [{**one, "to": _end(group)} if one["to"] == END else one for one in own]
    ends = {arrow["to"] for arrow in arrows if arrow["to"].startswith(END)}
    for group in (None, *(group["id"] for group in groups)):
        if _end(group) not in ends:
            continue
        nodes.append({"id": _end(group), "type": "end", "title": "结束" if language == "zh" else "End", "group": group})
    return {
        "name": definition.name,
        "title": look.titles.workflow(definition.name, language),
        "nodes": nodes,
        "arrows": arrows,
        "groups": groups,
    }


def _arrows(look: Look, workflow: Workflow, node: Node) -> Iterator[dict[str, Any]]:
    name = str(node.name)
    for exit_, targets in node.arrows().items():
        for target in targets:
            yield _arrow(name, str(target), exit_, _label(look, workflow, node, exit_), "next")
    for kind in ("interrupt", "meanwhile"):
        for event, trigger in (getattr(node, kind) or {}).items():
            label = _heard(look, workflow, node, kind, str(event), trigger)
            yield _arrow(name, str(trigger.next), str(event), label, kind)
    for exit_, target in node.extra_arrows().items():
        kind = "meanwhile" if exit_.endswith("meanwhile") else "deadline" if exit_ == "deadline" else "next"
        yield _arrow(name, str(target), exit_, _label(look, workflow, node, exit_), kind)


def _label(look: Look, workflow: Workflow, node: Node, exit_: str) -> str:
    """What stands on an arrow: nothing where there is one way only."""
    language = look.language
    cases = getattr(node, "cases", None)
    if cases and exit_.startswith("case_"):
        case = cases[int(exit_.removeprefix("case_")) - 1]
        return look.titles.button("", None, "otherwise", language) if case.is_otherwise else str(case.if_.text)
    if exit_.startswith("deadline"):
        deadline = getattr(node, "deadline", None)
        if isinstance(deadline, Deadline):
            text = (
                duration(deadline.within, language)
                if deadline.within is not None
                else quoted(str(deadline.by.text if deadline.by else ""), language)
            )
            return f"{'期限' if language == 'zh' else 'deadline'} {text}"
    events = named(node, "events")
    if exit_ in events:
        return _heard(look, workflow, node, "event", exit_, events[exit_])
    if exit_ == "done" and len(node.arrows()) == 1 and not getattr(node, "buttons", None):
        return ""
    return look.titles.button(workflow.name, node, exit_, language)


def _heard(look: Look, workflow: Workflow, node: Node | None, kind: str, name: str, trigger: Any) -> str:
    if trigger.button:
        return look.titles.trigger(workflow.name, node, kind, name, trigger, look.language)
    return hears(look, workflow, node, kind, name, trigger, look.language)


def _end(group: str | None) -> str:
    """Where the paths of a scope end: each subprocess has a place of its own."""
    return END if group is None else f"{END}:{group}"


def _arrow(source: str, target: str, exit_: str, label: str, kind: str) -> dict[str, Any]:
    return {"from": source, "to": END if target == "end" else target, "exit": exit_, "label": label, "kind": kind}


def _backwards(arrow: dict[str, Any], came: list[str]) -> list[dict[str, Any]]:
    """An arrow `back` leads to each step that leads here."""
    if arrow["to"] != "back":
        return [arrow]
    return [{**arrow, "to": source, "back": True} for source in dict.fromkeys(came) if source != arrow["from"]]
