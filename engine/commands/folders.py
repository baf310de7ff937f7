"""A folder of definitions as a command sees it: read, loaded, checked, and its findings shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.commands.saying import Mistake, Out
from engine.folder import pack_root, read_folder, shown_path
from engine.language.diagnostics import Diagnostic, Severity, in_order, is_clean, render
from engine.language.loader import load
from engine.language.pack import Pack
from engine.language.source import Source
from engine.nodes import catalogue


def existing(path: Path) -> Path:
    if not path.exists():
        raise Mistake(f"there is no file or folder {path}", f"没有文件或文件夹 {path}", "no-such-path")
    return path


def write_text(file: Path, text: str | bytes) -> None:
    """The file with this content. Raises Mistake where it must not be written."""
    try:
        file.write_bytes(text.encode() if isinstance(text, str) else text)
    except OSError as fault:
        raise Mistake(f"{file} cannot be written: {fault}", f"无法写入 {file}：{fault}", "unwritable") from fault


def load_folder(path: Path) -> tuple[Pack, list[Diagnostic]]:
    """The pack that `path` is or is a part of, and what the reading of the files itself found."""
    sources, problems = read_folder(pack_root(existing(path)))
    return load(sources, catalogue()), problems


def texts_of(path: Path) -> dict[str, str]:
    """Path below the pack's folder -> text: what is deployed. Raises Mistake when a file cannot be read."""
    root = pack_root(existing(path))
    sources, problems = read_folder(root)
    if problems:
        raise Mistake(
            f"{problems[0].span}: {problems[0].message('en')}", f"{problems[0].span}：{problems[0].message('zh')}"
        )
    prefix = shown_path(root)
    return {
        (source.path.removeprefix(f"{prefix}/") if prefix != "." else source.path): source.text for source in sources
    }


def check_folder(path: Path, states: int | None = None) -> tuple[list[Diagnostic], Mapping[str, Source]]:
    """Every finding whose place is `path` or below it; the whole pack is looked at. `states`: how far the flow proof looks."""
    from engine.checks import check

    pack, problems = load_folder(path)
    found = in_order([*problems, *check(pack, states)])
    root = pack_root(path)
    if root.resolve() != path.resolve():
        only = shown_path(path)
        found = [d for d in found if d.span.path == only or d.span.path.startswith(f"{only}/")]
    return found, pack.sources


def show_findings(out: Out, found: list[Diagnostic], sources: Mapping[str, Source], files: int) -> int:
    """Prints them all and how many there are; 1 when an error or warning is among them."""
    for diagnostic in found:
        out.line(render(diagnostic, sources, out.language))
    clean = is_clean(found)
    errors, warnings, notes = (sum(d.severity is s for d in found) for s in Severity)
    if clean:
        out.line(
            f"{files} files, nothing wrong" + (f", {notes} notes" if notes else ""),
            f"{files} 个文件，没有问题" + (f"，{notes} 条提示" if notes else ""),
        )
    else:
        out.line(
            f"{errors} errors, {warnings} warnings, {notes} notes",
            f"{errors} 个错误，{warnings} 个警告，{notes} 条提示",
        )
    return 0 if clean else 1


def github(found: Iterable[Diagnostic], out: Out) -> Iterable[str]:
    """Lines that GitHub shows beside the changed lines of a pull request."""
    words = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
    for d in found:
        hint = d.hint(out.language)
        text = _escaped(d.message(out.language) + (f"\n{hint}" if hint else ""))
        place = f"file={_property(d.span.path)},line={d.span.line},col={d.span.column}"
        end = f"endLine={max(d.span.end_line, d.span.line)}"
        if d.span.end_line == d.span.line:  # GitHub takes columns of one line only
            end += f",endColumn={d.span.end_column}"
        yield f"::{words[d.severity]} {place},{end},title={d.code}::{text}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
