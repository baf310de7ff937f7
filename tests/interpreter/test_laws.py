"""Laws on random workflows: replay gives the live case (1), a stray changes nothing (4), everything that can finish does.

Laws 1 and 4 are held by Stage.give for every event; here they meet random workflows, random orders and strays.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.interpreter import events as ev
from engine.interpreter.view import Refused
from tests.interpreter.blocks import Block, blocks, workflow
from tests.interpreter.stage import Stage
from tests.interpreter.world import pack_of

MOST_STEPS = 150
TIRED = 60
"""From here on people choose the last button: loops end."""
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def moves(stage: Stage) -> list[tuple[str, tuple[int, int]]]:
    """What may happen next: a task done, a timer fired, a call answered, a signal heard."""
    found = [("press", key) for key in stage.tasks] + [("call", key) for key in stage.calls]
    found += [
        ("timer", key) for key, timer in stage.timers.items() if timer.due == min(t.due for t in stage.timers.values())
    ]
    found += [("retry", key) for key in stage.incidents]
    found += [("signal", key) for key, s in stage.subscriptions.items() if s.kind == "signal"]
    return sorted(found)


def carry_out(stage: Stage, what: str, key: tuple[int, int], choose: int, tired: bool) -> None:
    case, no = key
    match what:
        case "press":
            task = stage.tasks[key]
            exits = stage.cases[case].workflow.node(task.node).own_exits()
            button = exits[-1] if tired else exits[choose % len(exits)]
            stage.give(case, ev.TaskCompleted(no, button, task.assignee or stage.subject(case, no)))
        case "call":
            stage.calls.pop(key)
            stage.give(case, ev.ServiceAnswered(no, tired or choose % 2 == 0, {}, "no answer"))
        case "retry":
            stage.give(case, ev.IncidentRetried(no, "mia"))
        case "timer":
            stage.fire(key)
        case "signal":
            stage.signal("prices")


STRAYS = (
    lambda no: ev.TaskCompleted(no, "done", "tom"),
    lambda no: ev.TaskBegun(no, "eva"),
    lambda no: ev.TimerFired(no, 0),
    lambda no: ev.SignalReceived(no, "prices"),
    lambda no: ev.ServiceAnswered(no, True),
    lambda no: ev.ChildEnded(no, "done"),
    lambda no: ev.ButtonPressed(no, "tom"),
    lambda no: ev.MessageArrived(no, "paid", {"name": "x"}),
    lambda no: ev.IncidentRetried(no, "mia"),
)


def stray(stage: Stage, case: int, no: int, kind: int) -> None:
    """An event for a number that nobody waits with in this way: refused (and unchanged, which Stage.give asserts)."""
    with pytest.raises(Refused):
        stage.give(case, STRAYS[kind % len(STRAYS)](no))


@SETTINGS
@given(block=blocks(), choices=st.lists(st.integers(0, 1000), min_size=12, max_size=60))
def test_random_workflows_finish_and_replay(block: Block, choices: list[int]) -> None:
    stage = Stage(pack_of(workflow(block)))
    case = stage.start("sample")
    spent: list[tuple[int, int]] = []
    for step in range(MOST_STEPS):
        if stage.cases[case].live.status != "active":
            break
        possible = moves(stage)
        assert possible, f"stuck: {stage.cases[case].live.tokens}"
        assert {i.code for i in stage.incidents.values()} <= {"service-failed"}
        choice = choices[step % len(choices)]
        if step > TIRED:  # a schedule that only ever hears signals is not fair
            possible = [move for move in possible if move[0] != "signal"] or possible
        what, key = possible[choice % len(possible)]
        if choice % 3 == 0:
            stray(stage, case, 100_000 + choice, choice)
            if spent:
                at = spent[choice % len(spent)]
                stray(stage, *at, choice)
        carry_out(stage, what, key, choice, tired=step > TIRED)
        if stage.cases[key[0]].live.awaiting(key[1]) is None:
            spent.append(key)
    assert stage.cases[case].live.status == "completed"
    for child in stage.cases:
        assert stage.cases[child].live.status in ("completed", "cancelled")
        assert not stage.leftovers(child)
    stray(stage, case, 1, 0)


@SETTINGS
@given(block=blocks(), choices=st.lists(st.integers(0, 1000), min_size=5, max_size=30), where=st.integers(0, 30))
def test_a_cancelled_case_leaves_nothing(block: Block, choices: list[int], where: int) -> None:
    stage = Stage(pack_of(workflow(block)))
    case = stage.start("sample")
    for step, choice in enumerate(choices[:where]):
        possible = moves(stage)
        if not possible:
            break
        carry_out(stage, *possible[choice % len(possible)], choice, tired=step > 20)
    if stage.cases[case].live.status == "active":
        stage.give(case, ev.CaseCancelled("mia", "a test"))
    for child in stage.cases:
        assert stage.cases[child].live.status != "active"
        assert not stage.leftovers(child)
