"""Join semantics, table-driven: joins.yaml says what arrives and how often the join has run after each arrival."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.interpreter.stage import Stage
from tests.interpreter.world import pack_of

TABLE = yaml.safe_load(Path(__file__).with_name("joins.yaml").read_text("utf-8"))
ROWS = [pytest.param(row, id=f"{kind}: {row['name']}") for kind, rows in TABLE.items() for row in rows]
FAN = """\
split: {{type: parallel_gateway, threads: {threads}, next: [a, b, c]}}
a: {{type: user_task, assignee: starter, deadline: none, join: each, next: j}}
b: {{type: user_task, assignee: starter, deadline: none, join: each, next: j}}
c: {{type: user_task, assignee: starter, deadline: none, join: each, next: j}}
"""


def workflow(row: dict[str, Any]) -> str:
    nodes = row.get("nodes") or FAN.format(threads=row.get("threads", 1))
    j = row.get("j", "next: end")
    nodes += f"j: {{type: user_task, assignee: starter, deadline: none, join: {row['join']}, {j}}}\n"
    head = f"workflow: sample\nstart:\n  begin: {{button: Begin, next: {row.get('first', 'split')}}}\nnodes:\n"
    return head + "".join(f"  {line}\n" for line in nodes.splitlines())


@pytest.mark.parametrize("row", ROWS)
def test_join(row: dict[str, Any]) -> None:
    stage = Stage(pack_of(workflow(row)))
    case = stage.start("sample")
    done: list[int] = []
    for arrival in row["arrive"].split():
        node, _, button = arrival.partition(":")
        stage.press(node, button or "done")
        done.append(stage.open_nodes().get("j", 0) + stage.left.count("j"))
    assert done == [int(n) for n in str(row["runs"]).split()]
    if "open" in row:
        assert sorted(t.node for t in stage.tasks.values()) == row["open"].split()
    compiled = stage.compiled["sample"]
    while stage.tasks:
        node = next(iter(stage.tasks.values())).node
        stage.press(node, compiled.node(node).own_exits()[-1])
    assert stage.cases[case].live.status == ("active" if row.get("stuck") else "completed")
    assert not stage.leftovers(case)
