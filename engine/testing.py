"""The contract kit for node types: what every one of them must hold, run on one class and its run in Markdown.

    check_node_type(Within, Path("tests/runs/within.md").read_text("utf-8"))

A run is prose and fenced YAML blocks, each one definition: forms, workflows, scenarios. Pack, calendar and people come from
the starter pack unless the run brings its own. Without a run only the declaration is looked at.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import socket
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any
from unittest import mock

import jsonschema

from engine.checks import check
from engine.interpreter import effects as fx
from engine.interpreter.advance import Step, advance, replay
from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.events import Outside
from engine.interpreter.instance import Instance, copy_of
from engine.interpreter.node import NodeType
from engine.interpreter.view import View
from engine.language.diagnostics import render
from engine.language.kinds.node import Node
from engine.language.kinds.scenarios import Scenarios
from engine.language.kinds.workflow import Workflow
from engine.language.loader import load
from engine.language.pack import FOLDERS, Pack
from engine.language.shapes import struct_schema
from engine.language.source import Source
from engine.language.yamltree import Mapping as MappingTree
from engine.language.yamltree import read_tree
from engine.nodes import catalogue
from engine.play.report import Report
from engine.play.testing import run_pack
from engine.runtime import codec

BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMON = ("pack", "calendar", "organization")
ADVANCES = ("engine.runtime.handling.advance", "engine.runtime.opening.advance")


class Broken(AssertionError):
    """A node type does not hold what node types promise; the message says which rule and where."""


def check_node_type(cls: type[NodeType], run: str | None = None) -> None:
    """Raises Broken: declaration, example, schema and exits; with a run also replay, dry run, and calls outside."""
    _declaration(cls)
    _schema(cls)
    _example(cls)
    if run is not None:
        pack = read_run(run, {cls.TYPE: cls})
        _appears(cls, pack)
        report = _played(pack, {cls.TYPE: cls})
        _must(report.ok, "its run passes", "\n".join(report.lines()))


# ---- a run


def read_run(text: str, more: Mapping[str, type[NodeType]] | None = None) -> Pack:
    """The blocks of a run as a pack that check finds clean."""
    sources = {path: Source(path, block) for path, block in blocks_of(text).items()}
    pack = load(sources.values(), _types(more))
    found = check(pack)
    _must(not found, "its run is clean", "\n".join(render(d, pack.sources) for d in found))
    return pack


def play(text: str, more: Mapping[str, type[NodeType]] | None = None) -> Report:
    """What the scenarios of a run came to, every law watched."""
    return _played(read_run(text, more), more)


def _played(pack: Pack, more: Mapping[str, type[NodeType]] | None) -> Report:
    with watched():
        return run_pack(pack, pack.kind(Scenarios).values(), node_types=_types(more))


def blocks_of(text: str) -> dict[str, str]:
    """Path -> definition, of every block; the starter's pack, calendar and people where the run has none."""
    found: dict[str, str] = {}
    own = [block for block in BLOCK.findall(text) if block.strip()]
    kinds = {_kind(block)[0] for block in own}
    for block in [*(b for b in _starter(files("engine") / "starter") if _kind(b)[0] not in kinds), *own]:
        kind, name = _kind(block)
        ending = ".scenarios.yaml" if kind == "scenarios" else ".yaml"
        path = "pack.yaml" if kind == "pack" else f"{FOLDERS.get(kind, 'unknown')}/{name}{ending}"
        _must(path not in found, "each definition stands once", path)
        found[path] = block
    return found


def _kind(block: str) -> tuple[str, str]:
    match = re.search(r"^(\w+): *(\w+)", block, re.MULTILINE)
    _must(match is not None, "a block is a definition", block[:80])
    assert match is not None
    return match[1], match[2]


def _starter(folder: Traversable) -> Iterator[str]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _starter(entry)
        elif entry.name.endswith(".yaml") and _kind(entry.read_text("utf-8"))[0] in COMMON:
            yield entry.read_text("utf-8")


# ---- the rules


def _must(holds: bool, rule: str, detail: str) -> None:
    if not holds:
        raise Broken(f"not held: {rule}: {detail}")


def _types(more: Mapping[str, type[NodeType]] | None) -> dict[str, type[NodeType]]:
    return {**catalogue(), **(more or {})}


def _declaration(cls: type[NodeType]) -> None:
    name = cls.__name__
    _must(issubclass(cls, NodeType), "it is a NodeType", name)
    _must(
        re.fullmatch(r"[a-z][a-z0-9_]*", cls.TYPE) is not None,
        "TYPE is a name in snake_case",
        f"{name}.TYPE = {cls.TYPE!r}",
    )
    _must(dataclasses.is_dataclass(cls) and cls.__dataclass_params__.frozen, "it is a frozen dataclass", name)  # type: ignore[attr-defined]
    doc = cls.__doc__ or ""
    written = bool(doc.strip()) and not doc.startswith(f"{name}(")  # else dataclass wrote it
    _must(written, "the class says in its docstring what it does", name)
    common = set(Node.keys())
    for key, declared in cls.keys().items():
        if key not in common:
            _must(bool(declared.metadata["doc"]), "every key says what it means", f"{name}.{key}")


