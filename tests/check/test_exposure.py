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


def pack_says(changes: dict[str, list[tuple[str, str]]], *more: Source) -> list[str]:
    """The findings in the base pack with some words replaced, and files added."""
    sources = {**base(), **{source.path: source for source in more}}
    for path, pairs in changes.items():
        text = sources[path].text
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new, 1)
        sources[path] = Source(path, text)
    return [f"{d.span}: {d.text.en}" for d in check(load(sources.values(), catalogue())) if d.code == "exposure"]


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


BOSS = "{role: boss, records: all, may: [read, edit]}"
CLERK = ("{role: clerk, records: own, may: [read, create, edit]}", KEPT)
CUSTOMERS = (
    "{role: clerk, records: all, may: [read, create, edit]}",
    "{role: clerk, records: all, may: [read], except: [email]}",
)
APPROVAL = "type: approval, policy: standard, approvers: %s, read: [number, net], deadline: none, next: {approved: end, refused: end}"
AWAY = "manager: ida}\naway:\n  - {person: ida, from: 2026-04-06, to: 2026-04-10, substitute: tom, mode: substitute_decides}\n"
LINES = "for_each: {in: order.lines, as: row}, to: order.owner, template: line, give: {price: = row.price}, next: end"
TEXT = "{{ price | money }}"
LINE = "template: line\nfor: order\ntakes: {price: {type: money}}\nvia: [app]\n" + "".join(
    f"{language}: {{subject: Line, body: '{TEXT}'}}\n" for language in ("en", "zh")
)
TICKET = "form: ticket\n%sfields:\n  customer: {type: record, of: customer, required: yes}\n  subject: {type: text, required: yes}\n%s"
MAIL = "  to: {type: text, formula: \"'to ' + customer.email\"}\n"
SET = "type: set, set: {order.express: yes}, next: end"
TICKETS = "access:\n  - {role: clerk, records: all, may: [read, create, edit]}\n"


def kept_from_boss(*fields: str) -> tuple[str, str]:
    return BOSS, f"{{role: boss, records: all, may: [read], except: [{', '.join(fields)}]}}"


@pytest.mark.parametrize(
    ("changes", "source", "says"),
    [
        (
            {ORDER: [kept_from_boss("net")]},
            step((TASK % ("assignee: order.owner", "net")).replace("keep_open: yes", "transfer_to: manager(assignee)")),
            "this step shows order.net to ida, when the deadline passes it on",
        ),
        (
            {ORDER: [kept_from_boss("net")]},
            step((TASK % ("offer: {role: clerk}", "net")).replace("keep_open: yes", "transfer_to: {role: boss}")),
            "this step shows order.net to 'boss', when the deadline passes it on",
        ),
        (
            {ORDER: [kept_from_boss("net")]},
            step(APPROVAL % "manager(manager(order.owner))"),
            "this step shows order.net to ida, when nobody else comes out",
        ),
        (
            {ORDER: [CLERK], "people/org.yaml": [("team: north, manager: ida}\n", "team: north, " + AWAY)]},
            step(APPROVAL % "{role: boss}"),
            "this step shows order.net to tom, standing in for ida",
        ),
        (
            {ORDER: [kept_from_boss("net")]},
            step("type: notify, to: manager(order.owner), template: note, next: end"),
            "the template prints order.net to ida",
        ),
        (
            {ORDER: [kept_from_boss("discount")]},
            step(SET),
            "forms/order.yaml:16:49: the formula 'net' gives away order.discount to 'boss'",
        ),
        (
            {ORDER: [(CLERK[0], "{role: clerk, records: own, may: [read], except: [discount]}")]},
            step("type: notify, to: order.customer, template: note, next: end"),
            "goes to people outside and prints order.discount (in order.net)",
        ),
        (
            {"forms/customer.yaml": [CUSTOMERS]},
            Source("forms/ticket.yaml", TICKET % ("label: = customer.email\n", TICKETS)),
            "forms/ticket.yaml:2:10: the label shows customer.email to 'clerk'",
        ),
        (
            {"forms/customer.yaml": [CUSTOMERS]},
            Source("forms/ticket.yaml", TICKET % ("", MAIL + TICKETS)),
            "the formula 'to' gives away customer.email to 'clerk'",
        ),
    ],
)  # fmt: skip
def test_what_comes_to_others_by_a_way_around_is_found(
    changes: dict[str, list[tuple[str, str]]], source: Source, says: str
) -> None:
    texts = pack_says(changes, source)
    assert [text for text in texts if says in text], texts


def test_a_row_that_is_handed_over_shows_its_list() -> None:
    changes = {ORDER: [(CLERK[0], CLERK[1].replace("except: [net]", "except: [lines]"))]}
    texts = pack_says(changes, step("type: notify, " + LINES), Source("templates/line.yaml", LINE))
    assert [text for text in texts if text.startswith("workflows/odd.yaml") and "order.lines to 'clerk'" in text], texts


@pytest.mark.parametrize(
    ("changes", "source"),
    [
        # what a condition only asks is not given away; a role with no line of the form gets it with the task
        (
            {ORDER: [kept_from_boss("discount", "net"), ("  net:", "  cheap: {type: yes_no, formula: discount > 10}\n  net:")]},
            step(TASK % ("offer: {role: boss}", "cheap")),
        ),
        (
            {ORDER: [("\n  - " + BOSS, "")]},
            step((TASK % ("assignee: order.owner", "net")).replace("keep_open: yes", "transfer_to: manager(assignee)")),
        ),
        # whoever writes a field knows it
        (
            {ORDER: [(CLERK[0], CLERK[1].replace("except: [net]", "except: [discount]"))]},
            step(TASK % ("assignee: order.owner", "net")),
        ),
    ],
)  # fmt: skip
def test_what_nobody_is_told_is_silent(changes: dict[str, list[tuple[str, str]]], source: Source) -> None:
    assert pack_says(changes, source) == []
