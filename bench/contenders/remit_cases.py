"""remit: durable cases, waiting ones, timers, imported leads. Everything through the public door, Engine."""

from __future__ import annotations

import csv
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from telling import WARM, per_second, tell

from engine.engine import Engine
from engine.importing import EngineDoor, import_rows, open_sheet, read_mapping
from engine.language.source import Source
from engine.runtime import commands
from engine.runtime.machine import warm_up
from engine.runtime.store.store import wall_clock

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "bench" / "pack"
BY = "ann"
AT_ONCE = 200
HOUR = 3_600_000_000


@contextmanager
def opened(database: str | None = None, pack: Path = PACK, **options: Any) -> Iterator[Engine]:
    """An engine on a new SQLite file, or on the database that is given."""
    with tempfile.TemporaryDirectory(prefix="remit-bench-") as folder:
        engine = Engine.open(database or f"sqlite:///{folder}/bench.db", pack, **options)
        try:
            yield engine
        finally:
            engine.close()


def leads(engine: Engine, count: int) -> list[str]:
    """Ids of new leads, all of which the gateway sends to the human task."""
    wanted = [{"region": "east", "employees": 200, "visits": place % 9} for place in range(count)]
    found: list[str] = []
    for at in range(0, count, AT_ONCE):
        for made in engine.create_records("lead", wanted[at : at + AT_ONCE], by=BY):
            if not isinstance(made, dict):
                raise made
            found.append(made["id"])
    return found


class Cases:
    """Runs one durable case after the other: start, score, gateway, human task; then complete, end."""

    def __init__(self, engine: Engine, count: int) -> None:
        self.engine = engine
        self.leads = leads(engine, count + 1)
        lead = self.leads.pop()
        case = engine.start("handle", "begin", record=lead, by=BY)["case"]
        task = engine.tasks(record=f"lead:{lead}")["items"][0][
            "id"
        ]  # the number of the task in its case is the same in each
        self.task = task.removeprefix(case)
        engine.complete(task, "done", BY)

    def run(self, place: int) -> None:
        case = self.start(place)
        answer = self.engine.complete(case + self.task, "done", BY)
        if answer["result"] != "handled":
            raise AssertionError(answer)

    def start(self, place: int) -> str:
        case: str = self.engine.start("handle", "begin", record=self.leads[place], by=BY)["case"]
        return case


def durable(synchronous: str, count: int, callers: int = 1, database: str | None = None) -> dict[str, Any]:
    """Cases a second."""
    if callers > 1:
        warm_up()
    with opened(database, synchronous=synchronous, threads=callers > 1) as engine:
        return {"value": per_second(Cases(engine, count + WARM).run, count, callers, WARM)}


def waiting_bytes(count: int) -> dict[str, Any]:
    """Bytes of the stored state of a case that waits for a person, and how much the whole file grows a case."""
    with opened() as engine:
        cases = Cases(engine, count)
        before = _size(engine)
        _wait(engine, cases.leads)
        grown = (_size(engine) - before) / count
        with engine.store.read() as reader:
            state = reader.connection.exec_driver_sql("SELECT avg(length(state)) FROM cases WHERE status = 0").scalar()
        return {"value": float(state or 0), "file": grown}


def _size(engine: Engine) -> int:
    engine._machine.work(lambda tx: None)
    raw = engine.store.file
    with engine.store.read() as reader:
        reader.connection.exec_driver_sql("SELECT 1")
        pages = reader.connection.exec_driver_sql("PRAGMA page_count").scalar()
        size = reader.connection.exec_driver_sql("PRAGMA page_size").scalar()
    assert raw is not None
    return int(pages) * int(size)


def _wait(engine: Engine, records: list[str], workflow: str = "handle") -> None:
    """Cases that wait, opened many a commit."""
    for at in range(0, len(records), AT_ONCE):
        made = [
            commands.StartCase(actor=BY, workflow=workflow, start="begin", record=int(id))
            for id in records[at : at + AT_ONCE]
        ]
        for answer in engine._machine.run_many(made):
            if isinstance(answer, BaseException):
                raise answer


def latency(few: int, many: int, count: int) -> dict[str, Any]:
    """The median step with `many` waiting cases over that with `few`."""
    with opened(synchronous="NORMAL") as engine:
        Cases(engine, 50)
        at_few = _steps(engine, few, count)
        at_many = _steps(engine, many - few, count)
    return {"value": at_many / at_few, "few_ms": at_few, "many_ms": at_many}


def _steps(engine: Engine, more: int, count: int) -> float:
    _wait(engine, leads(engine, more))
    cases = Cases(engine, count)
    times = []
    for place in range(count):
        begun = time.perf_counter()
        cases.run(place)
        times.append((time.perf_counter() - begun) * 500)  # two steps a case
    return statistics.median(times)


def timers(count: int, database: str | None = None) -> dict[str, Any]:
    """Timers a second, each moving its case to its end; the clock is moved by hand so that all are due at once."""
    now = wall_clock()
    with opened(database, clock=lambda: now) as engine:
        _wait(engine, leads(engine, count), "pause")
        now += 2 * HOUR
        begun = time.perf_counter()
        engine.drain(most=10**9)
        seconds = time.perf_counter() - begun
        left = engine.cases(workflow="pause", limit=1)["items"]
        if left:
            raise AssertionError("a timer did not fire")
    return {"value": count / seconds}


def imported(count: int) -> dict[str, Any]:
    """Leads a second: the shipped definitions, each lead deduplicated, scored, assigned, its tasks opened."""
    mapping = ROOT / "examples" / "sample_leads.mapping.yaml"
    with tempfile.TemporaryDirectory() as folder, opened(pack=ROOT / "definitions") as engine:
        file = Path(folder, "leads.csv")
        write_leads(file, count)
        read, _ = read_mapping(Source("mapping.yaml", mapping.read_text("utf-8")), engine.pack, "lead")
        assert read is not None
        answer = import_rows(EngineDoor(engine), read, open_sheet(file, "leads.csv"), ZoneInfo("Asia/Shanghai"))
        if answer.refused or answer.created < count * 0.98:
            raise AssertionError(answer)
        return {"value": count / answer.seconds}


def write_leads(file: Path, count: int) -> None:
    """Made-up companies whose names are as different as real ones."""
    chance = random.Random(4)
    signs = [chr(0x4E00 + 23 * place) for place in range(400)]
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        pick = chance.choice
        head = "编号,公司,联系人,手机,邮箱,职位,行业,人数,区域,产品线,来源,需求,预算,采购时间,备注"
        rows.writerow(head.split(","))
        for place in range(count):
            kind = pick(["机械", "能源", "电子", "纺织", "物流", "精密制造"])
            company = "".join(chance.choices(signs, k=3)) + kind + pick(["有限公司", "集团"])
            who = [f"B-{place}", company, "测试", f"138{place:08d}", f"lead{place}@example.com"]
            what = [pick(["老板", "总监", "经理", "员工"]), pick(["制造", "能源", "零售"]), chance.randrange(10, 3000)]
            where = [pick(["华东", "华南", "华北"]), pick(["软件", "硬件", "服务"]), pick(["官网", "转介绍", "展会"])]
            want = [pick(["", "设备巡检"]), pick(["", "80000"]), pick(["本月", "本季", "以后"]), "虚构"]
            rows.writerow([*who, *what, *where, *want])


if __name__ == "__main__":
    os.environ.setdefault("TZ", "UTC")
    tell(globals())
