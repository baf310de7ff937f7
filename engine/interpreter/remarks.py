"""What is said of a case when its workflow gets a new version: each remark with its bearing and its words, en and zh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.interpreter.proposals import Line, text_of

BEARINGS = ("safe", "auto-mapped", "needs-choice", "cannot")
"""From best to worst: the worst remark of a case is its own."""
SAFE, MAPPED, CHOICE, CANNOT = BEARINGS

WORDS: dict[str, tuple[str, str, str]] = {
    "copy": (SAFE, "a copy of '{node}' goes on as it began", "“{node}”的副本按原定义办完"),
    "copy-withdrawn": (
        SAFE,
        "a copy of '{node}' is withdrawn with the step that began it, which begins anew",
        "“{node}”的副本随其步骤重新开始而撤销",
    ),
    "timer-kept": (SAFE, "'{node}': its timer '{to}' stays as it is", "“{node}”的计时“{to}”保持不变"),
    "event-kept": (SAFE, "'{node}': it still waits for '{to}'", "“{node}”继续等待“{to}”"),
    "flow-not-decided": (
        SAFE,
        "'{node}': whether it can come to stand for ever from there was not decided after {to} states",
        "“{node}”：从现在的位置是否会永远停住，检查 {to} 个状态后未能判定",
    ),
    "timer-fired": (
        SAFE,
        "'{node}': its timer '{to}' has fired already and is not set again",
        "“{node}”的计时“{to}”已经触发，不再设定",
    ),
    "event-was-there": (
        SAFE,
        "'{node}': '{to}' has come already and is not waited for again",
        "“{node}”：“{to}”已经发生，不再等待",
    ),
    "votes-kept": (SAFE, "'{node}': the answers already given count", "“{node}”已作出的审批意见有效"),
    "call-in-flight": (SAFE, "'{node}': the open call is answered to it", "“{node}”正在进行的外部调用照常返回"),
    "child-goes-on": (SAFE, "'{node}': the cases that it opened go on", "“{node}”启动的子流程继续办理"),
    "restored": (
        SAFE,
        "nothing has happened since the migration: it is put back exactly as it was",
        "迁移之后没有任何变化：完全恢复原状",
    ),
    "moved-on": (
        CHOICE,
        "it has moved on since the migration, which cannot be taken back exactly: it would be moved back from where it stands "
        "now, and what was done stays",
        "迁移之后已有进展，无法完全恢复：只能从现在的位置迁回，已办的保留",
    ),
    "withdrew-calls": (
        CHOICE,
        "the migration withdrew calls, child cases, locks or incidents that cannot be opened again as they were: it would be "
        "moved back from where it stands now",
        "迁移撤销了无法原样恢复的外部调用、子事项、互斥锁或异常：只能从现在的位置迁回",
    ),
    "moved-on-kept": (
        MAPPED,
        "it has moved on since the migration; what was done stays",
        "迁移之后已有进展，已办的保留",
    ),
    "withdrew-calls-kept": (
        MAPPED,
        "what the migration withdrew is not opened again",
        "迁移所撤销的内容不再恢复",
    ),
    "renamed": (MAPPED, "'{node}' is called '{to}' now", "“{node}”现名“{to}”"),
    "people-stay": (
        MAPPED,
        "'{node}': who gets it differs; the open task stays with who has it",
        "“{node}”的办理人规则有变，已打开的任务仍由原办理人办理",
    ),
    "asked-anew": (
        MAPPED,
        "'{node}': who gets it or how it is decided differs, and nobody has taken or answered it: it begins anew, its clock too",
        "“{node}”的办理人或决定方式有变，且尚无人领取或答复：重新发起，计时重新开始",
    ),
    "held-anew": (
        MAPPED,
        "'{node}': what holds it before its begin differs; it is looked at anew",
        "“{node}”开始之前的等待条件有变，重新判断",
    ),
    "votes-counted": (
        MAPPED,
        "'{node}': the answers already given count as the new version decides, at once where they are enough",
        "“{node}”已作出的审批意见按新规则计算，已足够时立即生效",
    ),
    "timer-does-other": (
        MAPPED,
        "'{node}': its timer '{to}' stays as it is, and does then what the new version says",
        "“{node}”的计时“{to}”保持不变，到时按新版本处理",
    ),
    "timer-moved": (
        MAPPED,
        "'{node}': its timer '{to}' differs; it is set anew, counted from when its clock began, at once where that is past",
        "“{node}”的计时“{to}”有变，从开始时刻重新计算，已过则立即触发",
    ),
    "reminders-moved": (
        MAPPED,
        "'{node}': its reminders differ; they count from when its clock began, and those that are past are not sent",
        "“{node}”的提醒有变，从开始时刻计算，已过的不再发送",
    ),
    "timer-set": (
        MAPPED,
        "'{node}': its timer '{to}' is set to the moment that the new version says, at once where that is past",
        "“{node}”的计时“{to}”按新版本的时刻设定，已过则立即触发",
    ),
    "timer-gone": (MAPPED, "'{node}': its timer '{to}' is withdrawn", "“{node}”的计时“{to}”被撤销"),
    "timer-added": (
        MAPPED,
        "'{node}': the timer '{to}' is set, counted from when its clock began, at once where that is past",
        "“{node}”新增计时“{to}”，从开始时刻计算，已过则立即触发",
    ),
    "event-moved": (MAPPED, "'{node}': it waits for '{to}' as it is defined now", "“{node}”按新定义等待“{to}”"),
    "event-gone": (MAPPED, "'{node}': it no longer waits for '{to}'", "“{node}”不再等待“{to}”"),
    "event-added": (MAPPED, "'{node}': it waits for '{to}' too", "“{node}”另外等待“{to}”"),
    "begins-anew": (MAPPED, "'{node}' begins anew; what was open is withdrawn", "“{node}”重新开始，已打开的撤销"),
    "begins-anew-at": (
        MAPPED,
        "'{node}' is given up with what was open, and '{to}' begins in its place",
        "放弃“{node}”及已打开的内容，改从“{to}”开始",
    ),
    "waits-no-longer": (
        MAPPED,
        "'{node}': what waited before it goes in at once",
        "“{node}”：在其之前等待的分支立即进入",
    ),
    "variable-gone": (MAPPED, "the variable '{node}' is no longer read", "变量“{node}”不再使用"),
    "variable-added": (
        MAPPED,
        "the new variable '{node}' begins with what it starts with",
        "新变量“{node}”取其初始值",
    ),
    "variable-emptied": (MAPPED, "the variable '{node}' is emptied", "变量“{node}”被清空"),
    "node-gone": (
        CHOICE,
        "it stands at '{node}', which the new version does not have",
        "停在“{node}”，新版本没有此步骤",
    ),
    "node-gone-several": (
        CHOICE,
        "it stands at '{node}', which the new version does not have; new and of its kind are: {to}",
        "停在“{node}”，新版本没有此步骤；同类的新步骤：{to}",
    ),
    "type-differs": (
        CHOICE,
        "'{node}' is of the type {to} now, and what is open cannot go on as one",
        "“{node}”现在是 {to}，已打开的内容无法延续",
    ),
    "copies-differ": (
        CHOICE,
        "'{node}': its copies are other ones now, those that are open cannot go on; all begin again",
        "“{node}”的副本规则有变，已打开的无法延续，须全部重新开始",
    ),
    "rounds-differ": (
        CHOICE,
        "'{node}': its rounds are other ones now; they are counted from the first again",
        "“{node}”的循环规则有变，须从第一轮重新计算",
    ),
    "result-unknown": (
        CHOICE,
        "'{node}': the case that it called may end by '{to}', for which the new version has no arrow; it would be called anew",
        "“{node}”所调用的事项可能以“{to}”结束，而新版本没有对应的去向；须重新调用",
    ),
    "lock-differs": (CHOICE, "'{node}': it holds a lock that is another one now", "“{node}”持有的互斥锁有变"),
    "votes-differ": (
        CHOICE,
        "'{node}': answers were given, and who decides or how differs now; votes: {{{node}: keep}} lets them count, "
        "votes: {{{node}: again}} asks all again",
        "“{node}”已有审批意见，而审批人或决定方式有变；votes: {{{node}: keep}} 保留，votes: {{{node}: again}} 全部重新征求",
    ),
    "votes-too-few": (
        CHOICE,
        "'{node}': fewer were asked than must approve now, so the answers given cannot count",
        "“{node}”已征求的人数少于现在须同意的人数，已有意见无法沿用",
    ),
    "join-differs": (
        CHOICE,
        "what came from '{to}' waits before '{node}', where the new version does not let it wait so",
        "来自“{to}”的分支正在“{node}”之前等待汇合，新版本中已不如此等待",
    ),
    "round-differs": (
        CANNOT,
        "a round of the join before '{node}' is open, and the join is another one now",
        "“{node}”的汇合正在进行中，而汇合方式有变",
    ),
    "way-back-gone": (
        CHOICE,
        "'{node}' goes back to '{to}', which the new version does not have",
        "“{node}”退回到“{to}”，新版本没有此步骤",
    ),
    "undo-gone": (
        CHOICE,
        "'{node}' was done and may have to be undone by '{to}', and the new version lacks one of them",
        "“{node}”已完成，需由“{to}”撤销，新版本不全有",
    ),
    "variable-retyped": (
        CHOICE,
        "the variable '{node}' has a value that its type of now does not allow; it can only be given up",
        "变量“{node}”的值不符合现在的类型，只能放弃",
    ),
    "scope-differs": (
        CHOICE,
        "'{node}' lies in another subprocess now, and nothing crosses a scope's border",
        "“{node}”现在位于另一个子流程，不能跨范围迁移",
    ),
    "stands-for-ever": (
        CANNOT,
        "from where it stands it could come to wait at '{node}' for ever: the new version waits there for what was never begun",
        "从现在的位置继续，可能永远停在“{node}”：新版本在此等待从未开始的分支",
    ),
    "record-differs": (CANNOT, "the workflow follows another form now: '{to}'", "流程现在跟随另一种表单：“{to}”"),
    "workflow-gone": (
        CANNOT,
        "the workflow '{node}' is no longer there; they run on to their end as they began",
        "流程“{node}”已不存在，它们将按原定义办完",
    ),
}


@dataclass(frozen=True)
class Remark:
    """`what` is a key of WORDS; `node` what it is about, `to` a second name. `fix`: the lines of the mapping file that
    answer it; a choice for which there are none is none."""

    what: str
    node: str
    to: str = ""
    fix: tuple[Line, ...] = ()

    @property
    def bearing(self) -> str:
        bearing = WORDS[self.what][0]
        return CANNOT if bearing == CHOICE and not self.fix else bearing

    def said(self, language: str = "en") -> str:
        return WORDS[self.what][2 if language == "zh" else 1].format(node=self.node or "case", to=self.to or "-")

    def text(self, language: str = "en") -> str:
        """What is said, and what to write."""
        said = self.said(language)
        if self.fix and language == "zh":
            return f"{said}；迁移映射中请写 {'，'.join(text_of(self.fix))}"
        return f"{said}; in the mapping file write {' and '.join(text_of(self.fix))}" if self.fix else said

    def plain(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "bearing": self.bearing,
            "node": self.node,
            "to": self.to,
            "text": self.text(),
            "text_zh": self.text("zh"),
            "mapping": text_of(self.fix),
        }
