"""A whole BPMN scope: every node by its kind, and where it begins."""

from __future__ import annotations

import re
from typing import Any

from tests.conformance.bpmn.activities import SUBPROCESSES, TASKS, Activities
from tests.conformance.bpmn.arrows import Json
from tests.conformance.suites import Unsaid


class Scope(Activities):
    def build(self) -> None:
        for node in self.given.values():
            kind = node["type"]
            if kind in ("startEvent", "boundaryEvent") or node["id"] in self.absorbed:
                continue
            if node.get("instantiate") == "true":
                continue
            if node.get("triggeredByEvent") == "true":
                self._event_subprocess(node)
            else:
                self._node(self.names[node["id"]], node)
        self.begins = self.begin()
        self._joins()

    def begin(self) -> str:
        """Where the scope begins: behind its start event, else with all that no arrow leads to."""
        if self.begins:
            return self.begins
        starts = [n for n in self.given.values() if n["type"] == "startEvent"]
        if starts:
            return self.after(starts[0])
        firsts = [
            self.names[n["id"]]
            for n in self.given.values()
            if not self.into(n["id"]) and n["type"] != "boundaryEvent" and n.get("instantiate") != "true"
            and n.get("isForCompensation") != "true" and n.get("triggeredByEvent") != "true"
            and not (n["type"] == "intermediateCatchEvent" and any(e["kind"] == "link" for e in self.events_of(n)))
        ]  # fmt: skip
        if not firsts:
            return self.put("nothing", {"type": "end"})
        return firsts[0] if len(firsts) == 1 else self.put("all", {"type": "parallel_gateway", "next": firsts})

    def _node(self, name: str, node: Json) -> None:
        kind = node["type"]
        if kind in SUBPROCESSES or kind in TASKS or kind in ("callActivity", "receiveTask", "sendTask"):
            self._activity(name, node)
        elif kind.endswith("Gateway"):
            self.nodes[name] = self.gateway(node)
        elif kind == "intermediateCatchEvent":
            self._catch(name, node)
        elif kind in ("intermediateThrowEvent", "endEvent"):
            self._throw(name, node, self.events_of(node))
        else:
            raise Unsaid(f"no counterpart of {kind}")

    # ---- gateways

    def gateway(self, node: Json) -> dict[str, Any]:
        kind, flows = node["type"], self.out_of(node["id"])
        join = {"exclusiveGateway": "each", "parallelGateway": "all", "inclusiveGateway": "matching"}.get(kind, "each")
        made: dict[str, Any]
        if kind == "eventBasedGateway" and node.get("eventGatewayType") == "Parallel":
            made = {"type": "parallel_gateway", "next": [self._to(flow) for flow in flows]}
        elif kind == "eventBasedGateway":
            made = {"type": "event_gateway", "events": {}}
            for target in self.targets(node["id"]):
                for event in self.events_of(target):
                    name = f"event_{len(made['events']) + 1}"
                    made["events"][name] = {**self.trigger(event), "next": self.after(target)}
        elif len(flows) <= 1:
            made = self._pass(self._to(flows[0]) if flows else "end")
        elif kind == "parallelGateway":
            made = {
                "type": "parallel_gateway",
                "next": [c["next"] for c in self._apart([{"next": self._to(f)} for f in flows])],
            }
        elif kind in ("exclusiveGateway", "inclusiveGateway", "complexGateway"):
            cases = [
                {"if": self.condition(flow.get("condition") or "true"), "next": self._to(flow)}
                for flow in flows
                if flow["id"] != node.get("default")
            ]
            cases += [
                {"if": "otherwise", "next": self._to(flow)} for flow in flows if flow["id"] == node.get("default")
            ]
            own = "exclusive_gateway" if kind == "exclusiveGateway" else "inclusive_gateway"
            made = {"type": own, "cases": self._apart(cases)}
        else:
            raise Unsaid(f"no counterpart of {kind}")
        made["join"] = self._complex_join(node) if kind == "complexGateway" else join
        return made

    def _complex_join(self, node: Json) -> Any:
        arrows = len(self.into(node["id"]))
        condition = str(node.get("activationCondition") or "")
        found = re.search(r"activationCount\s*(>=|==|=|>)\s*(\d+)", condition)
        if found is None:
            if condition:
                raise Unsaid(f"no counterpart of the condition {condition}")
            return "matching"
        wanted = int(found[2]) + (found[1] == ">")
        return "all" if wanted >= arrows else {"first": wanted, "rest": "finish"}
