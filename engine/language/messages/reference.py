"""Findings about names that lead nowhere, twice, or out of their scope."""

from collections.abc import Iterable

from engine.language.diagnostics import Diagnostic, Severity, Text, did_you_mean, error, note, only_near
from engine.language.source import Span


@error
def defined_twice(kind: str, name: str, first: Span) -> Text:
    return Text(
        en=f"the {kind} '{name}' is defined twice; the first is in {first.path}:{first.line}",
        zh=f"{kind}“{name}”定义了两次，第一次在 {first.path}:{first.line}",
        hint_en="rename or remove one of them",
        hint_zh="请改名或删除其中一个",
    )


@error
def file_name(kind: str, name: str, wanted: str) -> Text:
    return Text(
        en=f"the {kind} '{name}' belongs in a file called {wanted}",
        zh=f"{kind}“{name}”应写在名为 {wanted} 的文件中",
        hint_en="rename the file or the definition: both have one name",
        hint_zh="请改文件名或定义名，二者须一致",
    )


@error
def unknown_target(target: str, nodes: Iterable[str]) -> Text:
    near = only_near(target, nodes := list(nodes))
    return Text(f"there is no node '{target}' here", f"这里没有节点“{target}”", *did_you_mean(target, nodes), near)


@error
def arrow_across_scope(target: str, where: str) -> Text:
    return Text(
        en=f"'{target}' stands in another scope ({where}); an arrow cannot cross a scope's border",
        zh=f"“{target}”在另一个范围（{where}）内，箭头不能跨越范围",
        hint_en="leave the subprocess by an end with a result, and draw the arrow from the subprocess",
        hint_zh="请用带 result 的 end 离开子流程，再从子流程画箭头",
    )


@error
def unknown_resource(kind: str, name: str, known: Iterable[str], kind_zh: str = "") -> Text:
    near = only_near(name, known := list(known))
    return Text(
        f"there is no {kind} '{name}'", f"没有名为“{name}”的 {kind_zh or kind}", *did_you_mean(name, known), near
    )


@note
def unused_definition(kind: str, name: str) -> Text:
    return Text(
        en=f"the {kind} '{name}' is defined and never used",
        zh=f"{kind}“{name}”已定义但从未使用",
        hint_en="remove it, or use it",
        hint_zh="请删除或使用它",
    )


@error
def missing_exit(node: str, exit_: str) -> Text:
    return Text(
        en=f"the exit '{exit_}' of '{node}' has no arrow",
        zh=f"“{node}”的出口“{exit_}”没有箭头",
        hint_en=f"add it under next: {{{exit_}: <node>}}",
        hint_zh=f"请在 next 下加上 {{{exit_}: <节点>}}",
    )


@error
def unknown_exit(node: str, exit_: str, exits: Iterable[str]) -> Text:
    near = only_near(exit_, exits := list(exits))
    return Text(f"'{node}' has no exit '{exit_}'", f"“{node}”没有出口“{exit_}”", *did_you_mean(exit_, exits), near)


def no_next(span: Span, node: str) -> Diagnostic:
    """A step that is not left by `next`: it ends the path, or draws its arrows elsewhere. The same code."""
    text = Text(
        f"'{node}' has no exit that 'next' could draw",
        f"“{node}”没有可用 next 画出的出口",
        "remove next: an end ends the path; cases, events and interrupts draw their own arrows",
        "请删除 next：end 结束路径；cases、events、interrupt 自己画箭头",
    )
    return Diagnostic(span, "unknown-exit", Severity.ERROR, text)


@error
def no_way_back(node: str) -> Text:
    return Text(
        en=f"nothing leads to '{node}', so there is no way back from it",
        zh=f"没有箭头指向“{node}”，无法返回",
        hint_en="name the node to go to",
        hint_zh="请写出要去的节点",
    )


@error
def repeated_target(target: str, moves: bool) -> Text:
    return Text(
        en=f"'{target}' stands in this list twice",
        zh=f"“{target}”在列表中出现两次",
        hint_en="write it once with threads: 2" if moves else "write it once",
        hint_zh="请只写一次，并加 threads: 2" if moves else "请只写一次",
    )


@error
def circular_call(chain: str) -> Text:
    return Text(
        en=f"this goes round in a circle: {chain}",
        zh=f"循环引用：{chain}",
        hint_en="a workflow that calls itself needs max_depth; other circles must be cut",
        hint_zh="自我调用的工作流需写 max_depth；其他循环必须断开",
    )


@error
def unindexed_search(where: str, form: str) -> Text:
    return Text(
        en=f"no part of '{where}' can be answered by an index: every {form} would be looked at",
        zh=f"“{where}”没有可用索引的条件：将逐条查看所有 {form} 记录",
        hint_en=f"ask a stored field of {form} to equal something known before, as {form}.x == case.y",
        hint_zh=f"请让 {form} 的一个存储字段等于已知的值，例如 {form}.x == case.y",
    )


def endless_call(span: Span, chain: str) -> Diagnostic:
    """A workflow that calls itself on every path: the same code as a circle without a bound."""
    text = Text(
        f"every path of this workflow calls it again: {chain}",
        f"该工作流的每条路径都会再次调用自己：{chain}",
        "draw a path from a start to an end that does not call",
        "请画一条从开始到结束、不再调用的路径",
    )
    return Diagnostic(span, "circular-call", Severity.ERROR, text)


def circle_of_managers(span: Span, chain: str) -> Diagnostic:
    """A person who is, step by step, his own manager: the same code."""
    text = Text(
        f"these people are each other's managers: {chain}",
        f"这些人互为上级：{chain}",
        "write manager: none for the one at the top",
        "请给最高一级写 manager: none",
    )
    return Diagnostic(span, "circular-call", Severity.ERROR, text)


def not_callable(span: Span, workflow: str) -> Diagnostic:
    """A call of a workflow that cannot be called: the same code as one that is not there."""
    text = Text(
        f"the workflow '{workflow}' has no start that can be called",
        f"工作流“{workflow}”没有可被调用的开始",
        "give it a start as called: {called: [], next: ...}",
        "请为它添加一个开始，如 called: {called: [], next: ...}",
    )
    return Diagnostic(span, "unknown-resource", Severity.ERROR, text)
