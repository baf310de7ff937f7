"""What is written and what is read on which path: values read before they are written, written by two at once, empty
where emptiness changes the meaning, records that break their own rules, searches without an index."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks import musts
from engine.checks.dataflow import collected, emptiness, made, races, searches, unwritten
from engine.checks.dataflow.flows import flows_of
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic


def check(view: View) -> Iterator[Diagnostic]:
    """read-before-write, parallel-write-race, unindexed-search, null-unsafe, form-flow-clash."""
    flows = flows_of(view)
    yield from unwritten.check(flows)
    yield from races.check(flows)
    yield from searches.check(view)
    yield from emptiness.check(view)
    yield from made.check(view, flows)
    yield from collected.check(view, flows)
    yield from musts.check(view, flows)
