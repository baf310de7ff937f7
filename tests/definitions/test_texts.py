"""The English texts of the shipped pack: each key of docs/texts.md that the definitions give, and no other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

PACK = Path(__file__).parents[2] / "definitions"
Found = Iterator[tuple[str, str]]


def read(path: Path) -> dict[str, Any]:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.CBaseLoader)


def fields(key: str, declared: dict[str, Any]) -> Found:
    for name, field in declared.items():
        if "title" in field:
            yield f"{key}/{name}", field["title"]
        of = field.get("of")
        if isinstance(of, dict) and field["type"] in ("choice", "choices"):
            yield from ((f"{key}/{name}/{choice}", title) for choice, title in of.items())
        if isinstance(of, dict) and field["type"] == "list":
            yield from fields(f"{key}/{name}", of)


def presses(key: str, things: dict[str, Any] | None) -> Found:
    for name, thing in (things or {}).items():
        for word, end in (("title", ""), ("button", ""), ("say", "/say")):
            if word in thing:
                yield f"{key}/{name}{end}", thing[word]


def nodes(key: str, declared: dict[str, Any]) -> Found:
    for name, node in declared.items():
        if "title" in node:
            yield f"{key}/{name}", node["title"]
        for word in ("buttons", "interrupt", "meanwhile", "events"):
            if isinstance(node.get(word), dict):
                yield from presses(f"{key}/{name}", node[word])
        yield from nodes(key, node.get("nodes", {}))


def texts_of(key: str, definition: dict[str, Any]) -> Found:
    """Every text that one definition gives, by its key."""
    if "title" in definition:
        yield key, definition["title"]
    for word in ("fields", "inputs", "outputs", "carries", "measures"):
        yield from fields(key, definition.get(word, {}))
    for word in ("data", "attributes", "roles", "teams"):
        yield from fields(f"{key}/{word}", definition.get(word, {}))
    for name, rule in definition.get("must", {}).items():
        yield f"{key}/must/{name}", rule["say"]
    for word in ("start", "interrupt", "meanwhile"):
        yield from presses(f"{key}/{word}", definition.get(word))
    yield from nodes(key, definition.get("nodes", {}))
    for part, body in definition.get("parts", {}).items():
        for word in ("rules", "points"):
            yield from ((f"{key}/{part}/{name}", rule["because"]) for name, rule in body.get(word, {}).items())
    for change in definition.get("changes", []):
        if "because" in change:
            yield f"{key}/changes/{change['date']}", change["because"]


def test_the_english_texts_are_complete_and_none_is_stale() -> None:
    wanted: dict[str, str] = {}
    for path in sorted(PACK.glob("*/*.yaml")):
        definition = read(path)
        kind, name = next(iter(definition.items()))
        if kind not in ("texts", "template", "scenarios", "model"):
            wanted.update(texts_of(f"{path.parent.name}/{name}", definition))
    given = read(PACK / "texts" / "en.yaml")
    given.pop("texts")
    assert sorted(given) == sorted(wanted)
    assert [
        key for key, text in given.items() if not text.strip() or any("\u4e00" <= c <= "\u9fff" for c in text)
    ] == []
