"""`check --fix`: what has one safe answer is written, comments stay; what has two or none, or does harm, is left."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.checks.fixing import Fixed, fix
from engine.language.diagnostics import only_near
from engine.language.loader import load
from engine.language.source import Source
from engine.nodes import catalogue
from tests.check.standing import is_standing
from tests.check.test_fixtures import ERRORS, base, checked, name_of, where

FORM = "form: ticket\nfields:\n  customer: {type: record, of: customer, required: yes}  # whose\n"
HEAD = "workflow: odd\ncase: order\nsecond_start: refuse\nstart:\n  begin: {created: order, next: first}\nnodes:\n"
TAIL = "  tell: {type: notify, to: order.owner, template: note, next: end}\n"
GATEWAY = "  first:\n    type: exclusive_gateway\n    cases:\n      - if: %s\n        next: tell\n      - {if: otherwise, next: end}\n"
CASES = HEAD + "".join(GATEWAY.splitlines(keepends=True)[:-1]) % "order.amount > 5" + "      - %s\n" + TAIL


def fixed(text: str, may: bool = True) -> tuple[str, Fixed]:
    path = where(text)
    state = fix({**base(), path: Source(path, text)}.values(), catalogue(), lambda name: may and name == path)
    return state.sources[path].text, state


def step(rest: str) -> str:
    return f"{HEAD}  first: {{{rest}}}  # kept\n"


SAFE = {
    "key": (step("type: user_task, asignee: order.owner, deadline: none, next: end"), "asignee", "assignee"),
    "node type": (step("type: setz, set: {order.express: yes}, next: end"), "setz", "set"),
    "target": (step("type: notify, to: order.owner, template: note, next: tel") + TAIL, "tel}", "tell}"),
    "template": (step("type: notify, to: order.owner, template: noet, next: end"), "noet", "note"),
    "field": (HEAD + GATEWAY % "order.amout > 5" + TAIL, "amout", "amount"),
    "function": (HEAD + GATEWAY % "cuont(order.lines) > 5" + TAIL, "cuont", "count"),
    "choice": (HEAD + GATEWAY % "order.status == 'piad'" + TAIL, "piad", "paid"),
    "role": (step("type: user_task, offer: {role: clrek}, deadline: none, next: end"), "clrek", "clerk"),
    "exit": (step("type: user_task, assignee: order.owner, deadline: none, next: {doen: end}"), "doen", "done"),
    "equals forgotten": (step("type: set, set: {order.due_on: order.customer.created_at}, next: end"), "", ""),
    "equals too many": (HEAD + GATEWAY % "= order.express" + TAIL, "= order.express", "order.express"),
    "yes": (step("type: set, set: {order.express: true}, next: end"), "true", "yes"),
    "ISO duration": (step("type: wait, after: P3D, next: end"), "P3D", "3 days"),
    "unit": (step("type: wait, after: 1 workday, next: end"), "1 workday", "1 workdays"),
    "cut by a comment": (
        HEAD + GATEWAY % "order.number == 'a #b'" + TAIL,
        "order.number == 'a #b'",
        "\"order.number == 'a #b'\"",
    ),
    "last case without a condition": (CASES % "{next: end}", "{next: end}", "{if: otherwise, next: end}"),
    "last case in lines": (CASES % "next: end", "- next: end", "- if: otherwise\n        next: end"),
    "else as a condition": (CASES % "{if: else, next: end}", "else", "otherwise"),
    "true as the last condition": (CASES % "{if: true, next: end}", "true", "otherwise"),
    "else as a case": (CASES % "{else: end}", "else", "if: otherwise, next"),
    "a target as a case": (CASES % "tell", "- tell", "- {if: otherwise, next: tell}"),
    "default beside the cases": (
        CASES % "{if: order.express, next: end}\n    default: end  # kept",
        "    default: end",
        "      - {if: otherwise, next: end}",
    ),
    "type of a node": (step("to: order.owner, template: note, next: end"), "{to", "{type: notify, to"),
    "type of a field": (FORM + "  code: {pattern: T-000}\n", "{pattern", "{type: serial, pattern"),
    "first of one step": (
        HEAD + "  first:\n    type: subprocess\n    nodes:  # kept\n    " + TAIL + "    next: end\n",
        "    type: subprocess",
        "    start: tell\n    type: subprocess",
    ),
    "excuse": (
        step("type: wait, after: 1 days, next: end") + "  # check: ignore[bad-time] old\n",
        "  # check: ignore[bad-time] old\n",
        "",
    ),
}
SAFE["equals forgotten"] = (
    step("type: user_task, assignee: order.owner, deadline: none, next: mark")
    + "  mark: {type: set, set: {order.owner: steps.first.by}, next: end}\n",
    "order.owner: steps",
    "order.owner: = steps",
)


@pytest.mark.parametrize("name", SAFE)
def test_one_safe_answer_is_written(name: str) -> None:
    text, wrong, right = SAFE[name]
    assert wrong in text
    after, state = fixed(text)
    assert after == text.replace(wrong, right)
    assert [d.code for d in state.done]
    assert fixed(text, may=False)[0] == text


def test_one_answer_shows_the_next() -> None:
    text = step("type: set, set: {order.stauts: piad}, next: end").replace("case: order", "case: ordr")
    after, state = fixed(text)
    assert after == step("type: set, set: {order.status: paid}, next: end")
    assert {d.code for d in state.done} == {"unknown-resource", "unknown-variable", "unknown-choice"}


LEFT = {
    "otherwise is there, above": CASES % "{if: otherwise, next: end}\n      - {next: tell}",
    "two types have these keys": step("message: paid, next: end"),
    "a case of several that may all hold": (CASES % "{next: end}").replace("exclusive", "inclusive"),
    "two are near": FORM + "  ab_one: {type: text}\n  ab_two: {type: text, visible_if: has(ab_ooo)}\n",
    "none is near": step("type: notify, to: order.owner, template: postcard, next: end"),
    "minutes or months": step("type: wait, after: 5m, next: end"),
    "the key is there already": step("type: user_task, asignee: order.owner, assignee: order.owner, deadline: none, next: end"),
    "quotes would swallow the brace": HEAD + "  first: {type: exclusive_gateway, cases: [{if: order.number == 'a #b', next: end}]}\n",
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT)
def test_what_is_not_safe_is_left(name: str) -> None:
    after, state = fixed(LEFT[name])
    assert after == LEFT[name]
    assert state.left


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# check: ignore[bad-time, no-working-time] why", "# check: ignore[no-working-time] why"),
        ("# check: ignore[no-working-time, bad-time] why", "# check: ignore[no-working-time] why"),
        ("# check: ignore[no-working-tmie] why", "# check: ignore[no-working-time] why"),
    ],
)
def test_of_several_codes_only_the_useless_goes(before: str, after: str) -> None:
    text = HEAD + f"  first: {{type: user_task, assignee: order.owner, next: end}}  {before}\n"
    now, state = fixed(text)
    assert now == text.replace(before, after)
    assert not state.left


def test_an_error_of_reading_cannot_be_excused() -> None:
    text = HEAD + "  first: {type: wait, after: 5m, next: end}  # check: ignore[bad-time] no\n"
    assert "bad-time" in {d.code for d in fixed(text)[1].left}


def test_a_slip_is_near_one_word_only() -> None:
    assert only_near("amout", ["amount", "due_on"]) == ("amout", "amount")
    assert only_near("dueOn".lower(), ["due_on"]) == ("dueon", "due_on")
    assert only_near("Due-On", ["due_on", "due_at"]) == ("Due-On", "due_on")
    assert only_near("amout", ["amount", "amounts", "about"]) is None
    assert only_near("id", ["it", "is"]) is None


MAY_HAVE_FIX = frozenset(
    [
        *("ambiguous-scalar", "bad-expression", "bad-time", "cell-type", "comment-ate-expression", "missing-text"),
        *("type-mismatch", "unknown-choice", "unknown-exit", "unknown-function", "unknown-key", "unknown-person"),
        *("unknown-resource", "unknown-target", "unknown-variable", "useless-excuse", "wrong-shape"),
    ]
)
WITH_FIX = [path for path in ERRORS if not is_standing(path.read_text("utf-8")) and path.parent.name in MAY_HAVE_FIX]


@pytest.mark.parametrize("path", WITH_FIX, ids=name_of)
def test_what_is_fixed_is_gone_and_nothing_else_changed(path: Path) -> None:
    """Of every wrong definition: the findings answered are gone, no new one came, comments stay."""
    text = path.read_text("utf-8")
    found, _ = checked(text)
    if not any(finding.fix for finding in found):
        return
    after, state = fixed(text)
    left = {(d.code, d.text.en) for d in state.left}
    assert not left & {(d.code, d.text.en) for d in state.done}
    if not state.done:
        assert after == text
        return
    read = load({**base(), where(text): Source(where(text), text)}.values(), catalogue())
    if not read.diagnostics and "unknown-key" not in {d.code for d in state.done}:  # else it hid what stood behind it
        assert left <= {(d.code, d.text.en) for d in found}
    if not {d.code for d in state.done} & {"useless-excuse", "comment-ate-expression", "missing-text"}:
        assert re.findall("#.*", after) == re.findall("#.*", text)
    again, once_more = fixed(after)
    assert again == after
    assert not once_more.done
