"""Writes from outside: what is saved, what is refused and leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.runtime.record_service import RecordService
from engine.runtime.store.errors import Refused
from engine.runtime.store.queries.records import records_of_form, versions_of_record
from engine.runtime.store.store import Store
from tests.runtime.shop import view_on

GOOD = {"company": "大河", "phone": "13800138000"}


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    return open_store("sqlite://")


def refused(store: Store, do: Callable[[RecordService], Any]) -> Refused:
    with store.write() as transaction:
        with pytest.raises(Refused) as no:
            do(RecordService(view_on(transaction)))
        assert not transaction.batch.pending()
    return no.value


def test_create_and_change(store: Store) -> None:
    with store.write() as transaction:
        id, saved = RecordService(view_on(transaction)).create_record("lead", GOOD, cause="import")
        (change,) = saved.changes
        assert (change.form, change.id, change.created, change.version) == ("lead", id, True, 1)
        assert saved.touched == {f"lead:{id}"}
    with store.write() as transaction:
        changed = RecordService(view_on(transaction)).change_record(
            "lead", id, {"score": 5, "company": "大河"}, version=1
        )
        assert changed.changes[0].changes == {"score": (0, 5)}
    with store.write() as transaction:
        assert RecordService(view_on(transaction)).change_record("lead", id, {"score": 5}).changes == ()
    with store.read() as reader:
        assert [(v.version, v.actor, v.cause) for v in versions_of_record(reader, id)] == [
            (1, "an", "import"),
            (2, "an", None),
        ]


def test_references_may_have_their_ids_as_texts(store: Store) -> None:
    with store.write() as transaction:
        service = RecordService(view_on(transaction))
        id, _ = service.create_record("lead", GOOD)
        for given in (str(id), id, {"form": "lead", "id": str(id)}):
            visit, _ = service.create_record("visit", {"lead": given})
            record = service.view.record("visit", visit)
            assert record is not None
            assert record["lead"].id == id


@pytest.mark.parametrize(
    ("values", "rules"),
    [
        ({"phone": "13800138000"}, ["company"]),
        ({"company": "大河"}, ["reachable"]),
        ({**GOOD, "score": "x", "region": "moon"}, ["score"]),
        ({**GOOD, "region": "moon", "owner": "fu"}, ["region", "owner"]),
    ],
)
def test_what_does_not_fit_is_a_422(store: Store, values: dict[str, Any], rules: list[str]) -> None:
    no = refused(store, lambda service: service.create_record("lead", values))
    assert (no.status, no.code) == (422, rules[0])
    assert [v["rule"] for v in no.detail["violations"]] == rules
    with store.read() as reader:
        assert records_of_form(reader, "lead") == []


def test_what_is_not_there_or_changed_meanwhile(store: Store) -> None:
    with store.write() as transaction:
        service = RecordService(view_on(transaction))
        id, _ = service.create_record("lead", GOOD)
        other, _ = service.create_record("lead", GOOD)
        loser, winner = service.view.record("lead", other), service.view.record("lead", id)
        assert loser is not None
        assert winner is not None
        service.view.merge(loser, winner)
        service.view.save()
    assert refused(store, lambda s: s.create_record("moon", {})).status == 404
    assert refused(store, lambda s: s.change_record("lead", 5, {})).code == "unknown-record"
    assert refused(store, lambda s: s.change_record("visit", id, {})).code == "unknown-record"
    assert refused(store, lambda s: s.change_record("lead", id, {"score": 1}, version=2)).code == "stale"
    assert refused(store, lambda s: s.change_record("lead", other, {"score": 1})).code == "merged"
