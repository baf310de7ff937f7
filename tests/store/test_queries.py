"""Reads on every database: inbox paging, claims that never overlap, keys, subscriptions, messages, and what a
transaction sees of its own writes."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from engine.runtime.store.errors import CannotUndo, CaseBusy, Conflict
from engine.runtime.store.queries import cases, due, effects, inbox, records, waiting
from engine.runtime.store.rows import (
    CandidateRow,
    CaseRow,
    DeliveryRow,
    MessageRow,
    RecordKeyRow,
    RecordRow,
    SubscriptionRow,
    TaskRow,
    TimerRow,
    UniqueKeyRow,
)
from engine.runtime.store.statements import (
    CANDIDATES,
    CASES,
    CLEAR_RECORD,
    DELIVERIES,
    MESSAGES,
    RECORD_KEYS,
    RECORD_UNIQUE,
    RECORDS,
    SUBSCRIPTIONS,
    TASKS,
    TIMERS,
)
from engine.runtime.store.store import Store
from engine.runtime.store.tables import NEVER


def case_row(case_id: int) -> CaseRow:
    return CaseRow(case_id, "w", 1, None, None, None, None, None, 0, 0, "{}", bytes(32), 0, 0, 0)


def task_row(case_id: int, no: int, due_at: int = NEVER, assignee: str | None = None) -> TaskRow:
    return TaskRow(case_id, no, "w", "n", 0, assignee, due_at, 0, "T", None, None, 1, 0)


def test_inbox_pages_in_order_without_gap_or_repeat(store: Store) -> None:
    shuffled = [task_row(case, no, due_at, "li_na") for case in range(1, 8) for no in (1, 2) for due_at in [case % 3]]
    shuffled += [task_row(20, no, NEVER, "li_na") for no in range(1, 4)]  # no due date: last
    shuffled.append(task_row(30, 1, 0, "chen_jie"))
    shuffled.append(task_row(31, 1, 0, "li_na")._replace(state=1, closed_at=5))
    random.Random(1).shuffle(shuffled)
    with store.write() as transaction:
        for task in shuffled:
            transaction.batch.put(TASKS, task)
    with store.read() as reader:
        seen, place = [], inbox.START
        while page := inbox.mine(reader, "li_na", place, limit=4):
            seen += page
            place = inbox.place_of(page[-1])
        assert inbox.count_mine(reader, "li_na") == 17
        assert inbox.count_overdue(reader, "li_na", now=1) == 4
        assert [task.case_id for task in inbox.done(reader, "li_na")] == [31]
    mine = [task for task in shuffled if task.assignee == "li_na" and task.state == 0]
    assert seen == sorted(mine, key=inbox.place_of)


def test_claimable_merges_subjects_and_shows_each_task_once(store: Store) -> None:
    with store.write() as transaction:
        for case_id in range(1, 11):
            transaction.batch.put(TASKS, task_row(case_id, 1, 100 - case_id))
            for subject in ("role:sales", "role:finance", "user:li_na"):
                if subject != "role:finance" or case_id % 2:
                    transaction.batch.put(CANDIDATES, CandidateRow(subject, 100 - case_id, case_id, 1))
    with store.read() as reader:
        subjects = ["user:li_na", "role:finance", "role:sales"]
        first = inbox.claimable(reader, subjects, limit=6)
        second = inbox.claimable(reader, subjects, inbox.place_of(first[-1]), limit=6)
        assert [task.case_id for task in first + second] == list(range(10, 0, -1))
        assert [task.case_id for task in inbox.claimable(reader, ["role:finance"])] == [9, 7, 5, 3, 1]
        assert inbox.claimable(reader, []) == []


def test_two_sweepers_never_claim_the_same_timer(postgres_url: str, open_store: Callable[..., Store]) -> None:
    store = open_store(postgres_url)
    with store.write() as transaction:
        for case_id in range(1, 11):
            transaction.batch.put(CASES, case_row(case_id))
            for no in range(40):
                transaction.batch.put(TIMERS, TimerRow(case_id, no, 1, case_id * 100 + no, "n", "deadline"))
    with store.write() as one, store.write() as other:
        first = due.claim_timers(one, now=10_000, limit=120)
        second = due.claim_timers(other, now=10_000, limit=120)
        assert len(first) == 120
        assert {timer.case_id for timer in first}.isdisjoint(timer.case_id for timer in second)
        assert second  # it gets others, and does not wait
        assert one.load_case(first[0].case_id) is not None
        other.lock_cases([second[0].case_id])
        with pytest.raises(CaseBusy):
            other.load_case(first[0].case_id)


def test_two_drainers_never_claim_the_same_delivery(postgres_url: str, open_store: Callable[..., Store]) -> None:
    store = open_store(postgres_url)
    with store.write() as transaction:
        for number in range(1, 151):
            transaction.batch.put(DELIVERIES, DeliveryRow(number, 1, None, "{}", None))
    with store.write() as one, store.write() as other:
        first = due.claim_deliveries(one, now=1)
        second = due.claim_deliveries(other, now=1)
        assert [row.id for row in first] == list(range(1, 101))
        assert [row.id for row in second] == list(range(101, 151))


def test_only_the_first_case_lock_may_wait(postgres_url: str, open_store: Callable[..., Store]) -> None:
    store = open_store(postgres_url)
    with store.write() as transaction:
        for case_id in (1, 2):
            transaction.batch.put(CASES, case_row(case_id))
    with store.write() as holder:
        assert holder.load_case(1) is not None
        with store.write() as other:
            assert other.load_case(2) is not None
            assert other.lock_cases([1]) == set()
            with pytest.raises(CaseBusy):
                other.load_case(1)
            assert other.load_case(99) is None
        with pytest.raises(Conflict), store.write() as waits:
            waits.load_case(1)  # the first: it waits until lock_timeout


def test_due_timers_come_earliest_first_and_not_before_their_time(store: Store) -> None:
    with store.write() as transaction:
        transaction.batch.put(CASES, case_row(1))
        for no, due_at in enumerate([50, 10, 30, 70]):
            transaction.batch.put(TIMERS, TimerRow(1, no, 1, due_at, "n", "deadline"))
    with store.write() as transaction:
        assert due.earliest_timer(transaction) == 10
        assert [timer.due_at for timer in due.claim_timers(transaction, now=50)] == [10, 30, 50]
        transaction.batch.remove(TIMERS, (1, 1))
        assert [timer.due_at for timer in due.claim_timers(transaction, now=50)] == [30, 50]


def test_timer_taken_by_another_is_a_conflict(store: Store) -> None:
    with pytest.raises(Conflict), store.write() as transaction:
        transaction.batch.remove(TIMERS, (1, 1))


def test_parked_deliveries_are_not_handed_out(store: Store) -> None:
    with store.write() as transaction:
        for number, (attempts, not_before) in enumerate([(0, 0), (5, 0), (1, 90), (0, 10)], 1):
            transaction.batch.put(DELIVERIES, DeliveryRow(number, 1, None, "{}", None, 0, attempts, not_before))
    with store.write() as transaction:
        assert [row.id for row in due.claim_deliveries(transaction, now=20)] == [1, 4]
        assert [row.id for row in due.parked_deliveries(transaction)] == [2]
        assert due.earliest_delivery(transaction) == 0


def test_record_keys_are_found_by_value_prefix_and_range(store: Store) -> None:
    names = ["Acme", "acme", "acme north", "acmeé", "beta", "北京", "北京一", "上海"]
    with store.write() as transaction:
        for number, name in enumerate(names, 1):
            transaction.batch.put(RECORD_KEYS, RecordKeyRow("lead", "name", name, number))
        transaction.batch.put(RECORD_KEYS, RecordKeyRow("lead", "phone", "acme", 50))
    with store.read() as reader:
        assert records.keyed(reader, "lead", "name", "acme") == [2]
        assert [found.key for found in records.with_prefix(reader, "lead", "name", "acme")] == names[1:4]
        assert [found.record_id for found in records.with_prefix(reader, "lead", "name", "北京")] == [6, 7]
        everything = records.in_range(reader, "lead", "name", "", records.LAST_TEXT)
        assert [found.key for found in everything] == sorted(names)  # the same order on both databases
        assert len(records.with_prefix(reader, "lead", "name", "", limit=3)) == 3


def test_unique_key_has_one_holder(store: Store) -> None:
    with store.write() as transaction:
        transaction.batch.put(RECORD_UNIQUE, UniqueKeyRow("lead", "phone", "1", 7))
    with pytest.raises(Conflict), store.write() as transaction:
        transaction.batch.put(RECORD_UNIQUE, UniqueKeyRow("lead", "phone", "1", 8))
    with store.write() as transaction:  # given up by one and taken by another, in one transaction
        transaction.batch.clear(CLEAR_RECORD["record_unique"], 7)
        assert records.unique_holder(transaction, "lead", "phone", "1") is None
        transaction.batch.put(RECORD_UNIQUE, UniqueKeyRow("lead", "phone", "1", 8))
    with store.read() as reader:
        assert records.unique_holder(reader, "lead", "phone", "1") == 8


def test_records_by_id_in_many_pieces(store: Store) -> None:
    with store.write() as transaction:
        for number in range(1, 601):
            transaction.batch.put(RECORDS, RecordRow(number, "lead", 1, "{}", None, None, None, 0, 0))
    with store.read() as reader:
        assert records.records_by_id(reader, []) == {}
        assert list(records.records_by_id(reader, [5, 5, 9999, 1])) == [1, 5]
        assert len(records.records_by_id(reader, range(1, 700))) == 600
        page = records.records_of_form(reader, "lead", after=590)
        assert [record.id for record in page] == list(range(591, 601))
        assert [record.id for record in records.newest_of_form(reader, "lead", before=4)] == [3, 2, 1]


def test_oldest_wait_first_and_signals_keep_their_receivers(store: Store) -> None:
    with store.write() as transaction:
        for number in range(1, 8):
            row = SubscriptionRow(number, 1, 100 - number, 1, 2, "paid", "k" if number % 2 else "", "n")
            transaction.batch.put(SUBSCRIPTIONS, row)
    with store.write() as transaction:
        assert [row.case_id for row in waiting.subscriptions_for(transaction, 2, "paid", "k", limit=2)] == [7, 5]
        last = waiting.last_subscription(transaction, 2, "paid", "")
        transaction.batch.put(SUBSCRIPTIONS, SubscriptionRow(9, 1, 500, 1, 2, "paid", "", "n"))
        chunk = waiting.subscriptions_up_to(transaction, 2, "paid", "", 0, last)
        assert [row.case_id for row in chunk] == [6, 4, 2]
        assert waiting.last_subscription(transaction, 3, "paid", "") == 0


def test_message_is_taken_once(store: Store) -> None:
    with store.write() as transaction:
        for number in (1, 2, 3):
            transaction.batch.put(MESSAGES, MessageRow(number, "paid", "k", "{}", f"m{number}", 100 * number))
    with store.read() as reader:
        assert [row.id for row in waiting.messages_for(reader, "paid", "k", now=100, limit=5)] == [2, 3]
        assert waiting.message_with(reader, "m1") is not None
    with store.write() as transaction:
        transaction.batch.remove(MESSAGES, (2,))
    with pytest.raises(Conflict), store.write() as transaction:
        transaction.batch.remove(MESSAGES, (2,))
    with pytest.raises(Conflict), store.write() as transaction:  # the publisher's id again
        transaction.batch.put(MESSAGES, MessageRow(9, "paid", "k", "{}", "m3", 100))


def test_transaction_sees_what_it_wrote(store: Store) -> None:
    with store.write() as transaction:
        batch = transaction.batch
        case = transaction.open_case(workflow="w", definition_id=1, state="{}", business_key="b")
        assert transaction.load_case(case.id) == case
        assert cases.active_case_with_key(transaction, "w", "b") == case  # this read flushed
        task = batch.put(TASKS, task_row(case.id, 1, 5, "li_na"))
        assert inbox.mine(transaction, "li_na") == [task]
        batch.put(TASKS, task_row(case.id, 2, 6, "li_na"))
        batch.withdraw_case(case.id, at=9)
        assert transaction.row(TASKS, case.id, 1) == task._replace(state=2, closed_at=9)
        assert inbox.mine(transaction, "li_na") == []
        assert [row.state for row in inbox.tasks_of_case(transaction, case.id)] == [2, 2]
        case = transaction.append_step(case, case, kind="k", events="[]")
        case = transaction.append_step(case, case, kind="k", events="[]")
        assert [step.seq for step in cases.timeline(transaction, case.id)] == [1, 2]
        transaction.batch.add_load("li_na", "x", 2, 0)
        assert transaction.load("li_na", "x") == 2
        assert records.loads_of(transaction, ["li_na"], "x")["li_na"].n == 2
        assert transaction.load("li_na", "x") == 2
        assert effects.waiting_effects(transaction) == []


def test_case_loaded_again_after_a_flush_is_as_it_was_left(store: Store) -> None:
    with store.write() as transaction:
        transaction.batch.put(CASES, case_row(1))
    with store.write() as transaction:
        for _ in range(3):
            case = transaction.load_case(1)
            assert case is not None
            transaction.append_step(case, case, kind="k", events="[]")
            assert cases.children(transaction, 1) == []  # reads `cases`: flushes
    with store.read() as reader:
        assert [step.seq for step in cases.timeline(reader, 1)] == [1, 2, 3]


def test_undo_walks_back_and_knows_what_it_cannot(store: Store) -> None:
    with store.write() as transaction:
        batch = transaction.batch
        batch.put(TIMERS, TimerRow(1, 1, 1, 1, "n", "k"))
        mark = batch.mark()
        batch.change(TIMERS, TimerRow(1, 1, 1, 1, "n", "k"), TimerRow(1, 1, 1, 9, "n", "k"))
        batch.add_load("li_na", "x", 1, 0)
        batch.withdraw_case(1, at=1)
        batch.truncate(mark)
        assert [timer.due_at for timer in due.timers_of_case(transaction, 1)] == [1]  # this read flushed
        batch.truncate(mark)  # nothing of it was flushed since the mark
        batch.put(TIMERS, TimerRow(1, 2, 1, 1, "n", "k"))
        batch.truncate(mark)
        assert len(due.timers_of_case(transaction, 1)) == 1
        mark = batch.mark()
        batch.put(TIMERS, TimerRow(1, 3, 1, 1, "n", "k"))
        transaction.flush()
        with pytest.raises(CannotUndo):
            batch.truncate(mark)


def test_serials_have_no_gaps_and_cursors_count(store: Store) -> None:
    for want in (1, 3):
        with store.write() as transaction:
            assert [transaction.next_serial("contract"), transaction.next_serial("contract")] == [want, want + 1]
    with pytest.raises(ZeroDivisionError), store.write() as transaction:
        _ = transaction.next_serial("contract") / 0
    with store.write() as transaction:
        assert transaction.next_serial("contract") == 5
        assert transaction.next_turn("contract") == 1
