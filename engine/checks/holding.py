"""What holds a step or repeats it: keys of available, repeat and mutex that only go together, and locks inside copies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.node import Available, Node
from engine.language.kinds.workflow import Workflow
from engine.language.messages import syntax


def check(view: View) -> Iterator[Diagnostic]:
    """wrong-shape: what LANGUAGE 5.1, 13.5 and 13.7 want together or apart."""
    for _, _, available in view.of(Available):
        yield from _limit(available)
    for _, _, node in view.of(Node):
        repeat = node.repeat
        if repeat is not None and repeat.while_ is not None and "done" not in node.own_exits():
            yield syntax.wrong_shape(
                repeat.place("while"),
                "until, for a step without the exit done",
                "until（该步骤没有出口 done）",
                "while may allow no round at all, and then only done could be left by: write until",
                "while 可能一轮都不执行，此时只能从 done 离开：请改写 until",
            )
    for workflow in view.pack.kind(Workflow).values():
        yield from _locks(workflow.nodes, copied=False)


def _limit(available: Available) -> Iterator[Diagnostic]:
    """so many, in a period, for each value: the first two only together, the third only with them."""
    written = [name for name in ("at_most", "per", "same") if available.was_written(name)]
    if written and not {"at_most", "per"} <= set(written):
        yield syntax.wrong_shape(
            available.place(written[0]),
            "at_most and per together",
            "at_most 与 per 一起写",
            "write at_most: 3 and per: 7 days, and same where it is counted for each value",
            "请写 at_most: 3 与 per: 7 days；按值分别计数时再写 same",
        )


def _locks(nodes: Mapping[str, Node], copied: bool) -> Iterator[Diagnostic]:
    """Copies are cases of their own, so a lock of the case would not hold between them: it is refused, not ignored."""
    for node in nodes.values():
        if copied and node.mutex is not None and node.mutex.per is None:
            yield syntax.wrong_shape(
                node.place("mutex"),
                "a lock over all cases inside copies",
                "副本内需使用跨事项的锁",
                "write mutex: {name: x, per: ...} with what the copies share, or put mutex on the node with for_each",
                "请写 mutex: {name: x, per: ...}，per 为各副本共有的值；或把 mutex 写在 for_each 的节点上",
            )
        yield from _locks(node.inner(), copied or node.for_each is not None)
