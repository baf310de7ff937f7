"""BPMN control flow, as JSON, becomes workflows of ours (LANGUAGE section 15): the YAML texts of a pack.

One process is one workflow. A script is a `service` call, so that each activity is a step of its own commit, as it is a
unit of work in BPMN. A process without event at its start begins with the record `run`, which holds the case's inputs.
(A little long: one method for each kind of BPMN node, and they call each other.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.conformance.decision_text import slug
from tests.conformance.dmn import duration
from tests.conformance.suites import Unsaid

Json = Mapping[str, Any]
Nodes = dict[str, dict[str, Any]]
YES, NO = "not has({}.never)", "has({}.never)"
TASKS = frozenset(
    ["scriptTask", "task", "userTask", "manualTask", "serviceTask", "businessRuleTask", "globalScriptTask"]
)
SUBPROCESSES = frozenset(["subProcess", "transaction", "adHocSubProcess"])
STAMP = "Takes a second"
"""The title of work that takes time: betsy asks whether two such steps ran side by side."""
SIGNALS, MESSAGES = "signal_", "message_"
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
        made = _Process(model, process, called, calls)
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


def called_by(node: Json) -> str:
    """The process or global task that a call names, without the prefix of its namespace."""
    return str(node.get("calledElement")).rpartition(":")[2]


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


class _Process:
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
        scope = _Scope(self, self.process)
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

    def _start(self, scope: _Scope) -> dict[str, Any]:
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
                    next_ = scope.put("delay", {**scope.waiting(event), "next": following})
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


class _Scope:
    """The nodes of a process or a subprocess."""

    def __init__(self, process: _Process, container: Json) -> None:
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

    # ---- building

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

    # ---- activities

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
        if behaviour not in ("All", "None", "One"):
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
            stays = boundary.get("cancelActivity") == "false" or behaviour != "All"
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
            nodes[beside[-1]] = {**self.waiting(event), "next": tell}
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
        inner = _Scope(self.process, node)
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
        if "undo_by" in inner.__dict__:
            made["undo"] = self.put(f"undo of {node['id']}", inner.__dict__["undo_by"])
        return made

    def _event_subprocess(self, node: Json) -> None:
        """Its steps stand in the scope where the target lies: around the subprocess, or in the workflow."""
        inner = _Scope(self.process, node)
        inner.build()
        body: dict[str, Any] = {"type": "subprocess", "start": inner.begins, "nodes": inner.nodes}
        top = self.container is self.process.process
        for start in [n for n in node["nodes"] if n["type"] == "startEvent"]:
            if self.compensates(start):
                self.__dict__["undo_by"] = body
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
        """Each copy (None) or the first (One) throws an event when it is done."""
        reference = node["multi"].get(f"{behaviour.lower()}BehaviorEventRef")
        event = resolved({"ref": reference or ""}, self.process.model)
        work, tell, pause = (self.fresh(f"{node['id']} {part}") for part in ("work", "tell", "heard"))
        nodes: Nodes = {work: {**made, "next": tell}, tell: self._sending(event) | {"next": pause}}
        nodes[pause] = {"type": "wait", "after": "0 seconds", "next": "end"}
        if behaviour == "One":
            first = self.fresh(f"{node['id']} first")
            nodes[work]["next"] = first
            cases = [{"if": "position == 1", "next": tell}, {"if": "otherwise", "next": "end"}]
            nodes[first] = {"type": "exclusive_gateway", "cases": cases}
        return {"type": "subprocess", "start": work, "nodes": nodes}

    # ---- events

    def trigger(self, event: Json, start: bool = False, stays: bool = False) -> dict[str, Any]:
        """An event of ours, for a place where it has an arrow."""
        kind = event["kind"]
        if kind == "signal":
            return {"signal": slug(SIGNALS + str(event["signalRef"]))}
        if kind == "message":
            message = event["messageRef"]
            return {"message": slug(MESSAGES + str(message)), "match": {"topic": f'"{slug(str(message))!r}"'}}
        if kind == "timer":
            return self._timer(event, repeats=start or stays)
        if kind == "conditional":
            return {"becomes" if start else "once": self.condition(str(event["condition"]))}
        if kind in ("error", "escalation"):
            return {kind: self._code(event)}
        raise Unsaid(f"no counterpart of the event {kind} here")

    def _code(self, event: Json) -> str:
        reference = event.get(f"{event['kind']}Ref")
        return slug(str(reference)) if reference else "any"

    @staticmethod
    def _timer(event: Json, repeats: bool) -> dict[str, Any]:
        if cycle := event.get("timeCycle"):
            found = re.fullmatch(r"R(\d*)/(P.*)", str(cycle).strip())
            if found is None:
                raise Unsaid(f"no counterpart of the cycle {cycle}")
            words = duration(found[2]).text
            if not repeats:
                return {"after": words}
            return {"every": words, **({"times": int(found[1])} if found[1] else {})}
        if length := event.get("timeDuration"):
            return {"after": duration(str(length).strip()).text}
        if date := re.match(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)", str(event.get("timeDate") or "")):
            return {"at": f"{date[1]} {date[2]}"}
        raise Unsaid("a timer whose time is not in the excerpt")

    def waiting(self, event: Json) -> dict[str, Any]:
        return {"type": "wait", **self.trigger(event)}

    def _sending(self, event: Json) -> dict[str, Any]:
        if event["kind"] == "signal":
            return {"type": "signal", "signal": slug(SIGNALS + str(event["signalRef"]))}
        if event["kind"] == "message":
            message = event["messageRef"]
            return {"type": "send", "message": slug(MESSAGES + str(message)), "give": {"topic": slug(str(message))}}
        if event["kind"] == "escalation":
            return {"type": "signal", "escalation": self._code(event)}
        if event["kind"] == "compensate":
            of = event.get("activityRef")
            return {"type": "undo", **({"of": [self.names[of]]} if of in self.names else {})}
        raise Unsaid(f"no counterpart of throwing {event['kind']} here")

    def _catch(self, name: str, node: Json) -> None:
        events, following = self.events_of(node), self.after(node)
        if len(events) == 1 and events[0]["kind"] == "link":
            self.nodes[name] = self._pass(following)
        elif len(events) == 1:
            made = self.waiting(events[0])
            self.nodes[name] = {
                **made,
                "next": {"reached": following, "passed": following} if "at" in made else following,
            }
        elif self.needs_all(node):
            self.nodes[name] = self._pass(self.awaited(node, events, following))
        else:
            joined = self.put(f"{node['id']} heard", self._pass(following))
            heard = {f"event_{i}": {**self.trigger(event), "next": joined} for i, event in enumerate(events, 1)}
            self.nodes[name] = {"type": "event_gateway", "events": heard}

    def awaited(self, node: Json, events: Sequence[Json], following: str) -> str:
        """All of these events, in any order, then what follows."""
        joined = self.put(f"{node['id']} joined", {**self._pass(following), "join": "all"})
        each = [self.put(f"{node['id']} part", {**self.waiting(event), "next": joined}) for event in events]
        return self.put(f"{node['id']} all", {"type": "parallel_gateway", "next": each})

    def _throw(self, name: str, node: Json, events: Sequence[Json]) -> None:
        """One node for each thing thrown, then what follows. A signal is heard when the step has come to rest: a pause."""
        ends = {"error", "escalation", "terminate", "cancel"} if node["type"] == "endEvent" else set()
        last: dict[str, Any] = {"type": "end"} if node["type"] == "endEvent" else self._pass(self.after(node))
        chain: list[dict[str, Any]] = []
        for event in events:
            if event["kind"] in ends:
                last = {"type": "end", "kind": event["kind"]}
                if event["kind"] in ("error", "escalation"):
                    last["code"] = self._code(event) if self._code(event) != "any" else "unnamed"
                if event["kind"] == "cancel":
                    last["result"] = "cancelled"
            elif event["kind"] == "link":
                last = self._pass(self._linked(event))
            else:
                chain.append(self._sending(event))
                if event["kind"] == "signal":
                    chain.append({"type": "wait", "after": "0 seconds"})
        chain.append(last)
        names = [name, *(self.fresh(f"{node['id']} then") for _ in chain[1:])]
        for i, made in enumerate(chain):
            if i + 1 < len(chain):
                made["next"] = names[i + 1]
            self.nodes[names[i]] = made

    def _linked(self, event: Json) -> str:
        catching = [
            (node, other)
            for node in self.given.values()
            if node["type"] == "intermediateCatchEvent"
            for other in self.events_of(node)
            if other["kind"] == "link"
        ]
        wanted = event.get("target") or event.get("name")
        for node, other in catching:
            if wanted and wanted in (other.get("name"), node.get("name"), node["id"]):
                return self.names[node["id"]]
        if len(catching) == 1:
            return self.names[catching[0][0]["id"]]
        raise Unsaid("a link whose name is not in the excerpt")

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

    # ---- conditions

    def condition(self, text: str) -> str:
        written = text.strip().removeprefix("${").removeprefix("#{").removesuffix("}").removesuffix(">").strip()
        if written in ("true", "false"):
            return (YES if written == "true" else NO).format(self.me)
        written = re.sub(r"test\.contains\(\s*[\"']([^\"']*)[\"']\s*\)", rf"contains({self.me}.test, '\1')", written)
        written = re.sub(r"\btest\s*(==|!=)", rf"{self.me}.test \1", written)
        written = re.sub(r"\binteger(?:Variable)?\b(?!')", f"{self.me}.integer", written)
        written = written.replace("&&", " and ").replace("||", " or ").replace('"', "'")
        written = re.sub(r"!(?!=)", "not ", written)
        if re.sub(
            rf"contains\({self.me}\.test, '[^']*'\)|{self.me}\.(test|integer)|'[^']*'|and|or|not|[-\s\d().<>=!+]",
            "",
            written,
        ):
            raise Unsaid(f"no counterpart of the condition {text}")
        return written


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
