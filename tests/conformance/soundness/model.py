"""A BPMN process as a workflow in which every choice is free: what the flow proof is asked about.

BPMN tokens rest on flows, ours in steps that wait. So every task, throw and catch is a step that waits, and where flows meet without
synchronisation a wait stands before what follows: two tokens at once are seen there. Messages come from outside, at any time, as
signals: a process is judged alone. Asked whether it is safe, nothing has a `join` that BPMN does not have, so two tokens at once are
`double-token`; asked anything else they are allowed (`join: each`), or the proof would stop at the first of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.conformance.decision_text import slug
from tests.conformance.suites import Unsaid

Json = Mapping[str, Any]
Nodes = dict[str, dict[str, Any]]
TASKS = frozenset(
    ["task", "userTask", "manualTask", "scriptTask", "serviceTask", "businessRuleTask", "sendTask", "receiveTask"]
)  # fmt: skip
STEPS = TASKS | {"intermediateThrowEvent", "intermediateCatchEvent"}


class Translated:
    """One process. `tree` is the workflow, `ids` the BPMN element of every node of ours."""

    def __init__(self, process: Json, results: frozenset[str] | None = frozenset(), safe: bool = False) -> None:
        """`results`: the ends that name a result, None for all of the process's own. `safe`: it is asked whether it is."""
        self.results, self.safe, self.cases = results, safe, 0
        self.ids: dict[str, str] = {}
        self.events: dict[str, dict[str, Any]] = {"interrupt": {}, "meanwhile": {}}
        top = Scope(self, process, top=True)
        starts = [node for node in process["nodes"] if node["type"] == "startEvent" and "attachedToRef" not in node]
        if not starts:
            raise Unsaid("a process without a start event")
        begin = {slug(f"s {node['id']}"): {"next": top.after(node)} for node in starts}
        nodes = top.build()
        names = [f"c_{n}" for n in range(1, self.cases + 1)] or ["c_0"]
        self.tree: dict[str, Any] = {
            "workflow": slug(f"w {process['id']}"),
            "data": {name: {"type": "yes_no"} for name in names},
            "start": {name: {"called": names, **trigger} for name, trigger in begin.items()},
            **{what: named for what, named in self.events.items() if named},
            "nodes": nodes,
        }

    def fresh(self, wanted: str, id: str) -> str:
        name = slug(wanted, list(self.ids))
        self.ids[name] = id
        return name

    def condition(self) -> str:
        self.cases += 1
        return f"case.c_{self.cases}"


