"""Is everything well? Each check says what it found and what to do about it; secrets are looked for by name only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.folder import read_folder
from engine.language.kinds.calendar import Calendar
from engine.language.kinds.connection import Connection
from engine.language.loader import load
from engine.language.pack import Pack
from engine.nodes import catalogue
from engine.runtime.reading.look import Look, Said
from engine.runtime.store.queries import health, overview
from engine.runtime.store.queries.inbox import COUNTED
from engine.runtime.store.store import Store

SECOND = 1_000_000
MOST_APART = SECOND
"""Clocks further apart than this are red (RUNTIME R40)."""
LATE = 60 * SECOND
LEAST_FREE = 1 << 30
LEAST_SHARE = 20
"""At least a twentieth of the disk, or 1 GB, is to be free."""

Check = dict[str, Any]
"""{"name": kebab word, "ok": bool, "say": {zh, en}, "advice": {zh, en} | None}."""


def doctor(
    look: Look, store: Store, definitions: Path | None = None, environment: Mapping[str, str] | None = None
) -> list[Check]:
    """Every check, in order. `definitions`: a folder to compare with what is deployed; `environment`: os.environ."""
    reader = look.reader
    at, wanted = health.schema(reader)
    good = at == wanted
    checks = [
        _check("database", True, "数据库可以访问", "the database answers"),
        _check(
            "schema",
            good,
            f"数据库结构版本 {at or '无'}",
            f"the schema is at {at or 'none'}",
            None if good else (f"请升级到 {wanted}", f"run a migration to {wanted}"),
        ),
        _keeping(health.keeping(reader)),
        _clocks(store.clock(), health.clock(reader)),
        *_disk(store),
        *_waiting(reader, look.now),
        _secrets(look.pack, environment if environment is not None else os.environ),
        *_calendars(look.pack, look.day(look.now).year),
    ]
    if not look.pack.definitions:
        advice = ("请先部署一个定义文件夹", "deploy a folder of definitions")
        checks.append(_check("definitions", False, "尚未部署任何定义", "nothing is deployed", advice))
    elif definitions is not None:
        checks.append(_deployed(look.pack, definitions))
    return checks


def unreachable(store: Store, error: BaseException) -> list[Check]:
    """What can be said when no look is possible."""
    advice = ("请检查连接与服务", "look at the connection and the server")
    return [
        _check("database", False, f"数据库无法访问：{error}", f"the database cannot be reached: {error}", advice),
        *_disk(store),
    ]


def _check(name: str, ok: bool, zh: str, en: str, advice: tuple[str, str] | None = None) -> Check:
    say: Said = {"zh": zh, "en": en}
    return {
        "name": name,
        "ok": ok,
        "say": say,
        "advice": {"zh": advice[0], "en": advice[1]} if advice is not None else None,
    }


def _keeping(kept: health.Keeping) -> Check:
    if kept.kind == "memory":
        return _check("durability", True, "内存数据库：重启后不保留", "in memory: nothing outlives the process")
    name = "journal_mode" if kept.kind == "sqlite" else "PostgreSQL"
    words = f"{name} {kept.journal}, synchronous {kept.synchronous}"
    advice = (
        ("请使用 WAL 与 synchronous FULL", "use WAL and synchronous FULL")
        if kept.kind == "sqlite"
        else ("请打开 fsync 与 synchronous_commit", "turn fsync and synchronous_commit on")
    )
    return _check("durability", kept.is_safe, words, words, None if kept.is_safe else advice)


def _clocks(ours: int, theirs: int | None) -> Check:
    if theirs is None:
        return _check("clock", True, "数据库使用本机时钟", "the database uses this machine's clock")
    apart = abs(ours - theirs)
    seconds = f"{apart // SECOND}.{apart % SECOND // 1000:03}"
    good = apart <= MOST_APART
    return _check(
        "clock",
        good,
        f"与数据库时钟相差 {seconds} 秒",
        f"this clock and the database's are {seconds} s apart",
        None if good else ("请校准时钟（NTP）", "set the clocks (NTP)"),
    )


def _disk(store: Store) -> list[Check]:
    """Where the database's file is; a server's disk is not ours to see."""
    if store.file is None:
        return []
    place = store.file.resolve().parent
    while not place.exists() and place != Path(place.anchor):
        place = place.parent
    usage = shutil.disk_usage(place)
    good = usage.free >= min(LEAST_FREE, usage.total // LEAST_SHARE)
    free = usage.free >> 20
    return [
        _check(
            "disk",
            good,
            f"磁盘剩余 {free:,} MB",
            f"{free:,} MB are free on the disk",
            None if good else ("请清理或扩容", "make room: writes are refused when it is full"),
        )
    ]


def _waiting(reader: Any, now: int) -> Iterator[Check]:
    late = overview.late_timers(reader, now - LATE)
    behind = (now - late.earliest) // SECOND if late.earliest is not None else 0
    yield _check(
        "timers",
        late.n == 0,
        f"逾期未触发的定时：{late.n} 个" + (f"，最久 {behind} 秒" if late.n else ""),
        f"{late.n} timers are overdue" + (f", the oldest by {behind} s" if late.n else ""),
        None if late.n == 0 else ("请确认服务正在运行", "see that serve or a worker runs"),
    )
    parked = overview.count_parked(reader)
    yield _check(
        "deliveries",
        parked == 0,
        f"搁置的投递：{_many(parked)}",
        f"{_many(parked)} deliveries are parked",
        None if parked == 0 else ("请查看对应的故障", "look at their incidents"),
    )
    stuck = overview.count_open_incidents(reader)
    yield _check(
        "incidents",
        stuck == 0,
        f"未处理的故障：{_many(stuck)}",
        f"{_many(stuck)} incidents are open",
        None if stuck == 0 else ("请处理后重试", "repair their causes and retry them"),
    )


def _many(n: int) -> str:
    return f"{COUNTED}+" if n > COUNTED else str(n)


def _secrets(pack: Pack, environment: Mapping[str, str]) -> Check:
    names = sorted({str(c.secret) for c in pack.kind(Connection).values() if c.secret})
    missing = [name for name in names if not environment.get(name)]
    if not missing:
        return _check(
            "secrets",
            True,
            f"连接所需的 {len(names)} 个密钥都在",
            f"all {len(names)} secrets that connections name are there",
        )
    listed = ", ".join(missing)
    return _check(
        "secrets",
        False,
        f"环境中缺少：{listed}",
        f"not in the environment: {listed}",
        ("请设置这些环境变量", "set these environment variables"),
    )


def _calendars(pack: Pack, year: int) -> Iterator[Check]:
    for name, calendar in pack.kind(Calendar).items():
        if calendar.holidays is None:
            continue
        last = int(calendar.holidays.to)
        good = last >= year
        advice = (
            None if last > year else ("请补上后一年的节假日", "add the next year's holidays before deadlines reach it")
        )
        yield _check(
            f"calendar-{name.replace('_', '-')}",
            good,
            f"日历 {name} 的节假日到 {last} 年",
            f"the holidays of {name} are known up to {last}",
            advice,
        )


def _deployed(active: Pack, folder: Path) -> Check:
    """Whether what is in force is what the folder says, text by text."""
    sources, problems = read_folder(folder)
    ours, theirs = _texts(active), _texts(load(sources, catalogue()))
    differ = sorted("/".join(key) for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))
    differ += sorted({problem.span.path for problem in problems})
    if not differ:
        return _check("definitions", True, "已部署的定义与文件夹一致", "what is deployed is what the folder holds")
    listed = ", ".join(differ[:10]) + (", ..." if len(differ) > 10 else "")
    advice = ("请部署，或还原文件夹", "deploy the folder, or put it back")
    return _check("definitions", False, f"与文件夹不同：{listed}", f"not as in the folder: {listed}", advice)


def _texts(pack: Pack) -> dict[tuple[str, str], str]:
    found = {}
    for key, definition in pack.definitions.items():
        source = pack.sources.get(definition.path or definition.span.path)
        found[key] = source.text if source is not None else ""
    return found
