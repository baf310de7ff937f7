"""Findings about people: roles, teams and persons that nobody declared."""

from collections.abc import Iterable

from engine.language.diagnostics import Text, did_you_mean, error, only_near

_KINDS = {"role": "角色", "team": "团队", "person": "人员"}


@error
def unknown_person(kind: str, name: str, known: Iterable[str]) -> Text:
    """`kind`: role, team or person."""
    known = list(known)
    hint_en, hint_zh = did_you_mean(name, known)
    return Text(
        f"the organization has no {kind} '{name}'",
        f"组织中没有名为“{name}”的{_KINDS.get(kind, kind)}",
        hint_en,
        hint_zh,
        only_near(name, known),
    )
