"""Running cases and a new version of their workflow: case_migrations/NAME.yaml in, what check says, what migrate and undo do out.

A file holds `old` and `new` (workflow texts on the office of desk.py), `do` (what happens on the old version: a list of
[button, person] pressed on the newest task, [begin, person], [message, name, fields], or a number of minutes), and `choices`:
`hint` stands for all that check says to write in the mapping file. `files` and `new_files` are more definitions. `settle` drains
after the migration. With `undo` the
whole store is compared with what it was. `pytest --accept` rewrites the .txt.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.engine import Engine
from engine.interpreter.advance import replay
from engine.interpreter.instance import Instance
from engine.interpreter.versions import Choices
from engine.refusals import NotClean, Refused
from engine.runtime import codec
from engine.runtime.reading.look import Look
from engine.runtime.store.queries import cases as case_queries
from tests.runtime.desk import MINUTE, MONDAY, TEXTS
from tests.runtime.whole_store import differ, whole

HERE = Path(__file__).parent / "case_migrations"
CASES = sorted(HERE.glob("*.yaml"))
LEFT_OUT = ("workflows/", "texts/")


class Office:
    """An engine on the old version with one case under way."""

    def __init__(self, url: str, wanted: dict[str, Any]) -> None:
        self.now = MONDAY
        self.wanted = wanted
        self.engine = Engine.open(url, clock=lambda: self.now)
        self.engine.deploy(self.texts("old"))
        self.engine.create_record("deal", {"name": "Bolts", "owner": "tom", "amount": "100"})
        for one in wanted.get("do", ()):
            self.do(one)

    def texts(self, version: str) -> dict[str, str]:
        kept = {p: t for p, t in TEXTS.items() if not p.startswith(LEFT_OUT)}
        kept["pack.yaml"] = kept["pack.yaml"].replace("also: [en]\n", "")
        if self.wanted[version]:
            kept["workflows/handle.yaml"] = self.wanted[version]
        kept |= self.wanted.get("files", {})
        return kept | (self.wanted.get(f"{version}_files", {}))

    def do(self, one: Any) -> None:
        if isinstance(one, int):
            self.now += one * MINUTE
            self.engine.drain()
            return
        if one[0] == "message":
            self.engine.message(one[1], one[2])
            self.engine.drain()
            return
        button, person, *node = one
        task = next(
            t for t in self.engine.tasks()["items"] if t["assignee"] in (person, None) and node in ([], [t["node"]])
        )
        if button == "begin":
            self.engine.begin(task["id"], person)
            return
        self.engine.complete(task["id"], button, person, fill={"opinion": "ok"} if button == "refused" else {})
        self.engine.drain()

    def replays(self) -> None:
        """Law 1: the fold of the recorded events is the live case, over versions too."""
        with self.engine.store.read() as reader:
            for row in case_queries.cases_of_workflow(reader, "handle", 0) + case_queries.cases_of_workflow(
                reader, "handle", 1
            ):
                steps = case_queries.timeline(reader, row.id)
                folded = replay(
                    Instance(row.id, row.workflow),
                    [codec.decode_events(step.events) for step in steps],
                    [step.at for step in steps],
                )
                assert codec.encode(folded) == row.state

    def state(self) -> Iterator[str]:
        for case in self.engine.cases(status=None)["items"]:
            found = self.engine.case(case["id"])
            at = ", ".join(f"{t['node']} ({t['state']})" for t in found["tokens"])
            yield f"  {case['workflow']} {case['status']}{' ' + case['result'] if case['result'] else ''}: {at}"
            for timer in found["timers"]:
                yield f"    timer {timer['node'] or 'case'} {timer['purpose']} {timer['due']}"
        for task in self.engine.tasks()["items"]:
            yield f"    task {task['node']} '{task['title']}' of {task['assignee']} due {task['due']}"


@contextmanager
def office(url: str, wanted: dict[str, Any]) -> Iterator[Office]:
    opened = Office(url, wanted)
    try:
        yield opened
        assert opened.engine.verify() == []
        opened.replays()
    finally:
        opened.engine.close()


def story(url: str, wanted: dict[str, Any]) -> Iterator[str]:
    with office(url, wanted) as here:
        yield "on the old version"
        yield from here.state()
        impact, findings = here.engine.impact(here.engine.load(here.texts("new")))
        for told in impact["workflows"]:
            yield f"check --against: {told['bearings']}"
        for finding in findings:
            yield f"  {finding.span} {finding.severity}[{finding.code}]: {finding.message()}; {finding.hint()}"
            assert finding.message("zh")
            assert finding.hint("zh")
        choices = _choices(wanted.get("choices", {}), impact)
        if any(finding.severity == "error" for finding in findings):
            with pytest.raises(NotClean):
                here.engine.deploy(here.texts("new"))
            yield "refused to deploy"
        here.engine.deploy(here.texts("new"), force=True)
        before = whole(here.engine.store)
        dry = here.engine.migrate("handle", "mia", choices, dry_run=True)
        assert differ(before, whole(here.engine.store)) == [], "a dry run changes nothing"
        done = here.engine.migrate("handle", "mia", choices)
        assert done["groups"] == dry["groups"]
        if "settle" in wanted:  # what is delivered to other cases may come after the commit
            here.engine.drain()
        yield f"migrated {done['migrated']}: {done['bearings']}"
        for group in done["groups"]:
            for remark in group["remarks"]:
                yield f"  {remark['bearing']}: {remark['text']}"
        yield from here.state()
        assert here.engine.migrate("handle", "mia", choices)["migrated"] == 0, "a second time it is harmless"
        if done["migrated"]:
            yield from _back_and_on(here, wanted, choices, before)
        else:
            for one in wanted.get("then", ()):
                here.do(one)
            yield "on as they began"
            yield from here.state()


def _choices(said: Any, impact: dict[str, Any]) -> Choices:
    """What a story says, or all that its findings say to write in the mapping file, pasted together."""
    if said == "hint":
        remarks = [r for told in impact["workflows"] for group in told["groups"] for r in group["remarks"]]
        said = {}
        for line in dict.fromkeys(line for remark in remarks for line in remark["mapping"]):
            for key, value in yaml.safe_load(line).items():
                said[key] = [*said.get(key, ()), *value] if isinstance(value, list) else {**said.get(key, {}), **value}
    return Choices(said.get("nodes", {}), said.get("anew", ()), said.get("votes", {}), said.get("empty", ()))


def _back_and_on(here: Office, wanted: dict[str, Any], choices: Choices, before: list[Any]) -> Iterator[str]:
    if "undo" in wanted:
        back = here.engine.migrate("handle", "mia", undo=True)
        yield f"taken back {back['migrated']}: {back['bearings']}"
        yield from here.state()
        assert (differ(before, whole(here.engine.store)) == []) == (wanted["undo"] is True)
        assert here.engine.migrate("handle", "mia", undo=True)["migrated"] == 0
        assert here.engine.migrate("handle", "mia", choices)["migrated"] == back["migrated"]
    for one in wanted.get("then", ()):
        try:
            here.do(one)
        except Refused as refused:
            yield f"refused: {refused.en}"
    yield "then"
    yield from here.state()
    with here.engine.look("en") as look:
        assert isinstance(look, Look)
    case = here.engine.cases(status=None)["items"][-1]["id"]
    assert any("new version" in item["text"]["en"] for item in here.engine.timeline(case)["items"])


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_story(path: Path, request: pytest.FixtureRequest) -> None:
    text = "\n".join(story("sqlite://", yaml.safe_load(path.read_text("utf-8")))) + "\n"
    expected = path.with_suffix(".txt")
    if request.config.getoption("--accept"):
        expected.write_text(text, "utf-8")
    assert text == expected.read_text("utf-8")


ON_BOTH = ("renamed_and_other_deadline", "votes_again", "subprocess_anew", "offered_to_others", "rhythm_differs")


@pytest.mark.parametrize("name", ON_BOTH)
def test_both_databases_say_the_same(database_url: str, name: str) -> None:
    path = HERE / f"{name}.yaml"
    assert "\n".join(story(database_url, yaml.safe_load(path.read_text("utf-8")))) + "\n" == path.with_suffix(
        ".txt"
    ).read_text("utf-8")
