"""Lists and counts for people who look at everything, and what a database says of itself, on every database."""

from __future__ import annotations

from engine.runtime.store.queries import health, overview
from engine.runtime.store.queries.due import ATTEMPTS
from engine.runtime.store.queries.inbox import Place
from engine.runtime.store.rows import CandidateRow, CaseRow, DeliveryRow, IncidentRow, TaskRow, TimerRow
from engine.runtime.store.statements import CANDIDATES, CASES, DELIVERIES, INCIDENTS, TASKS, TIMERS
from engine.runtime.store.store import Store, wall_clock
from engine.runtime.store.tables import NEVER


def task(case_id: int, no: int, **more: object) -> TaskRow:
    return TaskRow(case_id, no, "w", "n", 0, None, NEVER, 0, "T", None, None, 1, 0)._replace(**more)


def test_open_and_done_tasks_page_without_gap_or_repeat(store: Store) -> None:
    with store.write() as tx:
        for case_id in (3, 1, 2):
            for no in (2, 1):
                tx.batch.put(TASKS, task(case_id, no))
                tx.batch.put(TASKS, task(case_id, 10 + no, state=1, assignee="li_na", closed_at=7))
    with store.read() as reader:
        seen: list[tuple[int, int]] = []
        while page := overview.open_tasks(reader, seen[-1] if seen else (0, 0), 4):
            seen += [(row.case_id, row.no) for row in page]
        assert seen == [(c, n) for c in (1, 2, 3) for n in (1, 2)]
        assert overview.count_open_tasks(reader) == 6
        first = overview.done_tasks(reader, "li_na", limit=4)
        rest = overview.done_tasks(reader, "li_na", Place(7, first[-1].case_id, first[-1].no), 4)
        assert [(r.case_id, r.no) for r in first + rest] == [(c, n) for c in (3, 2, 1) for n in (12, 11)]
        assert overview.count_done(reader, "li_na") == 6
        assert overview.count_done(reader, "nobody") == 0


def test_a_task_that_is_offered_twice_counts_once(store: Store) -> None:
    with store.write() as tx:
        for subject in ("role:sales", "person:li_na"):
            tx.batch.put(CANDIDATES, CandidateRow(subject, 1, 1, 1))
        tx.batch.put(CANDIDATES, CandidateRow("role:other", 1, 2, 1))
    with store.read() as reader:
        assert overview.count_offered(reader, ["role:sales", "person:li_na"]) == 1
        assert overview.count_offered(reader, []) == 0


def test_cases_and_incidents_newest_first(store: Store) -> None:
    with store.write() as tx:
        for id in (1, 2, 3):
            tx.batch.put(CASES, CaseRow(id, "w", 1, None, None, None, None, None, id % 2, 0, "{}", bytes(32), 0, 0, 0))
            closed = None if id < 3 else 9
            tx.batch.put(INCIDENTS, IncidentRow(id, 1, 1, "n", "code", "m", None, 5, closed))
    with store.read() as reader:
        assert [row.id for row in overview.all_cases(reader, 3)] == [2, 1]
        assert [row.id for row in overview.all_incidents(reader)] == [3, 2, 1]
        assert [row.id for row in overview.open_incidents(reader)] == [1, 2]
        assert [row.id for row in overview.open_incidents(reader, (5, 1))] == [2]  # opened in the same moment
        assert overview.count_open_incidents(reader) == 2


def test_what_is_late_or_parked(store: Store) -> None:
    with store.write() as tx:
        for no, due in ((1, 10), (2, 20), (3, 30)):
            tx.batch.put(TIMERS, TimerRow(1, no, 1, due, "n", "deadline"))
        tx.batch.put(DELIVERIES, DeliveryRow(1, 1, None, "{}", attempts=ATTEMPTS))
        tx.batch.put(DELIVERIES, DeliveryRow(2, 1, None, "{}"))
    with store.read() as reader:
        assert overview.late_timers(reader, 20) == (2, 10)
        assert overview.late_timers(reader, 5) == (0, None)
        assert overview.count_parked(reader) == 1


def test_a_database_says_how_it_is(store: Store) -> None:
    with store.read() as reader:
        at, wanted = health.schema(reader)
        assert at == wanted
        theirs = health.clock(reader)
        assert (theirs is not None) == (reader.dialect.name == "postgresql")
        assert theirs is None or abs(theirs - wall_clock()) < 60_000_000
        kept = health.keeping(reader)
        assert (kept.kind == "memory") == (reader.dialect.shared is True)
        assert reader.dialect.name == "postgresql" or kept.is_safe  # the tests' server runs without fsync
