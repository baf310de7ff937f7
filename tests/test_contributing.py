"""CONTRIBUTING.md's node type in three steps is done here as written: its file, its line, its run. And a wrong one is refused."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from engine import nodes
from engine.testing import Broken, check_node_type, play

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
FILE = re.search(r"^````python\n(.*?)^````$", TEXT, re.MULTILINE | re.DOTALL)[1]
RUN = re.search(r"^````markdown\n(.*?)^````$", TEXT, re.MULTILINE | re.DOTALL)[1]


@pytest.fixture
def module_of(tmp_path: Path) -> Iterator[object]:
    made: list[str] = []

    def make(text: str, name: str = "within") -> ModuleType:
        file = tmp_path / f"{name}.py"
        file.write_text(text, "utf-8")
        spec = spec_from_file_location(f"engine.nodes.{name}", file)
        module = sys.modules[spec.name] = module_from_spec(spec)
        made.append(spec.name)
        spec.loader.exec_module(module)
        return module

    yield make
    for name in made:
        del sys.modules[name]


def test_the_three_steps_work_as_written(module_of) -> None:
    cls = module_of(FILE).Within
    assert "`engine/nodes/within.py`" in TEXT
    assert "    Within,\n" in TEXT
    assert "from engine.nodes.within import Within" in TEXT
    assert "within" not in {c.TYPE for c in nodes.BUILTIN}
    check_node_type(cls, RUN)
    report = play(RUN, {cls.TYPE: cls})
    assert [outcome.passed for outcome in report.outcomes] == [True, True, True]
    assert not report.coverage[0].unwalked_nodes


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (re.search(r'    """Leaves by .*\n', FILE)[0], "", "docstring"),
        ('"the number that is asked about"', '""', "every key says what it means"),
        ("frozen=True, kw_only=True", "kw_only=True", "frozen"),
        ('TYPE: ClassVar[str] = "within"', 'TYPE: ClassVar[str] = "Within"', "snake_case"),
        ("next: {inside: by_post, outside: by_truck}\n```", "next: {inside: by_post}\n```", "an arrow for each exit"),
        ("  low: 1\n", "  lowest: 1\n", "the example can be read"),
        ("low <= number <= self.high", "low <= number < self.high", "its run passes"),
    ],
)
def test_a_wrong_one_is_refused_with_the_rule(module_of, old: str, new: str, rule: str) -> None:
    assert old in FILE
    with pytest.raises((Broken, TypeError)) as refused:
        check_node_type(module_of(FILE.replace(old, new, 1)).Within, RUN)
    assert rule in str(refused.value)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (
            "import itertools\n        COUNT.append(1)\n        return Leave('inside' if len(COUNT) % 2 else 'outside')",
            "dry run",
        ),
        (
            "import socket\n        socket.create_connection(('127.0.0.1', 9))\n        return Leave('inside')",
            "by effects only",
        ),
        ("run.case.data['seen'] = 1\n        return Leave('inside')", "replaying"),
    ],
    ids=["remembers", "goes outside", "changes the case"],
)
def test_a_node_with_a_life_of_its_own_is_refused(module_of, body: str, rule: str) -> None:
    head, _, _ = FILE.partition("        number = run.evaluate")
    cls = module_of(f"{head}        {body}\n\n\nCOUNT: list[int] = []\n").Within
    with pytest.raises(Broken, match=rule):
        check_node_type(cls, RUN)