def _schema(cls: type[NodeType]) -> None:
    definitions: dict[str, Any] = {}
    schema = struct_schema(cls, definitions)
    try:
        jsonschema.Draft7Validator.check_schema({**schema, "definitions": definitions})
    except jsonschema.SchemaError as wrong:
        raise Broken(f"not held: its JSON Schema is draft-07: {cls.__name__}: {wrong.message}") from None


def _example(cls: type[NodeType]) -> None:
    """The module's docstring shows one node of the type that the reader takes, with an arrow for each exit."""
    doc = inspect.getdoc(inspect.getmodule(cls)) or ""
    examples = BLOCK.findall(doc)
    _must(bool(examples), "the module's docstring has an example in a yaml block", cls.__module__)
    nodes = [node for text in examples for node in _nodes_of(cls, text)]
    _must(bool(nodes), "the example shows a node of the type", cls.__module__)
    for node in nodes:
        handler = node.next is None and not node.arrows() and not node.extra_arrows()
        missing = (
            [] if handler else [e for e in node.exits() if e not in node.arrows() and not node.extra_arrows().get(e)]
        )
        _must(not missing, "the example draws an arrow for each exit", f"{cls.TYPE}: {', '.join(missing)}")


def _nodes_of(cls: type[NodeType], text: str) -> Iterator[NodeType]:
    from engine.language.kinds.node import NODES
    from engine.language.shapes import Reading

    source = Source(f"the example of {cls.TYPE}", text)
    tree, found = read_tree(source)
    reading = Reading(source, _types({cls.TYPE: cls}), found)
    read = NODES.read(tree, reading) if isinstance(tree, MappingTree) else None
    shown = "\n".join(render(d, {source.path: source}) for d in reading.diagnostics)
    _must(read is not None and not reading.diagnostics, "the example can be read", shown or text)
    for node in (read or {}).values():
        if isinstance(node, cls):
            yield node


def _appears(cls: type[NodeType], pack: Pack) -> None:
    nodes = [node for workflow in pack.kind(Workflow).values() for _, node in workflow.all_nodes()]
    _must(any(isinstance(node, cls) for node in nodes), "its run has a node of the type", cls.TYPE)


# ---- the laws, watched at every step of a run


@contextmanager
def watched() -> Iterator[None]:
    """While it holds, every step in this process is worked out twice, replayed, and kept from the network.

    The runtime turns what goes wrong in a step into an incident, so what was seen is raised at the end.
    """
    seen: list[Broken] = []

    def watch(*given: Any) -> Step:
        try:
            return _advance(*given)
        except Broken as broken:
            seen.append(broken)
            raise

    def refuse(*_: Any) -> None:
        seen.append(Broken("not held: a node asks the world by effects only: it opened a connection"))
        raise seen[-1]

    with ExitStack() as stack:
        for name in ADVANCES:
            stack.enter_context(mock.patch(name, watch))
        stack.enter_context(mock.patch.object(socket.socket, "connect", refuse))
        yield
    if seen:
        raise seen[0]


def _advance(workflow: CompiledWorkflow, case: Instance, event: Outside, view: View, at: int) -> Step:
    before = codec.encode(case)
    dry = advance(workflow, case, event, view, at)
    _must(codec.encode(case) == before, "a step does not change the case it was given", workflow.name)
    view.forget()
    step = advance(workflow, case, event, view, at)
    where = f"{workflow.name}, {type(event).__name__}"
    if not any(isinstance(effect, fx.CreateRecord) for effect in step.effects):  # a new record has a new id each time
        _must(
            codec.encode(list(dry.events)) == codec.encode(list(step.events)), "a dry run says what will happen", where
        )
        _must(
            codec.encode(list(dry.effects)) == codec.encode(list(step.effects)),
            "a dry run asks what will be asked",
            where,
        )
    if step.events:
        again = replay(copy_of(case), [step.events], [step.case.last_at])
        _must(codec.encode(again) == codec.encode(step.case), "replaying the events gives the case", where)
    _calls(step, where)
    return step


def _calls(step: Step, where: str) -> None:
    """An effect is known outside by (case, step, place); an attempt of a call by its await and its number."""
    attempts = Counter((e.no, e.attempt) for e in step.effects if isinstance(e, fx.CallService))
    twice = [key for key, n in attempts.items() if n > 1]
    _must(not twice, "a call goes out once for each attempt", f"{where}: {twice}")
