"""The names that expressions may read, by where they stand (LANGUAGE section 10, "Names")."""

from __future__ import annotations

from collections.abc import Mapping

from engine.language.broken import broken
from engine.language.expressions import types
from engine.language.expressions.types import Choice, ListOf, Names, RecordType, Rows, Type
from engine.language.kinds.dashboard import Dashboard
from engine.language.kinds.decision import Decision
from engine.language.kinds.definition import Definition
from engine.language.kinds.events import Event, Trigger
from engine.language.kinds.form import Form
from engine.language.kinds.node import ForEach, Node
from engine.language.kinds.organization import Organization
from engine.language.kinds.pack import PackDefinition
from engine.language.kinds.scoring import Scoring
from engine.language.kinds.template import Template
from engine.language.kinds.workflow import Workflow
from engine.language.shapes import Struct
from engine.language.vocabulary import PackTypes
from engine.language.walk import declares, structs

Known = Mapping[str, Type | Names]
NOTHING = Names({})


def names_of(definition: Definition, pack_types: PackTypes) -> Names:
    """What may be read anywhere in a definition, before its parts add names of their own."""
    match definition:
        case Workflow():
            return of_workflow(definition, pack_types)
        case Form():
            return bare(definition.name, pack_types)
        case Decision():
            own = {**pack_types.decision_inputs(definition.name), **pack_types.decision_outputs(definition.name)}
            return Names(own)
        case Scoring():
            return Names(of_form(definition.of, pack_types))
        case Template():
            return of_template(definition, pack_types)
        case PackDefinition():
            return Names({"starter": types.PERSON, "assignee": types.PERSON})
        case Organization():
            return Names({"person": types.PERSON})
        case Dashboard():
            return of_dashboard(definition, pack_types)
        case _:
            return NOTHING


def record(form: str) -> RecordType:
    return RecordType((str(form),))


def every_form(pack_types: PackTypes) -> dict[str, Type | Names]:
    """A record of each form by its form's name; of a form that could not be read nothing is known."""
    known: dict[str, Type | Names] = {name: record(name) for name in pack_types.pack.kind(Form)}
    return known | {name: types.ANY for kind, name in broken(pack_types.pack) if kind == "form"}


def of_form(form: str, pack_types: PackTypes) -> dict[str, Type | Names]:
    """A record by its form's name. Where there is no such form, any form may have been meant: nothing is known of them."""
    forms = every_form(pack_types)
    return {form: record(form)} if form in forms else {form: types.ANY, **dict.fromkeys(forms, types.ANY)}


def bare(form: str, pack_types: PackTypes) -> Names:
    """A form's own fields, as its rules read them."""
    return Names({**types.RECORD_FIELDS, **pack_types.form(form)})


def of_workflow(workflow: Workflow, pack_types: PackTypes) -> Names:
    known: dict[str, Type | Names] = {"starter": types.PERSON}
    known["case"] = Names(pack_types.case_data(workflow), "case")
    steps: dict[str, Type | Names] = {}
    for path, node in workflow.all_nodes():
        steps[path[-1]] = types.step_fields(answer_of(node))
    known["steps"] = Names(steps, "steps")
    if workflow.case is not None:
        known |= of_form(workflow.case, pack_types)
    return Names(known)


def answer_of(node: Node) -> Type:
    """What `steps.x.answer` may be: the exits that a person chose among; any text where the type names none."""
    exits = node.own_exits() if node.for_each is None else ()
    if not declares(node, "deadline") or not exits:
        return types.TEXT
    entries = (*exits, *node.optional_exits())
    return Choice(f"steps.{node.name}.answer", {str(exit_): str(exit_) for exit_ in entries})


def of_template(template: Template, pack_types: PackTypes) -> Names:
    known: dict[str, Type | Names] = dict(pack_types.fields(template.takes, template.name))
    if template.for_ is not None:
        known |= of_form(template.for_, pack_types)
    return Names(known)


def of_dashboard(dashboard: Dashboard, pack_types: PackTypes) -> Names:
    """Any record by its form's name, a workflow's steps, and the other measures, which are numbers or money."""
    known: dict[str, Type | Names] = every_form(pack_types)
    known |= dict.fromkeys(dashboard.measures, types.ANY) | {"period_days": types.NUMBER, "person": types.PERSON}
    return Names(known)


def of_event(event: Event, names: Names, pack_types: PackTypes) -> Names:
    """`message` holds what came."""
    came = what_came(event, pack_types)
    return names if came is None else names.child({"message": came})


def what_came(event: Event, pack_types: PackTypes) -> Type | None:
    """The fields of a message, or the record of a record event; None when nothing comes with the event."""
    if event.message is not None:
        return Rows(f"the message {event.message}", pack_types.message(event.message))
    form = event.created or event.changed or event.deleted
    return None if form is None else record(form)


def messages_of(workflow: Workflow, pack_types: PackTypes) -> dict[str, Type]:
    """Node -> what `message` is in it, for the nodes that events lead to straight; ANY where several differ."""
    found: dict[str, Type] = {}
    for _, struct in structs(workflow):
        if isinstance(struct, Trigger):
            came = what_came(struct, pack_types)
            if came is not None:
                found[struct.next] = came if found.get(struct.next, came) == came else types.ANY
    return found


def of_copies(for_each: ForEach, item: Type, names: Names) -> Names:
    return names.child({for_each.as_: item, "position": types.NUMBER})


def of_records(records: Mapping[str, Struct]) -> Known:
    """The records that a create node makes, by their names."""
    made: dict[str, Type | Names] = {}
    for name, struct in records.items():
        form = getattr(struct, "form", None)
        if isinstance(form, str):
            made[name] = record(form)
    return made


def of_parts(scoring: Scoring) -> Names:
    """What `total` reads: the parts, each a number."""
    return Names(dict.fromkeys(scoring.parts, types.NUMBER))


RESULTS: Known = {"done": types.NUMBER, "total": types.NUMBER, "results": ListOf(types.answers().of)}
"""What `for_each.until` reads besides."""
