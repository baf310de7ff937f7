"""Statements compiled once a dialect (RUNTIME section 4): a Core statement, its text, its parameters, its row type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import BindParameter, Table, bindparam
from sqlalchemy.engine import Dialect as Compiler
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.util import find_tables

Row = TypeVar("Row")


class Prepared:
    """A Core statement that is turned to text once for each dialect and then run by the driver's cursor.

    Only plain column types stand in the schema (integers, text, bytes), so no bind or result processing is lost.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self.statement = statement
        self._compiled: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {}

    def _for(self, compiler: Compiler) -> tuple[str, tuple[str, ...], dict[str, Any]]:
        found = self._compiled.get(compiler.name)
        if found is None:
            compiled = self.statement.compile(dialect=compiler)
            assert isinstance(compiled, SQLCompiler)
            names = tuple(compiled.positiontup or ())
            found = self._compiled[compiler.name] = (str(compiled), names, dict(compiled.params))
        return found

    def sql(self, compiler: Compiler) -> str:
        return self._for(compiler)[0]

    def names(self, compiler: Compiler) -> tuple[str, ...]:
        """The parameters in the order of their places in the text."""
        return self._for(compiler)[1]

    def bind(self, compiler: Compiler, values: dict[str, Any]) -> tuple[Any, ...]:
        """The values in the order of their places; constants of the statement fill in themselves."""
        _, names, constants = self._for(compiler)
        if len(values) == len(names):  # as nearly always: every parameter once, and no other
            try:
                return tuple([values[name] for name in names])
            except KeyError:
                pass
        if any(name not in values and constants.get(name) is None for name in names) or not values.keys() <= set(names):
            raise TypeError(f"parameters are {sorted(set(names))}, given {sorted(values)}")
        return tuple(values[name] if name in values else constants[name] for name in names)


class Query(Prepared, Generic[Row]):
    """A prepared select the NamedTuple its rows become, and the tables it reads."""

    def __init__(self, statement: ClauseElement, row: type[Row]) -> None:
        super().__init__(statement)
        self.make: Callable[[Sequence[Any]], Row] = row._make  # type: ignore[attr-defined]
        found = find_tables(statement, check_columns=True, include_joins=True, include_selects=True)
        self.tables = frozenset(table.name for table in found if isinstance(table, Table))


class Among(Generic[Row]):
    """A query over a list of values (`IN`), compiled for a few lengths; a list is filled up with its last value."""

    SIZES = (1, 8, 64, 256)

    def __init__(self, build: Callable[[Sequence[BindParameter[Any]]], ClauseElement], row: type[Row]) -> None:
        self._queries = {
            size: Query(build([bindparam(f"among_{place}") for place in range(size)]), row) for size in self.SIZES
        }

    def pieces(self, values: Sequence[Any]) -> Iterator[tuple[Query[Row], dict[str, Any]]]:
        """The queries to run, each with its part of the values."""
        for start in range(0, len(values), self.SIZES[-1]):
            piece = list(values[start : start + self.SIZES[-1]])
            size = next(size for size in self.SIZES if size >= len(piece))
            piece += piece[-1:] * (size - len(piece))
            yield self._queries[size], {f"among_{place}": value for place, value in enumerate(piece)}
