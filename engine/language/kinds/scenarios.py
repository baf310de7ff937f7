"""scenarios: tests of a workflow on virtual time, beside what they test."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.language.kinds.definition import RAW, Definition
from engine.language.shapes import TEXT, ByLook, ListOf, MapOf, Name, NumberShape, Struct, StructShape, key
from engine.language.yamltree import Tree

VERBS = (
    "create", "change", "begin", "take", "give_back", "press", "answer", "message", "signal", "retry", "advance", "advance_to", "expect",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ScenarioStep(Struct):
    """One verb and its details."""

    EXACTLY_ONE: ClassVar = (VERBS,)

    create: str | None = key(TEXT, "a record of `given`, or all")
    change: str | None = key(TEXT, "a record: with")
    begin: str | None = key(TEXT, "a task: by")
    take: str | None = key(TEXT, "an offered task: by")
    give_back: str | None = key(TEXT, "a taken task: by")
    press: str | None = key(TEXT, "a button: task, by, fill")
    answer: str | None = key(TEXT, "an outside task: with")
    message: str | None = key(TEXT, "a message: with")
    signal: str | None = key(TEXT, "a signal")
    retry: str | None = key(TEXT, "an incident at this node: by")
    advance: str | None = key(TEXT, "a duration")
    advance_to: str | None = key(TEXT, "a moment in the pack's zone")
    expect: Map[str, Tree] | None = key(MapOf(TEXT, RAW), "what must hold now")
    with_: Map[str, Tree] | None = key(MapOf(TEXT, RAW), "values")
    as_: str | None = key(Name(), "how the record is called from here on")
    times: int | None = key(NumberShape(1, 10_000, whole=True), "so many records")
    task: str | None = key(TEXT, "the task's node, when the button is a task's")
    by: str | None = key(TEXT, "who does it")
    fill: Map[str, Tree] | None = key(MapOf(TEXT, RAW), "what the person fills in")
    refused: str | None = key(TEXT, "it must be refused with this")

    @property
    def verb(self) -> str:
        return next(verb for verb in VERBS if self.was_written(verb))


@dataclass(frozen=True, kw_only=True)
class Scenario(Struct):
    at: str = key(TEXT, "the moment it begins, in the pack's zone", required=True)
    steps: tuple[ScenarioStep, ...] = key(
        ListOf(StructShape(ScenarioStep, ("a step", "步骤"))), "what happens, in order", required=True
    )


@dataclass(frozen=True, kw_only=True)
class Scenarios(Definition):
    """Tests of one workflow; the name is the workflow's."""

    KIND: ClassVar[str] = "scenarios"

    live: Any = key(
        ByLook(("all, or workflows", "all 或工作流"), scalar=TEXT, sequence=ListOf(Name())),
        "which workflows are awake",
        required=True,
    )
    services: Map[str, Map[str, Tree]] | None = key(
        MapOf(TEXT, MapOf(Name(reserved=True), RAW)), "canned answers of outside systems"
    )
    given: Map[str, Map[str, Tree]] | None = key(MapOf(Name(), MapOf(TEXT, RAW)), "records, fresh for every test")
    tests: Map[str, Scenario] = key(
        MapOf(Name(), StructShape(Scenario, ("a test", "测试"))), "the tests", required=True
    )
