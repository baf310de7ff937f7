"""BPMN activities with all that stands on them: boundary events, copies, rounds, quantities, handlers."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.conformance.bpmn.arrows import Json, Nodes, resolved
from tests.conformance.bpmn.events import Events
from tests.conformance.decision_text import slug
from tests.conformance.suites import Unsaid

TASKS = frozenset(
    ["scriptTask", "task", "userTask", "manualTask", "serviceTask", "businessRuleTask", "globalScriptTask"]
)
SUBPROCESSES = frozenset(["subProcess", "transaction", "adHocSubProcess"])
STAMP = "Takes a second"
"""The title of work that takes time: betsy asks whether two such steps ran side by side."""


def called_by(node: Json) -> str:
    """The process or global task that a call names, without the prefix of its namespace."""
    return str(node.get("calledElement")).rpartition(":")[2]


class Activities(Events):
    def _activity(self, name: str, node: Json) -> None:
        on_it = self.boundaries.get(node["id"], [])
        following = self.after(node) if node.get("isForCompensation") != "true" else ""
        if (threads := int(node.get("completionQuantity") or 1)) > 1:
            following = self.put(
                f"{node['id']} threads", {"type": "parallel_gateway", "threads": threads, "next": [following]}
            )
        multi, loop = node.get("multi"), node.get("loop")
        behaviour = str((multi or {}).get("behavior", "All"))
        made = self._work(node)
        interrupts = [b for b in on_it if not self.compensates(b)]
        waits = made["type"] in ("service", "subprocess", "call", "wait", "user_task")
        if behaviour not in ("All", "None", "One", "Complex"):
            raise Unsaid(f"no counterpart of the behaviour {behaviour}")
        if behaviour != "All":
            made = self._telling(node, made, behaviour)
        elif interrupts and not waits:
            inner = self.fresh(f"{node['id']} inner")
            made = {"type": "subprocess", "start": inner, "nodes": {inner: {**made, "next": "end"}}}
        exits: dict[str, str] = {"done": following}
        if multi is not None:
            made["for_each"] = self._copies(multi)
        if loop is not None:
            made["repeat"] = self._rounds(loop)
            exits["exhausted"] = following
        for boundary in [b for b in interrupts if self.needs_all(b)]:
            made, exits = self._with_all(boundary, made), {"done": following}
        for boundary in interrupts:
            events = self.events_of(boundary)
            if any(event["kind"] == "cancel" for event in events):
                exits["cancelled"] = self.after(boundary)
                continue
            if self.needs_all(boundary):
                events = [{"kind": "escalation", "escalationRef": f"all of {boundary['id']}"}]
            thrown = any(event["kind"] == "error" for event in events)
            stays = not thrown and (boundary.get("cancelActivity") == "false" or behaviour != "All")
            named = made.setdefault("meanwhile" if stays else "interrupt", {})
            target = self.after(boundary)
            for event in events:
                named[f"event_{len(named) + 1}"] = {**self.trigger(event, stays=stays), "next": target}
        if (batch := int(node.get("startQuantity") or 1)) > 1:
            made["join"] = {"batch": batch}
        handlers = [h for b in on_it if self.compensates(b) if (h := self._handler(b)) is not None]
        if handlers:
            made["undo"] = handlers[0]
        if made["type"] == "subprocess" and "cancelled" not in exits and self._can_cancel(made["nodes"]):
            exits["cancelled"] = following
        if node.get("isForCompensation") != "true":
            made["next"] = exits if len(exits) > 1 else following
        self.nodes[name] = made

    def needs_all(self, node: Json) -> bool:
        return node.get("parallelMultiple") == "true" and len(self.events_of(node)) > 1

    def _with_all(self, boundary: Json, made: dict[str, Any]) -> dict[str, Any]:
        """Several events that are all needed: they are awaited beside the work, and together escalate out of both."""
        work, done, tell = (self.fresh(f"{boundary['id']} {part}") for part in ("work", "done", "tell"))
        nodes: Nodes = {
            work: {**made, "next": {"done": done, "exhausted": done} if "repeat" in made else done},
            done: {"type": "end", "kind": "terminate"},
            tell: {"type": "signal", "escalation": slug(f"all of {boundary['id']}"), "join": "all", "next": "end"},
        }
        beside = [work]
        for event in self.events_of(boundary):
            beside.append(self.fresh(f"{boundary['id']} part"))
            nodes[beside[-1]] = self.waiting(event, tell)
        all_ = self.fresh(f"{boundary['id']} all")
        nodes[all_] = {"type": "parallel_gateway", "next": beside}
        return {"type": "subprocess", "start": all_, "nodes": nodes}

    @staticmethod
    def _can_cancel(nodes: Nodes) -> bool:
        return any(node.get("result") == "cancelled" for node in nodes.values())

    def _handler(self, boundary: Json) -> str | None:
        """Associations are not in the excerpt: the first boundary event goes with the first handler, and so on."""
        named = list(self.targets(boundary["id"]))
        if named:
            return self.names[named[0]["id"]]
        mine = [b for b in self.given.values() if b["type"] == "boundaryEvent" and self.compensates(b)]
        handlers = [
            n for n in self.given.values()
            if n.get("isForCompensation") == "true" and n.get("triggeredByEvent") != "true" and not self.into(n["id"])
        ]  # fmt: skip
        place = mine.index(boundary)
        return self.names[handlers[place]["id"]] if place < len(handlers) else None

    def _work(self, node: Json) -> dict[str, Any]:
        """The own keys of an activity, without arrows."""
        kind = node["type"]
        if kind in SUBPROCESSES:
            return self._subprocess(node)
        if kind == "callActivity":
            target = called_by(node)
            for tasks in [part for part in self.process.model.values() if isinstance(part, list)]:
                for task in tasks:
                    if task.get("id") == target and "script" in task and "nodes" not in task:
                        return self._script(str(task["script"]))
            if target not in [p["id"] for p in self.process.model["processes"]]:
                raise Unsaid("a call of a process that is not in the excerpt")
            give = {"test": f"= {self.me}.test", "integer": f"= {self.me}.integer"}
            return {"type": "call", "workflow": slug(f"w {target}"), "give": give}
        if kind == "receiveTask":
            return self.waiting(self.events_of(node)[0])
        if kind == "sendTask":
            return self._sending(self.events_of(node)[0])
        return self._script(str(node.get("script") or ""))

    def _script(self, script: str) -> dict[str, Any]:
        if script == "INCREMENT_INTEGER_VARIABLE_AND_LOG":
            line = {"form": "line", "with": {"what": "Increment"}}
            return {
                "type": "create",
                "records": {"written": line},
                "set": {f"{self.me}.integer": f"= {self.me}.integer + 1"},
            }
        if re.fullmatch(r"SET_\w*DATA", script):
            return {"type": "set", "set": {f"{self.me}.words": "String"}}
        if found := re.fullmatch(r"(?:WAIT|SLEEP)_(\w+?)_SECONDS?", script):
            numbers = {
                "ONE": 1,
                "TWO": 2,
                "THREE": 3,
                "FOUR": 4,
                "FIVE": 5,
                "TEN": 10,
                "TWENTY": 20,
                "THIRTY": 30,
                "SIXTY": 60,
            }
            if found[1] not in numbers and not found[1].isdigit():
                raise Unsaid(f"no counterpart of the script {script}")
            return {"type": "wait", "after": f"{numbers.get(found[1]) or found[1]} seconds"}
        if re.fullmatch(r"CREATE_TIMESTAMP_LOG_?\w*", script):
            return {"type": "wait", "title": STAMP, "after": "1 seconds"}
        if script in ("", "CREATE_LOG_FILE"):
            call = "begin"
        elif found := re.fullmatch(r"SCRIPT_task(\d+)", script):
            call = f"task_{found[1]}"
        elif script == "CREATE_MARKER_FILE":
            call = "marker"
        elif re.fullmatch(r"LOG_\w*DATA", script):
            call = "data"
        else:
            raise Unsaid(f"no counterpart of the script {script}")
        self.process.calls.add(call)
        made: dict[str, Any] = {"type": "service", "connection": "log", "call": call}
        return made | ({"give": {"value": f"= {self.me}.words"}} if call == "data" else {})

    def _subprocess(self, node: Json) -> dict[str, Any]:
        inner = type(self)(self.process, node)
        inner.build()
        made: dict[str, Any] = {"type": "subprocess", "start": inner.begins, "nodes": inner.nodes}
        if node["type"] == "adHocSubProcess" and node.get("ordering") == "Sequential":
            for one in inner.nodes.values():
                if one["type"] in ("service", "subprocess", "call", "wait"):
                    one["mutex"] = slug(f"one of {node['id']}")
        after: str | None = None
        for how, named in inner.events.items():
            for name, event in named.items():
                body = event["next"]
                if after is None:
                    after = self.after(node)
                target = self.put(f"{name} of {node['id']}", {**body, "next": after if how == "interrupt" else "end"})
                made.setdefault(how, {})[name] = {**event, "next": target}
        if inner.undo_by is not None:
            made["undo"] = self.put(f"undo of {node['id']}", inner.undo_by)
        return made

    def _event_subprocess(self, node: Json) -> None:
        """Its steps stand in the scope where the target lies: around the subprocess, or in the workflow."""
        inner = type(self)(self.process, node)
        inner.build()
        body: dict[str, Any] = {"type": "subprocess", "start": inner.begins, "nodes": inner.nodes}
        top = self.container is self.process.process
        for start in [n for n in node["nodes"] if n["type"] == "startEvent"]:
            if self.compensates(start):
                self.undo_by = body
                continue
            if len(inner.events_of(start)) > 1 and start.get("parallelMultiple") == "true":
                raise Unsaid("a start that needs several events")
            stays = start.get("isInterrupting") == "false"
            how = "meanwhile" if stays else "interrupt"
            target: Any = self.put(node["id"], {**body, "next": "end"}) if top else body
            for event in inner.events_of(start):
                name = self.fresh(f"{node['id']} event")
                self.events[how][name] = {**self.trigger(event, stays=stays), "next": target}

    def _copies(self, multi: Json) -> dict[str, Any]:
        count = str(multi.get("loopCardinality") or "").strip()
        if not count:
            raise Unsaid("copies over data that are not in the excerpt")
        count = count.removeprefix("${").removesuffix("}").replace("integerVariable", f"{self.me}.integer")
        made: dict[str, Any] = {"count": count}
        if multi.get("isSequential") == "true":
            made["order"] = "in_order"
        if condition := multi.get("completionCondition"):
            found = re.search(r"ompletedInstances\s*(>=|==|=|>)\s*(\d+)", str(condition))
            if found is None:
                made |= {"until": self.condition(str(condition)), "rest": "cancel"}
            else:
                made |= {"until": f"done >= {int(found[2]) + (found[1] == '>')}", "rest": "cancel"}
        return made

    def _rounds(self, loop: Json) -> dict[str, Any]:
        condition = self.condition(str(loop.get("loopCondition") or "true"))
        most = loop.get("loopMaximum") or 1000
        if loop.get("testBefore") == "true":
            return {"while": condition, "at_most": most}
        return {"until": f"not ({condition})", "at_most": most}

    def _telling(self, node: Json, made: dict[str, Any], behaviour: str) -> dict[str, Any]:
        """Each copy (None), the first (One) or that of a number (Complex) throws an event when it is done."""
        reference = node["multi"].get(f"{behaviour.lower()}BehaviorEventRef")
        number = 1
        if behaviour == "Complex":
            written = json.dumps({k: v for k, v in node["multi"].items() if k != "completionCondition"}, default=str)
            counted = re.search(r"ompletedInstances\s*(>=|==|=|>)\s*(\d+)", written)
            told = re.search(r'"([^"]*(?:Signal|Message|Escalation)[^"]*)"', written)
            if counted is None or told is None:
                raise Unsaid("a behaviour whose condition or event is not in the excerpt")
            number, reference = int(counted[2]) + (counted[1] == ">"), told[1]
        event = resolved({"ref": reference or ""}, self.process.model)
        work, tell, pause = (self.fresh(f"{node['id']} {part}") for part in ("work", "tell", "heard"))
        nodes: Nodes = {work: {**made, "next": tell}, tell: self._sending(event) | {"next": pause}}
        nodes[pause] = {"type": "wait", "after": "0 seconds", "next": "end"}
        if behaviour in ("One", "Complex"):
            first = self.fresh(f"{node['id']} first")
            nodes[work]["next"] = first
            cases = [{"if": f"position == {number}", "next": tell}, {"if": "otherwise", "next": "end"}]
            nodes[first] = {"type": "exclusive_gateway", "cases": cases}
        return {"type": "subprocess", "start": work, "nodes": nodes}
