"""Data that do not fit an expression: an incident on the step, or a refusal of the event; the engine never falls over."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.interpreter.view import Refused
from tests.interpreter.stage import Stage
from tests.interpreter.world import pack_of

TASK = "type: user_task, assignee: deal.owner, deadline: none"
Act = Callable[[Stage], None]


def stage_of(nodes: str, head: str = "") -> Stage:
    head = f"workflow: sample\ncase: deal\nsecond_start: allow\n{head}start:\n  begin: {{button: Begin, next: a}}\nnodes:\n"
    stage = Stage(pack_of(head + "".join(f"  {line}\n" for line in nodes.splitlines())))
    stage.world.records[("deal", 1)] = {"name": "D1", "owner": stage.world.person("tom"), "paid": False, "amount": 1}
    return stage


def spoil(stage: Stage) -> None:
    """A text where the form has a number: what no check would let through."""
    stage.world.records[("deal", 1)]["amount"] = "x"


def test_a_gateway_becomes_an_incident() -> None:
    stage = stage_of(
        "a: {type: exclusive_gateway, cases: [{if: deal.name + 1 > 2, next: b}, {if: otherwise, next: b}]}\nb: {type: end}"
    )
    stage.start("sample", record=("deal", 1))
    assert [i.code for i in stage.incidents.values()] == ["expression-fault"]


@pytest.mark.parametrize(
    "event", ["interrupt: {x: {once: deal.amount > 5, next: b}}", "meanwhile: {x: {becomes: deal.amount > 5, next: b}}"]
)
def test_a_condition_is_an_incident_and_the_task_stays(event: str) -> None:
    stage = stage_of(f"a: {{{TASK}, {event}, next: b}}\nb: {{type: end, result: over}}")
    case = stage.start("sample", record=("deal", 1))
    stage.change("deal", 1, amount="x")
    assert [i.code for i in stage.incidents.values()] == ["expression-fault"]
    assert stage.open_nodes() == {"a": 1}
    stage.retry()
    stage.press("a")
    assert stage.cases[case].live.status == "completed"
    assert not stage.incidents


@pytest.mark.parametrize(
    ("event", "act"),
    [
        ("message: paid, match: {name: deal.name}, if: deal.amount > 5", lambda s: s.message("paid", {"name": "D1"})),
        ("after: 1 days, if: deal.amount > 5", lambda s: s.advance("2 days")),
    ],
)
def test_an_event_whose_if_cannot_be_read_is_refused(event: str, act: Act) -> None:
    stage = stage_of(f"a: {{{TASK}, interrupt: {{x: {{{event}, next: b}}}}, next: b}}\nb: {{type: end, result: over}}")
    stage.start("sample", record=("deal", 1))
    spoil(stage)
    with pytest.raises(Refused) as refusal:
        act(stage)
    assert refusal.value.code == "expression-fault"
    assert stage.open_nodes() == {"a": 1}
