"""The fields that a task shows or asks for: title, type, value, and the choices with their titles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.language.expressions.plain import to_plain
from engine.language.expressions.things import Record
from engine.language.expressions.types import Choice, Choices, Type
from engine.language.kinds.form import Field
from engine.language.values import Literal
from engine.rules.in_form import InForm
from engine.runtime.reading.look import Look
from engine.runtime.reading.phrases import shown

BOUNDS = ("at_least", "at_most", "above", "below")


def of_record(look: Look, record: Record, names: Iterable[str]) -> list[dict[str, Any]]:
    """Fields of a record by name, in that order; what is not visible now says so."""
    found = []
    for name in names:
        described = of_form(look, record.form, str(name), record[str(name)])
        declared = look.facts.forms[record.form].fields.get(str(name))
        if declared is not None and declared.visible_if is not None:
            described["visible"] = declared.visible_if.holds(InForm(record, look.view.context))
        found.append(described)
    return found


def of_form(look: Look, form: str, name: str, value: Any = None) -> dict[str, Any]:
    """One field of a form, with a typed value."""
    declared = look.facts.forms[form].fields.get(name) if form in look.facts.forms else None
    type_ = look.types.form_field(form, name)
    title = look.titles.field(form, name, look.language)
    return _described(look, name, title, declared, type_, value, f"forms/{form}/{name}")


def at_path(look: Look, path: str, names: dict[str, Any], workflow: str = "") -> dict[str, Any]:
    """What a path of `needs` leads to, as things stand: `lead.company`, `case.x`, `opinion`. `field` is the path."""
    parts = path.split(".")
    if path == "opinion":
        return opinion(look)
    if parts[0] == "case" and len(parts) == 2:
        found = look.workflow(None, workflow)
        declared = (found.definition.data or {}).get(parts[1]) if found is not None else None
        type_ = found.data_types.get(parts[1]) if found is not None else None
        title = look.titles.variable(workflow, parts[1], declared, look.language)
        key = f"workflows/{workflow}/data/{parts[1]}"
        return _described(look, path, title, declared, type_, names["case"][parts[1]], key)
    owner: Any = names.get(parts[0])
    for part in parts[1:-1]:
        owner = owner[part] if isinstance(owner, dict) else None
    if not isinstance(owner, Record):
        return {
            "field": path,
            "title": look.titles.field("", parts[-1], look.language),
            "type": "text",
            "value": None,
            "shown": "",
        }
    return {**of_form(look, owner.form, parts[-1], owner[parts[-1]]), "field": path}


def opinion(look: Look) -> dict[str, Any]:
    title = look.titles.button("", None, "opinion", look.language)
    return {"field": "opinion", "title": title, "type": "long_text", "value": None, "shown": ""}


def _described(
    look: Look, name: str, title: str, declared: Field | None, type_: Type | None, value: Any, key: str
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "field": name,
        "title": title,
        "type": _kind(declared, type_),
        "value": outside(to_plain(value)),
        "shown": shown(look, value, type_, look.language),
    }
    if isinstance(type_, Choice | Choices):
        entries = (type_.of if isinstance(type_, Choices) else type_).entries
        described["choices"] = [
            {"value": str(entry), "title": look.titles.choice(type_, str(entry), look.language)} for entry in entries
        ]
    if declared is None:
        return described
    if declared.type == "person":
        members = look.view.members(str(declared.role) if declared.role else None, None)
        described["choices"] = [{"value": p.id, "title": look.name(p.id, look.language)} for p in members]
    if declared.type == "record":
        described["forms"] = [str(f) for f in declared.of] if isinstance(declared.of, tuple) else [str(declared.of)]
    if declared.required:
        described["required"] = True
    for bound in BOUNDS:
        limit = getattr(declared, bound)
        if isinstance(limit, Literal):
            described[bound] = str(limit.text)
    if declared.type == "list" and hasattr(declared.of, "items"):
        fields: dict[str, Field] = dict(declared.of)
        inner = look.types.fields(fields, key.removeprefix("forms/").replace("/", "."))
        described["rows"] = [
            _described(
                look,
                str(n),
                look.titles.of(f"{key}/{n}", f.title, str(n), look.language),
                f,
                inner.get(n),
                None,
                f"{key}/{n}",
            )
            for n, f in fields.items()
        ]
    return described


def _kind(declared: Field | None, type_: Type | None) -> str:
    if declared is not None:
        return str(declared.type)
    name = getattr(type_, "name", None)
    return str(name) if name is not None and not isinstance(type_, Choice) else "text"


def outside(plain: Any) -> Any:
    """A plain value with the ids of records as text: JavaScript loses numbers above 2^53 (RUNTIME R46)."""
    if isinstance(plain, dict):
        if plain.keys() == {"form", "id"}:
            return {"form": plain["form"], "id": str(plain["id"])}
        return {name: outside(part) for name, part in plain.items()}
    return [outside(part) for part in plain] if isinstance(plain, list) else plain
