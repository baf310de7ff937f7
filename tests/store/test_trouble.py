"""When the database fails under the writer: commits in doubt, lost connections, full disks, other processes (R24)."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection

from engine.runtime.ports import Answer
from engine.runtime.store.errors import Refused, Unavailable
from engine.runtime.store.statements import CASES
from engine.runtime.store.store import Store
from engine.runtime.store.verify import verify
from engine.runtime.writer import Writer
from tests.store.stub import Complete, Start, handle
from tests.store.tables_as_data import contents


@pytest.fixture
def writer(store: Store) -> Writer:
    return Writer(store, handle)


def lost(store: Store) -> Exception:
    """What the driver says when the answer to COMMIT does not come."""
    if store.dialect.name == "postgresql":
        return psycopg.OperationalError("the connection is lost")
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    return error


@pytest.mark.parametrize("done", [True, False])
def test_commit_in_doubt_is_looked_up_and_never_done_twice(
    writer: Writer, monkeypatch: pytest.MonkeyPatch, done: bool
) -> None:
    cases = [int(writer.run_now(Start()).body["case"]) for _ in range(3)]
    commit, commits = Connection.commit, []

    def doubtful(self: Connection) -> None:
        commits.append(1)
        if len(commits) > 1:
            commit(self)
            return
        if done:
            commit(self)
        raise lost(writer.store)

    monkeypatch.setattr(Connection, "commit", doubtful)
    outcomes = writer.run_batch_now([Complete(case, key=f"k{case}") for case in cases])
    assert outcomes == [Answer(200, {"seq": 2})] * 3
    assert len(commits) == (1 if done else 4)
    rows = contents(writer.store)
    assert [case.seq for case in rows["cases"]] == [2, 2, 2]
    assert rows["loads"][0].n == 0
    assert [broken for broken in verify(writer.store) if broken.kind != "load"] == []


def test_commit_that_nobody_can_look_up_is_said_to_be_unknown(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    case = int(writer.run_now(Start()).body["case"])

    def broken(self: object, *_: object) -> Any:
        raise lost(writer.store)

    monkeypatch.setattr(Connection, "commit", broken)
    monkeypatch.setattr(Store, "read", broken)
    with pytest.raises(Unavailable) as unknown:
        writer.run_now(Complete(case))
    assert unknown.value.unknown


@pytest.mark.parametrize("moment", ["in the handler", "at the commit"])
def test_killed_backend_is_survived(
    postgres_url: str, open_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    store = open_store(postgres_url)
    kills: list[int] = []

    def kill(connection: Connection) -> None:
        if len(kills) < 2:
            raw: Any = connection.connection.driver_connection
            kills.append(raw.info.backend_pid)
            with psycopg.connect(postgres_url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [kills[-1]])

    def deadly(transaction: Any, command: Any) -> Answer:
        if moment == "in the handler" and isinstance(command, Complete):
            kill(transaction.connection)
        return handle(transaction, command)

    writer = Writer(store, deadly)
    cases = [int(writer.run_now(Start()).body["case"]) for _ in range(3)]
    if moment == "at the commit":
        commit = Connection.commit

        def deadly_commit(self: Connection) -> None:
            kill(self)
            commit(self)

        monkeypatch.setattr(Connection, "commit", deadly_commit)
    assert writer.run_batch_now([Complete(case) for case in cases]) == [Answer(200, {"seq": 2})] * 3
    assert len(kills) == 2
    assert [case.seq for case in contents(store)["cases"]] == [2, 2, 2]


def test_full_disk_stops_writing_until_a_write_succeeds(tmp_path: Path, open_store: Callable[..., Store]) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'full.db'}")
    writer = Writer(store, handle)
    case = int(writer.run_now(Start()).body["case"])

    def limit(pages: int) -> None:
        with store.write_connection() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            connection.rollback()

    def grow(transaction: Any, command: Any) -> Answer:
        answer = handle(transaction, command)
        row = transaction.row(CASES, case)
        transaction.batch.change(CASES, row, row._replace(state="x" * 100_000))
        return answer

    limit(1)  # SQLite takes the present size instead: no page more
    writer.handle = grow
    with pytest.raises(Unavailable) as full:
        writer.run_now(Complete(case))
    assert full.value.full
    assert not writer.healthy
    tried: list[int] = []
    writer.handle = lambda transaction, command: tried.append(1) or handle(transaction, command)  # type: ignore[func-returns-value]
    with pytest.raises(Unavailable):
        writer.run_now(Complete(case))
    assert tried == []  # refused at the door
    limit(1_000_000)
    assert writer.probe()
    assert writer.healthy
    assert writer.run_now(Complete(case)) == Answer(200, {"seq": 2})


def test_two_processes_on_the_same_cases_in_opposite_order(database_url: str, open_store: Callable[..., Store]) -> None:
    """Two writers as two processes would be: every event once, no deadlock reported to anybody."""
    store = open_store(database_url)
    if store.dialect.shared:
        pytest.skip("a second store in memory is another database")
    writers = [Writer(store, step), Writer(open_store(database_url), step)]
    with store.write() as transaction:
        ids = [transaction.open_case(workflow="w", definition_id=1, state="{}").id for _ in range(8)]
    failed: list[BaseException] = []

    def work(writer: Writer, order: list[int]) -> None:
        for _ in range(6):
            outcomes = writer.run_batch_now([Touch(case) for case in order])
            failed.extend(outcome for outcome in outcomes if isinstance(outcome, BaseException))

    threads = [
        threading.Thread(target=work, args=(writer, order))
        for writer, order in zip(writers, [ids, ids[::-1]], strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [case.seq for case in contents(store)["cases"]] == [12] * 8
    assert verify(store) == []


class Touch:
    """Moves a case one step on."""

    def __init__(self, target_case: int) -> None:
        self.target_case = target_case


def step(transaction: Any, command: Touch) -> Answer:
    case = transaction.load_case(command.target_case)
    transaction.append_step(case, case, kind="touched", events="[]")
    return Answer()


def test_two_processes_and_one_unique_key(database_url: str, open_store: Callable[..., Store]) -> None:
    """One command key sent to two processes at once: one does it, the other gives the same answer."""
    store = open_store(database_url)
    if store.dialect.shared:
        pytest.skip("a second store in memory is another database")
    writers = [Writer(store, handle), Writer(open_store(database_url), handle)]
    answers: list[Answer | Refused] = []

    def work(writer: Writer) -> None:
        for number in range(10):
            answers.append(writer.run_now(Start(key=f"k{number}")))

    threads = [threading.Thread(target=work, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(contents(store)["cases"]) == 10
    assert sorted(answer.repeated for answer in answers) == [False] * 10 + [True] * 10  # type: ignore[union-attr]


def test_database_that_is_gone_is_unavailable_to_readers(tmp_path: Path, open_store: Callable[..., Store]) -> None:
    (tmp_path / "there").mkdir()
    store = open_store(f"sqlite:///{tmp_path / 'there' / 'x.db'}")
    store.close()
    for file in (tmp_path / "there").iterdir():
        file.unlink()
    (tmp_path / "there").rmdir()
    with pytest.raises(Unavailable), store.read() as reader:
        reader.row(CASES, 1)


def test_sqlite_file_is_kept_as_decided(tmp_path: Path, open_store: Callable[..., Store]) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}", synchronous="FULL")
    want = {"journal_mode": "wal", "synchronous": 2, "auto_vacuum": 2, "busy_timeout": 10_000, "query_only": 0}
    with store.write_connection() as connection:
        assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in want} == want
        connection.rollback()
    with store.read() as reader:
        assert reader.connection.exec_driver_sql("PRAGMA query_only").scalar() == 1


def test_another_process_holding_the_file_is_said(
    tmp_path: Path, open_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    writer = Writer(store, handle)
    with store.write_connection() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
        connection.rollback()
    with sqlite3.connect(tmp_path / "x.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="another process"):
            writer.run_now(Start())
        outcomes = writer.run_batch_now([Start(), Start()])
        assert [type(outcome) for outcome in outcomes] == [Unavailable, Unavailable]
        other.execute("ROLLBACK")
    assert writer.run_now(Start()).status == 201
