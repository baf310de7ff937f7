"""A folder of definitions as sources. A path inside a pack means that part of it: the pack is the nearest folder upwards
that holds pack.yaml."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from engine.language.diagnostics import Diagnostic
from engine.language.messages import syntax
from engine.language.source import Source, Span

MOST_BYTES = 4_000_000
MOST_FILES = 5_000


def pack_root(path: Path) -> Path:
    """The folder that holds pack.yaml, at `path` or above it; `path` itself when none does."""
    start = path if path.is_dir() else path.parent
    for folder in (start, *start.resolve().parents):
        if (folder / "pack.yaml").is_file():
            return folder
    return start


def read_folder(folder: Path) -> tuple[list[Source], list[Diagnostic]]:
    """Every .yaml file below the folder, in order of path, and what could not be read. Paths are as the user gave them."""
    sources: list[Source] = []
    problems: list[Diagnostic] = []
    for file in sorted(_named_yaml(folder, problems))[:MOST_FILES]:
        place = _start(file)
        if file.suffix != ".yaml":
            problems.append(syntax.wrong_shape(place, "the ending .yaml", "扩展名 .yaml", "rename the file", "请改名"))
            continue
        try:
            if not stat.S_ISREG(file.stat().st_mode):
                problems.append(
                    syntax.wrong_shape(
                        place,
                        "a file, this is a folder or something else",
                        "文件，而这是文件夹或其他东西",
                        "rename it: what ends in .yaml is read as a definition",
                        "请改名：以 .yaml 结尾的都作为定义读取",
                    )
                )
                continue
            if file.stat().st_size > MOST_BYTES:
                problems.append(syntax.over_limit(place, "the size of a file in bytes", "文件字节数", MOST_BYTES))
                continue
            content = file.read_bytes()
        except OSError as fault:
            problems.append(_unreadable(file, fault))
            continue
        try:
            text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as fault:
            problems.append(_not_utf8(place, content, fault.start))
            continue
        sources.append(Source(place.path, text))
    return sources, problems


def _named_yaml(folder: Path, problems: list[Diagnostic]) -> Iterator[Path]:
    """What is named as a definition, whatever it is; folders that cannot be listed are problems."""

    def closed(fault: OSError) -> None:
        problems.append(_unreadable(Path(fault.filename or folder), fault))

    for at, folders, files in os.walk(folder, onerror=closed):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in (*folders, *files):
            if not name.startswith(".") and name.lower().endswith((".yaml", ".yml")):
                yield Path(at) / name


def _start(file: Path) -> Span:
    return Span(shown_path(file), 1, 1, 1, 2)


def _unreadable(file: Path, fault: OSError) -> Diagnostic:
    why = (fault.strerror or type(fault).__name__).lower()
    return syntax.yaml_syntax(
        _start(file),
        f"it cannot be read ({why})",
        f"无法读取（{why}）",
        "let this user read it, or take it out of the folder of definitions",
        "请授予读取权限，或把它移出定义文件夹",
    )


def _not_utf8(place: Span, content: bytes, offset: int) -> Diagnostic:
    before = content[:offset]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8-sig")) + 1
    return syntax.yaml_syntax(
        Span(place.path, line, column, line, column + 1),
        f"the byte {content[offset]:#04x} is not UTF-8",
        f"字节 {content[offset]:#04x} 不是 UTF-8",
        "save the file as UTF-8",
        "请把文件存为 UTF-8 编码",
    )


def shown_path(file: Path) -> str:
    """A path as a person would type it from here."""
    text = os.path.relpath(file)
    return file.as_posix() if text.startswith("..") and file.is_absolute() else Path(text).as_posix()
