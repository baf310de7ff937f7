"""New versions of running cases: what a deployment would mean for them (check --against), migrate, and its mapping file."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.commands.adding import As, Place, command, somebody
from engine.commands.folders import existing, load_folder, show_findings
from engine.commands.saying import Mistake, Out
from engine.folder import shown_path
from engine.interpreter.versions import Choices
from engine.language.diagnostics import Diagnostic, did_you_mean, in_order
from engine.language.messages import syntax
from engine.language.shapes import ListOf, MapOf, Name, OneWord, Reading, Struct, StructShape, key
from engine.language.source import Source
from engine.language.yamltree import Mapping as Tree
from engine.language.yamltree import read_tree

BEARINGS = {"safe": "可直接迁移", "auto-mapped": "自动映射", "needs-choice": "需要选择", "cannot": "无法迁移"}


@dataclass(frozen=True, kw_only=True)
class Migration(Struct):
    """The mapping file: what a person chose for the cases that cannot be mapped by themselves."""

    migration: str = key(Name(), "the workflow", required=True)
    nodes: Map[str, str] | None = key(MapOf(Name(), Name()), "node of the old version -> node of the new one")
    anew: tuple[str, ...] | None = key(ListOf(Name()), "old nodes whose step begins again at its new node")
    votes: Map[str, str] | None = key(MapOf(Name(), OneWord("keep", "again")), "approval -> keep or again")
    empty: tuple[str, ...] | None = key(ListOf(Name()), "variables whose value is given up")

    moved_on: str | None = key(
        OneWord("keep"), "with --undo: cases that did steps since go back too, and what was done stays"
    )

    def choices(self) -> Choices:
        return Choices(
            dict(self.nodes or {}), self.anew or (), dict(self.votes or {}), self.empty or (), str(self.moved_on or "")
        )


def add(app: typer.Typer) -> None:
    @command(
        app,
        "migrate",
        help="Move running cases to the version in force, or back. 将正在办理的事项迁移到现行版本，或撤销迁移。",
        places=True,
    )
    def migrate(
        out: Out,
        place: Place,
        workflow: Annotated[str, typer.Argument(help="The workflow. 流程。")],
        mapping: Annotated[Path | None, typer.Option("--mapping", help="The mapping file. 映射文件。")] = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would be. 只预演。")] = False,
        undo: Annotated[bool, typer.Option("--undo", help="Back to the version before. 撤销迁移。")] = False,
        by: As = None,
    ) -> int:
        choices = _read(mapping, workflow, out) if mapping is not None else Choices()
        if choices is None:
            return 1
        if choices.moved_on and not undo:
            raise Mistake("`moved_on` is read with --undo only", "moved_on 只与 --undo 同用", "wrong-mapping")
        place.must_be_there()
        with place.open(read_only=dry_run) as engine:
            somebody(engine, by)
            known = {name for kind, name in engine.pack.definitions if kind == "workflow"}
            if workflow not in known:
                en, zh = did_you_mean(workflow, known)
                raise Mistake(f"there is no workflow '{workflow}'; {en}", f"没有流程“{workflow}”；{zh}", "unknown-name")
            answer = engine.migrate(workflow, by, choices, undo=undo, dry_run=dry_run)
        out.answer(answer)
        show(out, answer)
        for one in answer["refused"]:
            out.line(f"  case {one['case']} was refused: {one['en']}", f"  事项 {one['case']} 被拒绝：{one['zh']}")
        if dry_run:
            out.line("a dry run: nothing was changed", "预演：未作任何改动")
        else:
            out.line(f"{answer['migrated']} cases moved", f"已迁移 {answer['migrated']} 个事项")
        left = answer["bearings"]["needs-choice"] + answer["bearings"]["cannot"] + len(answer["refused"])
        return 1 if left else 0


def against(out: Out, path: Path, database: str) -> tuple[dict[str, Any], list[Diagnostic]]:
    """What deploying the definitions at `path` would mean for the cases that run in a database, which is only read."""
    place = Place(database, path)
    place.must_be_there()
    pack, _ = load_folder(path)
    with place.open(read_only=True) as engine:
        impact, found = engine.impact(pack)
    return impact, in_order(found)


def show(out: Out, told: Map[str, Any]) -> None:
    """One workflow: how many cases come to what, and what is said of each group."""
    counts = ", ".join(f"{n} {bearing}" for bearing, n in told["bearings"].items() if n)
    zh = "，".join(f"{n} 个{BEARINGS[bearing]}" for bearing, n in told["bearings"].items() if n)
    name = told["workflow"]
    running = "1 running case" if told["cases"] == 1 else f"{told['cases']} running cases"
    out.line(f"{name}: {running}: {counts or 'none to move'}",
             f"{name}：{told['cases']} 个正在办理：{zh or '没有需要迁移的'}")  # fmt: skip
    for group in told["groups"]:
        ids = ", ".join(group["ids"]) + (", ..." if group["cases"] > len(group["ids"]) else "")
        out.line(
            f"  {group['bearing']}: {group['cases']} ({ids})",
            f"  {BEARINGS[group['bearing']]}：{group['cases']} 个（{ids}）",
        )
        for remark in group["remarks"]:
            out.line(f"    {remark['text']}", f"    {remark['text_zh']}")


def _read(path: Path, workflow: str, out: Out) -> Choices | None:
    """The mapping file; None after its findings were shown."""
    source = Source(shown_path(existing(path)), path.read_text("utf-8-sig"))
    tree, diagnostics = read_tree(source)
    reading = Reading(source, {}, diagnostics)
    shape: StructShape[Migration] = StructShape(Migration, ("a migration", "迁移映射"))
    read = shape.read(tree, reading) if isinstance(tree, Tree) else None
    if tree is not None and not isinstance(tree, Tree):
        reading.say(
            syntax.wrong_shape(tree.span, "a mapping file: migration: <workflow>", "迁移映射文件：migration: <流程>")
        )
    if read is not None and read.migration != workflow:
        said = f"the workflow of this migration, {workflow}", f"所迁移的流程 {workflow}"
        reading.say(syntax.wrong_shape(read.place("migration"), *said))
    if reading.diagnostics or read is None:
        show_findings(out, in_order(reading.diagnostics), {source.path: source}, 1)
        out.answer({"error": {"code": "wrong-mapping", "findings": [d.plain() for d in reading.diagnostics]}})
        return None
    return read.choices()
