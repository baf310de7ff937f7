"""Commands over definitions as files: init, fmt, check, test; and deploy, which brings them into a database."""

from __future__ import annotations

import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from engine.commands import versions
from engine.commands.adding import As, Place, command
from engine.commands.folders import check_folder, existing, github, show_findings, texts_of, write_text
from engine.commands.repairing import repair
from engine.commands.sarif import sarif
from engine.commands.saying import Mistake, Out
from engine.folder import shown_path
from engine.language.diagnostics import in_order, is_clean
from engine.language.json_schemas import write_schemas
from engine.nodes import catalogue
from engine.settings import Settings

Folder = Annotated[
    Path | None,
    typer.Argument(
        help="Folder of definitions, or a part of it. 定义文件夹或其中一部分。", show_default="./definitions"
    ),
]


def add(app: typer.Typer) -> None:
    @command(app, "init", help="Make a small pack that passes check and has a scenario. 新建一个可运行的小型定义包。")
    def init(
        out: Out, folder: Annotated[Path, typer.Argument(help="Where. 目标文件夹。")] = Path("definitions")
    ) -> int:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Mistake(f"{folder} is not an empty folder", f"{folder} 不是空文件夹", "not-empty")
        written = sorted(_copy(files("engine") / "starter", folder))
        schemas = write_schemas(folder.resolve().parent / "schemas", catalogue())  # where the modelines look for them
        out.answer({"folder": str(folder), "files": written})
        for path in written:
            out.line(f"wrote {path}", f"已写入 {path}")
        out.line(f"wrote {len(schemas)} schemas for editors", f"已写入 {len(schemas)} 个供编辑器使用的 schema")
        out.line(
            f"next: remit check {folder}; remit test {folder}", f"接下来：remit check {folder}；remit test {folder}"
        )
        return 0

    @command(app, "fmt", help="Write definitions in the one standard form. 统一定义文件的写法。")
    def fmt(
        out: Out,
        paths: Annotated[list[Path] | None, typer.Argument(help="Files or folders. 文件或文件夹。")] = None,
        check: Annotated[
            bool, typer.Option("--check", help="Change nothing; exit 1 when a file would change. 只检查。")
        ] = False,
    ) -> int:
        from engine.language.format import format_text

        changed, total = [], 0
        for path in _yaml_files(paths or [Settings().definitions]):
            total += 1
            text = _text(path)
            formatted = format_text(text, catalogue())
            if formatted == text:
                continue
            changed.append(shown_path(path))
            if not check:
                write_text(path, formatted)
        out.answer({"files": total, "changed": changed, "written": not check})
        for name in changed:
            out.line(
                f"would change {name}" if check else f"changed {name}", f"{'需要改写' if check else '已改写'} {name}"
            )
        out.line(f"{total} files, {len(changed)} changed", f"{total} 个文件，{len(changed)} 个有改动")
        return 1 if check and changed else 0

    @command(app, "check", help="Say everything that is wrong with definitions. 检查定义，列出所有问题。")
    def check(
        out: Out,
        path: Folder = None,
        format: Annotated[
            Literal["text", "json", "github", "sarif"],
            typer.Option("--format", help="How findings are shown. 输出格式。"),
        ] = "text",
        states: Annotated[
            int | None,
            typer.Option(
                "--states", min=1, help="How far the flow proof looks, in states of one scope. 流程证明的状态上限。"
            ),
        ] = None,
        against: Annotated[
            str | None,
            typer.Option(
                "--against",
                metavar="DATABASE",
                help="And what its running cases would come to. 并评估正在办理的事项。",
            ),
        ] = None,
        fix: Annotated[
            bool, typer.Option("--fix", help="Write every answer that is safe; comments stay. 自动修正可确定的问题。")
        ] = False,
        diff: Annotated[
            bool, typer.Option("--diff", help="Show what --fix would write; change nothing. 只显示修正，不写入。")
        ] = False,
    ) -> int:
        folder = existing(path or Settings().definitions)
        out = Out(out.json or format == "json", out.language)
        if fix or diff:
            other = "--against" if against is not None else "--states" if states is not None else f"--format {format}"
            if against is not None or states is not None or format not in ("text", "json"):
                raise Mistake(f"{other} does not go with --fix", f"{other} 不能与 --fix 同用")
            return repair(folder, out, write=fix and not diff)
        found, sources = check_folder(folder, states)
        impact: dict[str, Any] | None = None
        if against is not None:
            impact, of_cases = versions.against(out, folder, against)
            found = in_order([*found, *of_cases])
        code = 0 if is_clean(found) else 1
        if format == "sarif":
            print(json.dumps(sarif(found, out.language), ensure_ascii=False, indent=2))
        elif format == "github":
            for line in github(found, out):
                print(line)
        else:
            findings = [d.plain() for d in found]
            out.answer({"clean": code == 0, "files": len(sources), "findings": findings} | (impact or {}))
            for told in (impact or {}).get("workflows", ()):
                versions.show(out, told)
            show_findings(out, found, sources, len(sources))
        return code

    @command(app, "deploy", help="Bring the definitions into the database. 发布定义到数据库。", places=True)
    def deploy(
        out: Out,
        place: Place,
        force: Annotated[
            bool, typer.Option("--force", help="Even when running cases read what the forms lose. 强制发布。")
        ] = False,
        by: As = None,
    ) -> int:
        texts = texts_of(place.definitions)
        with place.open() as engine:
            answer = engine.deploy(texts, by=by, force=force)
        out.answer(answer)
        for name in answer["changed"]:
            out.line(f"changed  {name}", f"有变化  {name}")
        out.line(
            f"deployment {answer['deployment']}: {len(answer['changed'])} changed, {answer['unchanged']} unchanged",
            f"第 {answer['deployment']} 次发布：{len(answer['changed'])} 个有变化，{answer['unchanged']} 个未变",
        )
        return 0


def _copy(source: Traversable, target: Path) -> list[str]:
    written = []
    for entry in source.iterdir():
        if entry.is_dir():
            written += _copy(entry, target / entry.name)
        elif entry.name.endswith(".yaml"):
            target.mkdir(parents=True, exist_ok=True)
            (target / entry.name).write_text(entry.read_text("utf-8"), "utf-8")
            written.append((target / entry.name).as_posix())
    return written


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise Mistake(f"{path} cannot be read: {fault}", f"无法读取 {path}：{fault}", "unreadable") from fault


def _yaml_files(paths: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        existing(path)
        found += sorted(p for p in path.rglob("*.yaml") if p.is_file()) if path.is_dir() else [path]
    return found
