"""The types that a pack declares: of every form's fields, of case data, messages, decisions, people.

Built once from a loaded pack. A reference that leads nowhere gives ANY here and a finding in checks/references.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from engine.language.expressions import types
from engine.language.expressions.types import Choice, Choices, ListOf, RecordType, Rows, TemplateType, Type
from engine.language.kinds.connection import Connection
from engine.language.kinds.decision import OF_SEVERAL_ROWS, Decision
from engine.language.kinds.form import Field, Form
from engine.language.kinds.message import Message
from engine.language.kinds.workflow import Workflow
from engine.language.pack import Pack

MOST_HOPS = 8


class PackTypes:
    """`vocabulary` for the checker of expressions; look-ups by form, workflow, decision, message for everyone else."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._forms: dict[str, dict[str, Type]] = {}

    @cached_property
    def vocabulary(self) -> types.Vocabulary:
        organization = self.pack.organization
        forms = self.pack.kind(Form)
        from engine.language.kinds.calendar import Calendar

        attributes = (organization.attributes or {}) if organization else {}
        return types.Vocabulary(
            forms={name: self.form(name) for name in forms},
            optional={name: frozenset(_optional(form)) for name, form in forms.items()},
            person={name: self.field(field, f"person.{name}") for name, field in attributes.items()},
            roles=frozenset(organization.roles) if organization else frozenset(),
            teams=frozenset(organization.teams or ()) if organization else frozenset(),
            calendars=frozenset(self.pack.kind(Calendar)),
            people=frozenset(organization.people) if organization else frozenset(),
        )

    def form(self, name: str) -> dict[str, Type]:
        """Field -> type of a form; empty for an unknown one."""
        if name not in self._forms:
            form = self.pack.get(Form, name)
            self._forms[name] = self.fields(form.fields, name) if form else {}
        return self._forms[name]

    def form_field(self, form: str, field: str) -> Type | None:
        return self.form(form).get(field) or types.RECORD_FIELDS.get(field)

    def fields(self, fields: Mapping[str, Field] | None, owner: str) -> dict[str, Type]:
        return {name: self.field(field, f"{owner}.{name}") for name, field in (fields or {}).items()}

    def field(self, field: Field, name: str) -> Type:
        """The type of a declared field; `name` is how its choice is called ('lead.grade')."""
        match field.type:
            case "choice":
                return self.choice(field, name) or types.ANY
            case "choices":
                choice = self.choice(field, name)
                return Choices(choice) if choice else types.ANY
            case "record":
                return self.record(field)
            case "records":
                return ListOf(self.record(field))
            case "list":
                if isinstance(field.of, Mapping):
                    return ListOf(Rows(name, self.fields(field.of, name)))
                return types.answers() if str(field.of) == "answers" else ListOf(self.record(field))
            case "template":
                return TemplateType(str(field.for_) if field.for_ else None)
            case _:
                return types.SCALARS[field.type]

    def record(self, field: Field) -> Type:
        """What a reference leads to; anything, where one of its forms is not there or cannot be read."""
        forms = _forms_of(field)
        return RecordType(forms) if all(self.pack.get(Form, form) is not None for form in forms) else types.ANY

    def choice(self, field: Field, name: str, hops: int = 0) -> Choice | None:
        """The choice of a field: its own entries, or those of the `form.field` that it names."""
        if isinstance(field.of, Mapping):
            return Choice(name, {str(entry): str(title) for entry, title in field.of.items()})
        path = str(field.of)
        owner, _, last = path.rpartition(".")
        declared = self.declared(owner, last)
        if declared is None or declared.type not in ("choice", "choices") or hops > MOST_HOPS:
            return None
        return self.choice(declared, path, hops + 1)

    def declared(self, owner: str, field: str) -> Field | None:
        """The field that `owner.field` names: of a form, a decision's output or input, a message."""
        form = self.pack.get(Form, owner)
        if form is not None:
            return form.fields.get(field)
        decision = self.pack.get(Decision, owner)
        if decision is not None:
            return decision.outputs.get(field) or decision.inputs.get(field)
        message = self.pack.get(Message, owner)
        return message.carries.get(field) if message is not None else None

    def case_data(self, workflow: Workflow) -> dict[str, Type]:
        return self.fields(workflow.data, workflow.name)

    def decision_inputs(self, name: str) -> dict[str, Type]:
        decision = self.pack.get(Decision, name)
        return self.fields(decision.inputs, name) if decision else {}

    def decision_outputs(self, name: str) -> dict[str, Type]:
        decision = self.pack.get(Decision, name)
        return self.fields(decision.outputs, name) if decision else {}

    def decision_answers(self, name: str) -> dict[str, Type]:
        """What the step that asks it is given: of several rows a list of each output, of a count a number."""
        decision = self.pack.get(Decision, name)
        outputs = self.decision_outputs(name)
        if decision is None or decision.hit not in (*OF_SEVERAL_ROWS, "count"):
            return outputs
        if decision.hit == "count":
            return dict.fromkeys(outputs, types.NUMBER)
        return {n: Choices(of) if isinstance(of, Choice) else ListOf(of) for n, of in outputs.items()}

    def message(self, name: str) -> dict[str, Type]:
        message = self.pack.get(Message, name)
        return self.fields(message.carries, name) if message else {}

    def call(self, connection: str, call: str) -> tuple[dict[str, Type], dict[str, Type]]:
        """What a call takes and gives."""
        found = self.pack.get(Connection, connection)
        declared = (found.calls or {}).get(call) if found else None
        if declared is None:
            return {}, {}
        owner = f"{connection}.{call}"
        return self.fields(declared.takes, owner), self.fields(declared.gives, owner)


def _forms_of(field: Field) -> tuple[str, ...]:
    return tuple(str(form) for form in field.of) if isinstance(field.of, tuple) else (str(field.of),)


def _optional(form: Form) -> list[str]:
    return [
        name
        for name, field in form.fields.items()
        if not field.required and field.formula is None and field.type not in ("records", "list", "serial")
    ]
