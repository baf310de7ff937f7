"""A loaded pack: its definitions by kind and name, the sources they came from, and everything that was found."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar, cast

from engine.language.diagnostics import Diagnostic
from engine.language.kinds.calendar import Calendar
from engine.language.kinds.connection import Connection
from engine.language.kinds.dashboard import Dashboard
from engine.language.kinds.decision import Decision
from engine.language.kinds.definition import Definition
from engine.language.kinds.form import Form
from engine.language.kinds.matching import Matching
from engine.language.kinds.message import Message
from engine.language.kinds.organization import Organization
from engine.language.kinds.pack import PackDefinition
from engine.language.kinds.scenarios import Scenarios
from engine.language.kinds.scoring import Model, Scoring
from engine.language.kinds.template import Template
from engine.language.kinds.texts import Texts
from engine.language.kinds.workflow import Workflow
from engine.language.source import Source

KINDS: dict[str, type[Definition]] = {
    cls.KIND: cls
    for cls in (
        PackDefinition, Workflow, Scenarios, Form, Decision, Scoring, Matching, Model, Message, Connection, Template, Organization,
        Calendar, Dashboard, Texts,
    )
}  # fmt: skip
FOLDERS: dict[str, str] = {
    "workflow": "workflows", "scenarios": "workflows", "form": "forms", "decision": "decisions", "scoring": "scoring",
    "matching": "matching", "model": "models", "message": "messages", "connection": "connections", "template": "templates",
    "organization": "people", "calendar": "calendars", "dashboard": "dashboards", "texts": "texts",
}  # fmt: skip
"""Where a definition of each kind is written; the pack itself stands at the root."""

D = TypeVar("D", bound=Definition)


@dataclass(frozen=True)
class Pack:
    """Everything that one folder defines. Missing pieces are diagnostics, not exceptions."""

    definitions: Map[tuple[str, str], Definition]
    sources: Map[str, Source]
    diagnostics: tuple[Diagnostic, ...] = field(default=())

    def kind(self, cls: type[D]) -> dict[str, D]:
        """The definitions of one kind by name, in the order of their files."""
        return cast(dict[str, D], dict(self._by_kind.get(cls.KIND, {})))

    @cached_property
    def _by_kind(self) -> Map[str, dict[str, Definition]]:
        found: dict[str, dict[str, Definition]] = {}
        for (kind, name), definition in self.definitions.items():
            found.setdefault(kind, {})[name] = definition
        return found

    def get(self, cls: type[D], name: str) -> D | None:
        return cast("D | None", self.definitions.get((cls.KIND, name)))

    @property
    def root(self) -> PackDefinition | None:
        return next(iter(self.kind(PackDefinition).values()), None)

    @property
    def organization(self) -> Organization | None:
        return next(iter(self.kind(Organization).values()), None)
