"""The command preview: when a workflow's timers, deadlines and schedules fire next, and how working time gets there."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import typer

from engine.commands.adding import Definitions, Sets, command
from engine.commands.folders import load_folder
from engine.commands.saying import Mistake, Out
from engine.language.diagnostics import did_you_mean
from engine.language.durations import read_date, read_wall_clock
from engine.language.kinds.scoring import Scoring
from engine.language.kinds.workflow import Workflow
from engine.language.wall_clock import to_local, to_utc
from engine.play.previewing import BadValue, Firing, Preview
from engine.rules.counting import Counted, CountedDay
from engine.settings import Settings

_WEEKDAYS = (
    ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
)


def add(app: typer.Typer) -> None:
    @command(app, "preview", help="When timers, deadlines and schedules fire next. 预览定时、期限与周期的下次触发。")
    def preview(
        out: Out,
        what: Annotated[
            str,
            typer.Argument(
                metavar="WORKFLOW[/NODE]", help="Which clocks; or a scoring's. 工作流或其中的步骤，或评分。"
            ),
        ],
        definitions: Definitions = None,
        from_: Annotated[
            str | None,
            typer.Option("--from", metavar="MOMENT", help="As 2026-03-02 09:00. 从何时算起。", show_default="now"),
        ] = None,
        count: Annotated[int, typer.Option("--count", min=1, max=200, help="How many firings. 显示几次。")] = 5,
        set_: Sets = None,
    ) -> int:
        pack, _ = load_folder(definitions or Settings().definitions)
        name, _, node = what.partition("/")
        workflow: Workflow | Scoring | None = pack.get(Workflow, name) or pack.get(Scoring, name)
        if workflow is None:
            en, zh = did_you_mean(name, [*pack.kind(Workflow), *pack.kind(Scoring)])
            raise Mistake(
                f"there is no workflow '{name}' that can be read; {en}",
                f"没有可读取的工作流“{name}”；{zh}",
                "unknown-workflow",
            )
        names = [path[-1] for path, _ in workflow.all_nodes()] if isinstance(workflow, Workflow) else []
        if node and node not in names:
            en, zh = did_you_mean(node, names)
            raise Mistake(f"'{name}' has no node '{node}'; {en}", f"“{name}”没有节点“{node}”；{zh}", "unknown-node")
        zone = pack.root.time_zone if pack.root is not None else dt.UTC
        start = _moment(from_, zone) if from_ is not None else dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
        try:
            shown = Preview(pack, workflow, start, count, _given(set_ or []))
        except BadValue as bad:
            raise Mistake(
                f"--set: {bad.finding.message('en')}", f"--set：{bad.finding.message('zh')}", "bad-value"
            ) from bad
        except LookupError as missing:
            raise Mistake(f"there is no calendar {missing} that can be counted: remit check",
                          f"没有可用的日历 {missing}：请运行 remit check", "no-calendar") from missing  # fmt: skip
        try:
            found = shown.firings(str(node) or None)
        except OverflowError as beyond:
            raise Mistake(f"there is no such time: {beyond}", f"没有这样的时间：{beyond}", "no-time") from beyond
        calendar = shown.calendar
        out.answer(
            {
                "workflow": name, "node": node or None, "from": _iso(start, zone), "zone": str(calendar.zone),
                "calendar": calendar.name, "firings": [_plain(firing, zone) for firing in found],
            }
        )  # fmt: skip
        at = _said(start, zone, out)
        out.line(f"{what}, opened {at}, calendar {calendar.name}", f"{what}，{at} 打开，日历 {calendar.name}")
        for firing in found:
            _show(firing, zone, out)
        if not found:
            out.line("nothing here waits for a time", "这里没有与时间有关的设置")
        return 0


def _moment(text: str, zone: Any) -> dt.datetime:
    read = read_wall_clock(text)
    date = read_date(text)
    if read is None and date is not None:
        read = dt.datetime.combine(date, dt.time(0))
    if read is None:
        raise Mistake(
            f"'{text}' is no moment: write 2026-03-02 09:00", f"“{text}”不是时刻：请写 2026-03-02 09:00", "bad-time"
        )
    return to_utc(read, zone)


def _given(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        path, sign, value = pair.partition("=")
        if not sign or not path.strip():
            raise Mistake(f"--set {pair}: write record.field=value", f"--set {pair}：请写 记录.字段=值")
        found[path.strip()] = value.strip()
    return found


# ---- for a machine


def _iso(moment: dt.datetime, zone: Any) -> str:
    return moment.astimezone(zone).isoformat()


def _plain(firing: Firing, zone: Any) -> dict[str, Any]:
    told = firing.counted
    return {
        "where": firing.where,
        "written": firing.written,
        "kind": firing.kind,
        "moments": [_iso(moment, zone) for moment in firing.moments],
        "reminders": [_iso(moment, zone) for moment in firing.reminders],
        "needs": list(firing.needs),
        "counts_from": _iso(told.began, zone) if told is not None else None,
        "days": [_plain_day(day) for day in told.days] if told is not None else [],
    }


def _plain_day(day: CountedDay) -> dict[str, Any]:
    minutes = int(day.counted.total_seconds() // 60) if day.counted is not None else None
    return {
        "date": f"{day.date}", "open": day.is_open, "minutes": minutes, "workday": day.number, "because": day.because
    }  # fmt: skip


# ---- for a person


def _said(moment: dt.datetime, zone: Any, out: Out) -> str:
    local = to_local(moment, zone)
    seconds = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return f"{out.pick(*_WEEKDAYS)[local.weekday()]} {local:%Y-%m-%d} {seconds}"


def _show(firing: Firing, zone: Any, out: Out) -> None:
    out.line(f"\n{firing.where}: {firing.written}")
    if firing.needs:
        words = ", ".join(f"--set {path}=..." for path in firing.needs)
        out.line(f"  not known without {words}", f"  需要先给出 {words}")
        return
    if not firing.moments:
        out.line(
            "  nothing fires: a value that it reads is empty or cannot be known here",
            "  不会触发：所读取的值为空，或在此无法得知",
        )
    if firing.counted is not None:
        _show_counted(firing.counted, zone, out)
    for moment in firing.moments:
        out.line(f"  fires     {_said(moment, zone, out)}", f"  触发      {_said(moment, zone, out)}")
    for moment in firing.reminders:
        after = bool(firing.moments) and moment > firing.moments[0]
        late = out.pick("  (after the deadline)", "（晚于期限）") if after else ""
        out.line(f"  reminds   {_said(moment, zone, out)}{late}", f"  提醒      {_said(moment, zone, out)}{late}")


def _show_counted(told: Counted, zone: Any, out: Out) -> None:
    if told.began != told.opened:
        began = _said(told.began, zone, out)
        out.line(f"  counts    from {began}, the next opening", f"  起算      {began}，即下次营业时")
    for day in told.days:
        date = f"{out.pick(*_WEEKDAYS)[day.date.weekday()]} {day.date}"
        why = f" ({day.because})" if day.because else ""
        if day.counted is not None:
            minutes = int(day.counted.total_seconds() // 60)
            out.line(f"    {date}  {minutes} minutes of open time{why}", f"    {date}  营业 {minutes} 分钟{why}")
        elif day.number == 0:
            out.line(f"    {date}  the begin{why}", f"    {date}  起点{why}")
        elif day.number is not None:
            out.line(f"    {date}  workday {day.number}{why}", f"    {date}  第 {day.number} 个工作日{why}")
        else:
            out.line(f"    {date}  closed{why}", f"    {date}  休息{why}")
    if not told.told:
        out.line("    (more days than are shown)", "    （天数过多，未逐日列出）")
