"""verify names what was dropped, edited, swapped, doubled, cut off or deleted; and nothing in a sound store (R44)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from engine.runtime.store import anchors, archive, recount
from engine.runtime.store.chain import GENESIS, Link, link_hash, text_digest
from engine.runtime.store.statements import ARCHIVED, CASES
from engine.runtime.store.store import Store
from engine.runtime.store.tables.loads import OPEN_TASKS
from engine.runtime.store.verify import verify
from engine.runtime.writer import Writer
from tests.store.stub import handle

HOUR = 3_600_000_000


class Moved:
    """A clock that tests set."""

    now = 1_772_413_200_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Moved:
    return Moved()


@pytest.fixture
def writer(database_url: str, open_store: Callable[..., Store], clock: Moved) -> Writer:
    return Writer(open_store(database_url, clock=clock, chain_key=b"a secret of the test"), handle)


def histories(writer: Writer, count: int = 3, steps: int = 4) -> list[int]:
    """Cases with a few steps each and nothing else."""
    ids = []
    with writer.store.write() as transaction:
        for _ in range(count):
            case = transaction.open_case(workflow="w", definition_id=1, state="{}")
            for number in range(steps):
                case = transaction.append_step(case, case, kind="moved", events=f"[{number}]", actor="li_na")
            ids.append(case.id)
    return ids


def tamper(store: Store, *changes: str) -> None:
    """What a database administrator can do who switches the triggers off."""
    with store.turn(), store.write_connection() as connection:
        if store.dialect.name == "sqlite":
            triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).fetchall()
            for name, _ in triggers:
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("ALTER TABLE steps DISABLE TRIGGER USER"))
        for change in changes:
            connection.execute(text(change))
        if store.dialect.name == "sqlite":
            for _, sql in triggers:
                connection.exec_driver_sql(sql)
        else:
            connection.execute(text("ALTER TABLE steps ENABLE TRIGGER USER"))
        connection.commit()


def kinds(store: Store) -> list[tuple[str, int | None, int | None]]:
    return [(broken.kind, broken.case_id, broken.seq) for broken in verify(store)]


def test_sound_store_has_no_findings(writer: Writer) -> None:
    histories(writer)
    assert verify(writer.store) == []


@pytest.mark.parametrize(
    ("changes", "kind", "seq"),
    [
        (["DELETE FROM steps WHERE case_id = {0} AND seq = 2"], "gap", 2),
        (["DELETE FROM steps WHERE case_id = {0} AND seq = 1"], "gap", 1),
        (["DELETE FROM steps WHERE case_id = {0} AND seq = 4"], "head", 3),
        (["DELETE FROM steps WHERE case_id = {0}"], "head", 0),
        (["UPDATE steps SET events = '[9]' WHERE case_id = {0} AND seq = 3"], "link", 3),
        (["UPDATE steps SET actor = NULL WHERE case_id = {0} AND seq = 3"], "link", 3),
        (["UPDATE steps SET cause = '' WHERE case_id = {0} AND seq = 3"], "link", 3),
        (["UPDATE steps SET at = at + 1 WHERE case_id = {0} AND seq = 1"], "link", 1),
        (
            [
                "UPDATE steps SET seq = 99 WHERE case_id = {0} AND seq = 2",
                "UPDATE steps SET seq = 2 WHERE case_id = {0} AND seq = 3",
                "UPDATE steps SET seq = 3 WHERE case_id = {0} AND seq = 99",
            ],
            "link",
            2,
        ),
        (
            [
                "INSERT INTO steps SELECT case_id, 5, at, kind, actor, cause, events, hash, redacted FROM steps "
                "WHERE case_id = {0} AND seq = 4"
            ],
            "link",
            5,
        ),
        (["UPDATE cases SET seq = 9 WHERE id = {0}"], "head", 4),
        (["DELETE FROM cases WHERE id = {0}"], "case", None),
    ],
)
def test_tampering_is_named(writer: Writer, changes: list[str], kind: str, seq: int | None) -> None:
    ids = histories(writer)
    tamper(writer.store, *(change.format(*ids) for change in changes))
    assert kinds(writer.store) == [(kind, ids[0], seq)]


def test_another_key_does_not_fit(writer: Writer, database_url: str, open_store: Callable[..., Store]) -> None:
    if writer.store.dialect.shared:
        pytest.skip("a second store in memory is another database")
    histories(writer, count=1)
    assert [broken.kind for broken in verify(open_store(database_url, chain_key=b"another"))] == ["link"]


def test_redacted_text_still_verifies(writer: Writer) -> None:
    ids = histories(writer, count=1)
    digest = text_digest("[1]").hex()
    blob = f"X'{digest}'" if writer.store.dialect.name == "sqlite" else f"'\\x{digest}'::bytea"
    with writer.store.turn(), writer.store.write_connection() as connection:
        connection.exec_driver_sql(
            f"UPDATE steps SET redacted = {blob}, events = '' WHERE case_id = {ids[0]} AND seq = 2"  # noqa: S608
        )
        connection.commit()
    assert verify(writer.store) == []


def anchor(writer: Writer) -> bool:
    store = writer.store
    with store.read() as reader:
        next_one = anchors.prepare_anchor(reader, store.clock(), store.chain_key, store.ids.next())
    if next_one is None:
        return False
    with store.write() as transaction:
        anchors.write_anchor(transaction, next_one)
    return True


def test_deleted_case_is_missed_by_its_anchor(writer: Writer, clock: Moved) -> None:
    first = histories(writer)
    clock.now += HOUR
    assert anchor(writer)
    assert not anchor(writer)  # nothing passed since
    second = histories(writer)
    with writer.store.write() as transaction:  # a case of the first span moves on in the second
        case = transaction.load_case(first[1])
        assert case is not None
        transaction.append_step(case, case, kind="moved", events="[]")
    clock.now += HOUR
    assert anchor(writer)
    histories(writer)  # after the last anchor
    assert verify(writer.store) == []
    tamper(writer.store, f"DELETE FROM steps WHERE case_id = {second[0]}", f"DELETE FROM cases WHERE id = {second[0]}")  # noqa: S608
    (broken,) = verify(writer.store)
    assert broken.kind == "anchor"
    assert broken.detail.startswith("4 cases")


def test_deleted_anchor_is_missed_by_the_next(writer: Writer, clock: Moved) -> None:
    for _ in range(3):
        histories(writer, count=1)
        clock.now += HOUR
        assert anchor(writer)
    with writer.store.read() as reader:
        middle = anchors.all_anchors(reader)[1]
    tamper(writer.store, f"DELETE FROM anchors WHERE id = {middle.id}")  # noqa: S608
    assert [broken.kind for broken in verify(writer.store)] == ["anchor"]


def test_archived_cases_are_still_verified(writer: Writer, clock: Moved) -> None:
    ids = histories(writer)
    with writer.store.write() as transaction:
        for case_id in ids[:2]:
            case = transaction.load_case(case_id)
            assert case is not None
            transaction.append_step(case, case._replace(status=1, ended_at=clock.now), kind="ended", events="[]")
    clock.now += HOUR
    assert anchor(writer)
    with writer.store.write() as transaction:
        assert archive.archive(transaction, "w", before=clock.now) == 2
    with writer.store.read() as reader:
        assert [reader.row(CASES, case_id) is None for case_id in ids] == [True, True, False]
        row = reader.row(ARCHIVED, ids[0])
    assert row is not None
    body = archive.unpack(row.body)
    assert [step.seq for step in body.steps] == [1, 2, 3, 4, 5]
    assert body.case.head == row.head == body.steps[-1].hash
    assert verify(writer.store) == []
    tamper(writer.store, f"DELETE FROM archived WHERE case_id = {ids[0]}")  # noqa: S608
    assert [broken.kind for broken in verify(writer.store)] == ["anchor"]


def test_wrong_load_is_named_and_repaired(writer: Writer) -> None:
    from tests.store.stub import Start

    writer.run_batch_now([Start(), Start(), Start(member="chen_jie")])
    with writer.store.write() as transaction:
        transaction.batch.add_load("li_na", "task", -2, 0)  # the stub's own kind is not judged
        transaction.batch.add_load("li_na", OPEN_TASKS, 3, 0)
    with writer.store.read() as reader:
        wrong = recount.differences(reader, {})
    assert wrong == [("chen_jie", OPEN_TASKS, 0, 1), ("li_na", OPEN_TASKS, 3, 2)]
    assert [broken.kind for broken in verify(writer.store)] == ["load", "load"]
    with writer.store.write() as transaction:
        recount.repair(transaction, wrong)
    assert verify(writer.store) == []


def test_rows_without_their_case_are_named(writer: Writer) -> None:
    ids = histories(writer, count=1)
    tamper(
        writer.store,
        f"UPDATE cases SET id = 5 WHERE id = {ids[0]}",  # noqa: S608
        f"UPDATE steps SET case_id = 5 WHERE case_id = {ids[0]}",  # noqa: S608
    )
    tamper(
        writer.store,
        "INSERT INTO timers (case_id, no, token, due_at, node, kind, attempts) VALUES (6, 1, 1, 1, 'x', 'y', 0)",
    )
    assert ("orphan", 6, None) in kinds(writer.store)


def test_chain_binds_every_part() -> None:
    link = Link(1, 2, 3, "k", "a", "c", text_digest("t"))
    others = [
        link._replace(case_id=11), link._replace(seq=23), link._replace(at=4), link._replace(kind="ka", actor=""),
        link._replace(actor=None), link._replace(cause=None), link._replace(cause=""), link._replace(digest=GENESIS),
    ]  # fmt: skip
    hashes = {link_hash(GENESIS, each) for each in [link, *others]}
    hashes |= {link_hash(b"x" * 32, link), link_hash(GENESIS, link, b"key")}
    assert len(hashes) == len(others) + 3
