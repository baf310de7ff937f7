"""A person's desk: whose a task is and why, what it shows and asks for, and pages that neither repeat nor leave out."""

from __future__ import annotations

from typing import Any

import pytest

from engine.runtime.reading import explain, inbox
from engine.runtime.reading.look import BadCursor
from tests.runtime.desk import MINUTE, Office


@pytest.fixture
def office() -> Office:
    return Office()


def detail(office: Office, id: str, person: str | None = None, language: Any = "zh") -> dict[str, Any]:
    with office.look(language) as look:
        found = inbox.task(look, id, person)
    assert found is not None
    return found


def test_an_offered_task_is_on_the_desk_of_all_who_may_take_it_and_of_nobody_else(office: Office) -> None:
    _, case = office.deal()
    task = office.task_of(case)
    with office.look() as look:
        desks = {p: [t["id"] for t in inbox.tasks(look, p)["items"]] for p in ("tom", "eva", "ida", "mia")}
        assert desks == {"tom": [task], "eva": [task], "ida": [task], "mia": []}
        assert inbox.tasks(look, "tom")["items"][0]["offered"] is True
        assert inbox.task(look, task, "mia") is None
        assert inbox.task(look, "1.1") is None
        assert inbox.task(look, "nonsense") is None
    office.engine.begin(task, "tom")
    with office.look() as look:
        assert [t["id"] for t in inbox.tasks(look, "tom")["items"]] == [task]
        assert inbox.tasks(look, "eva") == {"items": [], "next": None, "total": 0}
        assert inbox.task(look, task, "eva") is None


def test_a_task_shows_its_fields_with_titles_values_and_choices(office: Office) -> None:
    _, case = office.deal(kind="big")
    task = detail(office, office.task_of(case), "tom", "en")
    assert (task["title"], task["workflow_title"], task["version"]) == ("Check", "Handle a deal", 1)
    assert task["record"]["label"] == "样例"
    kind = task["read"][1]
    assert (kind["field"], kind["title"], kind["value"], kind["shown"]) == ("kind", "Kind", "big", "Big")
    assert kind["choices"] == [{"value": "big", "title": "Big"}, {"value": "small", "title": "Small"}]
    assert [(f["field"], f["title"], f["type"], f["value"]) for f in task["edit"]] == [
        ("amount", "Amount", "money", None)
    ]
    good, bad = task["buttons"]
    assert (good["title"], good["ready"], good["say"]) == ("All good", False, "A big deal cannot pass at once")
    assert [need["field"] for need in good["needs"]] == ["deal.amount"]
    assert (bad["ready"], bad["opinion"], [need["field"] for need in bad["needs"]]) == (True, "required", ["opinion"])
    assert task["deadline"]["due"] == "2026-03-02T02:00:00Z"
    assert task["deadline"]["then"] == {"zh": "任务保留，算作逾期", "en": "the task stays and counts as overdue"}


def test_titles_come_in_the_language_asked_for(office: Office) -> None:
    task = office.task_of(office.deal()[1])
    assert [b["title"] for b in detail(office, task)["buttons"]] == ["无误", "有误"]
    assert [b["title"] for b in detail(office, task, language="en")["buttons"]] == ["All good", "Not good"]


def test_an_approval_has_its_answers_and_says_where_an_opinion_is_due(office: Office) -> None:
    task = detail(office, office.task_of(office.to_decide()), "mia")
    assert [(b["name"], b["title"], b["opinion"]) for b in task["buttons"]] == [
        ("approved", "同意", "optional"),
        ("refused", "拒绝", "required"),
    ]
    assert task["can"] == ["begin", "answer", "transfer"]


def test_what_may_be_done_with_a_task_follows_what_was_done_with_it(office: Office) -> None:
    task = office.task_of(office.deal()[1])
    assert detail(office, task, "tom")["can"] == ["begin", "answer"]
    office.engine.begin(task, "tom")
    assert detail(office, task, "tom")["can"] == ["answer", "give_back", "transfer"]
    office.engine.give_back(task, "tom")
    assert detail(office, task, "eva")["can"] == ["begin", "answer"]


