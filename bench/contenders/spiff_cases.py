"""SpiffWorkflow with its state in a SQLite row: the way its manual shows, one transaction a step."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState
from telling import WARM, per_second, tell

BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench">
  <process id="handle" isExecutable="true">
    <startEvent id="begin"/>
    <sequenceFlow id="f1" sourceRef="begin" targetRef="score"/>
    <scriptTask id="score"><script>score = (40 if employees &gt;= 100 else 0) + (30 if region == 'east' else 0) \
+ (20 if visits &gt;= 3 else 0)</script></scriptTask>
    <sequenceFlow id="f2" sourceRef="score" targetRef="by_score"/>
    <exclusiveGateway id="by_score" default="f5"/>
    <sequenceFlow id="f3" sourceRef="by_score" targetRef="look">
      <conditionExpression>score &gt;= 50</conditionExpression></sequenceFlow>
    <userTask id="look"/>
    <sequenceFlow id="f4" sourceRef="look" targetRef="handled"/>
    <endEvent id="handled"/>
    <sequenceFlow id="f5" sourceRef="by_score" targetRef="dropped"/>
    <endEvent id="dropped"/>
  </process>
</definitions>"""


class Cases:
    """`cases` has the state; `tasks` has the open human task, so that an inbox can be asked, as ours can."""

    def __init__(self, folder: str, synchronous: str) -> None:
        file = Path(folder, "handle.bpmn")
        file.write_text(BPMN, encoding="utf-8")
        parser = BpmnParser()
        parser.add_bpmn_file(str(file))
        self.spec = parser.get_spec("handle")
        self.serializer = BpmnWorkflowSerializer()
        self.db = sqlite3.connect(f"{folder}/spiff.db", isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute(f"PRAGMA synchronous={synchronous}")
        self.db.execute("CREATE TABLE cases (id INTEGER PRIMARY KEY, state TEXT, done INTEGER)")
        self.db.execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, name TEXT, open INTEGER)")

    def begin(self, place: int) -> None:
        workflow = BpmnWorkflow(self.spec)
        workflow.data.update(employees=200, region="east", visits=place % 9)
        first = workflow.get_next_task(state=TaskState.READY)
        first.data.update(workflow.data)
        workflow.do_engine_steps()
        (task,) = workflow.get_tasks(state=TaskState.READY, manual=True)
        self.db.execute("BEGIN IMMEDIATE")
        self.db.execute("INSERT INTO cases VALUES (?, ?, 0)", (place, self.serializer.serialize_json(workflow)))
        self.db.execute("INSERT INTO tasks VALUES (?, ?, 1)", (place, task.task_spec.name))
        self.db.execute("COMMIT")

    def complete(self, place: int) -> None:
        self.db.execute("BEGIN IMMEDIATE")
        (state,) = self.db.execute("SELECT state FROM cases WHERE id = ?", (place,)).fetchone()
        workflow = self.serializer.deserialize_json(state)
        (task,) = workflow.get_tasks(state=TaskState.READY, manual=True)
        task.run()
        workflow.do_engine_steps()
        if not workflow.is_completed():
            raise AssertionError("the case did not end")
        text = self.serializer.serialize_json(workflow)
        self.db.execute("UPDATE cases SET state = ?, done = 1 WHERE id = ?", (text, place))
        self.db.execute("UPDATE tasks SET open = 0 WHERE id = ?", (place,))
        self.db.execute("COMMIT")

    def run(self, place: int) -> None:
        self.begin(place)
        self.complete(place)


def durable(synchronous: str, count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return {"value": per_second(Cases(folder, synchronous).run, count, warm=WARM)}


def waiting_bytes(count: int) -> dict[str, Any]:
    """Bytes of the JSON of a case that waits for a person."""
    with tempfile.TemporaryDirectory() as folder:
        cases = Cases(folder, "NORMAL")
        for place in range(count):
            cases.begin(place)
        (average,) = cases.db.execute("SELECT avg(length(state)) FROM cases").fetchone()
        return {
            "value": float(average),
            "keys": len(json.loads(cases.db.execute("SELECT state FROM cases").fetchone()[0])),
        }


if __name__ == "__main__":
    tell(globals())
