"""A BPMN process as a workflow of ours: where it starts, and its scope."""

from __future__ import annotations

from typing import Any

from tests.conformance.bpmn.arrows import Json, resolved
from tests.conformance.bpmn.scopes import Scope
from tests.conformance.decision_text import slug


class Process:
    def __init__(self, model: Json, process: Json, called: set[str], calls: set[str]) -> None:
        self.model, self.process, self.calls = model, process, calls
        self.name = slug(f"w {process['id']}")
        self.is_called = process["id"] in called
        self.taken: list[str] = []
        firsts = [n for n in process["nodes"] if self._starts(n)]
        self.by_event = [
            n for n in firsts if self._heard(n) and self._kind_of_start(n) in ("signal", "message", "cycle")
        ]
        self.me = "case" if self.is_called or self.by_event else "run"

    # ---- the workflow

    def definition(self) -> dict[str, Any]:
        scope = Scope(self, self.process)
        scope.build()
        events = scope.events
        variables = {"test": "text", "integer": "number", "words": "text", "never": "text"}
        found: dict[str, Any] = {"workflow": self.name}
        if self.me == "run":
            found |= {"case": "run", "second_start": "allow"}
        else:
            found["data"] = {name: {"type": kind} for name, kind in variables.items()}
        found["start"] = self._start(scope)
        return found | {how: named for how, named in events.items() if named} | {"nodes": scope.nodes}

    def _start(self, scope: Scope) -> dict[str, Any]:
        if self.is_called:
            return {"begin": {"called": ["test", "integer"], "next": scope.begin()}}
        starts: dict[str, Any] = {}
        for node in [n for n in self.process["nodes"] if self._starts(n)]:
            events = scope.events_of(node)
            following = scope.after(node) if node["type"] != "eventBasedGateway" else ""
            if scope.needs_all(node):
                following, events = scope.awaited(node, events, following), []
            if node["type"] == "eventBasedGateway" and node.get("eventGatewayType") == "Parallel":
                starts["start_1"] = {"created": "run", "next": scope.put(node["id"], scope.gateway(node))}
                continue
            if node["type"] == "eventBasedGateway":
                for target in scope.targets(node["id"]):
                    for event in scope.events_of(target):
                        starts[f"start_{len(starts) + 1}"] = {
                            **scope.trigger(event, start=True),
                            "next": scope.after(target),
                        }
                continue
            for event in events or [None]:
                next_ = following
                if event is not None and event["kind"] == "timer" and "timeCycle" not in event:
                    next_ = scope.put("delay", scope.waiting(event, following))
                    event = None
                how = {"created": "run"} if event is None else scope.trigger(event, start=True)
                starts[f"start_{len(starts) + 1}"] = {**how, "next": next_}
        return starts or {"start_1": {"created": "run", "next": scope.begin()}}

    def _starts(self, node: Json) -> bool:
        return node["type"] == "startEvent" or node.get("instantiate") == "true"

    @staticmethod
    def _all_needed(node: Json) -> bool:
        return node.get("parallelMultiple") == "true" and len(node.get("events", [])) > 1

    def _heard(self, node: Json) -> bool:
        return bool(node.get("events")) or node.get("instantiate") == "true"

    def _kind_of_start(self, node: Json) -> str:
        if node.get("eventGatewayType") == "Parallel" or self._all_needed(node):
            return "all"
        if node.get("instantiate") == "true":
            return "message"
        event = resolved(node["events"][0], self.model)
        return "cycle" if event["kind"] == "timer" and "timeCycle" in event else event["kind"]
