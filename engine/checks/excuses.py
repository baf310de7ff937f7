"""`# check: ignore[code] reason`: a line may be excused from codes, on the line itself or in the comments above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from engine.checks.pages import codes
from engine.language.diagnostics import Diagnostic, Edit, Severity, did_you_mean, only_near
from engine.language.messages import syntax
from engine.language.pack import Pack
from engine.language.source import Source, Span

_EXCUSE = re.compile(r"#\s*check:\s*ignore\[([^\]]*)\](.*)")
_ALMOST = re.compile(r"#\s*check\s*:\s*ignore\b.*", re.IGNORECASE)
"""What a person means as an excuse; written otherwise it excuses nothing."""
NEVER = frozenset({"yaml-syntax", "duplicate-key", "over-limit", "escape-attempt", "useless-excuse"})
"""Codes that no comment excuses: what they find cannot be run, or is an attack."""


@dataclass(frozen=True)
class Excuse:
    """One code of a comment; `line` is the line that it excuses: its own or, when it stands alone, the next."""

    span: Span
    code: str
    reason: str
    line: int
    removal: Edit
    """What takes this code out of the text: the comment with it, when it is the only one."""


def excused(found: Iterable[Diagnostic], pack: Pack) -> Iterator[Diagnostic]:
    """The findings that stand, and one for each excuse that has no reason or excuses nothing.

    An error of reading stands whatever a comment says: what was not read is not checked, and excused it would be
    missing without a word. In a file that could not be read nothing is said of excuses: most findings are not there yet.
    """
    unread = {diagnostic for diagnostic in pack.diagnostics if diagnostic.severity is Severity.ERROR}
    excuses = [excuse for source in pack.sources.values() for excuse in _of(source)]
    by_place = {(excuse.span.path, excuse.line, excuse.code): excuse for excuse in excuses if excuse.reason}
    used: set[Excuse] = set()
    for diagnostic in found:
        excuse = by_place.get((diagnostic.span.path, diagnostic.span.line, diagnostic.code))
        if excuse is None or diagnostic.code in NEVER or diagnostic in unread:
            yield diagnostic
        else:
            used.add(excuse)
    read = {definition.span.path for definition in pack.definitions.values()}
    for excuse in excuses:
        if excuse not in used and (excuse.span.path in read or not excuse.reason):
            yield _useless(excuse)
    for source in pack.sources.values():
        yield from _almost(source)


def _almost(source: Source) -> Iterator[Diagnostic]:
    if "ignore" not in source.text.lower():
        return
    for number, line in enumerate(source.lines, 1):
        found = _ALMOST.search(line)
        if found is not None and _EXCUSE.search(line) is None:
            yield syntax.unread_excuse(Span(source.path, number, found.start() + 1, number, found.end() + 1))


def _of(source: Source) -> Iterator[Excuse]:
    if "check:" not in source.text:
        return
    for number, line in enumerate(source.lines, 1):
        match = _EXCUSE.search(line)
        if match is None:
            continue
        alone = line.lstrip().startswith("#")
        start, end = len(line[: match.start()].rstrip()) + 1, len(line) + 1
        whole = Span(source.path, number, 1, number + 1, 1) if alone else Span(source.path, number, start, number, end)
        named = list(re.finditer(r"[^,\s][^,]*", match[1]))
        for one in named or [match]:
            code = one[0].strip() if named else ""
            place = Span(source.path, number, match.start() + 1, number, end)
            removal = Edit(whole, "")
            if len(named) > 1:
                begin = match.start(1) + one.start()
                place = Span(source.path, number, begin + 1, number, begin + len(code) + 1)
                first = one is named[0]
                removal = Edit(place._replace(end_column=match.start(1) + named[1].start() + 1), "")
                if not first:
                    removal = Edit(place._replace(column=match.start(1) + match[1].rindex(",", 0, one.start()) + 1), "")
            yield Excuse(place, code, match[2].strip(), _excused_line(source, number) if alone else number, removal)


def _excused_line(source: Source, number: int) -> int:
    """The first line below that is no comment."""
    below = number + 1
    while source.line(below).lstrip().startswith("#"):
        below += 1
    return below


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
    if excuse.code not in codes():
        hints = did_you_mean(excuse.code, codes())
        near = only_near(excuse.code, codes())
        return syntax.useless_excuse(excuse.span, excuse.code, "names no code", "不是任何代码", *hints, near)
    if excuse.code in NEVER:
        problem = ("excuses what no comment can excuse", "不能用注释豁免")
    else:
        problem = ("excuses nothing", "没有对应的问题")
    return replace(
        syntax.useless_excuse(excuse.span, excuse.code, *problem, "remove the comment", "请删除该注释"),
        fix=excuse.removal,
    )
