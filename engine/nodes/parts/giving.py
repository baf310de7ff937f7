"""`give` and `into`: values handed over by the declared types of the other side, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.interpreter.run import Run
from engine.language.expressions.plain import to_plain
from engine.language.expressions.types import Type
from engine.language.values import Value


def given(run: Run, give: Mapping[str, Value] | None, types: Mapping[str, Type]) -> dict[str, Any]:
    """The values of `give` as plain data; empty ones are left out."""
    values = {name: run.value(value, types.get(name)) for name, value in (give or {}).items()}
    return {str(name): to_plain(value) for name, value in values.items() if value is not None}


def typed_values(run: Run, give: Mapping[str, Value] | None, types: Mapping[str, Type]) -> dict[str, Any]:
    """The values of `give`, typed."""
    return {str(name): run.value(value, types.get(name)) for name, value in (give or {}).items()}


def take(run: Run, into: Mapping[str, str] | None, values: Mapping[str, Any]) -> None:
    """Writes each named value where `into` says; all are worked out before the first is written."""
    for name, path in (into or {}).items():
        run.write(str(path), values.get(str(name)))
