"""A made-up office for the tests of the reading side: a deal that clerks take, the boss decides and a bank books."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engine.engine import Engine
from engine.runtime.reading import cases
from engine.runtime.reading.look import Language, Look

MONDAY = 1_772_413_200_000_000
"""2026-03-02 09:00 in Shanghai, in microseconds UTC."""
MINUTE = 60_000_000

TEXTS = {
    "pack.yaml": """\
pack: office
language: zh
also: [en]
currency: CNY
time_zone: Asia/Shanghai
calendar: week
approval_policies:
  standard:
    decide: all
    starter_is_approver: allow
    approved_before: ask
    nobody: {incident: yes}
    person_away: substitute
    opinion: when_refusing
    may: [transfer]
""",
    "calendars/week.yaml": """\
calendar: week
time_zone: Asia/Shanghai
hours: {mon: [09:00-18:00], tue: [09:00-18:00], wed: [09:00-18:00], thu: [09:00-18:00], fri: [09:00-18:00]}
holidays: {country: CN, from: 2024, to: 2026}
""",
    "people/staff.yaml": """\
organization: staff
roles: {clerk: {title: 职员}, boss: {title: 主管}}
people:
  mia: {name: 米亚, roles: [boss], manager: none}
  tom: {name: 汤姆, roles: [clerk], manager: mia}
  eva: {name: 伊娃, roles: [clerk], manager: mia}
  ida: {name: 艾达, roles: [clerk], manager: mia}
away:
  - {person: ida, from: 2026-03-02, to: 2026-03-06, substitute: tom, mode: substitute_decides}
""",
    "forms/deal.yaml": """\
form: deal
title: 交易
label: = name
fields:
  name: {title: 名称, type: text, required: yes}
  owner: {title: 负责人, type: person, required: yes}
  amount: {title: 金额, type: money}
  kind: {title: 类型, type: choice, of: {big: 大单, small: 小单}, start_with: small, required: yes}
access:
  - {role: clerk, records: all, may: [read, create, edit]}
""",
    "connections/bank.yaml": """\
connection: bank
title: 银行
kind: python
callable: bank
secret: BANK_KEY
calls: {book: {takes: {name: {type: text}}, timeout: 10 seconds}}
""",
    "workflows/handle.yaml": """\
workflow: handle
title: 处理交易
case: deal
second_start: allow
start:
  new_deal: {created: deal, next: check}
interrupt:
  stop: {button: 停止, by: deal.owner, next: stopped}
nodes:
  check:
    type: user_task
    title: 核对
    offer: {role: clerk}
    read: [name, kind]
    edit: [amount]
    deadline: {within: 60 workminutes, remind: {every: 30 workminutes, times: 1}, keep_open: yes}
    buttons:
      good: {title: 无误, needs: [deal.amount], that: deal.kind == 'small', say: 大单不能直接通过}
      bad: {title: 有误, needs: [opinion]}
    next: {good: confirm, bad: rejected}
  confirm:
    type: user_task
    title: 确认
    assignee: deal.owner
    deadline: {within: 1 workdays, transfer_to: manager(assignee)}
    buttons: {sure: {title: 确定}}
    next: {sure: decide}
  decide:
    type: approval
    title: 审批
    policy: standard
    approvers: {role: boss}
    deadline: none
    next: {approved: book, refused: rejected}
  book: {type: service, title: 记账, connection: bank, call: book, give: {name: = deal.name}, next: booked}
  booked: {type: end, result: booked}
  rejected: {type: end, result: rejected}
  stopped: {type: end, result: stopped}
""",
    "texts/en.yaml": """\
texts: en
connections/bank: Bank
forms/deal: Deal
forms/deal/name: Name
forms/deal/owner: Owner
forms/deal/amount: Amount
forms/deal/kind: Kind
forms/deal/kind/big: Big
forms/deal/kind/small: Small
people/staff/roles/clerk: Clerk
people/staff/roles/boss: Boss
workflows/handle: Handle a deal
workflows/handle/interrupt/stop: Stop
workflows/handle/check: Check
workflows/handle/check/good: All good
workflows/handle/check/good/say: A big deal cannot pass at once
workflows/handle/check/bad: Not good
workflows/handle/confirm: Confirm
workflows/handle/confirm/sure: Sure
workflows/handle/decide: Decide
workflows/handle/book: Book it
""",
}


class Office:
    """An engine on this pack with a clock that tests set. The bank fails while `bank_is_down`."""

    def __init__(self) -> None:
        self.now = MONDAY
        self.bank_is_down = False
        self.engine = Engine.open("sqlite://", clock=lambda: self.now, services={"bank": self._bank})
        self.engine.deploy(TEXTS)

    def _bank(self, *given: Any, **more: Any) -> dict[str, Any]:
        if self.bank_is_down:
            raise RuntimeError("the bank is closed")
        return {}

    def deal(self, **values: Any) -> tuple[str, str]:
        """A new deal: its id, and its case."""
        made = self.engine.create_record("deal", {"name": "样例", "owner": "eva", **values})
        return made["id"], made["cases"][0]

    @contextmanager
    def look(self, language: Language = "zh") -> Iterator[Look]:
        with self.engine.look() as look:
            yield look.speaking(language)

    def task_of(self, case: str) -> str:
        """The first open task of a case."""
        with self.look() as look:
            found = cases.case(look, case)
        assert found is not None
        return str(found["tasks"][0]["id"])

    def to_decide(self, **values: Any) -> str:
        """A case that waits for the boss."""
        _, case = self.deal(**values)
        self.engine.complete(self.task_of(case), "good", "tom", {"amount": "100"})
        owner = values.get("owner", "eva")
        self.engine.complete(self.task_of(case), "sure", "tom" if owner == "ida" else owner)
        return case
