"""The names an expression may read at one point of a case: the record, `case.x`, `steps.x.y`, starter, message, item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from engine.interpreter.instance import Instance, Token
from engine.interpreter.tagged import from_tagged
from engine.interpreter.view import View
from engine.language.expressions.context import CONTEXT
from engine.language.expressions.plain import from_plain
from engine.language.expressions.things import Row
from engine.language.expressions.types import Type

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def moment_of(microseconds: int) -> dt.datetime:
    return EPOCH + dt.timedelta(microseconds=microseconds)


def microseconds_of(moment: dt.datetime) -> int:
    return (moment - EPOCH) // dt.timedelta(microseconds=1)


def finder(view: View) -> Any:
    """How plain data finds the record or person that it names."""

    def find(kind: str, key: Any) -> Any:
        return view.person(key) if kind == "person" else view.record(*key)

    return find


class CaseData(dict[str, Any]):
    """`case.x`: the case's variables by their declared types, read at each look-up."""

    def __init__(self, case: Instance, types: Mapping[str, Type], view: View) -> None:
        super().__init__()
        self.case, self.types, self.view = case, types, view

    def __missing__(self, name: str) -> Any:
        plain = self.case.data.get(name)
        if plain is None:
            return None
        type_ = self.types.get(name)
        return from_tagged(plain, finder(self.view)) if type_ is None else from_plain(plain, type_, self.view)


class Steps(dict[str, Any]):
    """`steps.x`: the latest run of each node."""

    def __init__(self, case: Instance, view: View) -> None:
        super().__init__()
        self.case, self.view = case, view

    def __missing__(self, name: str) -> Row | None:
        run = self.case.steps.get(name)
        is_open = any(t.node == name and t.state in ("running", "held") for t in self.case.tokens.values())
        if run is None:
            return Row(open=is_open)
        return Row(
            by=self.view.person(run.by) if run.by else None,
            answer=run.answer,
            opinion=run.opinion,
            changed=tuple(run.changed),
            opened_at=moment_of(run.opened),
            done_at=moment_of(run.done) if run.done is not None else None,
            open=is_open,
        )


def names_of(case: Instance, token: Token | None, view: View, types: Mapping[str, Type]) -> dict[str, Any]:
    """The environment of an expression that stands on a node (token) or on the case."""
    find = finder(view)
    env: dict[str, Any] = {
        CONTEXT: view.context,
        "case": CaseData(case, types, view),
        "steps": Steps(case, view),
        "starter": view.person(case.starter) if case.starter else None,
    }
    if case.record is not None:
        env[case.record[0]] = view.record(*case.record)
    for name, plain in case.item.items():
        env[name] = from_tagged(plain, find)
    if token is not None and token.message is not None:
        env["message"] = Row({name: from_tagged(value, find) for name, value in token.message.items()})
    return env