def test_a_desk_pages_through_own_and_offered_tasks_by_due_time(office: Office) -> None:
    cases = []
    for _ in range(5):
        cases.append(office.deal()[1])
        office.now += MINUTE
    office.engine.begin(office.task_of(cases[2]), "tom")  # one is tom's own, the others are offered
    seen: list[str] = []
    cursor = None
    with office.look() as look:
        while True:
            page = inbox.tasks(look, "tom", cursor=cursor, limit=2)
            assert page["total"] == 5
            seen += [task["case"] for task in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert seen == cases
        assert [t["case"] for t in inbox.tasks(look, limit=3)["items"]] == cases[:3]
        rest = inbox.tasks(look, cursor=inbox.tasks(look, limit=3)["next"], limit=3)
        assert ([t["case"] for t in rest["items"]], rest["next"]) == (cases[3:], None)


def test_done_tasks_are_listed_latest_first(office: Office) -> None:
    cases = [office.deal()[1] for _ in range(3)]
    for case in cases:
        office.engine.complete(office.task_of(case), "bad", "tom", {"opinion": "不对"})  # all in one moment
    with office.look() as look:
        first = inbox.tasks(look, "tom", state="done", limit=2)
        second = inbox.tasks(look, "tom", state="done", cursor=first["next"], limit=2)
        assert [t["case"] for t in first["items"] + second["items"]] == cases[::-1]
        assert {t["state"] for t in first["items"]} == {"done"}
        assert (first["total"], second["next"]) == (3, None)


def test_tasks_of_a_record(office: Office) -> None:
    deal, case = office.deal()
    office.deal()
    with office.look() as look:
        assert [t["case"] for t in inbox.tasks(look, record=f"deal:{deal}")["items"]] == [case]
        assert inbox.tasks(look, "mia", record=f"deal:{deal}")["items"] == []
        assert inbox.tasks(look, record="deal:nonsense")["items"] == []


def test_wrong_questions_are_refused(office: Office) -> None:
    with office.look() as look:
        for cursor in ("x", "1.2", "1.2.x", "1.2.99999999999999999999"):
            with pytest.raises(BadCursor):
                inbox.tasks(look, "tom", cursor=cursor)
        with pytest.raises(ValueError, match="done"):
            inbox.tasks(look, state="done")
        with pytest.raises(ValueError, match="nonsense"):
            inbox.tasks(look, "tom", state="nonsense")


def test_why_a_task_is_whose(office: Office) -> None:
    _, case = office.deal(owner="ida")
    check = office.task_of(case)
    assert detail(office, check)["why"] == {
        "zh": "此任务可由角色“职员”的人中的一人领取，因为此步骤向角色“职员”的人开放。",
        "en": "This task can be taken by one of people with the role 'Clerk' because the step offers it to people with the "
        "role 'Clerk'.",
    }
    office.engine.complete(check, "good", "tom", {"amount": "100"})
    confirm = detail(office, office.task_of(case))
    assert confirm["assignee"] == "tom"  # ida is away, tom stands in
    assert confirm["why"]["en"] == (
        "This task is with 汤姆 because the step gives it to the deal's owner; 艾达 was away, and 汤姆 stands in."
    )
    office.engine.transfer(confirm["id"], "tom", "eva")
    assert "汤姆 passed it on" in detail(office, confirm["id"])["why"]["en"]
    assert "后由汤姆转交" in detail(office, confirm["id"], "eva")["why"]["zh"]


def test_why_says_that_a_deadline_passed_it_on(office: Office) -> None:
    _, case = office.deal()
    office.engine.complete(office.task_of(case), "good", "tom", {"amount": "100"})
    office.now += 24 * 60 * MINUTE
    office.engine.drain()
    task = detail(office, office.task_of(case))
    assert task["assignee"] == "mia"
    assert "原期限已过" in task["why"]["zh"]
    assert "the first deadline passed and it went to the assignee's manager" in task["why"]["en"]


def test_explaining_a_task(office: Office) -> None:
    task = office.task_of(office.deal(kind="big")[1])
    office.now += 61 * MINUTE
    with office.look() as look:
        zh, en = (explain.explain_task(look, task, language) for language in ("zh", "en"))
        assert explain.explain_task(look, task, "en", "mia") is None
    assert zh is not None
    assert en is not None
    assert zh["lines"][0] == "核对 (样例)"
    assert en["lines"][2] == "Due 2026-03-02 10:00 (past): then the task stays and counts as overdue."
    assert en["lines"][3] == "'All good' is not possible yet: A big deal cannot pass at once"
