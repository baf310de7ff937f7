"""Approval policies answer every question; a step that names none answers them itself."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.node import Node
from engine.language.kinds.people import Policy
from engine.language.messages import syntax
from engine.language.source import place_of
from engine.language.walk import declares


def check(view: View) -> Iterator[Diagnostic]:
    """wrong-shape for a question without an answer, and for `next` in a policy's nobody."""
    questions = list(Policy.keys())
    root = view.pack.root
    for name, policy in ((root.approval_policies or {}) if root else {}).items():
        for question in questions:
            if not policy.was_written(question):
                yield syntax.missing_key(place_of(name), question, f"the policy '{name}'", f"审批策略“{name}”")
        if policy.nobody is not None and policy.nobody.next is not None:
            yield syntax.wrong_shape(
                policy.nobody.place("next"),
                "an outcome that needs no node: transfer_to, press, keep_open or incident",
                "不需要节点的结果：transfer_to、press、keep_open 或 incident",
                "a policy holds for many workflows; write next in the step's own nobody",
                "策略用于多个工作流；next 请写在步骤自己的 nobody 中",
            )
    for _, _, node in view.of(Node):
        if declares(node, "policy") and getattr(node, "policy", None) is None:
            for question in questions:
                if declares(node, question) and not node.was_written(question):
                    yield syntax.missing_key(
                        place_of(node.name), question, f"'{node.name}' (without a policy)", f"“{node.name}”（没有策略）"
                    )
