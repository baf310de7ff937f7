"""A batch of many events leaves what as many batches of one leave, whatever is refused or undone in between (R21)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.interpreter.view import Unfit
from engine.language.expressions.parse import Expression, parse
from engine.runtime.record_service import RecordService
from engine.runtime.store.errors import CannotUndo, Refused
from engine.runtime.store.store import Store
from engine.runtime.store.tables import metadata
from engine.runtime.store.transaction import Transaction
from tests.runtime.shop import view_on

ROWS = ("records", "record_keys", "record_unique", "record_versions", "loads", "serials")

EVENTS = st.lists(
    st.one_of(
        st.tuples(
            st.just("account"), st.sampled_from(["大河", "大河公司", "小溪"]), st.sampled_from(["an", "cai", "fu"])
        ),
        st.tuples(st.just("contract"), st.integers(0, 2), st.integers(0, 60)),
        st.tuples(st.just("payment"), st.integers(0, 3), st.integers(1, 40)),
        st.tuples(st.just("owner"), st.integers(0, 3), st.sampled_from(["an", "cai", None])),
        st.tuples(st.just("merge"), st.integers(0, 2), st.integers(0, 2)),
        st.tuples(st.just("undone"), st.integers(0, 2), st.integers(1, 40)),
        st.tuples(st.just("flush"), st.just(0), st.just(0)),
    ),
    min_size=4,
    max_size=14,
)
BEGIN: list[tuple[str, Any, Any]] = [
    ("account", "大河", "an"),
    ("account", "小溪", "cai"),
    ("contract", 0, 50),
    ("contract", 1, 20),
]


class Undo(Exception):
    """The event is given up after its view was saved."""


def nth(view: Any, form: str, place: int) -> Any:
    where = parse("1 == 1")
    assert isinstance(where, Expression)
    found = view.find(form, where, {}, (), None)
    if place >= len(found):
        raise Refused(404, "none")
    return found[place]


def carry_out(transaction: Transaction, what: str, a: Any, b: Any) -> None:
    view = view_on(transaction)
    service = RecordService(view)
    match what:
        case "account":
            service.create_record("account", {"name": a, "owner": b})
        case "contract" | "undone":
            contract = view.create("contract", {"account": nth(view, "account", a), "owner": "an", "amount": b})
            view.create("instalment", {"contract": contract, "amount": b})
            if view.settle():
                raise Refused(422, "rule")
            view.save()
            if what == "undone":
                raise Undo
        case "payment":
            number = len(view.find("payment", None, {}, (), None))
            values = {
                "reference": f"B{number}",
                "amount": b,
                "instalment": nth(view, "instalment", a),
                "status": "matched",
            }
            service.create_record("payment", values)
        case "owner":
            contract = nth(view, "contract", a)
            service.change_record("contract", contract.id, {"owner": b})
        case "merge":
            loser, winner = nth(view, "account", a), nth(view, "account", b)
            if loser != winner:
                view.merge(loser, winner)
                view.save()
        case "flush":
            transaction.flush()


def run(store: Store, batches: list[list[tuple[str, Any, Any]]]) -> dict[str, list[Any]]:
    for batch in batches:
        with store.write() as transaction:
            for what, a, b in batch:
                mark = transaction.batch.mark()
                try:
                    carry_out(transaction, what, a, b)
                except (Refused, Unfit, Undo):
                    try:
                        transaction.batch.truncate(mark)
                    except CannotUndo:  # only what was saved before a flush of its own: no event here does that
                        raise AssertionError("an event was flushed half") from None
    return contents(store)


def contents(store: Store) -> dict[str, list[Any]]:
    """All rows, with ids as their rank, so that two stores can be compared."""
    found: dict[str, list[Any]] = {}
    with store.read() as reader:
        cursor = reader.connection.connection.cursor()
        cursor.execute("SELECT id FROM records ORDER BY id")
        rank = {row[0]: place for place, row in enumerate(cursor.fetchall())}
        for name in ROWS:
            columns = [column.name for column in metadata.tables[name].columns]
            cursor.execute("SELECT {} FROM {}".format(", ".join(f'"{c}"' for c in columns), name))  # noqa: S608
            rows = [tuple(ranked(value, rank) for value in row) for row in cursor.fetchall()]
            found[name] = sorted(row for row in rows if name != "loads" or row[2] != 0)
    return found


def ranked(value: Any, rank: dict[int, int]) -> Any:
    if isinstance(value, int):
        return rank.get(value, value)
    if isinstance(value, str):
        for id, place in rank.items():
            value = value.replace(str(id), f"#{place}")
    return "" if value is None else value


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS)
def test_one_batch_is_many_batches(open_store: Callable[..., Store], events: list[tuple[str, Any, Any]]) -> None:
    events = [*BEGIN, *events]
    together = run(open_store("sqlite://"), [events])
    assert together == run(open_store("sqlite://"), [[event] for event in events])


def test_loads_are_what_the_key_rows_say(store: Store) -> None:
    more = [("payment", 0, 30), ("payment", 0, 30), ("owner", 0, "cai"), ("undone", 0, 9), ("merge", 0, 1)]
    events = [*BEGIN, *more, ("owner", 1, None)]
    rows = run(store, [events[:4], events[4:7], events[7:]])
    counted: dict[tuple[str, str], int] = {}
    for form, field, key, _ in rows["record_keys"]:
        if field == "~load":
            counted[key, form] = counted.get((key, form), 0) + 1
    assert {(member, kind): n for member, kind, n, _ in rows["loads"]} == counted
    assert counted == {("cai", "contract"): 1, ("cai", "instalment"): 1, ("cai", "account"): 1}
    assert len([row for row in rows["records"] if row[1] == "payment"]) == 1  # the second payment was too much
