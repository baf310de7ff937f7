"""Functions that cut an amount of money: into equal instalments, or by shares. Nothing gets lost, to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from engine.language.durations import Duration
from engine.language.expressions.arithmetic import Env, Number, add, local_date, multiply
from engine.language.expressions.context import context_of
from engine.language.expressions.faults import MOST_ROWS, ExpressionFault, ExpressionLimit
from engine.language.expressions.functions.declare import function
from engine.language.expressions.functions.number import parts_of
from engine.language.expressions.things import Row
from engine.language.expressions.types import DATE, MONEY, ListOf, Rows

PLAN = ListOf(Rows("plan_of", {"due_on": DATE, "amount": MONEY}))


@function(
    "amount: money, count: number, every: duration",
    gives=lambda _: PLAN,
    en="Rows {due_on, amount}: the first due one step after today, each on a workday; the last takes the cents left.",
    zh="按期数生成 {due_on, amount} 行：首期在今天之后一个间隔到期，逢非工作日顺延；除不尽的分记在最后一期。",
    needs_env=True,
)
def plan_of(env: Env, amount: Decimal, count: Number, every: Duration) -> tuple[Row, ...] | None:
    if count < 1 or count != int(count):
        return None
    if count > MOST_ROWS:
        raise ExpressionLimit(f"a plan of more than {MOST_ROWS:,} rows")
    number = int(count)
    context = context_of(env)
    today = local_date(context.now, env)
    rows = []
    for index, part in enumerate(parts_of(amount, [1] * number, number), start=1):
        due_on = add(today, multiply(every, index, env), env)
        if due_on is None:
            return None
        rows.append(Row(due_on=context.next_workday(due_on), amount=part))
    return tuple(rows)


@function(
    "amount: money, shares: list",
    gives=lambda _: ListOf(MONEY),
    en="The amount cut by shares that add up to 100; the parts add up to the amount exactly.",
    zh="按合计为 100 的比例拆分金额；各部分之和恰好等于金额。",
)
def split_by(amount: Decimal, shares: Sequence[Number | None]) -> tuple[Decimal, ...]:
    filled = [share for share in shares if share is not None]
    if not filled or len(filled) != len(shares) or sum(filled) != 100 or min(filled) < 0:
        raise ExpressionFault("the shares of split_by must be filled in and add up to 100")
    return tuple(parts_of(amount, filled, 100))
