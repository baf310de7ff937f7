"""Texts in every language of the pack: titles in texts/<language>.yaml, templates in themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic, Edit
from engine.language.kinds.template import Template
from engine.language.kinds.texts import Texts
from engine.language.messages import texts
from engine.language.pack import FOLDERS
from engine.language.source import Span, place_of
from engine.language.text_keys import text_keys, wordless


def check(view: View) -> Iterator[Diagnostic]:
    """missing-text: of a title, of a template's language, of a whole file; and a text for what is not there."""
    root = view.pack.root
    if root is None:
        return
    languages = [str(language) for language in root.also or () if language != root.language]
    keys = text_keys(view.pack)
    unread = {(FOLDERS.get(kind, kind), name) for kind, name in view.broken}
    for language in languages:
        found = view.pack.get(Texts, language)
        if ("texts", language) in view.broken:
            continue
        if found is None:
            yield texts.missing_language(
                root.place("also"), language, f"texts/{language}.yaml", f"texts/{language}.yaml 文件"
            )
            continue
        entries = found.entries or {}
        for key, text in keys.items():
            if key not in entries and not wordless(text):  # what cannot be read cannot be translated: naming says so
                yield texts.missing_text(text.span if text.span.line else found.span, key, language, text)
    for found in view.pack.kind(Texts).values():
        for key in found.entries or {}:
            if key not in keys and tuple(key.split("/")[:2]) not in unread:
                place = place_of(key)
                line = Edit(Span(place.path, place.line, 1, place.line + 1, 1), "")
                yield replace(texts.stale_text(place, key), fix=line)
    for template in view.pack.kind(Template).values():
        for language in [str(root.language), *languages]:
            wording = getattr(template, language, None)
            if wording is None:
                yield texts.missing_language(
                    template.span, language, f"the template '{template.name}'", f"模板“{template.name}”"
                )
                continue
            for name, what_zh in (("subject", "标题"), ("body", "正文")):
                if not getattr(wording, name).strip():
                    yield texts.blank_wording(wording.place(name), language, template.name, name, what_zh)
