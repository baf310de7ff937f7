"""The nodes and arrows of one BPMN scope, as they are read and as they are written: `Arrows` holds both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tests.conformance.bpmn import conditions
from tests.conformance.decision_text import slug
from tests.conformance.suites import Unsaid

if TYPE_CHECKING:
    from tests.conformance.bpmn.processes import Process

Json = Mapping[str, Any]
Nodes = dict[str, dict[str, Any]]


def resolved(event: Json, model: Json) -> dict[str, Any]:
    """An event whose definition stands elsewhere (and is left out of the excerpt) is told by the name of the reference."""
    if "kind" in event:
        return dict(event)
    for kind in ("Signal", "Message", "Timer", "Error", "Escalation", "Compensate", "Conditional"):
        if kind.lower() in str(event["ref"]).lower():
            defined = list(model.get(f"{kind.lower()}s", {}))
            if kind == "Timer":
                return {"kind": "timer", "timeDuration": "PT1S"}
            if kind == "Compensate":
                return {"kind": "compensate"}
            if len(defined) != 1:
                raise Unsaid("an event whose definition is not in the excerpt")
            return {"kind": kind.lower(), f"{kind.lower()}Ref": defined[0]}
    raise Unsaid("an event whose definition is not in the excerpt")


class Arrows:
    """What is given of a process or a subprocess, the names of its nodes, and the nodes of ours so far."""

    def __init__(self, process: Process, container: Json) -> None:
        self.process, self.container, self.me = process, container, process.me
        self.nodes: Nodes = {}
        self.events: dict[str, dict[str, Any]] = {"interrupt": {}, "meanwhile": {}}
        self.given = {node["id"]: node for node in container.get("nodes", [])}
        self.flows: list[Json] = list(container.get("flows", []))
        self.names = {id: self.fresh(id) for id in self.given}
        self.boundaries: dict[str, list[Json]] = {}
        for node in self.given.values():
            if node["type"] == "boundaryEvent":
                self.boundaries.setdefault(node["attachedToRef"], []).append(node)
        self.absorbed = {
            target["id"]
            for node in self.given.values()
            if node["type"] == "eventBasedGateway" and node.get("eventGatewayType") != "Parallel"
            for target in self.targets(node["id"])
            if len(self.into(target["id"])) == 1
        }
        self.begins = ""
        self.undo_by: dict[str, Any] | None = None
        """What an event subprocess does that takes back this scope."""

    # ---- reading the model

    def into(self, id: str) -> list[Json]:
        return [flow for flow in self.flows if flow["to"] == id]

    def out_of(self, id: str) -> list[Json]:
        return [flow for flow in self.flows if flow["from"] == id]

    def targets(self, id: str) -> list[Json]:
        return [self.given[flow["to"]] for flow in self.out_of(id)]

    def events_of(self, node: Json) -> list[dict[str, Any]]:
        if node["type"] in ("receiveTask", "sendTask"):
            return [{"kind": "message", "messageRef": node.get("messageRef")}]
        return [resolved(event, self.process.model) for event in node.get("events", [])]

    def compensates(self, node: Json) -> bool:
        return any(event["kind"] == "compensate" for event in self.events_of(node))

    def fresh(self, wanted: str) -> str:
        name = slug(f"n {wanted}", self.process.taken)
        self.process.taken.append(name)
        return name

    def put(self, wanted: str, node: dict[str, Any]) -> str:
        name = self.fresh(wanted)
        self.nodes[name] = node
        return name

    # ---- arrows

    def after(self, node: Json) -> str:
        """Where a token goes that leaves the node: its one arrow, else a gateway that shares it out."""
        flows = self.out_of(node["id"])
        default = [flow for flow in flows if flow["id"] == node.get("default")]
        conditional = [flow for flow in flows if flow.get("condition") and flow not in default]
        plain = [flow for flow in flows if flow not in default and flow not in conditional]
        if not flows:
            return "end"
        if not conditional:
            return self._all(node["id"], [self._to(flow) for flow in (plain or default)])
        targets = [self._to(flow) for flow in plain]
        otherwise = self._to(default[0]) if default else "end"
        cases = [{"if": self.condition(flow["condition"]), "next": self._to(flow)} for flow in conditional]
        cases.append({"if": "otherwise", "next": otherwise})
        targets.append(self.put(f"{node['id']} cases", {"type": "inclusive_gateway", "cases": self._apart(cases)}))
        return self._all(node["id"], targets)

    def _to(self, flow: Json) -> str:
        return self.names[flow["to"]]

    def _all(self, wanted: str, targets: list[str]) -> str:
        if len(targets) == 1:
            return targets[0]
        apart = [case["next"] for case in self._apart([{"next": target} for target in targets])]
        return self.put(f"{wanted} out", {"type": "parallel_gateway", "next": apart})

    def _apart(self, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """An arrow is a pair of nodes: of two flows to the same node the second gets a node between."""
        seen: set[str] = set()
        for case in cases:
            if case["next"] in seen and case["next"] != "end":
                case["next"] = self.put("between", self._pass(case["next"]))
            seen.add(case["next"])
        return cases

    @staticmethod
    def _pass(target: str) -> dict[str, Any]:
        return {"type": "exclusive_gateway", "cases": [{"if": "otherwise", "next": target}]}

    def _joins(self) -> None:
        """`join` is written where two arrows meet, and only there."""
        sources: dict[str, set[str]] = {}
        for source, node in self.nodes.items():
            for how, target in arrows_of(node):
                sources.setdefault(target, set()).add(f"{source}{how}")
        for name, node in self.nodes.items():
            if len(sources.get(name, ())) < 2:
                if "batch" not in node.get("join", ""):
                    node.pop("join", None)
            elif "join" not in node:
                node["join"] = "each"

    def condition(self, text: str) -> str:
        return conditions.translated(text, self.me)


def arrows_of(node: Json) -> Iterator[tuple[str, str]]:
    """(kind of arrow, target): a `meanwhile` arrow is an arrow of its own."""
    following = node.get("next")
    for target in (
        following
        if isinstance(following, list)
        else following.values()
        if isinstance(following, Mapping)
        else [following]
    ):
        if target is not None:
            yield "", str(target)
    for case in node.get("cases", []):
        yield "", str(case["next"])
    for how in ("events", "interrupt", "meanwhile"):
        for event in (node.get(how) or {}).values():
            yield ("+" if how == "meanwhile" else ""), str(event["next"])
