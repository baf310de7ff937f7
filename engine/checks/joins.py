"""Bounds of joins: `first: n` and `batch: n` against the arrows that lead there."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.exits import RESERVED, targets_of
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.workflow import Workflow
from engine.language.messages import flow


def check(view: View) -> Iterator[Diagnostic]:
    """misplaced-join: `first: n` needs 0 < n < arrows, `batch: n` more than one, `all` more than one arrow."""
    for workflow, graph in view.graphs.items():
        home = {path[-1] for path, _ in view.pack.kind(Workflow)[workflow].all_nodes()} | {*RESERVED}
        for name, node in graph.nodes.items():
            join = node.join
            if join is None:
                continue
            scope = graph.of(name)
            if any(target not in home for other in scope.nodes.values() for target in targets_of(other)):
                continue  # an arrow that leads nowhere may be meant to lead here
            arrows = len(scope.into[name])
            place = node.place("join")
            if join.mode == "first" and join.first is not None and not 0 < join.first < arrows:
                yield flow.misplaced_join(
                    place,
                    f"{{first: {join.first}}}",
                    f"{arrows} arrow{'s' if arrows != 1 else ''} lead{'s' if arrows == 1 else ''} to '{name}', "
                    f"first must be less",
                    f"只有 {arrows} 个箭头指向“{name}”，first 必须更小",
                    "all" if arrows > 1 else "each",
                )
            elif join.mode == "batch" and join.batch is not None and join.batch < 2:
                yield flow.misplaced_join(
                    place, f"{{batch: {join.batch}}}", "a batch is two or more", "批量至少为 2", "each"
                )
            elif join.mode == "all" and arrows < 2:
                yield flow.misplaced_join(
                    place,
                    "all",
                    f"{arrows} arrow leads to '{name}'",
                    f"只有 {arrows} 个箭头指向“{name}”",
                    "each, or leave it out",
                )
