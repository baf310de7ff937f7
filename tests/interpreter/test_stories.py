"""Short stories of one workflow each, told in YAML beside this file: interrupts, deadlines, approvals, copies, ends.

A story has `nodes` (the first one begins), perhaps `head` (more keys of the workflow), `more` (other workflows) and `steps`.
Every step also holds law 1 and law 4 (stage.py).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.interpreter import events as ev
from engine.interpreter.names import moment_of
from engine.interpreter.view import Refused
from tests.interpreter.stage import Stage
from tests.interpreter.world import ZONE, pack_of

FOLDER = Path(__file__).parent
STORIES = {
    f"{file.stem}: {name}": story
    for file in sorted(FOLDER.glob("*.stories.yaml"))
    for name, story in yaml.safe_load(file.read_text("utf-8")).items()
}


def workflow(story: dict[str, Any]) -> str:
    first = story["nodes"].split(":", 1)[0]
    head = f"workflow: sample\ncase: deal\nsecond_start: allow\n{story.get('head', '')}"
    if "\nstart:" not in head:
        head += f"start:\n  begin: {{button: Begin, next: {first}}}\n"
    return head + "nodes:\n" + "".join(f"  {line}\n" for line in story["nodes"].splitlines())


def carry_out(stage: Stage, case: int, step: dict[str, Any]) -> None:
    match step:
        case {"press": node}:
            stage.press(node, step.get("button", "done"), step.get("by"), step.get("fill"), step.get("of"))
        case {"begin": node}:
            stage.begin(node, step["by"])
        case {"give_back": node}:
            stage.give_back(node, step["by"])
        case {"transfer": node}:
            stage.transfer(node, step["by"], step["to"])
        case {"button": name}:
            stage.button(case, name, step["by"], step.get("fill"))
        case {"advance": words}:
            stage.advance(words)
        case {"answer": how}:
            stage.answer(how == "ok", **step.get("gives", {}))
        case {"message": name}:
            assert stage.message(name, step["with"]) == (not step.get("lost", False))
        case {"signal": name}:
            assert stage.signal(name) == step.get("heard", 1)
        case {"change": fields}:
            stage.change("deal", 1, **fields)
        case {"again": workflow}:
            stage.start(workflow, step.get("by", "tom"), ("deal", 1))
        case {"retry": _}:
            stage.retry()
        case _:
            raise AssertionError(f"no such step: {step}")


def found(stage: Stage, case: int, key: str) -> Any:
    """What is there, in the words of `expect`."""
    live = stage.cases[case].live
    match key:
        case "open":
            return " ".join(sorted(t.node for t in stage.tasks.values()))
        case "of":
            return {t.node: t.assignee for t in stage.tasks.values()}
        case "offered_to":
            return {t.node: " ".join(t.candidates) for t in stage.tasks.values()}
        case "due":
            due = {t.node: moment_of(t.due).astimezone(ZONE) for t in stage.tasks.values() if t.due is not None}
            return {node: f"{moment:%Y-%m-%d %H:%M}" for node, moment in due.items()}
        case "left":
            return " ".join(stage.left)
        case "exit":
            return {node: run.exit for node, run in live.steps.items() if run.done is not None}
        case "by":
            return {node: run.by for node, run in live.steps.items() if run.by is not None}
        case "sent":
            return len(stage.sent)
        case "told":
            return " ".join(notice.to for notice in stage.sent)
        case "incidents":
            return " ".join(i.code for i in stage.incidents.values())
        case "timers":
            return len(stage.timers)
        case "calls":
            return len(stage.calls)
        case "statuses":
            return " ".join(played.live.status for played in stage.cases.values())
        case "name":
            return stage.world.records[("deal", 1)]["name"]
        case "unheard":
            steps = stage.cases[case].steps
            return " ".join(e.code for step in steps for e in step if isinstance(e, ev.EscalationUnheard))
        case "data":
            return live.data
        case "status" | "result":
            return getattr(live, key)
    raise AssertionError(f"no such expectation: {key}")


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    story = STORIES[name]
    stage = Stage(pack_of(workflow(story), *story.get("more", [])))
    record = {
        "name": "D1",
        "owner": stage.world.person("tom"),
        "paid": False,
        "amount": 1,
        "due_on": dt.date(2026, 3, 20),
    }
    stage.world.records[("deal", 1)] = record
    case = stage.start("sample", story.get("by", "tom"), ("deal", 1))
    for step in story["steps"]:
        if "expect" in step:
            expected = step["expect"]
            assert {key: found(stage, case, key) for key in expected} == expected, step
        elif "refused" in step:
            with pytest.raises(Refused) as refusal:
                carry_out(stage, case, step)
            assert refusal.value.code == step["refused"]
        else:
            carry_out(stage, case, step)
    if stage.cases[case].live.status != "active":
        assert not stage.leftovers(case)
