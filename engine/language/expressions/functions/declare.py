"""How a function of the language is declared: once, with its parameters, its result, its wording and its code.

`@function("amount: money, count: number", gives="list", ...)`. A parameter's types are words joined by `or`:
number money text date time moment duration yes_no choice person record team list any, and the names of things
(role form calendar field), which are texts checked against the pack. `...` after a parameter: it may come again.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.language.expressions.types import Type

Gives = str | Callable[[Sequence[Type]], Type]


@dataclass(frozen=True)
class Parameter:
    name: str
    accepts: tuple[str, ...]
    optional: bool = False
    default: Any = None
    again: bool = False


@dataclass(frozen=True)
class Function:
    """One row of the table. `run` is ready to be called: with the environment first if `needs_env`, empties handled."""

    name: str
    parameters: tuple[Parameter, ...]
    gives: Gives
    run: Callable[..., Any]
    en: str
    zh: str
    needs_env: bool = False
    aggregate: bool = False
    clock: bool = False
    counted: bool = False
    """It walks a list: inside a generator the rows it walks are counted."""
    of_choice: bool = False
    """It wants to know whose choice the value is: (record or empty, field or empty, value)."""

    @property
    def usage(self) -> str:
        """How it is written: round(x, digits=0)."""
        if self.aggregate:
            value = "c" if self.name in ("any", "all") else "x.field"
            return f"{self.name}({value} for x in list)"
        shown = [
            f"{p.name}={p.default!r}"
            if p.optional and p.default is not None
            else f"{p.name}, ..."
            if p.again
            else p.name
            for p in self.parameters
        ]
        return f"{self.name}({', '.join(shown)})"

    @property
    def least(self) -> int:
        return sum(1 for p in self.parameters if not p.optional)

    @property
    def most(self) -> int | None:
        """The most arguments; None when the last may come again."""
        return None if self.parameters and self.parameters[-1].again else len(self.parameters)


TABLE: dict[str, Function] = {}
"""Every function by name, filled when the modules of this package are imported."""


def function(
    parameters: str,
    *,
    gives: Gives,
    en: str,
    zh: str,
    name: str = "",
    if_empty: Any = None,
    takes_empty: bool = False,
    needs_env: bool = False,
    aggregate: bool = False,
    clock: bool = False,
    counted: bool = False,
    of_choice: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declares the function below it. Unless `takes_empty`, any empty argument gives `if_empty` without a call."""

    def declare(run: Callable[..., Any]) -> Callable[..., Any]:
        spelled = name or run.__name__.rstrip("_")
        ready = run if takes_empty else _skipping_empty(run, if_empty)
        TABLE[spelled] = Function(
            spelled, _parameters(parameters), gives, ready, en, zh, needs_env, aggregate, clock, counted, of_choice
        )
        return run

    return declare


def _skipping_empty(run: Callable[..., Any], if_empty: Any) -> Callable[..., Any]:
    @functools.wraps(run)
    def guarded(*arguments: Any) -> Any:
        for argument in arguments:
            if argument is None:
                return if_empty
        return run(*arguments)

    return guarded


def _parameters(text: str) -> tuple[Parameter, ...]:
    found: list[Parameter] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        match = re.fullmatch(r"(\w+)(\.\.\.)?: ([\w ]+?)(?: = (.+))?", part)
        assert match is not None, part
        name, again, accepts, default = match.groups()
        value: Any = None
        if default is not None:
            value = default.strip("'") if default.startswith("'") else None if default == "empty" else Decimal(default)
            value = int(value) if isinstance(value, Decimal) else value
        found.append(Parameter(name, tuple(accepts.split(" or ")), default is not None, value, bool(again)))
    return tuple(found)
