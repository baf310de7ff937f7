"""Group commit: a batch of N is N batches of one, whatever goes wrong in it, on every database (R20-R24, R35)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.runtime.ports import Answer
from engine.runtime.store.errors import Conflict, Refused
from engine.runtime.store.statements import CASES, FLUSH_ORDER, STEPS, TASKS
from engine.runtime.store.store import Store
from engine.runtime.writer import Writer
from tests.store.stub import Complete, Start, handle
from tests.store.tables_as_data import contents


class Ticks:
    """A clock that moves one millisecond at each look, so that two runs of the same work give the same rows."""

    def __init__(self) -> None:
        self.now = 1_772_413_200_000_000

    def __call__(self) -> int:
        return self.now


def started(writer: Writer, count: int) -> list[int]:
    answers = writer.run_batch_now([Start() for _ in range(count)])
    assert all(isinstance(answer, Answer) for answer in answers), answers
    return [int(answer.body["case"]) for answer in answers]  # type: ignore[union-attr]


@pytest.fixture
def clock() -> Ticks:
    return Ticks()


@pytest.fixture
def writer(database_url: str, open_store: Callable[..., Store], clock: Ticks) -> Writer:
    return Writer(open_store(database_url, clock=clock), handle)


def seqs(store: Store, cases: list[int]) -> list[int]:
    with store.read() as reader:
        return [case.seq for case in (reader.row(CASES, case_id) for case_id in cases) if case]


@pytest.mark.parametrize("poison", ["refuse", "raise", "flush", "late refuse", "late raise"])
def test_poison_in_every_position_hits_only_the_culprit(writer: Writer, poison: str) -> None:
    size = 6
    for position in range(size):
        cases = started(writer, size)
        outcomes = writer.run_batch_now(
            [Complete(case, poison if place == position else None) for place, case in enumerate(cases)]
        )
        bad = outcomes.pop(position)
        assert all(outcome == Answer(200, {"seq": 2}) for outcome in outcomes), outcomes
        if "refuse" in poison:
            assert bad == Refused(409, "not-yours")
        else:
            assert isinstance(bad, Exception)
            assert not isinstance(bad, Refused | Conflict)
        with writer.store.read() as reader:
            assert [reader.row(STEPS, case, 2) is None for case in cases] == [p == position for p in range(size)]
            task = reader.row(TASKS, cases[position], 1)
            assert task is not None
            assert task.state == 0
    rows = contents(writer.store)
    assert sorted(row.case_id for row in rows["timers"]) == sorted(row.case_id for row in rows["task_candidates"])
    assert len(rows["timers"]) == size
    assert [(load.member, load.n) for load in rows["loads"]] == [("li_na", size)]


def test_batch_of_n_is_n_batches_of_one(
    database_url: str, open_store: Callable[..., Store], clock: Ticks, request: pytest.FixtureRequest
) -> None:
    def work(writer: Writer, run: Callable[[Writer, list[Any]], list[Any]]) -> dict[str, list[Any]]:
        ids = iter(range(1000, 2000))
        writer.store.ids.next = lambda: next(ids)  # type: ignore[method-assign]
        cases = [int(answer.body["case"]) for answer in run(writer, [Start(member=f"p{n % 3}") for n in range(9)])]
        commands: list[Any] = [Complete(case, actor="p1") for case in cases[:5]]
        commands.insert(2, Complete(cases[5], "refuse"))
        commands.insert(3, Start(business_key="k"))
        commands += [Complete(cases[0]), Complete(cases[6], "raise"), Complete(77), Complete(cases[6])]
        outcomes = run(writer, commands)
        assert [getattr(outcome, "status", None) for outcome in outcomes] == [
            200, 200, 409, 201, 200, 200, 200, 409, None, 404, 200,
        ]  # fmt: skip
        return contents(writer.store)

    together = work(
        Writer(open_store(database_url, clock=clock), handle), lambda w, commands: w.run_batch_now(commands)
    )
    other = "sqlite://" if "memory" in request.node.name else None
    alone_url = other or (database_url.replace("test.db", "alone.db") if "sqlite" in database_url else None)
    if alone_url is None:
        alone_url = str(request.getfixturevalue("postgres_server"))
        _empty(alone_url)

    def one_by_one(writer: Writer, commands: list[Any]) -> list[Any]:
        return [writer.run_batch_now([command])[0] for command in commands]

    assert together == work(Writer(open_store(alone_url, clock=clock), handle), one_by_one)


def _empty(url: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE " + ", ".join(kept.name for kept in FLUSH_ORDER) + ", loads")


def test_refused_leaves_nothing(writer: Writer) -> None:
    (case,) = started(writer, 1)
    before = contents(writer.store)
    with pytest.raises(Refused) as refused:
        writer.run_now(Complete(case, "refuse"))
    assert refused.value.code == "not-yours"
    assert contents(writer.store) == before


def test_conflict_is_run_again_with_fresh_reads(writer: Writer) -> None:
    (case,) = started(writer, 1)
    tries = []

    def contested(transaction: Any, command: Complete) -> Answer:
        tries.append(1)
        answer = handle(transaction, command)
        if len(tries) < 3:
            raise Conflict("someone was first")
        return answer

    writer.handle = contested
    assert writer.run_now(Complete(case)).status == 200
    assert len(tries) == 3
    assert seqs(writer.store, [case]) == [2]


def test_conflict_for_ever_is_said_after_five_tries(writer: Writer) -> None:
    tries = []

    def contested(transaction: Any, command: Any) -> Answer:
        tries.append(1)
        raise Conflict("someone was first")

    writer.handle = contested
    with pytest.raises(Conflict):
        writer.run_now(Start())
    assert len(tries) == 5


def test_row_written_by_another_since_it_was_read_is_a_conflict(writer: Writer) -> None:
    """The version check sees it even where no lock was taken."""
    store = writer.store
    (case,) = started(writer, 1)
    with store.read() as reader:
        stale = reader.row(CASES, case)
    assert stale is not None
    writer.run_now(Complete(case))
    with pytest.raises(Conflict), store.write() as transaction:
        transaction.batch.change(CASES, stale, stale._replace(seq=stale.seq + 1, state="x"))


def test_command_key_gives_the_first_answer_again(writer: Writer) -> None:
    first = writer.run_now(Start(key="k1"))
    again = writer.run_now(Start(key="k1"))
    assert again == Answer(first.status, first.body, repeated=True)
    with pytest.raises(Refused) as other:
        writer.run_now(Start(key="k1", digest=b"other"))
    assert other.value.status == 422
    assert len(contents(writer.store)["cases"]) == 1


def test_command_key_twice_in_one_batch(writer: Writer) -> None:
    first, second, third = writer.run_batch_now([Start(key="k1"), Start(key="k1"), Start(key="k2")])
    assert isinstance(first, Answer)
    assert second == Answer(first.status, first.body, repeated=True)
    assert isinstance(third, Answer)
    assert len(contents(writer.store)["cases"]) == 2


@pytest.mark.parametrize("poison", ["refuse", "late refuse"])
def test_refusal_is_kept_under_the_key(writer: Writer, poison: str) -> None:
    (case,) = started(writer, 1)
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            writer.run_now(Complete(case, poison, key="k"))
        assert refused.value == Refused(409, "not-yours")
        poison = "never reached"
    assert seqs(writer.store, [case]) == [1]


def test_failure_of_ours_is_not_kept_under_the_key(writer: Writer) -> None:
    (case,) = started(writer, 1)
    with pytest.raises(RuntimeError):
        writer.run_now(Complete(case, "raise", key="k"))
    assert writer.run_now(Complete(case, key="k")) == Answer(200, {"seq": 2})


def test_unique_business_key_has_one_winner(writer: Writer) -> None:
    writer.run_now(Start(business_key="b"))
    with pytest.raises(Conflict):
        writer.run_now(Start(business_key="b"))
    assert len(contents(writer.store)["cases"]) == 1


def test_cap_holds_within_a_batch_and_across(writer: Writer) -> None:
    outcomes = writer.run_batch_now([Start(cap=2) for _ in range(3)])
    assert [isinstance(outcome, Answer) for outcome in outcomes].count(True) == 2
    assert [(load.member, load.n) for load in contents(writer.store)["loads"]] == [("li_na", 2)]


@pytest.fixture
def running(writer: Writer) -> Iterator[Writer]:
    writer.clock = lambda: 1_772_413_200_000_000
    writer.start()
    yield writer
    writer.stop()


def test_many_callers_share_commits(running: Writer) -> None:
    commits: list[int] = []
    running.after_commit.append(lambda committed: commits.append(len(committed.cases)))
    cases = [int(future.result(10).body["case"]) for future in [running.submit(Start()) for _ in range(40)]]
    futures = [running.submit(Complete(case), "bulk") for case in cases for _ in range(2)]
    statuses = []
    for future in futures:
        error = future.exception(10)
        statuses.append(error.status if isinstance(error, Refused) else future.result().status)
    assert statuses == [200, 409] * 40  # of two for one task the first wins, in order of their coming
    assert sum(commits) >= 80
    assert max(commits) > 1
    turns = [row.position for row in contents(running.store)["cursors"]]
    assert turns == [40]


def test_callers_from_many_threads_on_one_case(running: Writer) -> None:
    case = int(running.submit(Start()).result(10).body["case"])
    answers: list[str] = []

    def call() -> None:
        error = running.submit(Complete(case)).exception(10)
        answers.append("done" if error is None else type(error).__name__)

    threads = [threading.Thread(target=call) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["Refused"] * 11 + ["done"]


def test_hooks_learn_what_was_committed(writer: Writer) -> None:
    seen: list[Any] = []
    enqueued: list[Any] = []
    writer.after_commit.append(seen.append)
    writer.before_commit.append(lambda transaction, effects: enqueued.extend(effects))
    (case,) = started(writer, 1)
    (committed,) = seen
    assert committed.earliest_due == 1_772_413_500_000_000
    assert committed.effects == (f"{case}.1.1",) == tuple(enqueued)
    assert committed.cases == {case}
    writer.run_now(Complete(case))
    assert seen[1].earliest_due is None
    assert seen[1].effects == ()


def test_stop_runs_what_waits(writer: Writer) -> None:
    writer.start()
    futures = [writer.submit(Start(), "bulk") for _ in range(100)]
    writer.stop()
    assert all(future.result(0).status == 201 for future in futures)
    with pytest.raises(RuntimeError):
        writer.submit(Start())
