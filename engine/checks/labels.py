"""naming: what people read and cannot: a label that is blank or only punctuation, two side by side that say the same.

A thing without a title is shown by its name in words (LANGUAGE section 1), so a missing title is no finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.exit_words import exit_in_words
from engine.language.kinds.form import Field
from engine.language.kinds.node import Node
from engine.language.kinds.organization import PersonEntry
from engine.language.kinds.texts import Texts
from engine.language.messages import style
from engine.language.pack import FOLDERS
from engine.language.source import Span, place_of
from engine.language.text_keys import text_keys, way_of, wordless
from engine.language.walk import declares


@dataclass(frozen=True)
class Choosing:
    """What a person chooses from: each name with its title, None where nobody wrote one; `key` is that of their texts.

    `signs`: whether a sign alone may be a title, as stars and dashes in a list of choices; a button says what it does.
    """

    key: str
    titles: Mapping[str, str | None]
    signs: bool


def check(view: View) -> Iterator[Diagnostic]:
    """naming, at the text that cannot be read, and at the later of two that cannot be told apart."""
    choosings = list(_choosings(view))
    signs = {choosing.key for choosing in choosings if choosing.signs}
    said: list[tuple[str, str]] = [*text_keys(view.pack).items()]
    for found in view.pack.kind(Texts).values():
        said += [(key, text) for key, text in (found.entries or {}).items()]
    for key, text in said:
        if wordless(text) and (not text.strip() or key.rpartition("/")[0] not in signs):
            yield style.unreadable_label(_place(text, place_of(key)), text)
    for _, _, person in view.of(PersonEntry):
        if wordless(person.name):
            yield style.unreadable_label(person.place("name"), person.name)
    for choosing in choosings:
        yield from _told_apart(choosing, view)


def _place(text: str, otherwise: Span) -> Span:
    place = place_of(text)
    return place if place.line else otherwise


def _choosings(view: View) -> Iterator[Choosing]:
    for definition, keys, struct in view.structs:
        key = "/".join((FOLDERS.get(definition.KIND, ""), definition.name, *way_of(keys)))
        if isinstance(struct, Field) and isinstance(struct.of, Mapping) and struct.type in ("choice", "choices"):
            yield Choosing(key, struct.of, signs=True)
        buttons = getattr(struct, "buttons", None) if isinstance(struct, Node) and declares(struct, "buttons") else None
        if isinstance(struct, Node) and isinstance(buttons, Mapping):
            own = {str(name): None for name in struct.own_exits() if name not in buttons}
            yield Choosing(key, {**own, **{name: button.title for name, button in buttons.items()}}, signs=False)


def _told_apart(choosing: Choosing, view: View) -> Iterator[Diagnostic]:
    """In the pack's language, then in the others, where only the translation makes them the same."""
    root = view.pack.root
    seen: dict[str, str] = {}
    same: set[str] = set()
    for name, title in choosing.titles.items():
        label = title if title is not None else exit_in_words(name, str(root.language) if root else "en")
        other = seen.setdefault(_alike(label), name)
        if other != name and label.strip():
            same.add(name)
            yield style.same_label(_place(title or "", place_of(name)), label, name, other)
    for language, found in view.pack.kind(Texts).items():
        entries = found.entries or {}
        told: dict[str, str] = {}
        for name, title in choosing.titles.items():
            if title is None and not choosing.signs:
                told.setdefault(_alike(exit_in_words(name, language)), name)
                continue
            text = entries.get(f"{choosing.key}/{name}")
            if text is None or not text.strip():
                continue
            other = told.setdefault(_alike(text), name)
            if other != name and name not in same:
                yield style.same_label(_place(text, found.span), text, name, other)


def _alike(label: str) -> str:
    return " ".join(label.split()).casefold()
