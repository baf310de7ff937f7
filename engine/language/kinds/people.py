"""What people steps share: groups, who may act when nobody comes out, deadlines, buttons."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.language.durations import Duration
from engine.language.expressions import types
from engine.language.expressions.parse import Expression
from engine.language.shapes import (
    CONDITION,
    DURATION,
    MOMENT,
    PATH,
    TEXT,
    VALUE,
    WHOLE,
    YES_NO,
    ByLook,
    ListOf,
    MapOf,
    Moment,
    Name,
    OneWord,
    Question,
    Struct,
    StructShape,
    key,
)
from engine.language.values import Value


@dataclass(frozen=True, kw_only=True)
class Group(Struct):
    """The people with a role, of a team, for whom a condition on `person` holds."""

    role: str | None = key(Name(reserved=True), "their role")
    team: str | None = key(Name(), "their team")
    where: Expression | None = key(Question(types.YES_NO, also=("person",)), "which of them; the candidate is `person`")


GROUP = StructShape(Group, ("a group", "人员组"))
ONE = Question(types.PERSON, also=("assignee",))
OFFER = ByLook(
    ("people, or a group as {role: finance}", "人员，或 {role: finance} 这样的人员组"),
    scalar=Question(types.ANY),
    mapping=GROUP,
)
PEOPLE = ByLook(
    ("a person, or a group as {role: finance}", "人员，或 {role: finance} 这样的人员组"), scalar=ONE, mapping=GROUP
)
PEOPLE_LIST = ByLook(
    ("people, a group, or a list of these", "人员、人员组或其列表"),
    scalar=Question(types.ANY),
    mapping=GROUP,
    sequence=ListOf(ByLook(("a person or a group", "人员或人员组"), scalar=Question(types.ANY), mapping=GROUP)),
)
TARGET = Name(reserved=True)
"""A node, or the reserved targets end and back."""


@dataclass(frozen=True, kw_only=True)
class Remind(Struct):
    """Reminders, counted from the opening of the task."""

    every: Duration = key(DURATION, "how often", required=True)
    times: int = key(WHOLE, "how many times", required=True)


@dataclass(frozen=True, kw_only=True)
class Deadline(Struct):
    """By when a task is to be done and what happens then: exactly one outcome."""

    EXACTLY_ONE: ClassVar = (("within", "by"), ("next", "meanwhile", "transfer_to", "press", "keep_open"))

    within: Duration | None = key(DURATION, "so long after the opening")
    by: Moment | None = key(MOMENT, "at this moment")
    at_least: Duration | None = key(DURATION, "cannot be done sooner than this after the opening")
    remind: Remind | None = key(StructShape(Remind, ("remind", "remind")), "reminders")
    next: str | None = key(TARGET, "the step is left, the case goes on there")
    meanwhile: str | None = key(TARGET, "the task stays, a second path begins there")
    transfer_to: Any = key(PEOPLE, "the task stays, somebody else gets it, the clock starts anew")
    press: str | None = key(Name(), "this button answers")
    keep_open: bool | None = key(YES_NO, "the task stays and is overdue")


DEADLINE = ByLook(
    ("none, or a deadline as {within: 2 workdays, keep_open: yes}", "none，或如 {within: 2 workdays, keep_open: yes}"),
    mapping=StructShape(Deadline, ("a deadline", "期限")),
    words={"none": "none"},
)


@dataclass(frozen=True, kw_only=True)
class Nobody(Struct):
    """What happens when no person comes out."""

    EXACTLY_ONE: ClassVar = (("next", "transfer_to", "press", "keep_open", "incident"),)

    next: str | None = key(TARGET, "the case goes on there")
    transfer_to: Any = key(PEOPLE, "these get it")
    press: str | None = key(Name(), "this button answers")
    keep_open: bool | None = key(YES_NO, "it stays open without people")
    incident: bool | None = key(YES_NO, "an operator is told")


NOBODY = StructShape(Nobody, ("nobody", "nobody"))


@dataclass(frozen=True, kw_only=True)
class Button(Struct):
    """One way to end a task: an exit of the step."""

    title: str | None = key(TEXT, "what stands on it")
    needs: tuple[str, ...] | None = key(ListOf(PATH), "asked for in the press, must be filled")
    that: Expression | None = key(CONDITION, "must hold, else it is refused")
    say: str | None = key(TEXT, "why it is refused")


BUTTONS = ByLook(
    ("buttons by name, or none", "按名称列出的按钮，或 none"),
    mapping=MapOf(Name(reserved=True), StructShape(Button, ("a button", "按钮"))),
    words={"none": "none"},
)


@dataclass(frozen=True, kw_only=True)
class Adds(Struct):
    """A record that is written when a button is pressed."""

    form: str = key(Name(), "its form", required=True)
    with_: Map[str, Value] | None = key(MapOf(Name(reserved=True), VALUE), "its values")
    ask: tuple[str, ...] | None = key(ListOf(Name(reserved=True)), "fields that the person fills in")


ADDS = StructShape(Adds, ("adds", "adds"))


@dataclass(frozen=True, kw_only=True)
class Policy(Struct):
    """Every question about an approval; a pack's policy answers all of them, a node repeats only what differs."""

    decide: Any = key(
        ByLook(
            (
                "all, any, in_order, random_one, {share: 60%} or {count: 2}",
                "all、any、in_order、random_one、{share: 60%} 或 {count: 2}",
            ),
            scalar=OneWord("all", "any", "in_order", "random_one"),
            mapping=MapOf(OneWord("share", "count"), TEXT),
        ),
        "how the answers of several people become one",
    )
    starter_is_approver: str | None = key(
        OneWord("ask_manager", "skip", "forbid", "allow"), "the starter is among the approvers"
    )
    approved_before: str | None = key(
        OneWord("ask", "skip", "skip_if_next"), "an approver approved earlier in this case"
    )
    nobody: Nobody | None = key(NOBODY, "no approver comes out")
    person_away: str | None = key(OneWord("substitute", "ask_manager", "nobody"), "an approver is away")
    opinion: str | None = key(OneWord("always", "when_refusing", "never"), "must an opinion be given")
    may: tuple[str, ...] | None = key(
        ListOf(
            OneWord(
                "transfer", "delegate", "add_before", "add_after", "add_beside", "consult", "copy", "urge", "take_back"
            ),
            at_least=0,
        ),
        "what an approver may do besides",
    )
