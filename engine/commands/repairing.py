"""`remit check --fix` and `--diff`: what is safe to write is written into the files, or shown as a difference."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.checks.fixing import Fixed, fix
from engine.commands.folders import existing, show_findings, write_text
from engine.commands.saying import Out
from engine.folder import pack_root, read_folder, shown_path
from engine.language.diagnostics import Diagnostic, in_order, is_clean
from engine.language.source import Source
from engine.nodes import catalogue


def repair(path: Path, out: Out, *, write: bool) -> int:
    """Repairs the files at `path` or below it; 1 when an error or warning is left. Without `write` nothing changes."""
    root = pack_root(existing(path))
    sources, problems = read_folder(root)
    only = "" if root.resolve() == path.resolve() else shown_path(path)

    def inside(name: str) -> bool:
        return not only or name == only or name.startswith(f"{only}/")

    fixed = fix(sources, catalogue(), inside)
    changed = {s.path: s for s in sources if fixed.sources[s.path].text != s.text}
    if write:
        for name in changed:
            _write(Path(name), fixed.sources[name].text)
    left = [d for d in in_order([*problems, *fixed.left]) if inside(d.span.path)]
    _show(out, fixed, changed, write)
    out.answer(
        {
            "clean": is_clean(left),
            "files": len(sources),
            "findings": [d.plain() for d in left],
            "fixed": [d.plain() for d in fixed.done],
            "changed": sorted(changed),
            "written": write,
        }
    )
    return show_findings(out, left, fixed.sources, len(sources))


def _show(out: Out, fixed: Fixed, changed: dict[str, Source], write: bool) -> None:
    if not write:
        for line in _difference(fixed, changed):
            out.line(line)
    for finding in fixed.done:
        out.line(_said(finding, "fixed" if write else "would fix"), _said(finding, "已修正" if write else "可修正"))


def _said(finding: Diagnostic, word: str) -> str:
    text = finding.fix.text if finding.fix is not None else ""
    return f"{word} {finding.span} [{finding.code}]" + (f": {text}" if text else "")


def _difference(fixed: Fixed, changed: dict[str, Source]) -> Iterator[str]:
    for name, before in sorted(changed.items()):
        after: Any = fixed.sources[name].lines
        yield from difflib.unified_diff(before.lines, after, name, name, lineterm="")


def _write(file: Path, text: str) -> None:
    """The text in the file's own way: with its byte order mark and its ends of lines."""
    before = file.read_bytes()
    mark = "\ufeff" if before.startswith(b"\xef\xbb\xbf") else ""
    ends = "\r\n" if b"\r\n" in before else "\n"
    write_text(file, mark + text.replace("\n", ends))
