"""Commands for people and operators: tasks, instances, incidents, retry."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

import typer

from engine.commands.adding import As, Place, Sets, command, somebody
from engine.commands.giving import given
from engine.commands.saying import Mistake, Out, short_moment
from engine.language.vocabulary import PackTypes

TaskId = Annotated[str, typer.Argument(metavar="ID", help="Number of the task. 任务编号。")]
Status = Literal["active", "completed", "cancelled", "failed", "all"]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many. 最多条数。")]
Cursor = Annotated[str | None, typer.Option("--cursor", help="Where the last answer ended. 续读位置。")]


def add(app: typer.Typer) -> None:
    tasks = typer.Typer(help="The work of people. 人的任务。")
    app.add_typer(tasks, name="tasks")
    _reading(tasks)
    _doing(tasks)
    _operators(app)


def _reading(tasks: typer.Typer) -> None:
    @command(tasks, "list", help="Open tasks: of one person with --as, else all. 待办任务。", places=True)
    def list_(
        out: Out,
        place: Place,
        by: As = None,
        record: Annotated[
            str | None, typer.Option("--record", metavar="FORM:ID", help="Only of this record. 仅此记录。")
        ] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> int:
        with place.open() as engine:
            if record is not None and not re.fullmatch(r"[a-z][a-z0-9_]*:\d+", record):
                raise Mistake(f"--record {record}: write FORM:ID", f"--record {record}：请写成 表单:编号")
            person = somebody(engine, by)
            answer = engine.tasks(person=person, record=record, cursor=cursor, limit=limit, language=out.language)
            zone = engine.zone
        out.answer(answer)
        rows = [_row(out, task, zone) for task in answer["items"]]
        out.table(
            [("ID", "编号"), ("Task", "任务"), ("About", "对象"), ("Who", "负责人"), ("Due", "期限"), ("", "")], rows
        )
        out.line(f"{len(rows)} shown of {answer['total']}", f"显示 {len(rows)} 条，共 {answer['total']} 条")
        _more(out, answer)
        return 0

    @command(tasks, "show", help="One task: what is shown, what may be edited, the buttons. 查看任务。", places=True)
    def show(out: Out, place: Place, id: TaskId, by: As = None) -> int:
        with place.open() as engine:
            task, zone = engine.task(id, person=by, language=out.language), engine.zone
        out.answer(task)
        out.line(f"{task['id']}  {task['title']}" + (f"  ({task['record']['label']})" if task["record"] else ""))
        due = short_moment(task["due"], zone)
        who = task["assignee"] or out.pick("offered", "待认领")
        out.line(f"for {who}" + (f", due {due}" if due else ""), f"负责人 {who}" + (f"，期限 {due}" if due else ""))
        rows = [(f["title"], f["shown"], out.pick("edit", "可改") if f in task["edit"] else "") for f in _once(task)]
        out.table([("Field", "字段"), ("Value", "值"), ("", "")], rows)
        for button in task["buttons"]:
            needs = ", ".join(f"{n['title']}: {n['field']}" for n in button["needs"] or ())
            out.line(f"  --button {button['name']}  {button['title']}" + (f"  [{needs}]" if needs else ""))
        return 0


def _row(out: Out, task: dict[str, Any], zone: dt.tzinfo | None) -> tuple[str, ...]:
    about = task["record"]["label"] if task["record"] else ""
    who = task["assignee"] or out.pick("offered", "待认领")
    late = out.pick("overdue", "已超时") if task["overdue"] else ""
    return (task["id"], task["title"], about, who, short_moment(task["due"], zone), late)


def _once(task: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of a task, each once: those that may be edited stand in for those only read."""
    names = {f["field"] for f in task["edit"]}
    return [f for f in task["read"] if f["field"] not in names] + list(task["edit"])


