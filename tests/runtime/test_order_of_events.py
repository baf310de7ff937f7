"""What one write or signal means for others: the order of LANGUAGE 12.2, starts by formulas over other records."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.engine import Engine

CHAOS = Path(__file__).resolve().parents[1] / "chaos" / "pack"
FORMS = {
    "forms/bill.yaml": """
form: bill
fields:
  number: {type: text, required: yes}
  wanted: {type: number, required: yes}
  payments: {type: records, of: payment, by: bill}
  paid: {type: number, formula: sum(p.amount for p in payments)}
  settled: {type: yes_no, formula: paid >= wanted}
  log: {type: text}
""",
    "forms/payment.yaml": """
form: payment
fields:
  bill: {type: record, of: bill, required: yes}
  amount: {type: number, required: yes}
""",
}
SETTLED = """
workflow: thank
case: bill
second_start: refuse
start: {settled: {becomes: bill.settled, next: ask}}
nodes:
  ask: {type: user_task, offer: {role: worker}, deadline: none, next: end}
"""
LISTENER = """
workflow: listen
case: bill
second_start: refuse
start: {made: {created: bill, next: outer}}
nodes:
  outer:
    type: subprocess
    start: inner
    meanwhile: {too: {EVENT, next: second}}
    nodes:
      inner: {type: user_task, offer: {role: worker}, deadline: none, interrupt: {off: {EVENT, next: first}}, next: end}
      first:
        type: set
        set:
          bill.log: = first_of(bill.log, '') + 'first,'
        next: rest
      rest: {type: user_task, offer: {role: worker}, deadline: none, next: end}
    next: end
  second:
    type: set
    set:
      bill.log: = first_of(bill.log, '') + 'second,'
    next: end
"""
STARTED = """
workflow: later
second_start: allow
case: bill
start: {heard: {EVENT, next: note}}
nodes:
  note:
    type: set
    set:
      bill.log: = first_of(bill.log, '') + 'started,'
    next: end
"""
HERALD = """
workflow: herald
case: bill
second_start: allow
start: {asked: {button: Tell, next: tell}}
nodes:
  tell: {type: signal, signal: red, next: end}
"""


class Clock:
    def __init__(self) -> None:
        self.now = 1_772_442_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = Engine.open(database_url, clock=Clock())
    yield opened
    assert opened.verify() == []
    opened.close()


def deploy(engine: Engine, **workflows: str) -> None:
    kept = ("pack.yaml", "calendars/always.yaml", "people/org.yaml")
    texts = {path: (CHAOS / path).read_text("utf-8") for path in kept} | FORMS
    engine.deploy(texts | {f"workflows/{name}.yaml": text for name, text in workflows.items()})


def bill(engine: Engine, wanted: int = 100) -> str:
    return str(engine.create_record("bill", {"number": "B", "wanted": wanted})["id"])


def pay(engine: Engine, bill: str, amount: int) -> str:
    return str(engine.create_record("payment", {"bill": {"form": "bill", "id": int(bill)}, "amount": amount})["id"])


def cases(engine: Engine) -> list[str]:
    engine.drain()
    found = [engine.cases(workflow="thank", status=status, limit=50)["items"] for status in ("completed", "active")]
    return [case["record"]["id"] for some in found for case in some]


def log(engine: Engine, bill: str) -> Any:
    engine.drain()
    return engine.record("bill", bill)["fields"].get("log")


# ---- starts by formulas over other records


def test_a_start_hears_a_formula_over_other_records_turn_true(engine: Engine) -> None:
    deploy(engine, thank=SETTLED)
    first, other = bill(engine), bill(engine)
    pay(engine, first, 60)
    assert cases(engine) == []
    pay(engine, first, 40)
    assert cases(engine) == [first]
    pay(engine, first, 5)
    assert cases(engine) == [first], "it was true already"
    pay(engine, other, 100)
    assert sorted(cases(engine)) == sorted([first, other])
    assert engine.incidents()["items"] == []


def test_a_start_hears_it_again_after_it_was_false(engine: Engine) -> None:
    deploy(engine, thank=SETTLED)
    of = bill(engine)
    payment = pay(engine, of, 100)
    task = engine.tasks()["items"][0]
    engine.complete(task["id"], "done", "ann")
    engine.change_record("payment", payment, {"amount": 10})
    assert len(cases(engine)) == 1
    engine.change_record("payment", payment, {"amount": 100})
    assert cases(engine) == [of, of]


def test_a_payment_that_moves_to_another_bill_settles_that_one(engine: Engine) -> None:
    deploy(engine, thank=SETTLED)
    one, other = bill(engine), bill(engine)
    payment = pay(engine, one, 70)
    pay(engine, other, 30)
    engine.change_record("payment", payment, {"bill": {"form": "bill", "id": int(other)}})
    assert cases(engine) == [other]


def test_a_start_may_read_a_list_without_a_formula(engine: Engine) -> None:
    deploy(engine, thank=SETTLED.replace("bill.settled", "count(bill.payments) >= 2"))
    of = bill(engine)
    pay(engine, of, 1)
    pay(engine, of, 1)
    pay(engine, of, 1)
    assert cases(engine) == [of]


def test_two_payments_at_once_start_one_case(postgres_url: str) -> None:
    """Neither payment alone settles the bill; whoever commits second must see the first."""
    first, second = Engine.open(postgres_url), Engine.open(postgres_url)
    try:
        deploy(first, thank=SETTLED)
        bills = [bill(first) for _ in range(30)]
        gate = threading.Barrier(2)

        def half(engine: Engine) -> None:
            for of in bills:
                gate.wait(20)
                pay(engine, of, 50)

        threads = [threading.Thread(target=half, args=(engine,)) for engine in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        first.drain()
        assert sorted(cases(first)) == sorted(bills)
        assert first.incidents()["items"] == []
    finally:
        first.close()
        second.close()


# ---- order


@pytest.mark.parametrize("event", ["changed: bill, fields: [wanted]", "becomes: bill.wanted == 1", "signal: red"])
def test_inner_interrupts_come_before_outer_meanwhiles_and_both_before_starts(engine: Engine, event: str) -> None:
    start = event.replace("signal: red", "changed: bill, fields: [wanted]")
    deploy(engine, listen=LISTENER.replace("EVENT", event), later=STARTED.replace("EVENT", start), herald=HERALD)
    of = bill(engine)
    if event == "signal: red":
        engine.signal("red")
        assert log(engine, of) == "first,second,"
        return
    engine.change_record("bill", of, {"wanted": 1})
    assert log(engine, of) == "first,second,started,"
