"""What the runtime must know of a pack's forms: their compiled rules, which fields have keys, who reads over whom.

Made once a pack, kept with its PackTypes, never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from engine.language.kinds.form import Field, Form
from engine.language.kinds.matching import Matching
from engine.language.kinds.organization import Organization
from engine.language.kinds.texts import Texts
from engine.language.kinds.workflow import Workflow
from engine.language.pack import Pack
from engine.language.vocabulary import PackTypes
from engine.rules.forms import FormRules, compile_form
from engine.rules.keyed import end_of, keyed_fields
from engine.runtime.reach import Reach, forms_of

ALWAYS_KEYED = frozenset({"record", "person", "phone", "email"})
_ATTRIBUTE = "_form_facts"


class FormFacts:
    """`rules` raises LookupError for an unknown form, ValueError for bounds that do not read: check came first."""

    def __init__(self, pack: Pack, types: PackTypes) -> None:
        self.pack, self.types = pack, types
        self.forms: dict[str, Form] = pack.kind(Form)
        self._rules: dict[str, FormRules] = {}

    @cached_property
    def organization(self) -> Organization | None:
        return self.pack.organization

    @cached_property
    def constant_starts(self) -> dict[str, dict[str, Any]]:
        """Form -> field -> plain starting value, of fields that begin with a fixed one. Filled by its reader."""
        return {}

    @cached_property
    def zone(self) -> ZoneInfo:
        return self.pack.root.time_zone if self.pack.root is not None else ZoneInfo("UTC")

    @cached_property
    def reach(self) -> Reach:
        return Reach(self.forms)

    @cached_property
    def keyed(self) -> dict[str, frozenset[str]]:
        return keyed_fields(self.pack)

    @cached_property
    def in_pieces(self) -> dict[str, frozenset[str]]:
        """Form -> text fields whose names are looked for by alikeness."""
        found: dict[str, set[str]] = {}
        for matching in self.pack.kind(Matching).values():
            for form, look in matching.look_in.items():
                for path in (look.or_similar or {}).values():
                    at = end_of(self.forms, str(form), str(path))
                    if at is not None:
                        found.setdefault(at[0], set()).add(at[1])
        return {form: frozenset(fields) for form, fields in found.items()}

    @cached_property
    def references(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """Form -> the (form, field) of every reference that may lead to it."""
        found: dict[str, list[tuple[str, str]]] = {}
        for name, form in self.forms.items():
            for field, declared in form.fields.items():
                if declared.type == "record":
                    for target in forms_of(declared):
                        found.setdefault(target, []).append((name, str(field)))
        return {form: tuple(places) for form, places in found.items()}

    @cached_property
    def turning(self) -> dict[str, frozenset[str]]:
        """Form -> what a start's `becomes` reads of it that others can move: its formulas, and `records` for any list."""
        found: dict[str, set[str]] = {}
        for workflow in self.pack.kind(Workflow).values():
            form = self.forms.get(str(workflow.case))
            expressions = [trigger.becomes for trigger in workflow.start.values() if trigger.becomes is not None]
            for path in (path for expression in expressions for path in expression.reads):
                field = form.fields.get(path[1]) if form is not None and path[0] == workflow.case and path[1:] else None
                if field is not None and (field.formula is not None or field.type == "records"):
                    found.setdefault(str(workflow.case), set()).add(path[1] if field.formula is not None else "records")
        return {form: frozenset(moved) for form, moved in found.items()}

    def rules(self, form: str) -> FormRules:
        found = self._rules.get(form)
        if found is None:
            declared = self.forms.get(form)
            if declared is None:
                raise LookupError(f"no form {form!r}")
            titles = {str(name): self._titles(form, str(name), field) for name, field in declared.fields.items()}
            compiled = compile_form(declared, self.types.form(form), self.zone, titles)
            if isinstance(compiled, list):
                raise ValueError(f"form {form!r}: {compiled[0].message()}")
            found = self._rules[form] = compiled
        return found

    def what_is_kept(self, form: str) -> object:
        """All that the key rows of a form's records depend on: when it changes they must be written anew."""
        declared = self.forms[form]
        kept = [*self.keyed.get(form, ()), *self.in_pieces.get(form, ())]
        fields = {str(name): declared.fields[name] for name in kept}
        return (
            {name: (f.type, f.unique, f.normalise, f.country) for name, f in fields.items()},
            self.in_pieces.get(form),
            declared.owned_by,
            declared.open_if,
        )

    # -- texts

    @cached_property
    def language(self) -> str:
        return self.pack.root.language if self.pack.root is not None else "zh"

    @cached_property
    def _texts(self) -> Mapping[str, Mapping[str, str]]:
        return {name: texts.entries or {} for name, texts in self.pack.kind(Texts).items()}

    def text(self, key: str, own: str, language: str) -> str:
        """A text of the definitions in a language; in the pack's own where nobody translated it."""
        return own if language == self.language else str(self._texts.get(language, {}).get(key, own))

    def both(self, key: str, own: str) -> tuple[str, str]:
        """en and zh."""
        return self.text(key, own, "en"), self.text(key, own, "zh")

    def _titles(self, form: str, name: str, field: Field) -> tuple[str, str]:
        return self.both(f"forms/{form}/{name}", str(field.title or name.replace("_", " ")))


def facts_of(pack: Pack, types: PackTypes) -> FormFacts:
    """The facts of a pack, worked out once for its PackTypes."""
    found = types.__dict__.get(_ATTRIBUTE)
    if found is None or found.pack is not pack:
        found = types.__dict__[_ATTRIBUTE] = FormFacts(pack, types)
    return found
