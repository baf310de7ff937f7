"""The main job on made-up leads: what `make demo` runs. Its own folder, its own clock, no network; under a minute.

Leads are imported, scored, deduplicated and handed out; a call is made; a contract is approved, signed and its instalments
are watched; one stays unpaid and climbs from sales to the director. The clock is moved by hand, so two months take seconds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "examples")]

from fakes import CALLABLES, SENT  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from engine.engine import Engine  # noqa: E402
from engine.folder import read_folder  # noqa: E402
from engine.importing import EngineDoor, import_rows, open_sheet, read_mapping  # noqa: E402
from engine.language.source import Source  # noqa: E402

ZONE = ZoneInfo("Asia/Shanghai")
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
MICRO = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Demo:
    """`now` is the demo's clock; it moves only where `wait_until` says so."""

    def __init__(self, folder: Path, chinese: bool) -> None:
        self.chinese, self.now = chinese, BEGIN
        self.language = "zh" if chinese else "en"
        self.console = Console(width=100 if not sys.stdout.isatty() else None, highlight=False)
        self.engine = Engine.open(
            f"sqlite:///{folder / 'demo.db'}", clock=lambda: (self.now - EPOCH) // MICRO, services=CALLABLES
        )

    def say(self, en: str, zh: str) -> None:
        when = self.now.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
        self.console.print(f"[dim]{when}[/dim]  {zh if self.chinese else en}")

    def head(self, en: str, zh: str) -> None:
        self.console.print(f"\n[bold]{zh if self.chinese else en}[/bold]")

    def table(self, columns: list[tuple[str, str]], rows: list[list[Any]]) -> None:
        table = Table()
        for en, zh in columns:
            table.add_column(zh if self.chinese else en)
        for row in rows:
            table.add_row(*map(str, row))
        self.console.print(table)

    def name(self, person: str | None) -> str:
        organization = self.engine.pack.organization
        assert organization is not None
        if person is None:
            return "待认领" if self.chinese else "offered"
        return f"{organization.people[person].name} ({person})"

    def wait_until(self, moment: datetime) -> None:
        """Whatever is due until then happens at its own time."""
        target = (moment - EPOCH) // MICRO
        self.engine.drain()
        while (due := self.engine.next_due()) is not None and due <= target:
            self.now = max(self.now, EPOCH + due * MICRO)
            if not self.engine.drain():
                break
        self.now = moment
        self.engine.drain()

    def task_of(self, form: str, id: str) -> dict[str, Any]:
        return self.engine.tasks(language=self.language, record=f"{form}:{id}")["items"][0]

    # ---- the story

    def deploy(self) -> None:
        self.head("1. Definitions", "1. 定义")
        texts: dict[str, str] = {}
        for folder in (ROOT / "definitions", ROOT / "examples" / "demo"):  # the second brings the fakes
            sources, _ = read_folder(folder)
            texts |= {Path(s.path).resolve().relative_to(folder).as_posix(): s.text for s in sources}
        answer = self.engine.deploy(texts)
        n = len(answer["changed"])
        self.say(f"{n} definitions checked and deployed; e-mail, SMS, WeCom and e-sign are stand-ins",
                 f"已检查并发布 {n} 个定义；邮件、短信、企业微信和电子签均为演示替身")  # fmt: skip

    def leads(self) -> None:
        self.head("2. Leads come in", "2. 线索导入")
        file = ROOT / "examples" / "sample_leads.mapping.yaml"
        mapping, found = read_mapping(Source(file.name, file.read_text("utf-8")), self.engine.pack, "lead")
        assert mapping is not None, found
        sheet = open_sheet(ROOT / "examples" / "sample_leads.csv", "sample_leads.csv")
        answer = import_rows(EngineDoor(self.engine), mapping, sheet, ZONE)
        bad = len(answer.refused)
        self.say(f"{answer.read} rows: {answer.created} new leads, {answer.duplicate} duplicates, {bad} refused",
                 f"{answer.read} 行：新建 {answer.created} 条线索，重复 {answer.duplicate} 条，未导入 {bad} 条")  # fmt: skip
        for row in answer.refused:
            self.say(f"  line {row.line}: {row.reason}", f"  第 {row.line} 行：{row.reason_zh}")
        self.inbox()

    def inbox(self) -> None:
        """Every open lead with its grade, who has it, and the task that is open for it."""
        tasks, cursor = [], None
        while True:
            page = self.engine.tasks(language=self.language, cursor=cursor, limit=200)
            tasks += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        held: Counter[tuple[str, str]] = Counter((task["title"], self.name(task["assignee"])) for task in tasks)
        nurtured = len(self.engine.cases(workflow="nurture", limit=200)["items"])
        rows = [[title, who, n] for (title, who), n in held.most_common()]
        rows.append(["培育中，系统跟进" if self.chinese else "in nurture, no task yet", "-", nurtured])
        self.table([("Open task", "待办任务"), ("Who", "负责人"), ("Leads", "线索数")], rows)

    def call(self) -> None:
        self.head("3. The first call", "3. 首次电话")
        task = next(
            t for t in self.engine.tasks(language=self.language, person="li_na")["items"] if t["assignee"] == "li_na"
        )
        for line in self.engine.explain_task(task["id"], language=self.language)["lines"]:
            self.console.print(f"  {line}", markup=False)
        self.now += timedelta(minutes=3)
        fill = {"need": "巡检系统", "timeframe": "this_month", "note": "下周演示"}
        done = self.engine.complete(task["id"], "connected", "li_na", fill=fill)
        self.engine.drain()
        self.say(f"Li Na reached {task['record']['label']}; the case is {done['status']}: {done['result']}",
                 f"李娜接通了 {task['record']['label']}；案例{done['status']}，结果 {done['result']}")  # fmt: skip

    def other_calls(self) -> None:
        """Everybody else calls in time too: a hot lead that nobody calls climbs to the manager after five minutes."""
        calls = [t for t in self.engine.tasks(language=self.language, limit=200)["items"] if t["node"] == "first_call"]
        for task in calls:
            self.engine.complete(
                task["id"], "connected", task["assignee"], fill={"need": "巡检系统", "timeframe": "this_quarter"}
            )
        self.engine.drain()
        self.say(f"The others make their {len(calls)} first calls", f"其他同事完成 {len(calls)} 个首次电话")

    def contract(self) -> str:
        self.head("4. A contract in instalments is approved and signed", "4. 分期合同审批与签署")
        new = self.engine.create_record
        account = int(new("account", {"name": "演示能源", "owner": "li_na", "credit_grade": "A"})["id"])
        at = {"form": "account", "id": account}
        contact = new(
            "contact", {"name": "演示联系人", "account": at, "phone": "13800138999", "email": "demo@example.com"}
        )
        person = {"form": "contact", "id": int(contact["id"])}
        deal = {"name": "巡检", "account": at, "contact": person, "owner": "li_na", "amount": "900000"}
        opportunity = {"form": "opportunity", "id": int(new("opportunity", deal)["id"])}
        plan = [{"due_on": "2026-04-01", "amount": "450000"}, {"due_on": "2026-05-06", "amount": "450000"}]
        values = {"account": at, "opportunity": opportunity, "owner": "li_na", "amount": "900000", "plan": plan}
        contract = new("contract", values)["id"]
        case = self.engine.start("contract_approval", "submit", contract, by="li_na")["case"]
        self.say("Li Na submits a contract of 900,000 in two instalments", "李娜提交一份 90 万元、分两期的合同")
        for _ in range(5):
            tasks = self.engine.tasks(language=self.language, record=f"contract:{contract}")["items"]
            if not tasks:
                break
            task = tasks[0]
            self.now += timedelta(minutes=40)
            self.engine.complete(task["id"], "approved", task["assignee"], fill={"opinion": "同意"})
            self.engine.drain()
            self.say(f"{task['title']}: approved by {self.name(task['assignee'])}",
                     f"{task['title']}：{self.name(task['assignee'])} 同意")  # fmt: skip
        number = self.field("contract", contract, "number")
        signed = {"contract_number": number, "signed_on": "2026-03-02", "result": "signed"}
        self.engine.message("esign_completed", signed, message_id="demo-1")
        self.engine.drain()
        status = self.engine.case(case)
        self.say(
            f"The customer signed {number}; the case ended: {status['result']}",
            f"客户已签署 {number}；案例结束：{status['result']}",
        )
        assert status["result"] == "signed", status
        return str(contract)

    def overdue(self, contract: str) -> None:
        self.head("5. The first instalment is not paid", "5. 第一期未付款")
        first = next(
            i for i in self.engine.records("instalment")["items"] if self.field("instalment", i["id"], "position") == 1
        )["id"]
        rows = []
        for day in ("2026-03-25", "2026-04-02", "2026-04-13", "2026-04-20", "2026-05-04"):
            self.wait_until(datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=ZONE))
            tasks = self.engine.tasks(language=self.language, record=f"instalment:{first}")["items"]
            who = f"{tasks[0]['title']}: {self.name(tasks[0]['assignee'])}" if tasks else "-"
            rows.append([day, self.field("instalment", first, "rung"), who])
        self.table([("On", "日期"), ("Rung", "催收级别"), ("Open task", "待办任务")], rows)
        assert len({row[1] for row in rows}) >= 4, rows
        whom, when = {"form": "instalment", "id": int(first)}, self.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        paid = {
            "instalment": whom,
            "amount": "450000",
            "bank_reference": "DEMO-1",
            "received_at": when,
            "status": "matched",
        }
        self.engine.create_record("payment", paid)
        self.engine.drain()
        left = self.engine.tasks(language=self.language, record=f"instalment:{first}")["items"]
        status = self.field("instalment", first, "status")
        self.say(
            f"The customer pays: the instalment is {status}, {len(left)} tasks are left",
            f"客户付款：该期状态 {status}，剩余任务 {len(left)}",
        )
        assert (status, left) == ("paid", []), (status, left)

    def end(self) -> None:
        self.head("6. Is it all true?", "6. 校验")
        broken = self.engine.verify()
        incidents = self.engine.incidents()["items"]
        self.say(f"verify: {len(broken)} broken; {len(incidents)} incidents; {len(SENT)} notices were sent by stand-ins",
                 f"校验：{len(broken)} 处不符；{len(incidents)} 个故障；替身共发出 {len(SENT)} 条通知")  # fmt: skip
        assert not broken, broken
        assert not incidents, [i["message"] for i in incidents]

    def field(self, form: str, id: str, name: str) -> Any:
        value = self.engine.record(form, id)["fields"][name]
        return value["value"] if isinstance(value, dict) and "value" in value else value


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--language", choices=("zh", "en"), default="en")
    given = options.parse_args()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="remit-demo-") as folder:
        demo = Demo(Path(folder), given.language == "zh")
        try:
            demo.deploy()
            demo.leads()
            demo.call()
            demo.other_calls()
            demo.overdue(demo.contract())
            demo.end()
        finally:
            demo.engine.close()
    seconds = time.perf_counter() - begun
    demo.head(
        f"Two months in {seconds:.0f} seconds. Next: README, Five minutes.",
        f"两个月只用了 {seconds:.0f} 秒。下一步：见 README.zh.md。",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
