"""Expressions, values and people as words of a sentence: `manager(lead.owner)` is the lead's owner's manager."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from engine.interpreter.names import microseconds_of
from engine.language.expressions import tree
from engine.language.expressions.parse import Expression
from engine.language.expressions.things import Person, Record
from engine.language.expressions.types import Choice, Choices, ListOf, RecordType, Type
from engine.language.kinds.people import Group
from engine.runtime.reading.look import Language, Look, pick
from engine.runtime.reading.titles import in_words

MOST_SHOWN = 300


def shown(look: Look, value: Any, type_: Type | None, language: Language) -> str:
    """A typed value as a person reads it; empty text for an empty one."""
    match value:
        case None:
            return ""
        case bool():
            return pick(language, "是" if value else "否", "yes" if value else "no")
        case int() | Decimal():
            return format(value, ",f") if isinstance(value, Decimal) else format(value, ",")
        case Record():
            return look.view.context.label(value)
        case Person():
            return look.name(value.id, language)
        case dt.datetime():
            return look.local(microseconds_of(value))
        case dt.date() | dt.time():
            return value.isoformat()
        case tuple():
            if value and isinstance(value[0], dict) and not isinstance(value[0], Record | Person):
                return pick(language, f"{len(value)} 行", f"{len(value)} rows")
            inner = type_.of if isinstance(type_, ListOf | Choices) else type_
            return pick(language, "、", ", ").join(shown(look, item, inner, language) for item in value)
        case str() if isinstance(type_, Choice):
            return look.titles.choice(type_, value, language)
        case _:
            return str(value)


def phrase(look: Look, expression: Expression, language: Language) -> str:
    """An expression in words where it is a way from one thing to the next, else its text in quotes."""
    found = _words(look, expression.tree, language)
    return found[0] if found is not None else quoted(expression.text, language)


def quoted(text: str, language: Language) -> str:
    text = text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "..."
    return pick(language, f"“{text}”", f"'{text}'")


Words = tuple[str, Type | None]
"""What a way is called, and the type of what it leads to."""


def _words(look: Look, node: tree.Node, language: Language) -> Words | None:
    match node:
        case tree.Name(name="starter" | "assignee" | "person" as name):
            words = {
                "starter": ("发起人", "the starter"),
                "assignee": ("办理人", "the assignee"),
                "person": ("本人", "the person"),
            }
            return pick(language, *words[name]), None
        case tree.Name(name=name) if name in look.facts.forms:
            title = look.titles.form(name, language)
            return pick(language, title, f"the {title[:1].lower()}{title[1:]}"), RecordType((name,))
        case tree.Field(of=tree.Field(of=tree.Name(name="steps"), name=step), name="by"):
            return pick(language, f"办理“{in_words(step)}”的人", f"who did '{in_words(step)}'"), None
        case tree.Field(of=of, name=name):
            inner = _words(look, of, language)
            if inner is None or not isinstance(inner[1], RecordType):
                return None
            form = inner[1].forms[0]
            title = look.titles.field(form, name, language)
            type_ = look.types.form_field(form, name)
            return pick(language, f"{inner[0]}的{title}", f"{inner[0]}'s {title[:1].lower()}{title[1:]}"), type_
        case tree.Call(function="manager" | "owner" as function, arguments=(argument,), keywords=()):
            inner = _words(look, argument, language)
            if inner is None:
                return None
            word = {"manager": ("上级", "manager"), "owner": ("负责人", "owner")}[function]
            return pick(language, f"{inner[0]}的{word[0]}", f"{inner[0]}'s {word[1]}"), None
        case _:
            return None


def people(look: Look, who: Any, language: Language) -> str:
    """Who a people place means: an expression, or everyone of a role or team that fits."""
    if isinstance(who, Expression):
        return phrase(look, who, language)
    if isinstance(who, tuple | list):
        return pick(language, "、", " and ").join(people(look, one, language) for one in who)
    assert isinstance(who, Group)
    parts = []
    if who.role:
        title = look.titles.role(who.role, language)
        parts.append(pick(language, f"角色“{title}”的人", f"people with the role '{title}'"))
    if who.team:
        title = look.titles.team(who.team, language)
        parts.append(pick(language, f"“{title}”的成员", f"members of '{title}'"))
    found = pick(language, "且为", " who are ").join(parts) or pick(language, "任何人", "anybody")
    if who.where is not None:
        found += pick(
            language, f"，且满足{quoted(who.where.text, 'zh')}", f" for whom {quoted(who.where.text, 'en')} holds"
        )
    return found


def subject(look: Look, text: str, language: Language) -> str:
    """'role:sales' or 'person:li_na' as a person reads it."""
    kind, _, name = text.partition(":")
    if kind == "role":
        title = look.titles.role(name, language)
        return pick(language, f"角色“{title}”的人", f"people with the role '{title}'")
    return look.name(name, language)


def listed(parts: list[str], language: Language) -> str:
    return pick(language, "、", ", ").join(parts)
