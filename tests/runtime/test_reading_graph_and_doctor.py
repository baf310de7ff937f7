"""A workflow as a picture, and what the doctor finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.runtime.reading import doctor, graph
from tests.runtime.desk import MINUTE, TEXTS, Office


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_workflow_as_a_picture(office: Office) -> None:
    with office.look("en") as look:
        found = graph.graph(look, "handle")
        assert graph.graph(look, "nonsense") is None
    assert found is not None
    assert {node["id"]: node["title"] for node in found["nodes"]}["check"] == "Check"
    arrows = {(a["from"], a["to"]): (a["label"], a["kind"]) for a in found["arrows"]}
    assert arrows["@start:new_deal", "check"] == ("when a record of 'Deal' is created", "start")
    assert arrows["@interrupt:stop", "stopped"] == ("Stop", "interrupt")
    assert arrows["check", "confirm"] == ("All good", "next")
    assert arrows["decide", "rejected"] == ("Refuse", "next")
    ids = {node["id"] for node in found["nodes"]}
    assert all(arrow["from"] in ids and arrow["to"] in ids for arrow in found["arrows"])


def test_every_arrow_of_the_sample_pack_has_both_its_ends() -> None:
    from engine.engine import Engine
    from engine.language.kinds.workflow import Workflow

    engine = Engine.open("sqlite://", Path(__file__).parents[2] / "definitions")
    groups, kinds = 0, set()
    with engine.look() as look:
        for name in look.pack.kind(Workflow):
            found = graph.graph(look, name)
            assert found is not None
            ids = {node["id"] for node in found["nodes"]}
            assert all(arrow["from"] in ids and arrow["to"] in ids for arrow in found["arrows"]), name
            kinds |= {arrow["kind"] for arrow in found["arrows"]}
            groups += len(found["groups"])
    engine.close()
    assert groups > 0
    assert {"next", "start", "interrupt", "deadline"} <= kinds


def checks(office: Office, **given: Any) -> dict[str, dict[str, Any]]:
    with office.look() as look:
        found = doctor.doctor(look, office.engine.store, **{"environment": {}, **given})
    assert all(set(check["say"]) == {"zh", "en"} for check in found)
    assert all(check["ok"] or check["advice"] for check in found)
    return {check["name"]: check for check in found}


def test_a_sound_office(office: Office) -> None:
    found = checks(office, environment={"BANK_KEY": "anything"})
    assert [name for name, check in found.items() if not check["ok"]] == []
    assert {"database", "schema", "durability", "clock", "timers", "deliveries", "incidents", "secrets"} <= set(found)


def test_secrets_are_missed_by_name_and_never_shown(office: Office) -> None:
    found = checks(office)["secrets"]
    assert (found["ok"], found["say"]["en"]) == (False, "not in the environment: BANK_KEY")
    good = checks(office, environment={"BANK_KEY": "geheim"})["secrets"]
    assert good["ok"]
    assert "geheim" not in str(good)


def test_late_timers_and_incidents_are_found(office: Office) -> None:
    office.deal()
    office.now += 32 * MINUTE
    assert checks(office)["timers"]["say"]["en"] == "1 timers are overdue, the oldest by 120 s"
    office.engine.drain()
    assert checks(office)["timers"]["ok"]
    case = office.to_decide()
    office.bank_is_down = True
    office.engine.complete(office.task_of(case), "approved", "mia")
    office.engine.drain()
    assert checks(office)["incidents"]["say"]["en"] == "1 incidents are open"


def test_a_folder_that_differs_is_named(office: Office, tmp_path: Path) -> None:
    for path, text in TEXTS.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert checks(office, definitions=tmp_path)["definitions"]["ok"]
    deal = tmp_path / "forms" / "deal.yaml"
    deal.write_text(deal.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    found = checks(office, definitions=tmp_path)["definitions"]
    assert (found["ok"], found["say"]["en"]) == (False, "not as in the folder: form/deal")


def test_holidays_that_end_are_told(office: Office) -> None:
    assert checks(office)["calendar-week"]["ok"]
    office.now += 366 * 24 * 60 * MINUTE
    assert not checks(office)["calendar-week"]["ok"]


def test_a_database_that_is_gone(office: Office) -> None:
    [found] = doctor.unreachable(office.engine.store, OSError("no route"))
    assert (found["name"], found["ok"]) == ("database", False)


def test_a_file_keeps_what_was_committed(tmp_path: Path) -> None:
    from engine.engine import Engine

    engine = Engine.open(f"sqlite:///{tmp_path / 'test.db'}")
    engine.deploy(TEXTS)
    with engine.look() as look:
        found = {check["name"]: check for check in doctor.doctor(look, engine.store, environment={})}
    engine.close()
    assert found["durability"]["say"]["en"] == "journal_mode wal, synchronous FULL"
    assert found["disk"]["say"]["en"].endswith("MB are free on the disk")
