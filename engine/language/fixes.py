"""The one safe answer to a finding as an edit of the source: exact places for it, and texts with edits spliced in.

Edits are splices, so comments and layout stay as they are. Whether an edit really helps is for `checks.fixing` to try.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping

from engine.language.diagnostics import Diagnostic, Edit
from engine.language.source import Source, Span


def with_fix(found: Diagnostic, sources: Mapping[str, Source]) -> Diagnostic:
    """The finding with the edit that its wording offers; as it is when the word does not stand there exactly once."""
    source, span = sources.get(found.span.path), found.span
    if found.fix is not None or found.text.write is None or source is None or span.line != span.end_line:
        return found
    wrong, right = found.text.write
    written = source.line(span.line)[span.column - 1 : span.end_column - 1]
    places = list(re.finditer(rf"(?<!\w){re.escape(wrong)}(?!\w)", written)) if wrong else []
    if len(places) != 1:
        return found
    return dataclasses.replace(found, fix=Edit(span.inside(places[0].start(), len(wrong)), right))


def spliced(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made. They do not overlap; of two that do, the later one in the text is left out."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    parts, at = [], 0
    for edit in sorted(edits):
        begin, end = _offset(starts, edit.span.line, edit.span.column), _end(starts, edit.span, len(text))
        if begin < at:
            continue
        parts += [text[at:begin], edit.text]
        at = end
    return "".join([*parts, text[at:]])


def _offset(starts: list[int], line: int, column: int) -> int:
    return starts[line - 1] + column - 1


def _end(starts: list[int], span: Span, most: int) -> int:
    return min(_offset(starts, span.end_line, span.end_column), most)
