"""A mapping in `{ }` whose expression holds a comma or a bracket, written as a block: one key a line.

YAML breaks such an expression, so the text is split here by the expression's own brackets and quotes. Only text is
moved, nothing is added or dropped but the braces; where that is not certain, None.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

_OPEN, _CLOSE = "([{", ")]}"
_BREAKS = re.compile(r"[,\[\]{}#]")


@dataclass(frozen=True)
class _Value:
    """`text` as written; the parts of a mapping or a list in flow style where they could be told apart."""

    text: str
    entries: tuple[tuple[str, _Value], ...] | None = None
    items: tuple[_Value, ...] | None = None

    def must_break(self, key: str, questions: Collection[str]) -> bool:
        """Whether an expression in it cannot stand in braces."""
        if self.entries is not None:
            return any(value.must_break(name, questions) for name, value in self.entries)
        if self.items is not None:
            return any(item.must_break("", questions) for item in self.items)
        if self.text[:1] in "\"'":
            return key in questions and bool(_BREAKS.search(self.text))
        return self.text[:1] not in "[{&*!|>" and bool(_BREAKS.search(self.text))


_HEAD = re.compile(
    r"(?P<indent>\s*)(?P<dashes>(?:- )*)(?P<key>[^\s{}\[\]'\"#:,&*][^{}\[\]'\"#:,]*:)?(?P<anchor>\s*&\S+)?\s*(?=[{\[])"
)


def unbraced(line: str, questions: Collection[str]) -> list[str] | None:
    """What `line` says (`key: {...}` or `- {...}`) in block style, line by line; None when it must not or cannot be."""
    head = _HEAD.match(line)
    if head is None:
        return None
    end = _closing(line, head.end())
    if end is None:
        return None
    rest = line[end + 1 :]
    if rest.strip() and not re.match(r"\s+#", rest):
        return None
    value = _value(line[head.end() : end + 1])
    if value is None or not value.must_break("", questions):
        return None
    own = len(head["indent"]) + len(head["dashes"])
    comment = f"   {rest.strip()}" if rest.strip() else ""
    if head["key"] is not None:
        first = line[: head.end()].rstrip()
        return [first + comment, *_block(value, own + 2, questions)]
    if head["anchor"] or not head["dashes"]:
        return None
    lines = _block(value, own, questions)
    return [head["indent"] + head["dashes"] + lines[0].strip() + comment, *lines[1:]]


def _block(value: _Value, indent: int, questions: Collection[str]) -> list[str]:
    pad = " " * indent
    lines: list[str] = []
    if value.items is not None:
        for item in value.items:
            if item.entries is not None and item.must_break("", questions):
                inner = _block(item, indent + 2, questions)
                lines += [f"{pad}- {inner[0].strip()}", *inner[1:]]
            else:
                lines.append(f"{pad}- {item.text}")
        return lines
    for key, part in value.entries or ():
        if (part.entries is not None or part.items is not None) and part.must_break(key, questions):
            lines += [f"{pad}{key}:", *_block(part, indent + 2, questions)]
        else:
            lines.append(f"{pad}{key}: {part.text}")
    return lines


def _value(text: str) -> _Value | None:
    """A value with its parts, as deep as flow style goes; None when the text cannot be told apart."""
    text = text.strip()
    if text[:1] not in "{[" or _closing(text, 0) != len(text) - 1:
        return _Value(text) if text else None
    parts = _split(text[1:-1])
    if parts is None:
        return None
    if text[0] == "[":
        items = [_value(part) for part in parts]
        return None if None in items else _Value(text, items=tuple(item for item in items if item is not None))
    entries: list[tuple[str, _Value]] = []
    for part in parts:
        found = re.match(r"\s*([^\s:'\"{}\[\],#][^:'\"{}\[\],#]*):\s+(.*)\Z", part, re.DOTALL)
        value = _value(found[2]) if found else None
        if found is None or value is None:
            return None
        entries.append((found[1].strip(), value))
    return _Value(text, entries=tuple(entries))


def _split(text: str) -> list[str] | None:
    """At the commas that stand outside of brackets and quotes."""
    parts, start, depth, index = [], 0, 0, 0
    while index < len(text):
        char = text[index]
        if char in "'\"" and _opens_quote(text, index):
            index = _end_of_quote(text, index)
            if index < 0:
                return None
        elif char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
        index += 1
    last = text[start:]
    return [*parts, last] if last.strip() else parts


def _closing(text: str, start: int) -> int | None:
    """The bracket that closes the one at `start`, by the expression's own brackets and quotes."""
    expected: list[str] = []
    index = start
    while index < len(text):
        char = text[index]
        if char in "'\"" and _opens_quote(text, index):
            index = _end_of_quote(text, index)
            if index < 0:
                return None
        elif char in _OPEN:
            expected.append(_CLOSE[_OPEN.index(char)])
        elif char in _CLOSE:
            if not expected or expected.pop() != char:
                return None
            if not expected:
                return index
        index += 1
    return None


def _opens_quote(text: str, index: int) -> bool:
    """An apostrophe inside a word opens nothing: don't."""
    return index == 0 or not text[index - 1].isalnum()


def _end_of_quote(text: str, start: int) -> int:
    """The index of the closing quote; a doubled single quote and an escaped double quote do not close. -1: none."""
    quote, index = text[start], start + 1
    while index < len(text):
        if quote == '"' and text[index] == "\\":
            index += 2
            continue
        if text[index] == quote:
            if quote == "'" and text[index + 1 : index + 2] == "'":
                index += 2
                continue
            return index
        index += 1
    return -1
