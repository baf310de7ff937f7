"""Who can act, where two files make the matter: a field of a person that may be empty, and the step that is for them."""

from __future__ import annotations

import pytest

from engine.checks import check
from engine.language.loader import load
from engine.language.source import Source
from engine.nodes import catalogue
from tests.check.test_fixtures import base

ORDER = "forms/order.yaml"
MORE = """
  helper: {type: person, role: clerk}
  area: {type: choice, of: {north: North, south: South}}
  parent: {type: record, of: order}
  team: {type: list, of: {who: {type: person}, sure: {type: person, required: yes}}}
  discount:"""
RULE = "\nmust:\n  helped: {that: has(helper), only_if: status == 'gone', say: Name a helper}"
HEAD = "workflow: odd\ncase: order\nsecond_start: refuse\nstart:\n  begin: {created: order, next: first}\nnodes:\n"
REST = "deadline: {within: 2 workdays, keep_open: yes}"


def found(nodes: str, rule: str = RULE) -> list[str]:
    sources = base()
    text = sources[ORDER].text.replace("\n  discount:", MORE, 1).replace("\nmust:", rule, 1)
    form = Source(ORDER, text)
    odd = Source("workflows/odd.yaml", HEAD + nodes.replace("REST", REST))
    pack = load({**sources, ORDER: form, odd.path: odd}.values(), catalogue())
    return [f"{d.span.line}:{d.span.column} {d.code}: {d.text.en}" for d in check(pack) if d.code == "nobody-can-act"]


def who(expression: str, more: str = "") -> str:
    return f"  first:\n    type: user_task\n    assignee: {expression}\n    {REST}\n    next: end\n{more}"


THEN = who("order.helper").replace("first", "then")
WHEN = "  first:\n    type: exclusive_gateway\n    cases:\n      - {if: %s, next: then}\n      - {if: otherwise, next: end}\n"
AREA = "      role: clerk\n      where: order.area in ['north', 'south']\n"


@pytest.mark.parametrize(
    ("nodes", "empty"),
    [
        (who("order.helper"), "order.helper"),
        (who("manager(order.helper)"), "order.helper"),
        (who("order.parent.owner"), "order.parent.owner"),
        (who("owner(order.parent)"), "order.parent"),
        (who("first_of(order.helper, order.parent.helper)"), "order.helper is empty and order.parent.helper"),
        ("  first: {type: set, set: {order.helper: empty}, next: then}\n" + THEN, "order.helper"),
        ("  first:\n    type: user_task\n    offer:\n" + AREA + "    REST\n    next: end\n", "order.area"),
        (WHEN % "order.status == 'gone' or order.express" + THEN, "order.helper"),
        ("  first: {type: user_task, for_each: {in: order.team, as: row}, assignee: row.who, REST, next: end}\n", "row.who"),
    ],
)  # fmt: skip
def test_what_may_be_empty_is_nobody(nodes: str, empty: str) -> None:
    texts = found(nodes)
    assert [f"nobody comes out when {empty} is empty" in text for text in texts] == [True], texts


@pytest.mark.parametrize(
    "nodes",
    [
        who("order.owner"),
        who("order.helper if has(order.helper) else order.owner"),
        who("first_of(order.helper, order.owner)"),
        "  first: {type: user_task, assignee: order.helper, nobody: {transfer_to: {role: boss}}, REST, next: end}\n",
        "  first:\n    type: exclusive_gateway\n    cases:\n      - {if: has(order.helper), next: then}\n"
        "      - {if: otherwise, next: end}\n" + THEN,
        "  first: {type: user_task, assignee: order.owner, REST, buttons: {go: {needs: [order.helper]}}, next: {go: then}}\n"
        + THEN,
        "  first: {type: set, set: {order.helper: = order.owner}, next: then}\n" + THEN,
        WHEN % "order.status == 'gone' and order.express" + THEN,  # the form's own rule
        "  first: {type: set, set: {order.status: gone}, next: then}\n" + THEN,
        "  first: {type: user_task, for_each: {in: order.team, as: row}, assignee: row.sure, REST, next: end}\n",
        "  first: {type: approval, policy: standard, approvers: order.helper, REST, next: {approved: end, refused: end}}\n",
    ],
)  # fmt: skip
def test_what_is_there_is_silent(nodes: str) -> None:
    assert found(nodes) == []


LOOK = """  first: {type: set, set: {order.status: %s}, next: look}
  look:
    type: approval
    policy: standard
    approvers:
      role: boss
      where: person.limit >= order.amount
    REST
    next: {approved: end, refused: end}
"""
CAP = "\nmust:\n  capped: {that: amount <= 50_000, only_if: status == 'paid', say: Too much}"


@pytest.mark.parametrize(("status", "times"), [("paid", 0), ("gone", 1)])
def test_an_amount_that_a_rule_of_the_form_refuses_needs_no_authority(status: str, times: int) -> None:
    assert len(found(LOOK % status, CAP)) == times
