"""YAML text to a positioned tree: every scalar keeps its source text and its place. The only file that imports yaml.

A scalar is never interpreted here (`no` stays the text `no`): its place's declared type reads it later. Limits hold while
parsing, so hostile text is refused before it costs anything: size, depth, nodes after aliases, tags, merge keys,
control and bidirectional characters, duplicate keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from engine.language.diagnostics import Diagnostic
from engine.language.messages import style, syntax
from engine.language.source import Source, Span
from engine.language.yaml_faults import fault

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 50
MAX_NODES = 10_000
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
LOOK_ALIKES = str.maketrans("аеорсухіјѕһԁɡⅼαορνуАВЕКМНОРСТХ", "aeopcyxijshdglaopvyABEKMHOPCTX")


@dataclass(frozen=True)
class Scalar:
    """A scalar's text as written (quotes and escapes resolved); `absent` when nothing stands after the key."""

    text: str
    span: Span
    plain: bool
    absent: bool = False
    inner: Span = field(compare=False, default=Span("", 0, 0, 0, 0))
    """Where the text itself begins: after an opening quote; the whole span when characters cannot be counted off."""
    cut: bool = field(compare=False, default=False)
    """Whether a comment follows on the same line, which may have cut an expression."""


@dataclass(frozen=True)
class Mapping:
    entries: tuple[tuple[Scalar, Tree], ...]
    span: Span
    flow: bool = False

    def get(self, key: str) -> Tree | None:
        return next((value for name, value in self.entries if name.text == key), None)

    def key(self, key: str) -> Scalar | None:
        return next((name for name, _ in self.entries if name.text == key), None)


@dataclass(frozen=True)
class Sequence:
    items: tuple[Tree, ...]
    span: Span
    flow: bool = False


Tree = Scalar | Mapping | Sequence


