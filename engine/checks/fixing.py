"""`remit check --fix`: the edits of findings that have one safe answer, each tried before it is kept.

An edit is kept when afterwards its finding is gone and the lines that it touched show nothing new, but what has a safe
answer of its own. What cannot be read is answered first: it hides what stands behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.checks import check
from engine.language.diagnostics import Diagnostic, Edit, in_order
from engine.language.fixes import spliced, with_fix
from engine.language.loader import load
from engine.language.source import Source

Sources = Mapping[str, Source]
NodeTypes = Mapping[str, type[Any]]
Look = Callable[[Sources], list[Diagnostic]]
Name = tuple[str, str, str]
MOST_ROUNDS = 20
"""One repair may show the next mistake; more in a row than this is not what a person expects of one command."""

UNREADABLE = frozenset({"yaml-syntax", "duplicate-key", "over-limit", "expression-in-braces"})
"""What an edit must not cause anywhere in its file: such a text is no definition any more."""


@dataclass
class Fixed:
    """`sources` as they are now, `done` the findings that were answered, `left` what is still found."""

    sources: Sources
    left: list[Diagnostic] = field(default_factory=list)
    done: list[Diagnostic] = field(default_factory=list)


def fix(sources: Iterable[Source], node_types: NodeTypes, may: Callable[[str], bool]) -> Fixed:
    """Every safe answer in the files whose path `may` be changed, until nothing more is safe."""

    def read(now: Sources) -> list[Diagnostic]:
        return in_order(with_fix(finding, now) for finding in load(now.values(), node_types).diagnostics)

    def whole(now: Sources) -> list[Diagnostic]:
        return check(load(now.values(), node_types))

    state = Fixed({source.path: source for source in sources})
    for look in (read, whole):  # what cannot be read hides what stands behind it, so that comes first
        _rounds(state, look, may)
    return state


def _rounds(state: Fixed, look: Look, may: Callable[[str], bool]) -> None:
    refused: set[Name] = set()
    state.left = look(state.sources)
    for _ in range(MOST_ROUNDS):
        open_ = _first([d for d in state.left if d.fix and may(d.span.path) and _name(d) not in refused], state.left)
        if not open_:
            break
        if _try(state, open_, look):
            continue
        for finding in reversed(open_):  # one of them does harm: each alone, from the end, so that places above stay
            if finding in state.left and not _try(state, [finding], look):
                refused.add(_name(finding))


def _first(open_: list[Diagnostic], found: list[Diagnostic]) -> list[Diagnostic]:
    """What to answer now: names of definitions before the names below them, excuses when nothing else is left.

    `case: ordr` makes `ordr` a name that can be read, and `order.amount` a slip of it: the wrong one would be kept.
    """
    astray = {d.span.path for d in found if d.code == "unknown-resource"}
    resources = [d for d in open_ if d.code == "unknown-resource"]
    others = [d for d in open_ if d.code not in ("unknown-resource", "unknown-variable", "useless-excuse")]
    variables = [d for d in open_ if d.code == "unknown-variable" and d.span.path not in astray]
    return resources or [*others, *variables] or [d for d in open_ if d.code == "useless-excuse"]


def _try(state: Fixed, findings: list[Diagnostic], look: Look) -> bool:
    """Makes the edits of the findings when that is right; whether it did."""
    sources = dict(state.sources)
    touched: set[tuple[str, int]] = set()
    for path in {finding.span.path for finding in findings}:
        edits = [d.fix for d in findings if d.fix is not None and d.span.path == path]
        sources[path] = Source(path, spliced(sources[path].text, edits))
        touched |= {(path, line) for line in _lines(edits, sources[path])}
    left = look(sources)
    before, after, answered = (Counter(map(_name, found)) for found in (state.left, left, findings))
    new, paths = after - before, {path for path, _ in touched}
    harm = any(
        (not d.fix and (d.span.path, d.span.line) in touched) or (d.code in UNREADABLE and d.span.path in paths)
        for d in left
        if _name(d) in new
    )
    if harm or any(after[name] > before[name] - times for name, times in answered.items()):
        return False
    state.sources, state.left = sources, left
    state.done += findings
    return True


def _lines(edits: list[Edit], after: Source) -> Iterable[int]:
    """The lines that the edits touched, as they are numbered afterwards."""
    moved = 0
    for edit in sorted(edits):
        first = edit.span.line + moved
        yield from range(first, first + edit.text.count("\n") + 1)
        moved += edit.text.count("\n") - (edit.span.end_line - edit.span.line)


def _name(finding: Diagnostic) -> Name:
    """What a finding says, wherever it moves."""
    return finding.span.path, finding.code, finding.text.en
