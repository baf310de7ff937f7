"""Who is told, by which channel, in which language, and what it says: a Notify effect made into one notice.

Read when it is sent, not when the step ran: the record's phone number and texts are those of that moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, cast

from engine.interpreter.effects import Notify
from engine.language.expressions.context import CONTEXT
from engine.language.expressions.plain import from_plain
from engine.language.expressions.things import Person, Record
from engine.language.kinds.connection import Connection
from engine.language.kinds.form import Form
from engine.language.kinds.template import Template, Wording
from engine.language.kinds.workflow import Workflow
from engine.language.vocabulary import PackTypes
from engine.rules.rendering import Language, one_line, render, render_line
from engine.runtime.form_facts import facts_of
from engine.runtime.services import SEND
from engine.runtime.view import SqlView

APP = "app"
"""The channel that is the person's own inbox here; it needs no connection and reaches every person."""

LANGUAGES: tuple[Language, ...] = ("zh", "en")
Reach = Literal["email", "phone"]
ViewIn = Callable[[Language], SqlView]
"""The same records as a reader of one language sees them."""


class Notice(NamedTuple):
    """One notice, ready to go. `connection` is None for the inbox. `why`: the reason when nobody can be reached."""

    via: str | None
    to: str | None
    subject: str
    body: str
    language: Language
    connection: str | None = None
    why: str | None = None

    @property
    def undeliverable(self) -> bool:
        return self.via is None


def notices(effect: Notify, workflow: str, types: PackTypes, view_in: ViewIn) -> list[Notice]:
    """The ways to tell the receiver, in the order of `via`; always at least one, which may be undeliverable."""
    root = types.pack.root
    own = cast(Language, str(root.language) if root is not None else "zh")
    kind, _, id = effect.to.partition(":")
    view = view_in(own)
    receiver = view.person(id) if kind == "person" else view.record(kind, int(id))
    language = _language(receiver, types, own)
    subject, body = _say(effect, workflow, types, view_in(language), language, own)
    if receiver is None:
        return [Notice(None, effect.to, subject, body, language, None, "unknown-receiver")]
    found: list[Notice] = []
    channels = (root.channels or {}) if root is not None else {}
    for via in effect.via or (APP,):
        if via == APP:
            if isinstance(receiver, Person):
                found.append(Notice(APP, receiver.id, subject, body, language))
        elif via in channels:
            connection = str(channels[via])
            address = _address(receiver, _reach(str(via), connection, types), types)
            if address is not None:
                found.append(Notice(str(via), address, subject, body, language, connection))
    return found or [Notice(None, effect.to, subject, body, language, None, "no-address")]


def _language(receiver: Person | Record | None, types: PackTypes, own: Language) -> Language:
    if isinstance(receiver, Record) and types.form_field(receiver.form, "language") is None:
        return own
    said = receiver["language"] if receiver is not None else None
    return said if said in LANGUAGES else own


def _reach(via: str, connection: str, types: PackTypes) -> Reach:
    """Whether a channel needs an e-mail address or a phone number: as its `to` says, else by its kind and name."""
    found = types.pack.get(Connection, connection)
    call = (found.calls or {}).get(SEND) if found is not None else None
    to = (call.takes or {}).get("to") if call is not None else None
    if to is not None and to.type in ("email", "phone"):
        return cast(Reach, str(to.type))
    return "email" if via == "email" or (found is not None and found.kind == "mail") else "phone"


def _address(receiver: Person | Record, reach: Reach, types: PackTypes) -> str | None:
    """A person's from the organization; a record's from the first filled field of that type."""
    if isinstance(receiver, Person):
        return receiver[reach] or None
    form = types.pack.get(Form, receiver.form)
    for name, field in form.fields.items() if form is not None else ():
        if field.type == reach and (value := receiver[str(name)]):
            return str(value)
    return None


def _say(
    effect: Notify, workflow: str, types: PackTypes, view: SqlView, language: Language, own: Language
) -> tuple[str, str]:
    """Subject and body."""
    about = view.record(*effect.record) if effect.record is not None else None
    if not effect.template:
        return _reminder(effect, workflow, types, view, about, language)
    template = types.pack.get(Template, effect.template)
    if template is None:
        raise LookupError(f"the pack has no template {effect.template}")
    wording: Wording | None = getattr(template, language) or getattr(template, own) or template.zh or template.en
    if wording is None:
        raise LookupError(f"the template {effect.template} has no text")
    env = _names(template, effect, types, view, about)
    root = types.pack.root
    currency = str(root.currency) if root is not None else ""
    zone = view.context.zone
    return (
        render_line(str(wording.subject), env, language, currency, zone),
        render(str(wording.body), env, language, currency, zone),
    )


def _names(
    template: Template, effect: Notify, types: PackTypes, view: SqlView, about: Record | None
) -> Mapping[str, Any]:
    """What the template may read: what it takes, and the record it is for - the case's, else the receiver's."""
    takes = types.fields(template.takes, str(template.name))
    env: dict[str, Any] = {name: from_plain(effect.give.get(name), type_, view) for name, type_ in takes.items()}
    if template.for_ is not None:
        kind, _, id = effect.to.partition(":")
        if about is None or about.form != template.for_:
            about = view.record(kind, int(id)) if kind == template.for_ else None
        env[str(template.for_)] = about
    return {**env, CONTEXT: view.context}


_REMINDER: Mapping[Language, tuple[str, str]] = {
    "zh": ("提醒：{title}", "任务“{title}”还在等您处理{about}。"),
    "en": ("Reminder: {title}", "The task '{title}' is still waiting for you{about}."),
}
_ABOUT: Mapping[Language, str] = {"zh": "（{label}）", "en": " ({label})"}


def _reminder(effect: Notify, workflow: str, types: PackTypes, view: SqlView, about: Record | None,
              language: Language) -> tuple[str, str]:  # fmt: skip
    """The engine's own text, where no template stands: `give` says what it is about."""
    what = effect.give.get("what")
    if what != "reminder":
        raise LookupError(f"no text for a notice about {what!r}")
    title = title_of_step(types, workflow, effect.node, language)
    label = one_line(view.context.label(about)) if about is not None else ""
    subject, body = _REMINDER[language]
    where = _ABOUT[language].replace("{label}", label) if label else ""
    return subject.replace("{title}", title), body.replace("{title}", title).replace("{about}", where)


def title_of_step(types: PackTypes, workflow: str, node: str, language: Language) -> str:
    """A step's title in a language; its name in words where nobody titled it."""
    found = types.pack.get(Workflow, workflow)
    own = next((one.title for path, one in found.all_nodes() if path[-1] == node), None) if found is not None else None
    name = str(own or node.replace("_", " "))
    return one_line(facts_of(types.pack, types).text(f"workflows/{workflow}/{node}", name, language))


__all__ = ["APP", "Notice", "notices", "title_of_step"]
