"""Commands that let something happen: start a case, import rows, send a message."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.commands.adding import As, Place, Sets, command, somebody
from engine.commands.folders import existing
from engine.commands.giving import given
from engine.commands.saying import Mistake, Out
from engine.folder import shown_path
from engine.language.diagnostics import Diagnostic, render
from engine.language.kinds.message import Message
from engine.language.kinds.workflow import Workflow
from engine.language.source import Source
from engine.language.vocabulary import PackTypes


def add(app: typer.Typer) -> None:
    @command(app, "start", help="Start a case of a workflow. 启动一个流程。", places=True)
    def start(
        out: Out,
        place: Place,
        workflow: Annotated[str, typer.Argument(help="The workflow. 流程名。")],
        start: Annotated[str, typer.Argument(help="One of its starts. 启动方式。")],
        record: Annotated[
            str | None,
            typer.Argument(metavar="[RECORD-ID]", help="The record, by number or a unique field. 记录编号。"),
        ] = None,
        by: As = None,
        sets: Sets = None,
    ) -> int:
        with place.open(deploy=True) as engine:
            declared = engine.pack.get(Workflow, workflow)
            if declared is None:
                raise unknown("workflow", "流程", workflow, engine.pack.kind(Workflow))
            if start not in (declared.start or {}):
                raise unknown("start", "启动方式", start, declared.start or {})
            types = PackTypes(engine.pack)
            data_types, fields = types.case_data(declared), types.form(str(declared.case)) if declared.case else {}
            values = given(sets, {**fields, **data_types}, engine.pack.root.time_zone)
            data = {name: value for name, value in values.items() if name in data_types}
            fill = {name: value for name, value in values.items() if name not in data_types}
            answer = engine.start(
                workflow, start, record=record, by=somebody(engine, by), data=data or None, fill=fill or None
            )
            engine.drain()
            case = engine.case(answer["case"])
        out.answer({**answer, "status": case["status"], "result": case["result"]})
        out.line(f"case {answer['case']}: {case['status']}", f"案例 {answer['case']}：{case['status']}")
        return 0

    @command(app, "message", help="Deliver a message from outside. 送入一条外部消息。", places=True)
    def message(
        out: Out,
        place: Place,
        name: Annotated[str, typer.Argument(help="The message. 消息名。")],
        sets: Sets = None,
        id: Annotated[
            str | None, typer.Option("--id", help="Its number outside: the same twice is one message. 外部编号。")
        ] = None,
    ) -> int:
        with place.open() as engine:
            if engine.pack.get(Message, name) is None:
                raise unknown("message", "消息", name, engine.pack.kind(Message))
            payload = given(sets, PackTypes(engine.pack).message(name), engine.pack.root.time_zone)
            answer = engine.message(name, payload, message_id=id)
            engine.drain()
        out.answer(answer)
        out.line(f"message {answer['message']} is in", f"消息 {answer['message']} 已收到")
        return 0

    @command(app, "import", help="Rows of a file to records, by a mapping. 按映射导入文件中的行。", places=True)
    def import_(
        out: Out,
        place: Place,
        form: Annotated[str, typer.Argument(help="The form. 表单名。")],
        file: Annotated[Path, typer.Argument(help="A .csv or .xlsx. 数据文件。")],
        mapping: Annotated[Path, typer.Option("--mapping", help="The mapping file. 映射文件。")],
        by: As = None,
    ) -> int:
        from engine.importing import EngineDoor, Unreadable, import_rows, open_sheet, read_mapping

        source = Source(shown_path(existing(mapping)), mapping.read_text("utf-8-sig"))
        existing(file)
        with place.open(deploy=True) as engine:
            somebody(engine, by)
            read, found = read_mapping(source, engine.pack, form)
            if read is None:
                return _refuse(out, found, source)
            try:
                sheet = open_sheet(file, shown_path(file))
            except Unreadable as unreadable:
                return _refuse(out, list(unreadable.diagnostics), source)
            misfits = sheet.fits(read)
            if misfits:
                return _refuse(out, misfits, source)
            with out.progress("importing", "导入中", len(sheet.rows)) as tell:
                answer = import_rows(EngineDoor(engine), read, sheet, engine.pack.root.time_zone, by=by, progress=tell)
        plain = answer.plain()
        out.answer(plain)
        for row in answer.refused:
            place_ = f"{sheet.path}:{row.line}"
            out.line(f"{place_}: refused: {row.reason}", f"{place_}：未导入：{row.reason_zh}")
        out.line(
            f"read {plain['read']}: created {plain['created']}, duplicate {plain['duplicate']}, "
            f"refused {len(plain['refused'])}; {plain['per_second']} rows a second",
            f"共 {plain['read']} 行：新建 {plain['created']}，重复 {plain['duplicate']}，"
            f"未导入 {len(plain['refused'])}；每秒 {plain['per_second']} 行",
        )
        return 0


def unknown(en: str, zh: str, name: str, known: Any) -> Mistake:
    from engine.language.diagnostics import did_you_mean

    hint_en, hint_zh = did_you_mean(name, known)
    return Mistake(f"there is no {en} '{name}'; {hint_en}", f"没有{zh}“{name}”；{hint_zh}", "unknown-name")


def _refuse(out: Out, found: list[Diagnostic], source: Source) -> int:
    out.answer({"findings": [d.plain() for d in found]})
    for diagnostic in found:
        out.line(render(diagnostic, {source.path: source}, out.language))
    return 1
