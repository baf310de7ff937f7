"""betsy: 95 % of the core cases agree, each difference has a reason by rule; and the siblings of its constructs, made up."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import pytest

from tests.conformance import betsy, bpmn
from tests.conformance.suites import FOLDER

BEHAVIOURS = betsy.behaviours()


@pytest.mark.skipif(not BEHAVIOURS, reason=f"the suite is not in {FOLDER}: set REMIT_SUITES")
def test_the_core_agrees() -> None:
    core = [o for b in BEHAVIOURS if not b["outside_core"] for o in betsy.outcomes(b)]
    agreed = [o for o in core if o.verdict == "agreed"]
    assert len(agreed) >= 0.95 * len(core), [o for o in core if o.verdict != "agreed"]


@pytest.mark.parametrize(
    "behaviour", [b for b in BEHAVIOURS if b["outside_core"]], ids=[b["name"] for b in BEHAVIOURS if b["outside_core"]]
)
def test_what_is_outside_the_core(behaviour: dict[str, Any]) -> None:
    wrong = [o for o in betsy.outcomes(behaviour) if o.verdict == "wrong"]
    if wrong:
        pytest.skip(f"{wrong[0].case}: {wrong[0].reason}")


# ---- made-up models: the constructs' siblings

TASK = {f"t{i}": f"SCRIPT_task{i}" for i in range(1, 6)}
EVENTS: dict[str, dict[str, Any]] = {
    "signal": {"kind": "signal", "signalRef": "s"},
    "other_signal": {"kind": "signal", "signalRef": "r"},
    "message": {"kind": "message", "messageRef": "m"},
    "error": {"kind": "error", "errorRef": "e"},
    "other_error": {"kind": "error", "errorRef": "f"},
    "any_error": {"kind": "error"},
    "escalation": {"kind": "escalation", "escalationRef": "x"},
    "cancel": {"kind": "cancel"},
    "terminate": {"kind": "terminate"},
    "compensate": {"kind": "compensate"},
    "link": {"kind": "link", "name": "l"},
    "a": {"kind": "conditional", "condition": 'test.contains("a")'},
    "1s": {"kind": "timer", "timeDuration": "PT1S"},
    "5s": {"kind": "timer", "timeDuration": "PT5S"},
    "date": {"kind": "timer", "timeDate": "2020-01-01T00:00:00"},
    "3x": {"kind": "timer", "timeCycle": "R3/PT2S"},
}
SHORT = {
    "start": "startEvent", "end": "endEvent", "throw": "intermediateThrowEvent", "catch": "intermediateCatchEvent",
    "on": "boundaryEvent", "xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway",
    "complex": "complexGateway", "first": "eventBasedGateway", "sub": "subProcess", "tx": "transaction",
    "call": "callActivity", "receive": "receiveTask", "send": "sendTask", "adhoc": "adHocSubProcess",
}  # fmt: skip


def process(id: str, nodes: list[Any], flows: str) -> dict[str, Any]:
    """Nodes as `name`, `name:type`, `name:type:events` or a (text, more keys) pair; flows as `a>b>c d>e[condition]`."""
    made = []
    for given in nodes:
        text, more = (given, {}) if isinstance(given, str) else given
        name, _, rest = text.partition(":")
        kind, _, events = rest.partition(":")
        node: dict[str, Any] = {"id": name, "type": SHORT.get(kind, "scriptTask"), **more}
        if node["type"] == "scriptTask" and "script" not in node:
            node["script"] = TASK[name.partition("_")[0]]
        if events:
            node["events"] = [EVENTS[event] for event in events.split("+")]
        if kind in ("receive", "send"):
            node["messageRef"] = "m"
        made.append(node)
    arrows: list[dict[str, Any]] = []
    for chain in flows.split():
        stops = chain.split(">")
        for source, target in itertools.pairwise(stops):
            to, _, condition = target.partition("[")
            flow = {"id": f"{source.partition('[')[0]}-{to}-{len(arrows)}", "from": source.partition("[")[0], "to": to}
            if condition:
                letter = condition.rstrip("]")
                flow["condition"] = letter if len(letter) > 1 else f'test.contains("{letter}")'
            arrows.append(flow)
    return {"id": id, "nodes": made, "flows": arrows}


def sub(text: str, inner: list[Any], flows: str, **more: Any) -> tuple[str, dict[str, Any]]:
    within = process("inner", inner, flows)
    return text, {"nodes": within["nodes"], "flows": within["flows"], **more}


def log(processes: list[dict[str, Any]], input: str | None = None, integer: int | None = None, ms: int = 0) -> str:
    """The steps that were logged, in order of their names."""
    model = {"processes": processes, "signals": {"s": {}}, "messages": {"m": {}}, "errors": {}, "escalations": {}}
    texts = bpmn.texts(model)
    assert betsy.checked(texts)[0] == []
    found = betsy.run(texts, {"input": input, "delay_ms": ms, **({"integer": integer} if integer is not None else {})})
    return " ".join(sorted(Counter(found).elements())).replace("Task", "")


def on(node: str, **more: Any) -> dict[str, Any]:
    return {"attachedToRef": node, **more}


STAY = {"cancelActivity": "false"}
ALONE: list[tuple[str, list[Any], str, str | None, str]] = [
    ("link", ["s:start", "t1", "go:throw:link", "come:catch:link", "t2", "e:end"], "s>t1>go come>t2>e", None, "1 2"),
    ("implicit start and end", ["t1", "t2"], "t1>t2", None, "1 2"),
    ("several arrows out", ["s:start", "t1", "t2", "t3"], "s>t1>t2 t1>t3", None, "1 2 3"),
    ("two arrows to one node", ["s:start", "t1", "t2"], "s>t1>t2 t1>t2", None, "1 2 2"),
    ("no case holds", ["s:start", "g:or", "t1", "t2"], "s>g>t1[a] g>t2[b]", "c", "RuntimeException"),
    (
        "inclusive join",
        ["s:start", "g:or", "t1", "t2", "t3", "j:or", "t4", "e:end"],
        "s>g>t1[a] g>t2[b] g>t3[c] t1>j t2>j t3>j j>t4>e",
        "ac",
        "1 3 4",
    ),
    (
        "complex join 2 of 3",
        ["s:start", "g:and", "t1", "t2", "t3", ("j:complex", {"activationCondition": "activationCount >= 2"}), "t4"],
        "s>g>t1>j g>t2>j g>t3>j j>t4",
        None,
        "1 2 3 4",
    ),
    (
        "terminate inside only",
        ["s:start", sub("p:sub", ["s2:start", "g:and", "w:catch:1s", "t1", "x:end:terminate"], "s2>g>w>t1 g>x"), "t2"],
        "s>p>t2",
        None,
        "2",
    ),
    (
        "timer before message",
        ["s:start", "g:first", "c1:catch:1s", "c2:catch:message", "t1", "t2"],
        "s>g>c1>t1 g>c2>t2",
        None,
        "1",
    ),
    ("message to itself", ["s:start", "g:and", "x:throw:message", "r:receive", "t1"], "s>g>x g>r>t1", None, "1"),
    ("all of several events", ["s:start", ("c:catch:1s+5s", {"parallelMultiple": "true"}), "t1"], "s>c>t1", None, "1"),
    ("one of several events", ["s:start", "c:catch:1s+5s", "t1"], "s>c>t1", None, "1"),
    (
        "interrupted work",
        ["s:start", ("t1", {"script": "WAIT_TEN_SECONDS"}), ("b:on:1s", on("t1")), "t2", "t3"],
        "s>t1>t2 b>t3",
        None,
        "3",
    ),
    (
        "starts when two have come",
        ["s:start", "g:and", ("t1", {"startQuantity": "2"}), "t2"],
        "s>g>t1>t2 g>t1",
        None,
        "1 2",
    ),
    ("leaves twice", ["s:start", ("t1", {"completionQuantity": "2"}), "t2"], "s>t1>t2", None, "1 2 2"),
    (
        "side by side",
        ["s:start", "g:and", ("x", {"script": "CREATE_TIMESTAMP_LOG_1"}), ("y", {"script": "CREATE_TIMESTAMP_LOG_2"})],
        "s>g>x g>y",
        None,
        "ExecutionParallel",
    ),
    (
        "one after the other",
        ["s:start", ("x", {"script": "CREATE_TIMESTAMP_LOG_1"}), ("y", {"script": "CREATE_TIMESTAMP_LOG_2"}), "t1"],
        "s>x>y>t1",
        None,
        "1",
    ),
    (
        "all of a boundary's events, in time",
        [
            "s:start",
            ("t1", {"script": "WAIT_TEN_SECONDS"}),
            ("b:on:1s+5s", on("t1", parallelMultiple="true")),
            "t2",
            "t3",
        ],
        "s>t1>t2 b>t3",
        None,
        "3",
    ),
    (
        "all of a boundary's events, staying",
        [
            "s:start",
            ("t1", {"script": "WAIT_TEN_SECONDS"}),
            ("b:on:1s+5s", on("t1", parallelMultiple="true", **STAY)),
            "t2",
            "t3",
        ],
        "s>t1>t2 b>t3",
        None,
        "2 3",
    ),
    (
        "all of a boundary's events, too late",
        ["s:start", "t1", ("b:on:1s+5s", on("t1", parallelMultiple="true")), "t2", "t3"],
        "s>t1>t2 b>t3",
        None,
        "1 2",
    ),
    (
        "work goes on",
        ["s:start", ("t1", {"script": "WAIT_TEN_SECONDS"}), ("b:on:3x", on("t1", **STAY)), "t2", "t3"],
        "s>t1>t2 b>t3",
        None,
        "2 3 3 3",
    ),
    (
        "error two scopes out, by code",
        [
            "s:start",
            sub(
                "p:sub",
                ["s2:start", sub("q:sub", ["s3:start", "x:end:error"], "s3>x"), ("c:on:other_error", on("q")), "t1"],
                "s2>q c>t1",
            ),
            ("b:on:error", on("p")),
            "t2",
            "t3",
        ],
        "s>p>t2 b>t3",
        None,
        "3",
    ),
    (
        "any error",
        ["s:start", sub("p:sub", ["s2:start", "x:end:error"], "s2>x"), ("b:on:any_error", on("p")), "t1"],
        "s>p b>t1",
        None,
        "1",
    ),
    ("nobody catches", ["s:start", "t1", "x:end:error"], "s>t1>x", None, "ErrorThrownErrorEvent 1"),
    (
        "escalation interrupts",
        [
            "s:start",
            sub("p:sub", ["s2:start", "t1", "x:throw:escalation", "t2"], "s2>t1>x>t2"),
            ("b:on:escalation", on("p")),
            "t3",
            "t4",
        ],
        "s>p>t3 b>t4",
        None,
        "1 4",
    ),
    (
        "escalation at the end",
        [
            "s:start",
            sub("p:sub", ["s2:start", "x:end:escalation"], "s2>x"),
            ("b:on:escalation", on("p", **STAY)),
            "t3",
            "t4",
        ],
        "s>p>t3 b>t4",
        None,
        "3 4",
    ),
    (
        "cancelled transaction",
        [
            "s:start",
            sub(
                "p:tx",
                [
                    "s2:start",
                    "t1",
                    ("u:on:compensate", on("t1")),
                    ("t2", {"isForCompensation": "true"}),
                    "x:end:cancel",
                ],
                "s2>t1>x",
            ),
            ("b:on:cancel", on("p")),
            "t3",
            "t4",
        ],
        "s>p>t3 b>t4",
        None,
        "1 2 4",
    ),
    (
        "compensation, two handlers",
        [
            "s:start",
            "t1",
            ("u1:on:compensate", on("t1")),
            ("t3", {"isForCompensation": "true"}),
            "t2",
            ("u2:on:compensate", on("t2")),
            ("t4", {"isForCompensation": "true"}),
            "x:end:compensate",
        ],
        "s>t1>t2>x",
        None,
        "1 2 3 4",
    ),
    (
        "event subprocess, interrupting, by an error",
        ["s:start", sub("h:sub", ["b:start:error", "t3"], "b>t3", triggeredByEvent="true"), "t1", "x:end:error"],
        "s>t1>x",
        None,
        "1 3",
    ),
    (
        "event subprocess, by a timer, staying",
        [
            "s:start",
            sub("h:sub", [("b:start:1s", {"isInterrupting": "false"}), "t3"], "b>t3", triggeredByEvent="true"),
            "c:catch:5s",
            "t1",
        ],
        "s>c>t1",
        None,
        "1 3",
    ),
    (
        "event subprocess inside, interrupting",
        [
            "s:start",
            sub(
                "p:sub",
                ["s2:start", "c:catch:5s", "t1", sub("h:sub", ["b:start:1s", "t2"], "b>t2", triggeredByEvent="true")],
                "s2>c>t1",
            ),
            "t3",
        ],
        "s>p>t3",
        None,
        "2 3",
    ),
    (
        "condition at the boundary",
        ["s:start", ("t1", {"script": "WAIT_TEN_SECONDS"}), ("b:on:a", on("t1")), "t2"],
        "s>t1 b>t2",
        "a",
        "2",
    ),
    ("condition that never holds", ["s:start", "c:catch:a", "t1"], "s>c>t1", "b", ""),
    (
        "parallel copies",
        ["s:start", ("t1", {"multi": {"isSequential": "false", "loopCardinality": "4"}}), "t2"],
        "s>t1>t2",
        None,
        "1 1 1 1 2",
    ),
    (
        "a loop of arrows",
        [
            "s:start",
            "m:xor",
            ("t1", {"script": "INCREMENT_INTEGER_VARIABLE_AND_LOG"}),
            ("g:xor", {"default": "g-t2-4"}),
            "t2",
        ],
        "s>m>t1>g>m[integerVariable<3] g>t2",
        None,
        "Increment Increment Increment 2",
    ),
    (
        "each copy tells",
        [
            "s:start",
            ("t1", {"multi": {"loopCardinality": "2", "behavior": "None", "noneBehaviorEventRef": "SignalDefinition"}}),
            ("b:on:signal", on("t1")),
            "t2",
            "t3",
        ],
        "s>t1>t2 b>t3",
        None,
        "1 1 2 3 3",
    ),
    (
        "the second copy tells",
        [
            "s:start",
            (
                "t1",
                {
                    "multi": {
                        "loopCardinality": "3",
                        "behavior": "Complex",
                        "definition": {"condition": "numberOfCompletedInstances == 2", "event": "SignalDefinition"},
                    }
                },
            ),
            ("b:on:signal", on("t1")),
            "t2",
            "t3",
        ],
        "s>t1>t2 b>t3",
        None,
        "1 1 1 2 3",
    ),
    (
        "copies until a condition",
        [
            "s:start",
            (
                "t1",
                {
                    "multi": {
                        "isSequential": "true",
                        "loopCardinality": "4",
                        "completionCondition": "${nrOfCompletedInstances >= 2}",
                    }
                },
            ),
            "t2",
        ],
        "s>t1>t2",
        None,
        "1 1 2",
    ),
    (
        "copies of a subprocess",
        [
            "s:start",
            sub("p:sub", ["s2:start", "t1", "t2"], "s2>t1>t2", multi={"isSequential": "false", "loopCardinality": "2"}),
            "t3",
        ],
        "s>p>t3",
        None,
        "1 1 2 2 3",
    ),
    (
        "a loop has its most",
        ["s:start", ("t1", {"loop": {"loopCondition": "true", "loopMaximum": "3"}}), "t2"],
        "s>t1>t2",
        None,
        "1 1 1 2",
    ),
    (
        "tested before",
        ["s:start", ("t1", {"loop": {"testBefore": "true", "loopCondition": 'test.contains("z")'}}), "t2"],
        "s>t1>t2",
        "a",
        "2",
    ),
    (
        "ad hoc",
        [
            "s:start",
            (
                "p:adhoc",
                {
                    "ordering": "Sequential",
                    "nodes": [
                        {"id": "a", "type": "scriptTask", "script": "SCRIPT_task1"},
                        {"id": "b", "type": "scriptTask", "script": "SCRIPT_task2"},
                    ],
                    "flows": [],
                },
            ),
            "t3",
        ],
        "s>p>t3",
        None,
        "1 2 3",
    ),
    ("an arrow back", ["s:start", "m:xor", "t1", "g:xor", "t2"], "s>m>t1>g g>t2[a]", "a", "1 2"),
]


@pytest.mark.parametrize(
    ("nodes", "flows", "input", "wanted"), [row[1:] for row in ALONE], ids=[row[0] for row in ALONE]
)
def test_one_process(nodes: list[Any], flows: str, input: str | None, wanted: str) -> None:
    assert log([process("main", nodes, flows)], input, integer=0) == wanted


SEVERAL: list[tuple[str, list[dict[str, Any]], str]] = [
    (
        "a start without event beside one with",
        [process("main", ["s:start", "q:start:signal", "t1", "x:throw:signal", "t2"], "s>t1>x q>t2")],
        "1 2",
    ),
    (
        "a date that is past starts",
        [process("main", ["s:start:date", "c:catch:date", "t1"], "s>c>t1")],
        "1",
    ),
    (
        "a cycle starts",
        [process("main", ["s:start:3x", "t1"], "s>t1")],
        "1 1 1",
    ),
    (
        "a start that needs two signals",
        [
            process("main", ["s:start", "c:catch:1s", "x:throw:signal+other_signal"], "s>c>x"),
            process("p2", [("s:start:other_signal+signal", {"parallelMultiple": "true"}), "t2"], "s>t2"),
        ],
        "2",
    ),
    (
        "a gateway that needs two messages",
        [
            process("main", ["s:start", "c:catch:1s", "x:throw:message", "y:throw:signal"], "s>c>x>y"),
            process(
                "p2",
                [
                    ("g:first", {"instantiate": "true", "eventGatewayType": "Parallel"}),
                    "c:catch:message",
                    "d:catch:signal",
                    "j:and",
                    "t2",
                ],
                "g>c>j g>d>j j>t2",
            ),
        ],
        "2",
    ),
    (
        "a gateway starts",
        [
            process("main", ["s:start", "x:throw:signal"], "s>x"),
            process(
                "p2",
                [("g:first", {"instantiate": "true"}), "c:catch:message", "d:catch:signal", "t1", "t2"],
                "g>c>t1 g>d>t2",
            ),
        ],
        "2",
    ),
    (
        "a call",
        [
            process("main", ["s:start", ("c:call", {"calledElement": "sub"}), "t2"], "s>c>t2"),
            process("sub", ["s:start", "t1"], "s>t1"),
        ],
        "1 2",
    ),
    (
        "a message starts",
        [
            process("main", ["s:start", "t1", "x:end:message"], "s>t1>x"),
            process("p2", ["s:start:message", "t2"], "s>t2"),
        ],
        "1 2",
    ),
    (
        "a receive task starts",
        [
            process("main", ["s:start", "x:send"], "s>x"),
            process("p2", [("r:receive", {"instantiate": "true"}), "t2"], "r>t2"),
        ],
        "2",
    ),
    (
        "a signal starts",
        [
            process("main", ["s:start", "x:throw:signal", "t1"], "s>x>t1"),
            process("p2", ["s:start:signal", "t2"], "s>t2"),
        ],
        "1 2",
    ),
    ("a condition starts", [process("main", ["s:start:a", "t1"], "s>t1")], "1"),
    ("a timer starts", [process("main", ["s:start:1s", "t1"], "s>t1")], "1"),
    (
        "a message interrupts",
        [
            process("main", ["s:start", "x:throw:message"], "s>x"),
            process(
                "p2",
                ["s:start", ("t1", {"script": "WAIT_TEN_SECONDS"}), ("b:on:message", on("t1")), "t2", "t3"],
                "s>t1>t2 b>t3",
            ),
        ],
        "3",
    ),
    (
        "an error out of a call",
        [
            process(
                "main",
                ["s:start", ("c:call", {"calledElement": "sub"}), ("b:on:error", on("c")), "t1", "t2"],
                "s>c>t1 b>t2",
            ),
            process("sub", ["s:start", "x:end:error"], "s>x"),
        ],
        "2",
    ),
]


@pytest.mark.parametrize(("processes", "wanted"), [row[1:] for row in SEVERAL], ids=[row[0] for row in SEVERAL])
def test_several_processes(processes: list[dict[str, Any]], wanted: str) -> None:
    assert log(processes, "a") == wanted


def test_what_is_missing_in_the_excerpt_is_said() -> None:
    outcomes = betsy.outcomes(
        {
            "name": "made up",
            "cases": [{"input": None, "expect": [], "delay_ms": 0}],
            "model": {"processes": [process("main", ["s:start", ("c:call", {"calledElement": "nowhere"})], "s>c")]},
        }
    )
    assert [(o.verdict, o.reason) for o in outcomes] == [("unsaid", "a call of a process that is not in the excerpt")]
