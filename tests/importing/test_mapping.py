"""What a mapping says and what is refused when it is loaded: each with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.importing import open_sheet, read_mapping
from engine.language.pack import Pack
from engine.language.source import Source


def read(pack: Pack, text: str, form: str | None = None):
    return read_mapping(Source("m.yaml", text), pack, form)


def test_a_good_one_has_no_findings(pack: Pack, mapping_text: str) -> None:
    mapping, found = read(pack, mapping_text, "visitor")
    assert found == []
    assert mapping is not None
    assert set(mapping.types) == set(mapping.fields)


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("mapping: visitors", "maping: visitors", "wrong-shape", 1),
        ("identity: number", "identiti: number", "unknown-key", 3),
        ("empty: ['', '?']\n", "", "wrong-shape", 1),
        ("form: visitor", "form: visitr", "unknown-resource", 2),
        ("identity: number", "identity: name", "unknown-resource", 3),
        ("  number: {column: No}\n", "  number: {value: x}\n", "wrong-shape", 6),
        ("  visits: {column", "  visit: {column", "unknown-key", 9),
        ("  visits: {column", "  twice: {column", "wrong-shape", 9),
        ("  visits: {column", "  friend: {column", "wrong-shape", 9),
        ("Yes: hot", "Yes: hott", "unknown-choice", 8),
        ("wanted: {value: yes}", "wanted: {value: true}", "ambiguous-scalar", 12),
        ("wanted: {value: yes}", "wanted: {value: yes, column: W}", "wrong-shape", 12),
        ("wanted: {value: yes}", "wanted: {value: yes, if_empty: no}", "unknown-key", 12),
        ("{column: Visits}", "{column: Visits, otherwise: 1}", "wrong-shape", 9),
        ("{column: Visits}", "{column: Visits, if_empty: many}", "ambiguous-scalar", 9),
        ("{column: Visits}", "{column: Name}", "defined-twice", 9),
        ("  Rest:", "  Name:", "defined-twice", 14),
        ("  Rest: not needed", "  Rest: not needed\n  Rest: again", "duplicate-key", 15),
    ],
)
def test_a_mistake_is_said_with_its_place(
    pack: Pack, mapping_text: str, old: str, new: str, code: str, line: int
) -> None:
    assert old in mapping_text
    mapping, found = read(pack, mapping_text.replace(old, new, 1), "visitor")
    assert mapping is None
    assert (code, line) in {(d.code, d.span.line) for d in found}, [(d.code, str(d.span), d.message()) for d in found]


def test_another_form_than_the_one_asked_for(pack: Pack, mapping_text: str) -> None:
    _, found = read(pack, mapping_text, "lead")
    assert [d.code for d in found] == ["wrong-shape"]


def test_columns_that_are_not_there_or_named_nowhere(pack: Pack, mapping_text: str, tmp_path: Path) -> None:
    mapping, _ = read(pack, mapping_text)
    (tmp_path / "v.csv").write_text("No,Name,Grade,Visits,Budget,Seen,Other\n", "utf-8")
    found = open_sheet(tmp_path / "v.csv", "v.csv").fits(mapping)
    assert {(d.code, d.message()) for d in found} == {
        ("unknown-resource", "there is no column 'Rest'"),
        ("wrong-shape", "the mapping (under fields, or under ignore with the reason) needs 'Other'"),
    }
