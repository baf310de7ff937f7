"""One place of a definition where names are read or written, and how far the walk to it has come."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from engine.language import scopes
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.check import Clock, Wanted
from engine.language.expressions.parse import Expression
from engine.language.expressions.types import Names, Type
from engine.language.kinds.definition import Definition
from engine.language.kinds.node import Node
from engine.language.source import NOWHERE, Span, Word
from engine.language.values import Value


@dataclass(frozen=True)
class Written:
    """A dotted path that is written to, or only `read`; `given` is the type of what is written, if known."""

    path: Word
    given: Type | None = None
    read: bool = False


@dataclass(frozen=True)
class Place:
    """`keys` are the keys from the definition down; `holds` what stands there; `node` the innermost node around it."""

    definition: Definition
    keys: tuple[str, ...]
    span: Span
    names: Names
    holds: Expression | Value | Written | Diagnostic
    wants: Wanted = None
    clock: Clock = None
    node: Node | None = None


@dataclass(frozen=True)
class Where:
    """How far the walk has come. `columns`: the types of a mapping of values by name, where they are known."""

    definition: Definition
    names: Names
    keys: tuple[str, ...] = ()
    span: Span = NOWHERE
    node: Node | None = None
    wants: Wanted = None
    clock: Clock = None
    columns: Mapping[str, Type] | None = None
    skipped: bool = False
    """No expression and no path of a record stands here: a declaration, checked elsewhere."""

    def with_names(self, names: Names) -> Where:
        return dataclasses.replace(self, names=names)

    def plus(self, known: scopes.Known) -> Where:
        return self.with_names(self.names.child(known))
