"""Work for outside workers: by topic, under a lease, answered once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.interpreter.effects import AskOutside
from engine.interpreter.instance import Await, Instance, Scope, Token
from engine.runtime import outside
from engine.runtime.codec import encode
from engine.runtime.store.errors import Refused
from engine.runtime.store.rows import EffectRow
from engine.runtime.store.statements import EFFECTS
from engine.runtime.store.store import Store

NOW, MINUTE = 1_772_413_200_000_000, 60_000_000


class Clock:
    now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest, clock: Clock, open_store: Callable[..., Store]) -> Store:
    url = "sqlite://" if request.param == "memory" else request.getfixturevalue("postgres_url")
    return open_store(url, clock=clock)


def ask(store: Store, *topics: str, waits: bool = True) -> list[str]:
    """A case that waits for outside work of each topic; the ids of the work."""
    awaits = {no: Await(no, "outside", "own") for no in range(5, 5 + len(topics))} if waits else {}
    with store.write() as transaction:
        state = encode(Instance(1, "w", tokens={1: Token(1, 2, "check", awaits=awaits)}, scopes={2: Scope(2)}))
        case = transaction.open_case(workflow="w", definition_id=1, state=state)
        for n, topic in enumerate(topics):
            effect = AskOutside(5 + n, topic, {"name": "晨光"})
            transaction.batch.put(EFFECTS, EffectRow(case.id, 1, n, "AskOutside", encode(effect), 3))
    return [f"{case.id}.1.{n}" for n in range(len(topics))]


def fetch(store: Store, topic: str = "registry", worker: str = "a", limit: int = 10) -> list[str]:
    with store.write() as transaction:
        return [work["id"] for work in outside.fetch(transaction, topic, worker, limit, MINUTE)]


def test_work_is_fetched_by_topic_with_what_it_is_given(store: Store) -> None:
    registry, _ = ask(store, "registry", "credit")
    with store.write() as transaction:
        works = outside.fetch(transaction, "registry", "a", 10, MINUTE)
    assert works == [{"id": registry, "topic": "registry", "give": {"name": "晨光"}, "until": NOW + MINUTE}]
    assert fetch(store, "nothing") == []


def test_no_two_workers_have_the_same_work_until_a_lease_runs_out(store: Store, clock: Clock) -> None:
    first, second = ask(store, "registry", "registry")
    assert fetch(store, worker="a", limit=1) == [first]
    assert fetch(store, worker="b") == [second]
    assert fetch(store, worker="c") == []
    clock.now += MINUTE
    assert fetch(store, worker="c") == [first, second]


def test_more_than_a_page(store: Store, monkeypatch: Any) -> None:
    monkeypatch.setattr(outside, "PAGE", 2)
    works = [id for _ in range(3) for id in ask(store, "credit", "registry")]
    assert fetch(store) == works[1::2]


def test_work_that_nobody_waits_for_is_put_away(store: Store) -> None:
    (work,) = ask(store, "registry", waits=False)
    assert fetch(store) == []
    with store.read() as reader:
        assert reader.row(EFFECTS, *map(int, work.split("."))).state == 1  # type: ignore[union-attr]


def answered(store: Store, work: str, worker: str | None = "a") -> Any:
    with store.read() as reader:
        return outside.answer(reader, work, worker, True, {"industry": "energy"})


def test_an_answer_is_an_event_of_the_case(store: Store) -> None:
    (work,) = ask(store, "registry")
    fetch(store)
    told = answered(store, work)
    assert (told.case, told.effect, told.event.no) == (int(work.split(".")[0]), work, 5)
    assert (told.event.ok, told.event.gives) == (True, {"industry": "energy"})
    assert answered(store, work, None).event == told.event


@pytest.mark.parametrize("work", ["", "x", "1.2", "1.2.3", "1.2.3.4", "-1.0.0", "9" * 30 + ".1.0"])
def test_no_such_work(store: Store, work: str) -> None:
    with pytest.raises(Refused) as refused:
        answered(store, work)
    assert refused.value.status == 404


def test_who_has_not_the_work_does_not_answer_it(store: Store) -> None:
    (work,) = ask(store, "registry")
    fetch(store, worker="b")
    with pytest.raises(Refused) as refused:
        answered(store, work)
    assert refused.value.code == "not-yours"


def test_what_is_answered_is_late(store: Store) -> None:
    (work,) = ask(store, "registry", waits=False)
    fetch(store)
    with pytest.raises(Refused) as refused:
        answered(store, work)
    assert refused.value.code == "late"
