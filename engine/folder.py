"""A folder of definitions as sources. A path inside a pack means that part of it: the pack is the nearest folder upwards
that holds pack.yaml."""

from __future__ import annotations

import os
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
    files = sorted(
        p for p in folder.rglob("*") if p.suffix in (".yaml", ".yml") and p.is_file() and not _hidden(p, folder)
    )
    for file in files[:MOST_FILES]:
        shown = shown_path(file)
        place = Span(shown, 1, 1, 1, 2)
        if file.suffix == ".yml":
            problems.append(syntax.wrong_shape(place, "the ending .yaml", "扩展名 .yaml", "rename the file", "请改名"))
            continue
        if file.stat().st_size > MOST_BYTES:
            problems.append(syntax.over_limit(place, "the size of a file in bytes", "文件字节数", MOST_BYTES))
            continue
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (UnicodeDecodeError, OSError) as fault:
            problems.append(
                syntax.yaml_syntax(place, f"the file cannot be read as UTF-8 text ({type(fault).__name__})")
            )
            continue
        sources.append(Source(shown, text))
    return sources, problems


def shown_path(file: Path) -> str:
    """A path as a person would type it from here."""
    text = os.path.relpath(file)
    return file.as_posix() if text.startswith("..") and file.is_absolute() else Path(text).as_posix()


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)
