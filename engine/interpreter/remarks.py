"""What is said of a case when its workflow gets a new version: each remark with its bearing and its words, en and zh."""

from __future__ import annotations

from dataclasses import dataclass

BEARINGS = ("safe", "auto-mapped", "needs-choice", "cannot")
"""From best to worst: the worst remark of a case is its own."""
SAFE, MAPPED, CHOICE, CANNOT = BEARINGS

WORDS: dict[str, tuple[str, str, str]] = {
    "copy": (SAFE, "a copy of '{node}' goes on as it began", "“{node}”的副本按原定义办完"),
    "timer-kept": (SAFE, "'{node}': its timer '{to}' stays as it is", "“{node}”的计时“{to}”保持不变"),
    "event-kept": (SAFE, "'{node}': it still waits for '{to}'", "“{node}”继续等待“{to}”"),
    "votes-kept": (SAFE, "'{node}': the answers already given count", "“{node}”已作出的审批意见有效"),
    "call-in-flight": (SAFE, "'{node}': the open call is answered to it", "“{node}”正在进行的外部调用照常返回"),
    "child-goes-on": (SAFE, "'{node}': the cases that it opened go on", "“{node}”启动的子流程继续办理"),
    "renamed": (MAPPED, "'{node}' is called '{to}' now", "“{node}”现名“{to}”"),
    "people-stay": (
        MAPPED,
        "'{node}': who gets it differs; the open task stays with who has it",
        "“{node}”的办理人规则有变，已打开的任务仍由原办理人办理",
    ),
    "timer-moved": (
        MAPPED,
        "'{node}': its timer '{to}' differs; it is set anew, counted from when it began",
        "“{node}”的计时“{to}”有变，从开始时刻重新计算",
    ),
    "timer-gone": (MAPPED, "'{node}': its timer '{to}' is withdrawn", "“{node}”的计时“{to}”被撤销"),
    "timer-added": (
        MAPPED,
        "'{node}': the timer '{to}' is set, counted from when it began",
        "“{node}”新增计时“{to}”，从开始时刻计算",
    ),
    "event-moved": (MAPPED, "'{node}': it waits for '{to}' as it is defined now", "“{node}”按新定义等待“{to}”"),
    "event-gone": (MAPPED, "'{node}': it no longer waits for '{to}'", "“{node}”不再等待“{to}”"),
    "event-added": (MAPPED, "'{node}': it waits for '{to}' too", "“{node}”另外等待“{to}”"),
    "begins-anew": (MAPPED, "'{node}' begins anew", "“{node}”重新开始"),
    "variable-gone": (MAPPED, "the variable '{node}' is no longer read", "变量“{node}”不再使用"),
    "variable-emptied": (MAPPED, "the variable '{node}' is emptied", "变量“{node}”被清空"),
    "node-gone": (
        CHOICE,
        "it stands at '{node}', which the new version does not have; write nodes: {{{node}: NEW}}; of its kind are new: {to}",
        "停在“{node}”，新版本没有此步骤；请写 nodes: {{{node}: 新步骤}}；同类的新步骤：{to}",
    ),
    "type-differs": (
        CHOICE,
        "'{node}' is of the type {to} now; what is open cannot go on as one; write anew: [{node}], or map it to another node",
        "“{node}”现在是 {to}，已打开的内容无法延续；请写 anew: [{node}]，或映射到其他步骤",
    ),
    "copies-differ": (
        CHOICE,
        "'{node}': its copies are other ones now; write anew: [{node}] to begin them again",
        "“{node}”的副本规则有变；请写 anew: [{node}] 以重新开始",
    ),
    "rounds-differ": (
        CHOICE,
        "'{node}': its rounds are other ones now; write anew: [{node}]",
        "“{node}”的循环规则有变；请写 anew: [{node}]",
    ),
    "lock-differs": (
        CHOICE,
        "'{node}': it holds a lock that is another one now; write anew: [{node}]",
        "“{node}”持有的互斥锁有变；请写 anew: [{node}]",
    ),
    "votes-differ": (
        CHOICE,
        "'{node}': answers were given, and who decides or how differs now; write votes: {{{node}: keep}} or votes: {{{node}: again}}",
        "“{node}”已有审批意见，而审批人或决定方式有变；请写 votes: {{{node}: keep}} 或 votes: {{{node}: again}}",
    ),
    "join-differs": (
        CHOICE,
        "tokens wait before '{node}', which they no longer reach so; map it, or change the new version",
        "有分支正在“{node}”之前等待汇合，新版本中已无此路径；请映射或修改新版本",
    ),
    "way-back-gone": (
        CHOICE,
        "'{node}' goes back to '{to}', which the new version does not have; write nodes: {{{to}: NEW}}",
        "“{node}”退回到“{to}”，新版本没有此步骤；请写 nodes: {{{to}: 新步骤}}",
    ),
    "undo-gone": (
        CHOICE,
        "'{node}' was done and may be undone by '{to}', which the new version does not have; map both",
        "“{node}”已完成，需由“{to}”撤销，新版本没有；请映射两者",
    ),
    "variable-retyped": (
        CHOICE,
        "the variable '{node}' has another type now; write empty: [{node}] to give its value up",
        "变量“{node}”的类型有变；请写 empty: [{node}] 以放弃其值",
    ),
    "scope-differs": (
        CANNOT,
        "'{node}' lies in another subprocess now, and nothing crosses a scope's border",
        "“{node}”现在位于另一个子流程，不能跨范围迁移",
    ),
    "record-differs": (CANNOT, "the workflow follows another form now: '{to}'", "流程现在跟随另一种表单：“{to}”"),
}


@dataclass(frozen=True)
class Remark:
    """`what` is a key of WORDS; `node` what it is about, `to` a second name."""

    what: str
    node: str
    to: str = ""

    @property
    def bearing(self) -> str:
        return WORDS[self.what][0]

    def text(self, language: str = "en") -> str:
        template = WORDS[self.what][2 if language == "zh" else 1]
        return template.format(node=self.node or "case", to=self.to or "-")

    def plain(self) -> dict[str, str]:
        return {
            "what": self.what,
            "bearing": self.bearing,
            "node": self.node,
            "to": self.to,
            "text": self.text(),
            "text_zh": self.text("zh"),
        }
