"""exposure where two files make it: the form that keeps a field from somebody, and what shows it."""

from __future__ import annotations

import pytest

from engine.checks import check
from engine.language.loader import load
from engine.language.source import Source
from engine.nodes import catalogue
from tests.check.test_fixtures import base

ORDER = "forms/order.yaml"
HEAD = "workflow: odd\ncase: order\nsecond_start: refuse\nstart:\n  begin: {created: order, next: first}\nnodes:\n"
OPEN = "{role: clerk, records: own, may: [read, create, edit]}"
KEPT = "{role: clerk, records: own, may: [read, create], except: [net]}\n  - {role: clerk, records: own, may: [edit]}"
NARROW = "{role: clerk, records: own, may: [read, create, edit]}\n  - {role: boss, records: all, may: [read], only: [number]}"
DASHBOARD = "dashboard: sales\nfor: [clerk]\nmeasures:\n  all: {sum: order.net, at: now}\n"


def found(line: str, *more: Source) -> list[str]:
    sources = base()
    form = Source(ORDER, sources[ORDER].text.replace(OPEN, line))
    assert form.text != sources[ORDER].text or line == OPEN
    pack = load({**sources, ORDER: form, **{source.path: source for source in more}}.values(), catalogue())
    return [f"{d.span.path}: {d.text.en}" for d in check(pack) if d.code == "exposure"]


def step(rest: str) -> Source:
    return Source("workflows/odd.yaml", f"{HEAD}  first: {{{rest}}}\n")


TASK = "type: user_task, %s, read: [%s], deadline: {within: 2 workdays, keep_open: yes}, next: end"


@pytest.mark.parametrize(
    ("line", "source", "says"),
    [
        (KEPT, step("type: notify, to: order.customer, template: note, next: end"), "goes to people outside and prints order.net"),
        (KEPT, step(TASK % ("assignee: order.owner", "net")), "this step shows order.net to 'clerk'"),
        (KEPT, step(TASK % ("offer: {role: clerk}", "number, net")), "this step shows order.net to 'clerk'"),
        (KEPT, Source("dashboards/sales.yaml", DASHBOARD), "the dashboard shows order.net to 'clerk'"),
    ],
)  # fmt: skip
def test_who_shows_what_the_form_keeps_back_is_found(line: str, source: Source, says: str) -> None:
    assert [text for text in found(line, source) if source.path in text or "outside" in text if says in text]
    assert found(OPEN, source) == []


@pytest.mark.parametrize(
    "source",
    [
        step("type: notify, to: order.customer, template: note, next: end"),  # a role that needs little is no secret
        step(TASK % ("assignee: manager(order.owner)", "number")),
        step(TASK % ("assignee: starter", "net")),  # whoever that is
    ],
)
def test_what_is_not_kept_back_is_silent(source: Source) -> None:
    assert found(NARROW.replace("only: [number]", "only: [number, net, customer]"), source) == []
