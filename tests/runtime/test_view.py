"""SqlView on the made-up shop: overlay, formulas, rules upwards, unique values, serials, loads, searches, merging."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from engine.interpreter.view import Unfit, View
from engine.language.expressions.parse import Expression, parse
from engine.runtime.records import SearchTooWide, cache_of
from engine.runtime.store.errors import Conflict
from engine.runtime.store.queries.records import keys_of_record, loads_of, versions_of_record
from engine.runtime.store.statements import RECORD_UNIQUE, RECORDS
from engine.runtime.store.store import Store
from tests.runtime.shop import NOW, made, one_step, shop, view_on


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    return open_store("sqlite://")


def expression(text: str) -> Expression:
    parsed = parse(text)
    assert isinstance(parsed, Expression)
    return parsed


def lead(store: Store, **values: Any) -> int:
    return made(store, "lead", **{"company": "大河机械", "phone": "138 0013 8000", **values})


def bought(store: Store, amount: str = "100") -> tuple[int, int]:
    """A contract and its one instalment."""
    account = made(store, "account", name="安平公司", owner="an")
    contract = made(store, "contract", account=account, owner="an", amount=amount)
    return contract, made(store, "instalment", contract=contract, amount=amount)


def load_rows(store: Store, kind: str) -> dict[str, int]:
    with store.read() as reader:
        return {m: row.n for m, row in loads_of(reader, ["an", "bo", "cai"], kind).items() if row.n}


# -- creating


def test_it_is_a_view(store: Store) -> None:
    with store.write() as transaction:
        view: View = view_on(transaction)
        assert view.now == NOW


def test_a_new_record_has_its_starting_values(store: Store) -> None:
    id = lead(store, email="Info@Example.com")
    with one_step(store) as view:
        record = view.record("lead", id)
        assert record is not None
        assert (record["status"], record["score"], record["arrived_at"]) == ("open", 0, NOW)
        assert (record["phone"], record["email"]) == ("+8613800138000", "info@example.com")
        assert (record["id"], record["created_at"], record["version"]) == (id, NOW, None)
        assert view.record("account", id) is None


@pytest.mark.parametrize(
    ("values", "field", "rule"),
    [
        ({"region": "north"}, "region", "region"),
        ({"score": 101}, "score", "score"),
        ({"score": "many"}, "score", "score"),
        ({"phone": "12"}, "phone", "phone"),
        ({"owner": "nobody_here"}, "owner", "owner"),
        ({"owner": "fu"}, "owner", "owner"),
        ({"company": "x" * 10_001}, "company", "company"),
        ({"visits": []}, "visits", "visits"),
        ({"colour": "red"}, "colour", "colour"),
    ],
)
def test_what_does_not_fit_is_told_in_both_languages(
    store: Store, values: dict[str, Any], field: str, rule: str
) -> None:
    with store.write() as transaction:
        view = view_on(transaction)
        with pytest.raises(Unfit) as unfit:
            view.create("lead", {"company": "大河", "phone": "13800138000", **values})
        (violation,) = unfit.value.violations
        assert (violation.field, violation.rule, violation.form) == (field, rule, "lead")
        assert violation.zh != violation.en
        assert not transaction.batch.pending()


def test_a_reference_must_lead_somewhere(store: Store) -> None:
    with store.write() as transaction, pytest.raises(Unfit, match="no record"):
        view_on(transaction).create("visit", {"lead": 12345})


def test_rows_of_a_list_get_their_starting_values(store: Store) -> None:
    contract, _ = bought(store)
    with one_step(store) as view:
        record = view.record("contract", contract)
        assert record is not None
        view.write(record, {"plan": [{"amount": "40"}, {"amount": 60, "after": "delivery"}]})
        assert [(row["amount"], row["after"]) for row in record["plan"]] == [
            (Decimal("40.00"), "signing"),
            (Decimal("60.00"), "delivery"),
        ]
        with pytest.raises(Unfit):
            view.write(record, {"plan": [{"amuont": "40"}]})


def test_serial_numbers_count_up_and_a_forgotten_step_gives_them_back(store: Store) -> None:
    account = made(store, "account", name="安平", owner="an")
    values = {"account": account, "amount": 5}
    with one_step(store) as view:
        assert view.create("contract", values)["number"] == "HT-202603-001"
        view.forget()
        assert [view.create("contract", values)["number"] for _ in range(2)] == ["HT-202603-001", "HT-202603-002"]
    with one_step(store) as view:
        assert view.create("contract", values)["number"] == "HT-202603-003"
    with one_step(store, now=dt.datetime(2026, 3, 31, 16, 0, tzinfo=dt.UTC)) as view:  # 1 April in Shanghai
        assert view.create("contract", values)["number"] == "HT-202604-001"


# -- laying over


def test_a_formula_reads_what_the_step_wrote(store: Store) -> None:
    contract, instalment = bought(store)
    with one_step(store) as view:
        one, above = view.record("instalment", instalment), view.record("contract", contract)
        assert one is not None
        assert above is not None
        assert (one["paid"], one["balance"], above["unpaid"]) == (0, 100, 100)
        payment = view.create("payment", {"reference": "A1", "amount": 30, "instalment": one})
        assert one["paid"] == 0
        view.write(payment, {"status": "matched"})
        assert (one["paid"], one["balance"], above["unpaid"]) == (30, 70, 70)
        assert above["account"]["debt"] == 70
        view.write(payment, {"instalment": None})
        assert (one["paid"], one["payments"]) == (0, ())


def test_earlier_events_of_the_batch_are_seen_and_a_refused_one_is_not(store: Store) -> None:
    _, instalment = bought(store)
    with store.write() as transaction:
        first = view_on(transaction)
        one = first.record("instalment", instalment)
        first.create("payment", {"reference": "A1", "amount": 30, "instalment": one, "status": "matched"})
        assert first.settle() == []
        first.save()

        refused = view_on(transaction)
        refused.create("payment", {"reference": "A2", "amount": 20, "instalment": instalment, "status": "matched"})

        undone = view_on(transaction)
        mark = transaction.batch.mark()
        undone.create("payment", {"reference": "A3", "amount": 40, "instalment": instalment, "status": "matched"})
        undone.save()
        seen = view_on(transaction).record("instalment", instalment)
        assert seen is not None
        assert seen["paid"] == 70
        transaction.batch.truncate(mark)

        last = view_on(transaction)
        seen = last.record("instalment", instalment)
        assert seen is not None
        assert seen["paid"] == 30
        assert [p["reference"] for p in seen["payments"]] == ["A1"]
        assert last.by_unique("payment", "reference", "A3") is None
        assert last.by_unique("payment", "reference", "a1") is not None
        transaction.flush()
        assert [p["reference"] for p in view_on(transaction).record("instalment", instalment)["payments"]] == ["A1"]  # type: ignore[index]


def test_one_version_row_an_event_says_what_changed(store: Store) -> None:
    id = lead(store)
    with store.write() as transaction:
        view = view_on(transaction)
        record = view.record("lead", id)
        assert record is not None
        view.write(record, {"score": 5})
        view.write(record, {"score": 7, "note": "谈过"})
        view.write(record, {"company": "大河机械"})  # as it was
        saved = view.save("7.3")
        (change,) = saved.changes
        assert change.fields == {"score", "note"}
        assert saved.touched == {f"lead:{id}"}
    with store.read() as reader:
        first, second = versions_of_record(reader, id)
        assert (second.version, second.actor, second.cause) == (2, "an", "7.3")
        assert second.changes == '{"score":[0,7],"note":[null,"谈过"]}'
        row = reader.row(RECORDS, id)
        assert row is not None
        assert (first.version, row.version, row.owner) == (1, 2, None)


def test_another_writer_in_between_is_a_conflict(store: Store) -> None:
    id = lead(store)
    with pytest.raises(Conflict), store.write() as transaction:  # noqa: PT012
        view = view_on(transaction)
        record = view.record("lead", id)
        assert record is not None
        row = cache_of(transaction).row(id)
        assert row is not None
        transaction.batch.change(RECORDS, row, row._replace(version=9))
        transaction.flush()
        view.write(record, {"score": 5})
        view.save()


# -- rules


def rules_of(view: Any) -> list[str]:
    return [violation.rule for violation in view.settle()]


def test_a_payment_is_refused_by_the_rule_of_its_instalment(store: Store) -> None:
    _, instalment = bought(store)
    with store.write() as transaction:
        view = view_on(transaction)
        payment = view.create("payment", {"reference": "A1", "amount": 130, "instalment": instalment})
        assert view.settle() == []
        view.write(payment, {"status": "matched"})
        (violation,) = view.settle()
        assert (violation.rule, violation.form, violation.field) == ("not_overpaid", "instalment", None)
        assert (violation.zh, violation.en) == ("到账超过应收", "More was paid than is due")


def test_a_rule_that_reads_a_list_raises_the_version_of_its_record(store: Store) -> None:
    _, instalment = bought(store)
    with one_step(store) as view:
        view.create("payment", {"reference": "A1", "amount": 30, "instalment": instalment, "status": "matched"})
    with store.read() as reader:
        row = reader.row(RECORDS, instalment)
        assert row is not None
        assert (row.version, row.changed_at) == (2, row.created_at)
        assert len(versions_of_record(reader, instalment)) == 1


def test_required_fields_may_be_filled_by_several_writes(store: Store) -> None:
    with store.write() as transaction:
        view = view_on(transaction)
        record = view.create("lead", {"phone": "13800138000"})
        assert rules_of(view) == ["company"]
        view.write(record, {"company": "大河"})
        assert rules_of(view) == []
        view.write(record, {"phone": None})
        assert rules_of(view) == ["reachable"]


def test_touched_goes_upwards_to_the_end(store: Store) -> None:
    contract, instalment = bought(store)
    with store.write() as transaction:
        view = view_on(transaction)
        payment = view.create("payment", {"reference": "A1", "amount": 30, "instalment": instalment})
        account = view.record("contract", contract)["account"]  # type: ignore[index]
        up = {f"payment:{payment.id}", f"instalment:{instalment}", f"contract:{contract}", f"account:{account.id}"}
        assert view.touched() == up
        assert view.touched() == frozenset()
        visit = view.create("visit", {"lead": lead_in(view)})
        assert view.touched() == {f"visit:{visit.id}", f"lead:{visit['lead'].id}"}


def test_a_list_of_my_account_is_reached_by_way_of_it(store: Store) -> None:
    contract, _ = bought(store)
    with one_step(store) as view:
        first: Any = view.record("contract", contract)
        account = first["account"]
        alone = view.create("account", {"name": "独立公司", "owner": "an"})
        assert (list(first["siblings"]), first["contracts_of_account"]) == ([first], 1)
        seen: set[str] = set()
        view._drafts.watch(seen)
        assert len(first["siblings"]) == 1
        view._drafts.unwatch()
        view.touched()
        second: Any = view.create("contract", {"account": account, "owner": "an", "amount": 5})
        touched = view.touched()
        assert seen & touched  # a condition that counts them is looked at again
        assert f"contract:{contract}" in touched  # its formula reads the new one
        assert list(second["siblings"]) == [first, second]
        assert first["contracts_of_account"] == 2
        view.write(second, {"account": alone})
        assert f"contract:{contract}" in view.touched()
        assert (first["contracts_of_account"], list(second["siblings"])) == (1, [second])


def lead_in(view: Any) -> Any:
    return view.create("lead", {"company": "大河", "email": "a@example.com"})


def test_tracked_names_every_record_that_was_read_also_known_ones(store: Store) -> None:
    contract, instalment = bought(store)
    paid = made(store, "payment", reference="A1", amount=30, instalment=instalment, status="matched")
    with one_step(store) as view:
        above = view.record("contract", contract)
        assert above is not None
        assert above["unpaid"] == 70
        value, keys = view.tracked(lambda: above["unpaid"])
        assert value == 70
        assert keys == {f"contract:{contract}", f"instalment:{instalment}", f"payment:{paid}"}
        assert view.tracked(lambda: 1) == (1, frozenset())


# -- unique values


def test_a_unique_value_is_held_by_one_record(store: Store) -> None:
    made(store, "account", name="安平有限公司", owner="an")
    with store.write() as transaction:
        view = view_on(transaction)
        with pytest.raises(Unfit) as unfit:
            view.create("account", {"name": "安平"})
        assert [(v.rule, v.field) for v in unfit.value.violations] == [("unique", "name")]
        new = view.create("account", {"name": "大河"})
        with pytest.raises(Unfit):
            view.create("account", {"name": "大河公司"})
        with pytest.raises(Unfit):
            view.write(new, {"name": "安平"})
        assert new["name"] == "大河"
        there = view.by_unique("account", "name", "安平")
        assert there is not None
        view.write(there, {"name": "小溪"})
        view.write(new, {"name": "安平"})
        view.save()
    with store.read() as reader:
        holder = reader.row(RECORD_UNIQUE, "account", "name", "安平")
        assert holder is not None
        assert holder.record_id == new.id


# -- loads


def test_loads_count_open_records_by_owner(store: Store) -> None:
    first = lead(store, owner="an")
    with one_step(store) as view:
        second = view.create("lead", {"company": "小溪", "phone": "13900139000", "owner": "an"})
        assert view.loads(["an", "cai"], "lead") == {"an": 2, "cai": 0}
        assert view.context.held(view.person("an"), "lead") == 2  # type: ignore[arg-type]
        view.write(second, {"status": "closed"})
        assert view.loads(["an"], "lead") == {"an": 1}
        view.write(second, {"status": "open", "owner": "cai"})
    assert load_rows(store, "lead") == {"an": 1, "cai": 1}
    with one_step(store) as view:
        record = view.record("lead", first)
        assert record is not None
        view.write(record, {"status": "closed"})
    assert load_rows(store, "lead") == {"cai": 1}


def test_who_owns_by_a_path_moves_with_what_it_leads_to(store: Store) -> None:
    contract, instalment = bought(store)
    assert load_rows(store, "instalment") == {"an": 1}
    with one_step(store) as view:
        record = view.record("contract", contract)
        assert record is not None
        view.write(record, {"owner": "cai"})
        assert view.loads(["an", "cai"], "instalment") == {"an": 0, "cai": 1}
    assert load_rows(store, "instalment") == {"cai": 1}
    with store.read() as reader:
        row = reader.row(RECORDS, instalment)
        assert row is not None
        assert (row.owner, row.team) == ("cai", "east")


# -- searches


def found(view: Any, where: str, form: str = "lead", take: int | None = None, order: Any = (), **env: Any) -> list[int]:
    return [record.id for record in view.find(form, expression(where), env, order, take)]


def test_find_by_a_key_by_a_scan_and_in_order(store: Store) -> None:
    first = lead(store, score=1, region="east")
    second = lead(store, score=3, phone="13900139000")
    third = lead(store, score=2, owner="an")
    with one_step(store) as view:
        assert found(view, "lead.phone == number", number="+8613800138000") == [first, third]
        assert found(view, "lead.phone == number and score > 1", number="+8613800138000") == [third]
        assert found(view, "lead.phone == number", number=None) == []
        assert found(view, "lead.owner == who", who=view.person("an")) == [third]
        assert found(view, "lead.phone in ['+8613900139000', '+861']") == [second]
        assert found(view, "lead.score >= 2") == [second, third]
        assert found(view, "lead.score >= 0", order=[("highest", expression("lead.score"))], take=2) == [second, third]
        assert found(view, "score >= 0", order=[("lowest", expression("score"))], take=1) == [first]
        assert found(view, "score >= 0", order=[("highest", expression("region")), ("newest", None)]) == [
            first,
            third,
            second,
        ]
        record = view.record("lead", first)
        assert record is not None
        view.write(record, {"phone": "13900139000"})
        new = view.create("lead", {"company": "新来", "phone": "13800138000"})
        assert found(view, "lead.phone == number", number="+8613800138000") == [third, new.id]
        assert new.id in found(view, "lead.score == 0")


def test_a_name_outside_is_not_a_field(store: Store) -> None:
    contract, instalment = bought(store)
    with one_step(store) as view:
        outside = view.record("contract", contract)
        assert found(view, "instalment.contract == contract", "instalment", contract=outside) == [instalment]


def test_a_search_too_wide_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        lead(store, phone=f"1380013800{number}", source="web")
    with one_step(store) as view:
        monkeypatch.setattr("engine.runtime.search.MOST", 2)
        with pytest.raises(SearchTooWide) as wide:
            found(view, "lead.score == 0")
        assert wide.value.code == "search-too-wide"
        assert len(found(view, "lead.phone == '+8613800138001'")) == 1
        with pytest.raises(SearchTooWide):
            found(view, "lead.source == 'web'")


def test_twins_by_key_and_by_alike_names(store: Store) -> None:
    first = lead(store, company="上海大河机械有限公司")
    lead(store, company="北京小溪食品", phone="13900139000")
    with one_step(store) as view:
        new = view.create("lead", {"company": "上海市大河机械", "phone": "13700137000"})
        assert [r.id for r in view.alike("lead", "company", "大河机械")] == [first, new.id]
        assert [r.id for r in view.by_key("lead", "phone", "138 0013 8000")] == [first]
        assert view.by_key("lead", "phone", None) == []
        visit = view.create("visit", {"lead": first})
        assert [r.id for r in view.by_key("visit", "lead.phone", "13800138000")] == [visit.id]


def test_a_list_too_long_for_a_formula_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _, instalment = bought(store)
    for number in range(3):
        made(store, "payment", reference=f"A{number}", amount=1, instalment=instalment)
    with store.write() as transaction:
        monkeypatch.setattr("engine.runtime.drafts.MOST", 2)
        record = view_on(transaction).record("instalment", instalment)
        assert record is not None
        with pytest.raises(SearchTooWide):
            _ = record["balance"]


# -- merging


def test_merging_moves_references_and_hides_the_loser(store: Store) -> None:
    loser, winner = lead(store, owner="an"), lead(store, company="小溪")
    visit = made(store, "visit", lead=loser, minutes=5)
    with one_step(store) as view:
        one, other = view.record("lead", loser), view.record("lead", winner)
        assert one is not None
        assert other is not None
        view.merge(one, other)
        assert [v.id for v in other["visits"]] == [visit]
        assert one["visits"] == ()
        assert found(view, "lead.phone == '+8613800138000'") == [winner]
        assert found(view, "lead.score == 0") == [winner]
    with one_step(store) as view:
        one, other = view.record("lead", loser), view.record("lead", winner)
        assert one is not None
        assert other is not None
        assert one["company"] == "大河机械"
        assert [v.id for v in other["visits"]] == [visit]
        assert found(view, "lead.score == 0") == [winner]
    assert load_rows(store, "lead") == {}
    with store.read() as reader:
        assert keys_of_record(reader, loser) == []
        row = reader.row(RECORDS, loser)
        assert row is not None
        assert row.merged_into == winner


# -- people and time


def test_people_of_the_organization(store: Store) -> None:
    with one_step(store) as view:
        an, bo = view.person("an"), view.person("bo")
        assert an is not None
        assert bo is not None
        assert (an["name"], an["manager"], an["regions"], an["lead_cap"]) == ("安", bo, ("east", "west"), 3)
        assert (bo["manager"], bo["team"], an["win_rate"]) == (None, None, None)
        assert view.person("nobody_here") is None
        assert [p.id for p in view.members("sales", "east")] == ["an", "cai"]
        assert [p.id for p in view.members(None, None)] == ["bo", "an", "cai", "fu"]
        assert view.context.managers(an) == [bo]
        assert view.context.head("east") == bo
        assert view.substitute(an) is None
    with one_step(store, now=dt.datetime(2026, 3, 2, 16, 0, tzinfo=dt.UTC)) as view:  # Tuesday in Shanghai
        assert view.substitute(an) == ("substitute_decides", view.person("cai"))


def test_the_calendar_is_the_persons_else_the_named_else_the_packs(store: Store) -> None:
    with one_step(store) as view:
        assert view.calendar(None).name == "office"
        assert view.calendar("late").name == "late"
        assert view.calendar(None, view.person("an")).name == "office"
        assert view.calendar(None, view.person("bo")).name == "late"
        with pytest.raises(LookupError):
            view.calendar("night")


def test_labels_and_titles(store: Store) -> None:
    id = lead(store, region="east")
    _, instalment = bought(store)
    with store.write() as transaction:
        view, english = view_on(transaction), view_on(transaction, language="en")
        record = view.record("lead", id)
        assert record is not None
        assert view.context.label(record) == "大河机械"
        assert view.context.label(view.record("instalment", instalment)) == f"分期款 {instalment}"  # type: ignore[arg-type]
        assert view.context.title_of(record, "region", "east") == "东"
        assert english.context.title_of(None, None, "east") == "East"
        assert english.context.title_of(None, None, "west") == "西"
        assert view.context.title_of(None, None, "green") == "green"


def test_changed_knows_the_event_and_the_step(store: Store) -> None:
    id = lead(store)
    with one_step(store, changed_fields={f"lead:{id}": {"phone"}}) as view:
        record = view.record("lead", id)
        assert record is not None
        assert view.context.changed(record, "phone")
        assert not view.context.changed(record, "score")
        view.write(record, {"score": 4})
        assert view.context.changed(record, "score")
        view.save()
        again = view.record("lead", id)
        assert again is not None
        assert view.context.changed(again, "score")
        assert not view.context.changed(again, "note")


def test_the_pack_of_the_view(store: Store) -> None:
    with one_step(store) as view:
        assert view.pack is shop()[0]
        assert view.type_of("lead", "nothing") is None
        assert str(view.type_of("lead", "score")) == "Plain(name='number')"
        assert view.cursor("care/terms") == -1


def test_a_key_that_an_earlier_event_took_away_finds_nothing(store: Store) -> None:
    id = lead(store)
    visit = made(store, "visit", lead=id)
    other = lead(store, phone="13900139000")
    with store.write() as transaction:
        for flush in (False, True):
            view = view_on(transaction)
            moved = view.record("visit", visit)
            target = view.record("lead", id if flush else other)
            assert moved is not None
            assert target is not None
            left = moved["lead"]
            view.write(moved, {"lead": target})
            view.save()
            if flush:
                transaction.flush()
            after = view_on(transaction)
            assert after.record("lead", left.id)["visits"] == ()  # type: ignore[index]
            assert [v.id for v in after.record("lead", target.id)["visits"]] == [visit]  # type: ignore[index]
