"""The command preview: the next firings of a workflow's clocks, and working time told day by day."""

from __future__ import annotations

from typing import Any


def firing(said: Any, where: str) -> Any:
    assert said.code == 0, said.err
    return next(f for f in said.json["firings"] if f["where"] == where)


def test_a_deadline_is_counted_over_the_closed_days(remit: Any) -> None:
    said = remit("preview", "contract_approval/finance_review", "--from", "2026-02-13 16:00", "--json")
    found = firing(said, "finance_review/deadline/within")
    assert found["moments"] == ["2026-02-25T09:00:00+08:00"]
    assert found["counts_from"] == "2026-02-14T09:00:00+08:00"  # closed at 15:00 that day; the 14th is worked
    closed = [day["date"][-2:] for day in found["days"] if not day["open"]]
    assert closed == ["15", "16", "17", "18", "19", "20", "21", "22", "23"]
    assert [day["workday"] for day in found["days"] if day["open"]] == [0, 1, 2]
    assert found["reminders"][0] == "2026-02-14T14:00:00+08:00"


def test_open_time_is_told_in_minutes_with_why_a_day_differs(remit: Any) -> None:
    said = remit("preview", "lead_intake/call_later", "--from", "2026-02-13 14:00", "--json")
    found = firing(said, "call_later/after")
    assert [day["minutes"] for day in found["days"]] == [60, 180]
    assert found["days"][0]["because"] == "春节前短日"
    assert found["moments"] == ["2026-02-14T12:00:00+08:00"]


def test_a_moment_asks_for_what_it_reads(remit: Any) -> None:
    words = ("preview", "collection/until_7_before", "--from", "2026-03-02 09:00", "--json")
    assert firing(remit(*words), "chase/until_7_before/at")["needs"] == ["instalment.due_on"]
    found = firing(remit(*words, "--set", "instalment.due_on=2026-03-20"), "chase/until_7_before/at")
    assert (found["needs"], found["moments"]) == ([], ["2026-03-13T09:00:00+08:00"])
    both = ("--set", "instalment.due_on=2026-03-20", "--set", "case.next_rung_day=15")
    higher = firing(remit("preview", "collection/rung", *both, "--json"), "chase/rung/interrupt/higher/at")
    assert higher["moments"] == ["2026-04-04T09:00:00+08:00"]


def test_a_formula_is_worked_out(remit: Any) -> None:
    said = remit("preview", "nurture/pause", "--from", "2026-03-02 09:00", "--set", "case.pause_days=10", "--json")
    assert firing(said, "pause/after")["moments"] == ["2026-03-12T09:00:00+08:00"]


def test_a_schedule_fires_so_many_times(remit: Any, tmp_path: Any) -> None:
    pack = tmp_path / "pack"
    assert remit("init", pack).code == 0
    (pack / "workflows" / "monthly.yaml").write_text(
        "workflow: monthly\nstart:\n  billing: {every: 25th of month at 09:00 or next workday, next: stop}\n"
        "nodes:\n  stop: {type: end}\n",
        "utf-8",
    )
    said = remit("preview", "monthly", "--definitions", pack, "--from", "2026-03-02 09:00", "--count", "3", "--json")
    found = firing(said, "start/billing/every")
    assert [moment[:10] for moment in found["moments"]] == ["2026-03-25", "2026-04-27", "2026-05-25"]


def test_it_speaks_both_languages(remit: Any) -> None:
    words = ("preview", "lead_intake/first_call", "--from", "2026-02-13 17:58")
    english, chinese = remit(*words).out, remit(*words, "--language", "zh").out
    assert "counts    from Sat 2026-02-14 09:00, the next opening" in english
    assert "fires     Sat 2026-02-14 09:05" in english
    assert "触发      周六 2026-02-14 09:05" in chinese
    assert remit("preview", "lead_intake/convert").out.endswith("nothing here waits for a time\n")


def test_a_mistake_is_said_with_what_to_write(remit: Any) -> None:
    for words, expected in (
        (["colection"], "did you mean 'collection'?"),
        (["collection/rungs"], "did you mean 'rung'?"),
        (["collection", "--from", "soon"], "write 2026-03-02 09:00"),
        (["collection", "--set", "instalment.due_on=soon"], "cannot be read as a date"),
        (["collection", "--set", "instalment.due=2026-03-20"], "due"),
        (["collection", "--set", "x"], "record.field=value"),
    ):
        said = remit("preview", *words, "--language", "en")
        assert (said.code, expected in said.err) == (1, True), (words, said.err)


def test_a_scoring_has_clocks_too(remit: Any) -> None:
    said = remit("preview", "lead_score", "--from", "2026-03-27 10:00", "--count", "2", "--json")
    assert firing(said, "again/3/every")["moments"] == ["2026-03-28T06:00:00+08:00", "2026-03-29T06:00:00+08:00"]
