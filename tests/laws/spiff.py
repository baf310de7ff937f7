"""SpiffWorkflow beside the engine on block-structured workflows. The peer lives in an environment of its own (tests/laws/.venv).

Blocks of tasks: one after another, all, one of several, some of several. Both play the same choices; at every rest the same
tasks must be waiting, and both must be over together.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from random import Random
from typing import Any

from engine.interpreter.compiled import CompiledWorkflow
from engine.language.kinds.workflow import Workflow
from tests.interpreter.stage import MONDAY
from tests.interpreter.world import World, pack_of
from tests.laws.agree import Played
from tests.laws.workflows import yaml

FOLDER = Path(__file__).parent / ".venv"
PEER = "SpiffWorkflow==3.2.0"
EVENTS = 40
Block = list[Any]


class Absent(Exception):
    """The peer cannot be had here, and why."""


def installed() -> Path:
    """The Python of the peer's environment, made if it is not there."""
    python = FOLDER / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        venv.create(FOLDER, with_pip=True)
    if subprocess.run([python, "-c", "import SpiffWorkflow"], capture_output=True, check=False).returncode:
        command = [python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", PEER]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            raise Absent((done.stderr.strip().splitlines() or ["pip failed"])[-1])
    return python


def block(random: Random, names: list[str], size: int) -> Block:
    kind = random.choice(["task", "seq", "seq", "all", "either", "matching"]) if size else "task"
    if kind == "task":
        names.append(f"t{len(names)}")
        return ["task", names[-1]]
    if kind == "seq":
        return ["seq", block(random, names, size - 1), block(random, names, size - 1)]
    inner = [block(random, names, size - 1) for _ in range(random.randint(2, 3))]
    match kind:
        case "either":
            return [kind, inner, random.randrange(len(inner))]
        case "matching":
            return [kind, inner, sorted(random.sample(range(len(inner)), random.randint(1, len(inner))))]
    return [kind, inner]


class Writer:
    """A block as nodes of ours: a choice that is taken has a condition that always holds."""

    def __init__(self) -> None:
        self.nodes: dict[str, Any] = {}

    def auto(self, node: dict[str, Any]) -> str:
        name = f"auto{len(self.nodes)}"
        self.nodes[name] = node
        return name

    def meet(self, to: str, join: str) -> str:
        return self.auto({"type": "set", "set": {"case.n": "= case.n + 1"}, "join": join, "next": to})

    def write(self, block: Block, to: str) -> str:
        kind, *rest = block
        match kind:
            case "task":
                self.nodes[rest[0]] = {"type": "user_task", "assignee": "starter", "deadline": "none", "next": to}
                return str(rest[0])
            case "seq":
                return self.write(rest[0], self.write(rest[1], to))
            case "all":
                meet = self.meet(to, "all")
                return self.auto({"type": "parallel_gateway", "next": self.branches(rest[0], meet)})
        taken = [rest[1]] if kind == "either" else rest[1]
        meet = self.meet(to, "each" if kind == "either" else "matching")
        starts = self.branches(rest[0], meet)
        cases = [
            {"if": f"case.n % 1 == {0 if place in taken else 1}", "next": start} for place, start in enumerate(starts)
        ]
        gateway = "exclusive_gateway" if kind == "either" else "inclusive_gateway"
        return self.auto({"type": gateway, "cases": [*cases, {"if": "otherwise", "next": starts[-1]}]})

    def branches(self, inner: list[Block], meet: str) -> list[str]:
        """Each by an arrow of its own: a pass stands before the join."""
        own = [self.auto({"type": "set", "set": {"case.n": "= case.n + 1"}, "next": meet}) for _ in inner]
        return [self.write(one, to) for one, to in zip(inner, own, strict=True)]


def tree_of(block: Block, name: str) -> dict[str, Any]:
    writer = Writer()
    first = writer.write(block, "end")
    return {"workflow": name, "start": {"begin": {"button": "Begin", "next": first}}, "nodes": writer.nodes}


def ours(played: Played, choices: list[int]) -> list[list[str]]:
    rests = []
    for choice in choices:
        can = played.enabled()
        waiting = sorted(one[0][0] for one in can)
        rests.append(waiting)
        if not waiting:
            return [*rests, ["over" if played.case.status == "completed" else "stuck"]]
        name = waiting[choice % len(waiting)]
        played.give(next(one[4] for one in can if one[0][0] == name))
    return rests


def differences(seed: int, workflows: int) -> tuple[int, list[str]]:
    """How many tasks were done, and the workflows on which the two do not agree. Absent where the peer cannot be installed."""
    python = installed()
    made = []
    for number in range(seed, seed + workflows):
        random = Random(number)
        made.append((block(random, [], random.randint(1, 4)), [random.randrange(1000) for _ in range(EVENTS)]))
    asked = "".join(json.dumps({"block": one, "choices": choices}) + "\n" for one, choices in made)
    answer = subprocess.run(
        [python, Path(__file__).with_name("spiff_side.py")], input=asked, capture_output=True, text=True, check=True
    )
    theirs = [json.loads(line) for line in answer.stdout.splitlines()]
    events, found = 0, []
    for first in range(0, len(made), 40):
        some = made[first : first + 40]
        trees = [tree_of(one, f"w{place}") for place, (one, _) in enumerate(some)]
        pack = pack_of(*(yaml(tree) for tree in trees))
        world = World(pack, MONDAY)
        for tree, (one, choices), their in zip(trees, some, theirs[first : first + 40], strict=True):
            played = Played(CompiledWorkflow(pack.kind(Workflow)[tree["workflow"]], pack), world)
            mine = ours(played, choices)
            events += len(mine)
            if mine != their:
                found.append(f"{json.dumps(one)}\n  engine        {mine}\n  SpiffWorkflow {their}")
    return events, found
