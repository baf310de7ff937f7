"""Access: role x records x field, by a table (access.csv) over a made-up form (access.yaml).

Teams: ann, bob in east; zoe in west, which sam heads from outside.
"""

import csv
from pathlib import Path

import pytest

from engine.language.expressions.things import Person, Record
from engine.language.kinds.form import Form
from engine.language.loader import load
from engine.language.source import Source
from engine.rules.access import asker, granted, may_ever

HERE = Path(__file__).parent
PACK = load([Source("forms/order.yaml", (HERE / "access.yaml").read_text("utf-8"))], {})
FORM = PACK.get(Form, "order")
ROWS = list(csv.DictReader((HERE / "access.csv").open(encoding="utf-8")))
TEAM = {"ann": "east", "bob": "east", "zoe": "west"}


def person(words: str) -> Person:
    name, roles, *team = words.split()
    return Person(name, {"roles": tuple(roles.split("+")), "team": team[0] if team else None})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "/".join(row.values()))
def test_table(row: dict[str, str]) -> None:
    assert FORM is not None
    owner = Person(row["owner"], {"roles": ("seller",), "team": TEAM[row["owner"]]}) if row["owner"] else None
    record = Record("order", 1, {"number": "1", "keeper": owner, "stage": row["stage"] or None})
    who = asker(person(row["asker"]), {"east": None, "west": "sam"})
    found = granted(FORM, row["may"], who, record, is_new=row["new"] == "yes")  # type: ignore[arg-type]
    assert found == frozenset(row["fields"].split())


def test_every_line_of_the_form_grants_something_in_the_table() -> None:
    assert FORM is not None
    for line in FORM.access or ():
        for may in line.may:
            assert any(line.role in r["asker"].split()[1].split("+") and r["may"] == may and r["fields"] for r in ROWS)


def test_may_ever_asks_only_the_roles() -> None:
    assert FORM is not None
    seller, nobody = asker(person("ann seller"), {}), asker(person("ann other"), {})
    assert may_ever(FORM, "create", seller)
    assert not may_ever(FORM, "delete", seller)
    assert not may_ever(FORM, "read", nobody)
