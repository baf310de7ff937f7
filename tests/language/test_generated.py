"""What is generated from the declarations is current: schemas/ and docs/language.md; the schemas fit what is written.

`pytest --accept tests/language` writes both anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from engine.language.json_schemas import modeline, schema_of, schema_text, write_schemas
from engine.language.manual import manual, write_manual
from engine.language.pack import KINDS
from engine.nodes import catalogue

ROOT = Path(__file__).parents[2]
DEFINITIONS = sorted((ROOT / "definitions").rglob("*.yaml"))
MANUAL = ROOT / "docs" / "language.md"


class EditorsLoader(yaml.SafeLoader):
    """YAML as an editor's language server reads it (1.2 core): only true and false are booleans, dates stay texts."""


EditorsLoader.yaml_implicit_resolvers = {
    letter: [(tag, rule) for tag, rule in rules if tag.rsplit(":")[-1] not in ("timestamp", "bool")]
    for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def strict(text: str) -> Any:
    """YAML 1.1, where `no` is false, dates are dates: what other tools make of it."""
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def editors(text: str) -> Any:
    return json.loads(json.dumps(yaml.load(text, EditorsLoader), default=str))  # a SafeLoader


@pytest.fixture(scope="module")
def validators() -> dict[str, jsonschema.Draft7Validator]:
    return {kind: jsonschema.Draft7Validator(schema_of(kind, catalogue())) for kind in KINDS}


def test_schemas_are_current(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--accept"):
        write_schemas(ROOT / "schemas", catalogue())
    for kind in KINDS:
        assert (ROOT / "schemas" / f"{kind}.json").read_text("utf-8") == schema_text(kind, catalogue()), kind


def test_the_manual_is_current(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--accept"):
        write_manual(MANUAL, catalogue())
    assert MANUAL.read_text("utf-8") == manual(catalogue())


def test_the_manual_has_every_kind_and_node_type() -> None:
    text = MANUAL.read_text("utf-8")
    for name in (*KINDS, *catalogue()):
        assert f"\n### {name}\n" in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_a_schema(kind: str) -> None:
    jsonschema.Draft7Validator.check_schema(schema_of(kind, catalogue()))


@pytest.mark.parametrize("read", [editors, strict])
@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_definition_fits_its_schema(path: Path, read: Any, validators: dict[str, jsonschema.Draft7Validator]) -> None:
    text = path.read_text("utf-8")
    document = read(text)
    kind = next(iter(document))
    problems = [
        f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validators[kind].iter_errors(document)
    ]
    assert not problems
    below = len(path.relative_to(ROOT / "definitions").parts) - 1
    assert text.splitlines()[0] == modeline(kind, below)


MISTAKES = {
    "workflow: w\nstart: {a: {created: lead, next: x}}\nnodes: {x: {type: sett, next: end}}\n": "an unknown node type",
    "workflow: w\nstart: {a: {created: lead, next: x}}\nnodes: {x: {type: set, sett: {a.b: 1}, next: end}}\n": "a key",
    "workflow: w\nstart: {a: {created: lead, signal: s, next: x}}\nnodes: {x: {type: end}}\n": "two events",
    "workflow: w\nnodes: {x: {type: end}}\n": "no start",
    "form: f\nfields: {a: {type: txt}}\n": "an unknown field type",
    "pack: p\nlanguage: fr\ncurrency: EUR\ntime_zone: Europe/Vienna\ncalendar: c\n": "an unknown language",
}


@pytest.mark.parametrize("text", MISTAKES, ids=MISTAKES.values())
def test_a_mistake_does_not_fit(text: str, validators: dict[str, jsonschema.Draft7Validator]) -> None:
    document = editors(text)
    assert list(validators[next(iter(document))].iter_errors(document))
