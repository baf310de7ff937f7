"""Where a text stops being YAML, and why, in words a person can act on: the parser's own place is often a line too late.

What the parser calls a problem is looked up in `SAID`; its marks say where it noticed (`problem_mark`) and in what
(`context_mark`), counted from 0.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Any

from engine.language.diagnostics import Diagnostic
from engine.language.messages import syntax
from engine.language.source import Source, Span

_LINE_UP = (
    "this line does not line up with the lines it belongs to",
    "这一行没有与同级的行对齐",
    "give all keys of one mapping, and all '-' of one list, the same number of spaces",
    "同一映射的键、同一列表的“-”前面的空格数应相同",
)
_TAB = ("a tab stands where spaces belong", "应为空格的地方是制表符", "replace the tab by spaces", "请把制表符换成空格")
_QUOTE = (
    "a quote is opened here and not closed in this line",
    "此处的引号在本行没有闭合",
    "close it, or put the whole text in quotes; a quote inside single quotes is written twice",
    "请补上引号，或把整段文本加引号；单引号内的单引号写两次",
)
_BRACKET = (
    "a comma or a closing bracket is missing, or one of them is too many",
    "缺少或多出逗号或右括号",
    "look from the '{' or '[' on; a text that holds one of , : [ ] { } # needs quotes",
    "请从左括号开始检查；含有 , : [ ] { } # 的文本需要加引号",
)
_SIGN = (
    "a value cannot begin with this sign",
    "值不能以这个符号开头",
    "put the text in quotes",
    "请给文本加引号",
)
SAID: dict[str, tuple[str, str, str, str]] = {
    "mapping values are not allowed in this context": (
        "a ': ' stands inside a value, or the line is indented too far",
        "值里出现了“: ”，或这一行缩进过多",
        "put the text in quotes, or line the key up with the others",
        "请给文本加引号，或让键与同级对齐",
    ),
    "did not find expected key": _LINE_UP,
    "did not find expected '-' indicator": _LINE_UP,
    "did not find expected <document start>": _LINE_UP,
    "could not find expected ':'": (
        "a key without ':' after it",
        "键后面缺少“:”",
        "write <key>: <value>; a text that goes on in the next line needs '|' or quotes",
        "请写 <键>: <值>；跨行文本要用“|”或引号",
    ),
    "found character that cannot start any token": _SIGN,
    "found a tab character that violates indentation": _TAB,
    "found a tab character where an indentation space is expected": _TAB,
    "did not find expected ',' or '}'": _BRACKET,
    "did not find expected ',' or ']'": _BRACKET,
    "did not find expected node content": (
        "a value is missing here",
        "这里缺少值",
        "write it, or remove the comma or bracket",
        "请写上值，或去掉逗号或括号",
    ),
    "found unexpected end of stream": _QUOTE,
    "found unexpected document indicator": _QUOTE,
    "did not find expected comment or line break": (
        "after '|' or '>' the text begins in the next line",
        "“|”或“>”之后的文本从下一行开始",
        "move the text to the next line, or put it in quotes",
        "请把文本移到下一行，或加引号",
    ),
    "did not find expected alphabetic or numeric character": _SIGN,
    "did not find expected whitespace or line break": _SIGN,
    "block sequence entries are not allowed in this context": (
        "a list item cannot stand here",
        "这里不能写列表项",
        "put each '- ' on a line of its own below the key",
        "请把每个“- ”写在键下面单独一行",
    ),
    "mapping keys are not allowed in this context": _SIGN,
    "found unknown escape character": (
        "in double quotes a backslash begins an escape",
        "双引号内的反斜杠表示转义",
        "use single quotes, or write the backslash twice",
        "请改用单引号，或把反斜杠写两次",
    ),
}
_IN_QUOTES = "while scanning a quoted scalar"


def fault(source: Source, problem: Any, open_quote: Span | None) -> Diagnostic:
    """The finding for what the parser raised. `open_quote`: the last quoted text over several lines that it read."""
    said = str(getattr(problem, "problem", None) or "cannot be parsed")
    noticed = _place(source, getattr(problem, "problem_mark", None))
    begun = _place(source, getattr(problem, "context_mark", None))
    place = noticed or begun or Span(source.path, 1, 1, 1, 2)
    context = str(getattr(problem, "context", None) or "")
    if open_quote is not None and place.line == open_quote.end_line:
        return syntax.yaml_syntax(_head(open_quote), *_QUOTE)
    cut = _cut(source, begun, place) if SAID.get(said) is _BRACKET and begun is not None else None
    if cut is not None:
        return cut
    never_closed = begun is not None and _is_outside(source, place, begun)
    if (
        "flow" in context
        and not never_closed
        and re.search(r"[:=]\s+=?\s*[A-Za-z_一-鿿][^,{}]*[\[({'\"]", source.line(place.line))
    ):
        return syntax.expression_in_braces(place, source.line(place.line).strip())
    if begun is not None and (context == _IN_QUOTES or said == "could not find expected ':'"):
        place = begun
    elif SAID.get(said) is _LINE_UP:
        place = _odd_one(source, place)
    elif begun is not None and SAID.get(said) is _BRACKET and never_closed:
        place = begun  # never closed: what the parser read on with has nothing to do with it
    elif said == "mapping values are not allowed in this context":
        bare = _key_above(source, place)
        if bare is not None:
            return syntax.yaml_syntax(bare, *SAID["could not find expected ':'"])
    words = SAID.get(said)
    if words is _SIGN and source.line(place.line)[place.column - 1 : place.column] == "\t":
        words = _TAB
    return syntax.yaml_syntax(place, *(words or (said, "无法解析", "", "")))


def _place(source: Source, mark: Any) -> Span | None:
    if mark is None:
        return None
    line = min(mark.line + 1, max(len(source.lines), 1))
    return Span(source.path, line, mark.column + 1, line, mark.column + 2)


def _head(span: Span) -> Span:
    return Span(span.path, span.line, span.column, span.line, span.column + 1)


def _odd_one(source: Source, place: Span) -> Span:
    """Of lines that do not line up, the one that is to be moved: the parser sees only the last of them.

    The line at `place` is right when it is one step deeper than a line above it; then what stands between the two is not.
    """
    depth, step = place.column - 1, _step(source)
    lines = [
        (n, indent) for n, line in enumerate(source.lines[: place.line - 1], 1) if (indent := _indent(line)) is not None
    ]
    parent = next((i for i in reversed(range(len(lines))) if lines[i][1] <= depth - step), None)
    if parent is None or lines[parent][1] != depth - step or parent + 1 == len(lines):
        return place
    number, indent = lines[parent + 1]
    return place if indent == depth else Span(source.path, number, indent + 1, number, indent + 2)


_CUT = re.compile(r"[:{,] +((?:= )?[A-Za-z_][^'\"#{},:]*'[^'#]*) +#")


def _cut(source: Source, begun: Span, place: Span) -> Diagnostic | None:
    """A ' #' inside a quote of an expression in braces: the rest of the line was taken for a comment."""
    for number in range(begun.line, place.line + 1):
        found = _CUT.search(source.line(number))
        if found is not None:
            span = Span(source.path, number, found.start(1) + 1, number, found.end(1) + 1)
            return syntax.comment_ate_expression(span, found[1])
    return None


def _is_outside(source: Source, place: Span, begun: Span) -> bool:
    """Whether `place` is in a line that is no deeper than the one in which the bracket at `begun` was opened."""
    indent, own = _indent(source.line(place.line)), _indent(source.line(begun.line))
    return place.line > begun.line and indent is not None and own is not None and indent <= own


def _key_above(source: Source, place: Span) -> Span | None:
    """A name alone in the line above, where the line at `place` is a key below it: its ':' was forgotten."""
    line, above = source.line(place.line), source.line(place.line - 1)
    bare = re.fullmatch(r"( *)([A-Za-z_]\w*) *", above)
    below = re.match(r"( *)[A-Za-z_]\w*:", line)
    if bare is None or below is None or below.end() != place.column or len(bare[1]) >= len(below[1]):
        return None
    return Span(source.path, place.line - 1, bare.start(2) + 1, place.line - 1, bare.end(2) + 1)


def _indent(line: str) -> int | None:
    text = line.lstrip(" ")
    return None if not text.strip() or text.startswith("#") else len(line) - len(text)


def _step(source: Source) -> int:
    """By how many spaces this file goes deeper, mostly."""
    depths = [depth for depth in map(_indent, source.lines) if depth is not None]
    steps = Counter(b - a for a, b in pairwise(depths) if b > a)
    return steps.most_common(1)[0][0] if steps else 2
