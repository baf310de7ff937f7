"""Keys that only go together: `first` with `rest`, `more_on` with `at_most`, copies or rounds, a list of targets."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.node import Node
from engine.language.messages import syntax
from engine.language.walk import declares


def check(view: View) -> Iterator[Diagnostic]:
    """wrong-shape: what LANGUAGE 5.4, 13.5 and section 4 want together or apart."""
    for _, _, node in view.of(Node):
        copies = node.for_each
        if copies is not None and (copies.first is not None or copies.until is not None) and copies.rest is None:
            yield syntax.wrong_shape(
                copies.place("first" if copies.first is not None else "until"),
                "rest: finish or rest: cancel beside first and until",
                "first 或 until 旁边的 rest: finish 或 rest: cancel",
                "say what becomes of the copies that are still open",
                "请写明尚未完成的副本如何处理",
            )
        if copies is not None and copies.more_on is not None and copies.at_most is None:
            yield syntax.wrong_shape(
                copies.place("more_on"),
                "at_most beside more_on",
                "more_on 旁边的 at_most",
                "write at_most: 50, the most copies there can ever be",
                "请写 at_most: 50，即副本数的上限",
            )
        if copies is not None and node.repeat is not None:
            yield syntax.wrong_shape(
                node.place("repeat"),
                "either for_each or repeat",
                "for_each 或 repeat 二者之一",
                "put the step into a subprocess and write one of them there",
                "请把步骤放进子流程，其中一个写在子流程上",
            )
        if node.next is not None and node.next.many and not declares(node, "threads"):
            yield syntax.wrong_shape(
                node.next.span,
                "one node, or each exit with its node",
                "一个节点，或每个出口及其节点",
                "a list stands only on a parallel_gateway: lead to one, and write the list there",
                "列表只能写在 parallel_gateway 上：请先指向它，再在那里写列表",
            )