class _Refused(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


def read_tree(source: Source) -> tuple[Tree | None, list[Diagnostic]]:
    """The tree of one document and what is wrong with it. Never raises on user input."""
    whole = Span(source.path, 1, 1, 1, 2)
    if len(source.text) > MAX_CHARACTERS:
        return None, [syntax.over_limit(whole, "the size of a file in characters", "文件字符数", MAX_CHARACTERS)]
    found = FORBIDDEN.search(source.text)
    if found and not (found.start() == 0 and found.group() == "\ufeff"):
        before = source.text[: found.start()]
        line, column = before.count("\n") + 1, found.start() - before.rfind("\n")
        place = Span(source.path, line, column, line, column + 1)
        name = f"U+{ord(found.group()):04X}"
        return None, [
            syntax.over_limit(place, f"the invisible or control character {name}", f"不可见字符或控制字符 {name}", 0)
        ]
    composer = _Composer(source)
    try:
        tree = composer.document()
    except _Refused as refused:
        return None, [*composer.diagnostics, refused.diagnostic]
    except (yaml.YAMLError, UnicodeError) as problem:
        return None, [*composer.diagnostics, fault(source, problem, composer.open_quote)]
    return tree, composer.diagnostics


class _Composer:
    """Builds the tree from the parser's events with an explicit depth, so nothing recurses on hostile input unbounded."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []
        self.anchors: dict[str, tuple[Tree, int]] = {}
        self.open_anchors: set[str] = set()
        self.count = 0
        self.open_quote: Span | None = None
        """The last quoted text over several lines: few are meant, so a fault behind it is rather a forgotten quote."""
        self.events: Iterator[Any] = iter(yaml.parse(source.text, Loader=yaml.CSafeLoader))

    def document(self) -> Tree:
        tree: Tree | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if tree is not None:
                    raise _Refused(
                        syntax.wrong_shape(
                            self.span(event), "one document a file", "每个文件一个文档", "remove '---'", "请删除“---”"
                        )
                    )
                tree = self.node(next(self.events), 1)
        if tree is None:
            place = Span(self.source.path, 1, 1, 1, 2)
            raise _Refused(
                syntax.wrong_shape(
                    place,
                    "a definition, the file is empty",
                    "一个定义，文件是空的",
                    "begin with <kind>: <name>",
                    "请以 <种类>: <名称> 开头",
                )
            )
        return tree

    def span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        return Span(self.source.path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def node(self, event: Any, depth: int) -> Tree:
        span = self.span(event)
        if depth > MAX_DEPTH:
            raise _Refused(syntax.over_limit(span, "levels of nesting", "嵌套层数", MAX_DEPTH))
        if isinstance(event, yaml.AliasEvent):
            return self.alias(str(event.anchor), span)
        self.spend(1, span)
        if event.tag is not None and not (isinstance(event, yaml.ScalarEvent) and event.tag == "!"):
            raise _Refused(
                syntax.over_limit(
                    span,
                    f"the tag {event.tag[:60]}",
                    f"标签 {event.tag[:60]}",
                    0,
                    "remove it; 'is not' is written `not x`, and a text that begins with ! needs quotes",
                    "请删除；否定写作 not x，以 ! 开头的文本需要加引号",
                )
            )
        anchor, before = event.anchor, self.count
        if anchor:
            self.open_anchors.add(anchor)
        tree: Tree
        if isinstance(event, yaml.ScalarEvent):
            tree = self.scalar(event, span)
        elif isinstance(event, yaml.MappingStartEvent):
            tree = self.mapping(event, span, depth)
        else:
            tree = self.sequence(event, span, depth)
        if anchor:
            self.open_anchors.discard(anchor)
            self.anchors[anchor] = (tree, self.count - before + 1)
        return tree

    def spend(self, nodes: int, span: Span) -> None:
        self.count += nodes
        if self.count > MAX_NODES:
            raise _Refused(
                syntax.over_limit(span, "nodes in a file, aliases counted", "节点数（含别名展开）", MAX_NODES)
            )

    def alias(self, anchor: str, span: Span) -> Tree:
        if anchor in self.open_anchors:
            raise _Refused(
                syntax.over_limit(span, f"an alias inside its own anchor '{anchor}'", f"锚点“{anchor}”内引用自身", 0)
            )
        if anchor not in self.anchors:
            raise _Refused(
                syntax.yaml_syntax(
                    span,
                    f"no anchor '{anchor}' before this alias",
                    f"此别名之前没有锚点“{anchor}”",
                    "put the text in quotes, or write what is meant",
                    "请给文本加引号，或直接写出内容",
                )
            )
        tree, size = self.anchors[anchor]
        self.spend(size, span)
        return tree

    def scalar(self, event: Any, span: Span) -> Scalar:
        text = event.value
        plain = event.style is None or event.style == ""
        absent = plain and text == "" and span.line == span.end_line and span.column == span.end_column
        one_line = span.line == span.end_line
        inner = span
        if not one_line and event.style in ("'", '"'):
            self.open_quote = span
        if one_line and not plain and event.style in "'\"" and span.end_column - span.column == len(text) + 2:
            inner = span.inside(1, len(text))
        rest = self.source.line(span.end_line)[span.end_column - 1 :] if plain and not absent else ""
        return Scalar(text, span, plain, absent, inner, cut=rest.lstrip(" ").startswith("#") and rest[:1] == " ")

    def sequence(self, event: Any, span: Span, depth: int) -> Sequence:
        flow = bool(event.flow_style)
        items: list[Tree] = []
        for inner in self.events:
            if isinstance(inner, yaml.SequenceEndEvent):
                end = self.span(inner)
                span = span._replace(end_line=end.end_line, end_column=end.end_column)
                break
            items.append(self.node(inner, depth + 1))
        if flow:
            self.look_for_broken_expression([i for i in items if isinstance(i, Scalar)])
        return Sequence(tuple(items), span, flow)

    def mapping(self, event: Any, span: Span, depth: int) -> Mapping:
        flow = bool(event.flow_style)
        entries: list[tuple[Scalar, Tree]] = []
        seen: dict[str, Span] = {}
        scalars: list[Scalar] = []
        repeated: list[Diagnostic] = []
        for inner in self.events:
            if isinstance(inner, yaml.MappingEndEvent):
                end = self.span(inner)
                span = span._replace(end_line=end.end_line, end_column=end.end_column)
                break
            key = self.node(inner, depth + 1)
            if not isinstance(key, Scalar):
                raise _Refused(syntax.wrong_shape(key.span, "a name before ':'", "“:”前应为名称"))
            if key.text == "<<" and key.plain:
                raise _Refused(syntax.over_limit(key.span, "the merge key '<<'", "合并键“<<”", 0))
            value = self.node(next(self.events), depth + 1)
            scalars.append(key)
            if isinstance(value, Scalar):
                scalars.append(value)
            if key.text in seen:
                repeated.append(syntax.duplicate_key(key.span, key.text, seen[key.text]))
                continue
            seen[key.text] = key.span
            entries.append((key, value))
        if flow:
            self.look_for_broken_expression(scalars)
        self.diagnostics += repeated
        self.look_for_look_alikes([key for key, _ in entries])
        return Mapping(tuple(entries), span, flow)

    def look_for_broken_expression(self, scalars: list[Scalar]) -> None:
        """Refuses a comma or bracket of an expression that YAML took for its own inside { } or [ ]: its keys are noise."""
        for scalar in scalars:
            text = scalar.text
            if scalar.plain and (text.count("(") != text.count(")") or text.count("'") % 2 == 1):
                raise _Refused(syntax.expression_in_braces(scalar.span, text))

    def look_for_look_alikes(self, keys: list[Scalar]) -> None:
        """Says where two keys of one mapping look the same to a reader (Unicode TR39, the letters that names use)."""
        if all(key.text.isascii() for key in keys):
            return
        seen: dict[str, str] = {}
        for key in keys:
            other = seen.setdefault(key.text.translate(LOOK_ALIKES), key.text)
            if other != key.text:
                self.diagnostics.append(style.look_alike_names(key.span, key.text, other))