def _doing(tasks: typer.Typer) -> None:
    @command(tasks, "complete", help="Press a button of a task. 完成任务。", places=True)
    def complete(
        out: Out,
        place: Place,
        id: TaskId,
        button: Annotated[str, typer.Option("--button", help="One of its buttons. 按钮名。")] = "done",
        sets: Sets = None,
        by: As = None,
    ) -> int:
        person = _someone(by)
        with place.open() as engine:
            task = engine.task(id, person=person)
            types = PackTypes(engine.pack)
            fields = types.form(task["record"]["form"]) if task["record"] else {}
            fill = given(sets, fields, engine.pack.root.time_zone, strict=False)
            answer = engine.complete(id, button, person, fill=fill or None)
            engine.drain()
        out.answer(answer)
        out.line(f"done; the case is {answer['status']}", f"已完成；案例状态：{answer['status']}")
        return 0

    @command(tasks, "begin", help="Take an offered task, or begin one. 认领或开始任务。", places=True)
    def begin(out: Out, place: Place, id: TaskId, by: As = None) -> int:
        with place.open() as engine:
            answer = engine.begin(id, _someone(by))
        out.answer(answer)
        out.line("it is yours now", "任务已归你")
        return 0

    @command(tasks, "give-back", help="Give a taken task back to all it was offered to. 退回认领的任务。", places=True)
    def give_back(out: Out, place: Place, id: TaskId, by: As = None) -> int:
        with place.open() as engine:
            answer = engine.give_back(id, _someone(by))
        out.answer(answer)
        out.line("given back", "已退回")
        return 0


def _operators(app: typer.Typer) -> None:
    @command(app, "instances", help="Cases: active ones, or by status. 流程实例。", places=True)
    def instances(
        out: Out,
        place: Place,
        workflow: Annotated[str | None, typer.Option("--workflow", help="Only of this workflow. 仅此流程。")] = None,
        status: Annotated[Status, typer.Option("--status", help="Which ones. 状态。")] = "active",
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> int:
        with place.open() as engine:
            wanted = None if status == "all" else status
            answer = engine.cases(workflow=workflow, status=wanted, cursor=cursor, limit=limit, language=out.language)
            zone = engine.zone
        out.answer(answer)
        rows = [
            (c["id"], c["title"], c["record"]["label"] if c["record"] else "", c["status"], c["result"] or "",
             short_moment(c["started_at"], zone), c["incidents"] or "")
            for c in answer["items"]
        ]  # fmt: skip
        headings = [("ID", "编号"), ("Workflow", "流程"), ("About", "对象"), ("Status", "状态"), ("Result", "结果"),
                    ("Since", "开始于"), ("Incidents", "故障")]  # fmt: skip
        out.table(headings, rows)
        _more(out, answer)
        return 0

    @command(app, "incidents", help="What stands still and needs somebody. 需要处理的故障。", places=True)
    def incidents(
        out: Out,
        place: Place,
        all_: Annotated[bool, typer.Option("--all", help="Solved ones too. 包括已解决。")] = False,
    ) -> int:
        with place.open() as engine:
            answer = engine.incidents(open_only=not all_)
        out.answer(answer)
        rows = [(i["id"], i["case"], i.get("node"), i["code"], i["message"]) for i in answer["items"]]
        out.table([("ID", "编号"), ("Case", "案例"), ("Node", "节点"), ("Code", "代码"), ("What", "说明")], rows)
        out.line(f"{len(rows)} incidents", f"{len(rows)} 个故障")
        return 0

    @command(app, "retry", help="Try again where an incident stands. 重试故障。", places=True)
    def retry(
        out: Out,
        place: Place,
        incident: Annotated[str, typer.Argument(help="Number of the incident. 故障编号。")],
        by: As = None,
    ) -> int:
        with place.open() as engine:
            answer = engine.retry(incident, somebody(engine, _someone(by)))
            engine.drain()
        out.answer(answer)
        out.line("tried again", "已重试")
        return 0


def _someone(by: str | None) -> str:
    if by is None:
        raise Mistake("say who does it: --as PERSON", "请写明操作人：--as 人员")
    return by


def _more(out: Out, answer: dict[str, Any]) -> None:
    if answer["next"]:
        out.line(f"more: --cursor {answer['next']}", f"更多：--cursor {answer['next']}")
