"""`# check: ignore[code] reason`: a line may be excused from one code, on the line itself or the line above."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.language.diagnostics import CODES, Diagnostic, did_you_mean
from engine.language.messages import syntax
from engine.language.pack import Pack
from engine.language.source import Span

_EXCUSE = re.compile(r"#\s*check:\s*ignore\[([^\]]*)\](.*)")
NEVER = frozenset({"yaml-syntax", "duplicate-key", "over-limit", "escape-attempt", "useless-excuse"})
"""Codes that no comment excuses: what they find cannot be run, or is an attack."""


@dataclass(frozen=True)
class Excuse:
    """`lines` are the lines that it excuses: its own, or, when it stands alone, the next."""

    span: Span
    code: str
    reason: str
    line: int


def excused(found: Iterable[Diagnostic], pack: Pack) -> Iterator[Diagnostic]:
    """The findings that stand, and one for each excuse that has no reason or excuses nothing."""
    excuses = [excuse for source in pack.sources.values() for excuse in _of(source.path, source.lines)]
    by_place = {(excuse.span.path, excuse.line, excuse.code): excuse for excuse in excuses if excuse.reason}
    used: set[Excuse] = set()
    for diagnostic in found:
        excuse = by_place.get((diagnostic.span.path, diagnostic.span.line, diagnostic.code))
        if excuse is None or diagnostic.code in NEVER:
            yield diagnostic
        else:
            used.add(excuse)
    for excuse in excuses:
        if excuse not in used:
            yield _useless(excuse)


def _of(path: str, lines: list[str]) -> Iterator[Excuse]:
    for number, line in enumerate(lines, 1):
        match = _EXCUSE.search(line) if "check:" in line else None
        if match is not None:
            span = Span(path, number, match.start() + 1, number, len(line) + 1)
            alone = line.lstrip().startswith("#")
            yield Excuse(span, match[1].strip(), match[2].strip(), number + 1 if alone else number)


def _useless(excuse: Excuse) -> Diagnostic:
    if not excuse.reason:
        return syntax.useless_excuse(
            excuse.span,
            excuse.code,
            "gives no reason",
            "没有写理由",
            f"write why: # check: ignore[{excuse.code}] because ...",
            f"请写明理由：# check: ignore[{excuse.code}] 因为……",
        )
    if excuse.code not in CODES:
        return syntax.useless_excuse(
            excuse.span, excuse.code, "names no code", "不是任何代码", *did_you_mean(excuse.code, CODES)
        )
    return syntax.useless_excuse(
        excuse.span, excuse.code, "excuses nothing", "没有对应的问题", "remove the comment", "请删除该注释"
    )