class Scope:
    """The nodes of the process, or of a subprocess."""

    def __init__(self, whole: Translated, container: Json, top: bool = False) -> None:
        self.whole, self.container, self.top = whole, container, top
        self.given = {node["id"]: node for node in container.get("nodes", [])}
        self.flows: list[Json] = list(container.get("flows", []))
        self.nodes: Nodes = {}
        self.names = {id: whole.fresh(f"n {id}", id) for id in self.given}
        self.waits: dict[str, str] = {}
        """Elements before which flows meet: the wait that stands there."""

    def build(self) -> Nodes:
        """Call it once: the nodes of this scope."""
        for node in self.given.values():
            if node["type"] not in ("startEvent", "boundaryEvent") and not self.only_awaited(node):
                if node.get("triggeredByEvent") == "true":
                    self.event_subprocess(node)
                else:
                    self.nodes[self.names[node["id"]]] = self.made(node)
        for made in self.nodes.values():
            if not self.whole.safe:
                made.setdefault("join", "each")
        return self.nodes

    def made(self, node: Json) -> dict[str, Any]:
        kind = node["type"]
        if node.get("multi") or node.get("loop"):
            raise Unsaid("copies and rounds of an activity")
        if kind in STEPS:
            if any(
                event.get("kind") in ("error", "escalation", "compensate", "link") for event in node.get("events", [])
            ):
                raise Unsaid("a throw or catch of an error, escalation, compensation or link")
            return self.with_boundary(node, {**task(), "next": self.after(node)})
        if kind in ("subProcess", "transaction"):
            inner = Scope(self.whole, node)
            starts = [n for n in inner.given.values() if n["type"] == "startEvent"]
            if len(starts) != 1:
                raise Unsaid(f"a subprocess with {len(starts)} start events")
            first = inner.after(starts[0])
            nodes = inner.build()
            if first == "end":
                first = inner.put(starts[0]["id"], {"type": "end"})
            return self.with_boundary(
                node, {"type": "subprocess", "start": first, "nodes": nodes, "next": self.after(node)}
            )
        if kind.endswith("Gateway"):
            return self.gateway(node)
        if kind == "endEvent":
            return self.end(node)
        raise Unsaid(f"no counterpart of {kind}")

    def end(self, node: Json) -> dict[str, Any]:
        kinds = [event.get("kind") for event in node.get("events", [])]
        made: dict[str, Any] = {"type": "end"}
        if any(kind in ("error", "escalation", "cancel", "compensate") for kind in kinds):
            raise Unsaid(f"an end that throws: {kinds[0]}")
        if "terminate" in kinds:
            made["kind"] = "terminate"
        if self.top and (self.whole.results is None or node["id"] in self.whole.results):
            made["result"] = slug(f"r {node['id']}")
        return made

    def gateway(self, node: Json) -> dict[str, Any]:
        kind, out = node["type"], [flow for flow in self.flows if flow["from"] == node["id"]]
        joins = {"parallelGateway": "all", "inclusiveGateway": "matching"}
        join = {"join": joins[kind]} if kind in joins and self.arriving(node["id"]) > 1 else {}
        if kind == "eventBasedGateway":
            targets = [self.given[flow["to"]] for flow in out]
            events = {slug(f"e {t['id']}"): {"signal": slug(f"e {t['id']}"), "next": self.after(t)} for t in targets}
            return {"type": "event_gateway", "events": events, **join}
        if kind not in ("exclusiveGateway", *joins):
            raise Unsaid(f"no counterpart of {kind}")
        if len(out) < 2:
            return {**task(), "next": self.to(out[0], node) if out else "end", **join}
        if kind == "parallelGateway":
            return {"type": "parallel_gateway", "next": self.apart(node, out), **join}
        default = [flow for flow in out if flow["id"] == node.get("default")]
        free = [flow for flow in out if flow not in default]
        if kind == "exclusiveGateway":
            *firsts, last = self.apart(node, [*free, *default])
            cases = [{"if": self.whole.condition(), "next": target} for target in firsts]
            cases.append({"if": "otherwise", "next": last})
            return {"type": "exclusive_gateway", "cases": cases}
        to = self.apart(node, [*free, *default])
        cases = [{"if": self.whole.condition(), "next": target} for target in to[: len(free)]]
        cases += [{"if": "otherwise", "next": target} for target in to[len(free) :]]
        return {"type": "inclusive_gateway", "cases": cases, **join}

    # ---- arrows

    def arriving(self, id: str) -> int:
        return sum(flow["to"] == id for flow in self.flows)

    def only_awaited(self, node: Json) -> bool:
        """What an event gateway waits for is an event of the gateway, no step."""
        sources = [self.given[flow["from"]]["type"] for flow in self.flows if flow["to"] == node["id"]]
        return bool(sources) and all(source == "eventBasedGateway" for source in sources)

    def after(self, node: Json) -> str:
        """Where a token goes that leaves an activity or event: several flows out are a parallel split."""
        out = [flow for flow in self.flows if flow["from"] == node["id"]]
        if any(flow.get("condition") for flow in out):
            raise Unsaid("a condition on a flow out of an activity")
        if not out:
            return "end"
        if len(out) == 1:
            return self.to(out[0], node)
        return self.put(node["id"], {"type": "parallel_gateway", "next": self.apart(node, out)})

    def to(self, flow: Json, source: Json) -> str:
        target = self.given[flow["to"]]
        if self.arriving(target["id"]) < 2 or not passes_at_once(target):
            return self.names[target["id"]]
        if target["id"] not in self.waits:
            name = self.waits[target["id"]] = self.whole.fresh(f"at {target['id']}", target["id"])
            self.nodes[name] = {**task(), "next": self.names[target["id"]]}
        return self.waits[target["id"]]

    def apart(self, node: Json, out: list[Json]) -> list[str]:
        """An arrow is a pair of nodes: of two flows to the same node the second gets a step between."""
        found: list[str] = []
        for flow in out:
            target = self.to(flow, node)
            if target in found:
                target = self.put(flow["id"], {**task(), "next": target})
            found.append(target)
        return found

    def put(self, id: str, made: dict[str, Any]) -> str:
        name = self.whole.fresh(f"x {id}", id)
        self.nodes[name] = made
        return name

    # ---- events

    def with_boundary(self, node: Json, made: dict[str, Any]) -> dict[str, Any]:
        for boundary in self.given.values():
            if boundary["type"] == "boundaryEvent" and boundary.get("attachedToRef") == node["id"]:
                what = "meanwhile" if boundary.get("cancelActivity") == "false" else "interrupt"
                made.setdefault(what, {})[slug(f"b {boundary['id']}")] = {
                    **trigger(boundary),
                    "next": self.after(boundary),
                }
        return made

    def event_subprocess(self, node: Json) -> None:
        """Its steps stand in the scope where the target lies (LANGUAGE 15); here only those of the process itself."""
        if not self.top:
            raise Unsaid("an event subprocess inside a subprocess")
        name = self.names[node["id"]]
        self.nodes[name] = self.made({**node, "triggeredByEvent": "false"})
        for start in [n for n in node["nodes"] if n["type"] == "startEvent"]:
            what = "meanwhile" if start.get("isInterrupting") == "false" else "interrupt"
            self.whole.events[what][slug(f"b {start['id']}")] = {**trigger(start), "next": name}


def task() -> dict[str, Any]:
    return {"type": "user_task", "assignee": "starter", "deadline": "none"}


def trigger(node: Json) -> dict[str, str]:
    """A timer with a length or date fires once in a run; anything else may come again."""
    kinds = [event.get("kind") for event in node.get("events", [])]
    if kinds == ["timer"]:
        once = any(key in node["events"][0] for key in ("timeDuration", "timeDate"))
        return {"after": "1 days"} if once else {"every": "day at 09:00"}
    if kinds in (["message"], ["signal"], ["conditional"]):
        return {"signal": slug(f"e {node['id']}")}
    raise Unsaid(f"no counterpart of the events {kinds} here")


def passes_at_once(node: Json) -> bool:
    return node["type"] in ("exclusiveGateway", "endEvent")


def within(container: Json) -> Iterator[Json]:
    for node in container.get("nodes", []):
        yield node
        yield from within(node)
