"""Cases as lists, one by one and as a story: what a person is told, in both languages, without words of the machinery."""

from __future__ import annotations

import re

import pytest

from engine.runtime.reading import cases, explain, timeline
from engine.runtime.reading.look import BadCursor
from tests.runtime.desk import MINUTE, Office

ENGINE_WORDS = re.compile(r"\b(token|exit|await|node|scope|arrow|instance|effect)s?\b", re.IGNORECASE)


@pytest.fixture
def office() -> Office:
    return Office()


def told(office: Office, case: str) -> list[tuple[str, str, str]]:
    with office.look() as look:
        found = timeline.timeline(look, case)
    assert found is not None
    return [(item["what"], item["text"]["zh"], item["text"]["en"]) for item in found["items"]]


def test_the_story_of_a_deal(office: Office) -> None:
    case = office.to_decide()
    office.engine.complete(office.task_of(case), "refused", "mia", {"opinion": "太贵"})
    story = told(office, case)
    assert [what for what, _, _ in story] == [
        "started", "entered", "answered", "entered", "answered", "entered", "answered", "decided", "ended",
    ]  # fmt: skip
    assert story[0][1:] == (
        "“处理交易”开始（样例），因为新建了记录",
        "'Handle a deal' began for 样例, because a record was created",
    )
    assert story[2][2] == "汤姆 answered 'Check' with 'All good'"
    assert story[6][1] == "米亚在“审批”中选择“拒绝”，意见：太贵"
    assert story[7][2] == "'Decide' was decided: Refuse (米亚: Refuse)"
    assert story[8][2] == "the case is over with the result 'rejected'"
    assert not [text for _, zh, en in story for text in (zh, en) if ENGINE_WORDS.search(text)]


def test_time_and_buttons_are_told(office: Office) -> None:
    _, case = office.deal()
    office.now += 61 * MINUTE
    office.engine.drain()
    office.engine.press(case, "stop", "eva")
    story = told(office, case)
    assert [what for what, _, _ in story] == [
        "started",
        "entered",
        "reminded",
        "deadline",
        "pressed",
        "withdrawn",
        "ended",
    ]
    assert story[2][2] == "a reminder of 'Check' was sent"
    assert story[4][1:] == ("伊娃按下“停止”", "伊娃 pressed 'Stop'")
    assert story[5][1] == "不再需要：核对"


def test_trouble_and_its_repair_are_told(office: Office) -> None:
    case = office.to_decide()
    office.bank_is_down = True
    office.engine.complete(office.task_of(case), "approved", "mia")
    office.engine.drain()
    with office.look("en") as look:
        [incident] = cases.incidents(look)["items"]
        assert (incident["case"], incident["title"], incident["code"]) == (case, "Book it", "service-failed")
        shown = cases.case(look, case)
        assert shown is not None
        assert [(t["title"], t["state"]) for t in shown["tokens"]] == [("Book it", "stuck")]
        stands = explain.explain_case(look, case)
        assert stands is not None
        assert "it is stuck and must be repaired and retried (service-failed" in stands["lines"][1]
    office.bank_is_down = False
    office.engine.retry(incident["id"], "mia")
    office.engine.drain()
    with office.look() as look:
        assert cases.incidents(look)["items"] == []
        [closed] = cases.incidents(look, open_only=False)["items"]
        assert (closed["id"], closed["closed_by_name"]) == (incident["id"], "米亚")
    story = told(office, case)
    assert [what for what, _, _ in story][-6:] == ["incident", "retried", "entered", "service", "done", "ended"]
    assert story[-5][1:] == ("米亚处理了故障并重试", "米亚 repaired the cause and tried again")


def test_a_story_pages_by_steps(office: Office) -> None:
    case = office.to_decide()
    with office.look() as look:
        whole = timeline.timeline(look, case)
        assert whole is not None
        paged, cursor = [], None
        for _ in range(10):
            page = timeline.timeline(look, case, cursor, limit=1)
            assert page is not None
            paged += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        assert paged == whole["items"]
        assert timeline.timeline(look, "1") is None
        with pytest.raises(BadCursor):
            timeline.timeline(look, case, "x")


def test_what_happens_next_and_when(office: Office) -> None:
    _, case = office.deal()
    with office.look("en") as look:
        found = explain.explain_case(look, case)
        assert explain.explain_case(look, "1") is None
    assert found is not None
    assert found["lines"] == [
        "'Handle a deal' for 样例 has been running since 2026-03-02 09:00.",
        "It stands at 'Check' since 2026-03-02 09:00: one of these must take it: people with the role 'Clerk'.",
        "2026-03-02 09:30, reminder of 'Check': whoever has the task is reminded.",
        "2026-03-02 10:00, deadline of 'Check': the task stays and counts as overdue.",
        "When the deal's owner presses 'Stop': everything else stops and it goes on to 'stopped'.",
    ]
    assert [(n["purpose"], n["at"]) for n in found["next"]] == [
        ("remind", "2026-03-02T01:30:00Z"),
        ("deadline", "2026-03-02T02:00:00Z"),
    ]
    assert [(a["purpose"], a["to"]) for a in found["armed"]] == [("interrupt:stop", "stopped")]


def test_one_case_with_its_times_and_buttons(office: Office) -> None:
    deal, case = office.deal()
    with office.look() as look:
        shown = cases.case(look, case)
        assert cases.case(look, "1") is None
        assert cases.case(look, "nonsense") is None
    assert shown is not None
    assert (shown["status"], shown["title"], shown["record"]["id"]) == ("active", "处理交易", deal)
    assert [(t["purpose"], t["due"]) for t in shown["timers"]] == [
        ("remind", "2026-03-02T01:30:00Z"),
        ("deadline", "2026-03-02T02:00:00Z"),
    ]
    assert shown["buttons"] == [{"name": "stop", "title": "停止", "node": None}]
    assert [t["title"] for t in shown["tasks"]] == ["核对"]


def test_lists_of_cases(office: Office) -> None:
    made = [office.deal() for _ in range(4)]
    office.engine.press(made[0][1], "stop", "eva")
    with office.look() as look:
        running = cases.cases(look, status="active", limit=2)
        rest = cases.cases(look, status="active", cursor=running["next"], limit=2)
        assert [c["id"] for c in running["items"] + rest["items"]] == [case for _, case in made[:0:-1]]
        assert rest["next"] is None
        [over] = cases.cases(look, workflow="handle", status="completed")["items"]
        assert (over["id"], over["result"], over["status"]) == (made[0][1], "stopped", "completed")
        assert len(cases.cases(look)["items"]) == 4
        assert cases.cases(look, workflow="other")["items"] == []
        assert [c["id"] for c in cases.cases(look, record=f"deal:{made[1][0]}")["items"]] == [made[1][1]]
        assert cases.cases(look, status="completed", record=f"deal:{made[1][0]}")["items"] == []
        with pytest.raises(ValueError, match="nonsense"):
            cases.cases(look, status="nonsense")
        with pytest.raises(BadCursor):
            cases.cases(look, cursor="x")
