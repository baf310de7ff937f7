"""How the things of a pack are called: titles in a language, the name in words where there is none (docs/texts.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.language.exit_words import exit_in_words
from engine.language.exit_words import in_words as in_words
from engine.language.expressions.types import Choice, Choices, Type
from engine.language.kinds.decision import Decision
from engine.language.kinds.form import Field, Form
from engine.language.kinds.message import Message
from engine.language.kinds.organization import Organization
from engine.language.kinds.workflow import Workflow
from engine.language.pack import FOLDERS
from engine.runtime.form_facts import FormFacts


def named(owner: Any, key: str) -> Mapping[str, Any]:
    """What an owner holds by name under a key; nothing where it has none."""
    found = getattr(owner, key, None)
    return found if isinstance(found, Mapping) else {}


class Titles:
    def __init__(self, facts: FormFacts) -> None:
        self.facts = facts
        self.pack = facts.pack

    def of(self, key: str, own: str | None, name: str, language: str) -> str:
        """The text at a key; without one in the definitions the name in words."""
        if own is None or not str(own):
            return in_words(name)
        return self.facts.text(key, str(own), language)

    def definition(self, cls: Any, name: str, language: str) -> str:
        found = self.pack.get(cls, name)
        own = getattr(found, "title", None)
        return self.of(f"{FOLDERS[cls.KIND]}/{name}", own, name, language)

    def workflow(self, name: str, language: str) -> str:
        return self.definition(Workflow, name, language)

    def form(self, name: str, language: str) -> str:
        return self.definition(Form, name, language)

    def node(self, workflow: str, node: Any, language: str) -> str:
        """`node`: its definition, or its name where the definition is gone."""
        name = node if isinstance(node, str) else str(node.name)
        own = None if isinstance(node, str) else node.title
        return self.of(f"workflows/{workflow}/{name}", own, name, language)

    def button(self, workflow: str, node: Any, name: str, language: str) -> str:
        """A way out of a step: a button with its title, an event's button, or a word of the language."""
        button = named(node, "buttons").get(name)
        if button is not None and button.title:
            return self.of(f"workflows/{workflow}/{node.name}/{name}", button.title, name, language)
        return exit_in_words(name, language)

    def trigger(self, workflow: str, node: Any, kind: str, name: str, trigger: Any, language: str) -> str:
        """A named event: of a start, of an interrupt or meanwhile of a node or (node None) of the whole workflow."""
        own = getattr(trigger, "button", None)
        way = f"{node.name}/{name}" if node is not None else f"{kind}/{name}"
        return self.of(f"workflows/{workflow}/{way}", own, name, language)

    def field(self, form: str, name: str, language: str) -> str:
        if name == "id":
            return "编号" if language == "zh" else "number"
        if name in ("created_at", "changed_at"):
            words = {"created_at": ("创建时间", "created at"), "changed_at": ("修改时间", "changed at")}[name]
            return words[0] if language == "zh" else words[1]
        declared = self.facts.forms.get(form)
        field = declared.fields.get(name) if declared is not None else None
        return self.of(f"forms/{form}/{name}", field.title if field is not None else None, name, language)

    def variable(self, workflow: str, name: str, field: Field | None, language: str) -> str:
        key = f"workflows/{workflow}/data/{name}"
        return self.of(key, field.title if field is not None else None, name, language)

    def choice(self, type_: Type | None, entry: str, language: str) -> str:
        """The title of an entry; the entry itself where nobody titled it."""
        choice = type_.of if isinstance(type_, Choices) else type_
        if not isinstance(choice, Choice) or entry not in choice.entries:
            return str(entry)
        owner, _, field = choice.name.partition(".")
        return self.facts.text(
            f"{self._owner(owner)}/{field.replace('.', '/')}/{entry}", choice.entries[entry], language
        )

    def _owner(self, name: str) -> str:
        """The begin of the keys of what a choice belongs to."""
        for cls in (Form, Decision, Message):
            if self.pack.get(cls, name) is not None:
                return f"{FOLDERS[cls.KIND]}/{name}"
        if self.pack.get(Workflow, name) is not None:
            return f"workflows/{name}/data"
        organization = self.pack.organization
        return f"people/{organization.name}/attributes" if organization is not None else name

    def role(self, name: str, language: str) -> str:
        return self._of_people("roles", name, language)

    def team(self, name: str, language: str) -> str:
        return self._of_people("teams", name, language)

    def attribute(self, name: str, language: str) -> str:
        return self._of_people("attributes", name, language)

    def _of_people(self, what: str, name: str, language: str) -> str:
        organization: Organization | None = self.pack.organization
        if organization is None:
            return in_words(name)
        declared = (getattr(organization, what) or {}).get(name)
        own = getattr(declared, "title", None)
        return self.of(f"people/{organization.name}/{what}/{name}", own, name, language)
