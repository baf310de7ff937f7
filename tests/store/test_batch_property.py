"""The batch against a plain model: any sequence of writes, undos and flushes leaves the rows that a dictionary has."""

from __future__ import annotations

from functools import cache
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from engine.runtime.store.rows import CandidateRow, TaskRow, UniqueKeyRow
from engine.runtime.store.statements import CANDIDATES, CLEAR_CASE, CLEAR_RECORD, CLEAR_TASK, RECORD_UNIQUE, TASKS
from engine.runtime.store.store import Store
from engine.runtime.writer import Writer
from tests.store.stub import Complete, Start, handle
from tests.store.tables_as_data import contents

Model = tuple[dict[tuple[int, int], TaskRow], dict[tuple[str, int, int], None], dict[str, int]]

small = st.integers(1, 2)
action = st.one_of(
    st.tuples(st.just("task"), small, small, st.sampled_from(["a", "b"])),
    st.tuples(st.just("close"), small, small),
    st.tuples(st.just("drop"), small, small),
    st.tuples(st.just("offer"), st.sampled_from(["x", "y"]), small, small),
    st.tuples(st.just("unoffer"), small, small),
    st.tuples(st.just("withdraw"), small),
    st.tuples(st.just("clear"), small),
    st.tuples(st.just("unique"), st.sampled_from(["k", "l"]), small),
    st.tuples(st.just("free"), small),
    st.tuples(st.just("flush")),
    st.tuples(st.just("commit")),
)
event = st.tuples(st.booleans(), st.lists(action, max_size=6))


def play(transaction, model: Model, step: tuple) -> None:  # type: ignore[no-untyped-def, type-arg]
    """One action on both."""
    batch = transaction.batch
    tasks, offers, unique = model
    match step:
        case ("task", case_id, no, person):
            old = transaction.row(TASKS, case_id, no)
            assert old == tasks.get((case_id, no))
            new = TaskRow(case_id, no, "w", "n", 0, person, 7, 0, "T", None, None, 1 + (old.version if old else 0), 0)
            tasks[case_id, no] = batch.change(TASKS, old, new) if old else batch.put(TASKS, new)
        case ("close", case_id, no):
            old = transaction.row(TASKS, case_id, no)
            assert old == tasks.get((case_id, no))
            if old:
                tasks[case_id, no] = batch.change(TASKS, old, old._replace(state=1, version=old.version + 1))
        case ("drop", case_id, no):
            if tasks.pop((case_id, no), None):
                batch.remove(TASKS, (case_id, no))
        case ("offer", subject, case_id, no):
            if (subject, case_id, no) not in offers:
                offers[subject, case_id, no] = None
                batch.put(CANDIDATES, CandidateRow(subject, 7, case_id, no))
        case ("unoffer", case_id, no):
            batch.clear(CLEAR_TASK["task_candidates"], case_id, no)
            for key in [key for key in offers if key[1:] == (case_id, no)]:
                del offers[key]
        case ("withdraw", case_id):
            batch.withdraw_case(case_id, at=5)
            for key in [key for key in offers if key[1] == case_id]:
                del offers[key]
            for key, task in tasks.items():
                if key[0] == case_id and task.state == 0:
                    tasks[key] = task._replace(state=2, closed_at=5)
        case ("clear", case_id):
            batch.clear(CLEAR_CASE["tasks"], case_id)
            for key in [key for key in tasks if key[0] == case_id]:
                del tasks[key]
        case ("unique", key, record_id):
            old = transaction.row(RECORD_UNIQUE, "f", "r", key)
            assert (old and old.record_id) == unique.get(key)
            row = UniqueKeyRow("f", "r", key, record_id)
            _ = batch.change(RECORD_UNIQUE, old, row) if old else batch.put(RECORD_UNIQUE, row)
            unique[key] = record_id
        case ("free", record_id):
            batch.clear(CLEAR_RECORD["record_unique"], record_id)
            for key in [key for key, holder in unique.items() if holder == record_id]:
                del unique[key]


@cache
def _store() -> Store:
    return Store.open("sqlite://")


@settings(max_examples=400, deadline=None)
@given(events=st.lists(event, max_size=8))
def test_batch_leaves_what_a_dictionary_would(events: list[tuple[bool, list[tuple]]]) -> None:  # type: ignore[type-arg]
    store = _store()
    with store.write_connection() as connection:
        for kept in (TASKS, CANDIDATES, RECORD_UNIQUE):
            connection.execute(delete(kept.table))
        connection.commit()
    model: Model = ({}, {}, {})
    with store.write_connection() as connection:
        transaction = store.transaction(connection)
        for undone, actions in events:
            mark = transaction.batch.mark()
            kept = (dict(model[0]), dict(model[1]), dict(model[2]))
            for step in actions:
                if step == ("flush",):
                    if not undone:
                        transaction.flush()
                elif step == ("commit",):
                    if not undone:
                        transaction.flush()
                        connection.commit()
                        transaction = store.transaction(connection)
                        mark = transaction.batch.mark()
                else:
                    play(transaction, model, step)
            if undone:
                transaction.batch.truncate(mark)
                model = kept
        transaction.flush()
        connection.commit()
    rows = contents(store)
    assert rows["tasks"] == sorted(model[0].values(), key=repr)
    assert {(row.subject, row.case_id, row.no) for row in rows["task_candidates"]} == set(model[1])
    assert {row.key: row.record_id for row in rows["record_unique"]} == model[2]


command = st.one_of(
    st.builds(Start, member=st.sampled_from(["a", "b"]), key=st.sampled_from([None, None, "k1", "k2"])),
    st.builds(
        Complete,
        target_case=st.sampled_from([1, 2, 3, 4]),
        poison=st.sampled_from([None, None, "refuse", "raise"]),
        actor=st.sampled_from(["a", "b"]),
        key=st.sampled_from([None, None, "k1", "k3"]),
        digest=st.sampled_from([b"x", b"x", b"y"]),
    ),
    # Without a key: a case that is not there runs after the batch, and the first use of a key decides its answer.
    st.just(Complete(99)),
)


@settings(max_examples=25, deadline=None)
@given(commands=st.lists(command, min_size=2, max_size=12))
def test_batch_of_n_is_n_batches_of_one_in_any_order(commands: list[Start | Complete]) -> None:
    def play_all(together: bool) -> tuple[list[str], dict[str, list[object]]]:
        store = Store.open("sqlite://", clock=lambda: 1_772_413_200_000_000)
        ids = count(1)
        store.ids.next = lambda: next(ids)  # type: ignore[method-assign]
        writer = Writer(store, handle)
        for _ in range(4):
            writer.run_now(Start())
        batches = [list(commands)] if together else [[each] for each in commands]
        outcomes = [repr(outcome) for batch in batches for outcome in writer.run_batch_now(batch)]
        rows = contents(store)
        store.close()
        return outcomes, rows

    assert play_all(together=True) == play_all(together=False)
