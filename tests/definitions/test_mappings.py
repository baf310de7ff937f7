"""The shipped mappings: they name fields and choices that the form has, and every column of the sample."""

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]


def read(path: Path) -> dict[str, Any]:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.CBaseLoader)


@pytest.mark.parametrize("name", ["leads", "sample_leads"])
def test_a_mapping_names_only_what_the_form_has(name: str) -> None:
    mapping = read(ROOT / "examples" / f"{name}.mapping.yaml")
    form = read(ROOT / "definitions" / "forms" / f"{mapping['form']}.yaml")["fields"]
    assert set(mapping["fields"]) <= set(form)
    assert form[mapping["identity"]].get("unique") == "yes"
    assert not {f for f in mapping["fields"] if "formula" in form[f]}
    for field, source in mapping["fields"].items():
        given = [
            *source.get("words", {}).values(),
            *(source[k] for k in ("otherwise", "if_empty", "value") if k in source),
        ]
        known = set(form[field]["of"]) if form[field]["type"] == "choice" else {"yes", "no"}
        assert set(given) <= known, field


def test_the_sample_has_the_columns_and_the_rows_that_its_mapping_promises() -> None:
    mapping = read(ROOT / "examples" / "sample_leads.mapping.yaml")
    with (ROOT / "examples" / "sample_leads.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    named = [source["column"] for source in mapping["fields"].values()] + list(mapping["ignore"])
    assert sorted(named) == sorted(rows[0])
    assert len(rows) == 60
    assert all("虚构" in row["备注"] for row in rows)


def test_what_leaks_the_outcome_is_not_used() -> None:
    mapping = read(ROOT / "examples" / "leads.mapping.yaml")
    used = {source["column"] for source in mapping["fields"].values()}
    leaks = [
        c
        for c in mapping["ignore"]
        if c.startswith(("Tags", "Lead Quality", "Lead Profile", "Asymmetrique", "Last Notable", "Conv"))
    ]
    assert len(leaks) == 9
    assert used.isdisjoint(leaks)
