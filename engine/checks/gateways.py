"""Gateways and joins that decide or join nothing: a person meant something else, and reads a choice where there is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.checks.pack_view import View
from engine.interpreter.graph import ScopeGraph
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.node import Node
from engine.language.messages import flow
from engine.language.source import Span, place_of

CHOOSING = ("exclusive_gateway", "inclusive_gateway")


def check(view: View) -> Iterator[Diagnostic]:
    """misplaced-condition."""
    for graph in view.graphs.values():
        for name, node in graph.nodes.items():
            scope = graph.of(name)
            if node.type in CHOOSING:
                yield from _cases(node, getattr(node, "cases", ()))
            elif node.type == "parallel_gateway":
                yield from _parallel(node, scope)
            elif node.type == "event_gateway":
                yield from _events(node)
            if node.join is not None and node.join.mode == "matching" and len(scope.into[name]) < 2:
                many = "one arrow leads" if scope.into[name] else "no arrow leads"
                yield flow.misplaced_condition(
                    node.place("join"),
                    f"'join: matching' of '{name}' has nothing to match: {many} here",
                    f"“{name}”的 join: matching 无可汇合：指向这里的箭头不足两个",
                    "leave join out, or draw the other arrows here",
                    "请删除 join，或画出其他指向这里的箭头",
                )


def _cases(node: Node, cases: Sequence[Any]) -> Iterator[Diagnostic]:
    targets = {str(case.next) for case in cases}
    rests = [i for i, case in enumerate(cases) if case.is_otherwise]
    if len(cases) == 1:
        yield _single(node, f"lead straight to {next(iter(targets))}", f"直接指向 {next(iter(targets))}")
    elif len(cases) > 1 and len(targets) == 1 and targets != {"end"}:  # an end of the path is no step that was meant
        yield flow.misplaced_condition(
            _own_place(node),
            f"every case of '{node.name}' leads to '{next(iter(targets))}': nothing is decided",
            f"“{node.name}”的所有分支都指向“{next(iter(targets))}”，没有作出任何选择",
            "lead the cases to different steps, or draw the arrow straight there",
            "请让各分支指向不同的步骤，或直接画箭头",
        )
    for i in rests:
        if i < len(cases) - 1:
            yield flow.misplaced_condition(
                cases[i].place("if"),
                f"'otherwise' is for what no other case of '{node.name}' takes, and cases stand below it",
                f"otherwise 用于“{node.name}”其余情形，但其后还有分支",
                "write the case with `if: otherwise` last, and once",
                "请把 if: otherwise 写在最后，且只写一次",
            )


def _parallel(node: Node, scope: ScopeGraph) -> Iterator[Diagnostic]:
    """With `threads`, or where paths meet, a single arrow out means something."""
    targets = [target for targets in node.arrows().values() for target in targets]
    if len(targets) == 1 and getattr(node, "threads", 1) in (None, 1) and len(scope.into[node.name]) < 2:
        yield _single(node, f"lead straight to {targets[0]}", f"直接指向 {targets[0]}")


def _events(node: Node) -> Iterator[Diagnostic]:
    if len(getattr(node, "events", ())) == 1:
        yield _single(node, "write `type: wait` with the event", "改写为 type: wait 与该事件")


def _single(node: Node, instead_en: str, instead_zh: str) -> Diagnostic:
    return flow.misplaced_condition(
        _own_place(node),
        f"'{node.name}' has one way out: nothing is decided here",
        f"“{node.name}”只有一个出口，没有可选择的",
        f"add the other ways, or {instead_en}",
        f"请补上其他出口，或{instead_zh}",
    )


def _own_place(node: Node) -> Span:
    own = place_of(node.name)
    return own if own.line else node.span
