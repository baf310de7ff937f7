"""Findings about what conditions say together: gaps, overlaps, what never or always holds, loops that nothing ends."""

from engine.language.diagnostics import Diagnostic, Severity, Text, error, warning
from engine.language.source import Span


def constant_here(span: Span, value: bool, because_en: str = "", because_zh: str = "") -> Diagnostic:
    """A condition that reads something and still cannot change; the code is constant-condition.

    `because` names what is known of the values, if that is the reason: 'lead.score is at least 0'.
    """
    shown = ("yes", "成立") if value else ("no", "不成立")
    why_en, why_zh = (
        (f": {because_en}", f"：{because_zh}") if because_en else (", whatever the values are", "，与取值无关")
    )
    text = Text(
        f"this condition is always {shown[0]}{why_en}",
        f"此条件总是{shown[1]}{why_zh}",
        "compare with a value that divides what can be there, or leave the condition out",
        "请与能区分实际取值的值比较，或去掉该条件",
    )
    return Diagnostic(span, "constant-condition", Severity.WARNING, text)


def rules_exclude_each_other(span: Span, rule: str, form: str) -> Diagnostic:
    """The rules of a form leave no record; the code is constant-condition."""
    text = Text(
        f"no {form} can keep the rule '{rule}' together with the rules before it: every record would be refused",
        f"没有任何 {form} 能同时满足规则“{rule}”与前面的规则：所有记录都会被拒绝",
        "say with only_if or unless when the rule holds",
        "请用 only_if 或 unless 说明规则何时适用",
    )
    return Diagnostic(span, "constant-condition", Severity.WARNING, text)


def rules_leave_nothing_where(span: Span, rule: str, other: str, form: str) -> Diagnostic:
    """Where one of the rules applies, all of them together leave no record: the same code."""
    same = rule == other
    text = Text(
        f"where the rule '{rule}' applies, no {form} can keep it together with the rules before it"
        if same
        else f"with the rule '{rule}', no {form} can keep the rules where '{other}' applies",
        f"在规则“{rule}”适用时，没有 {form} 能同时满足它和之前的规则"
        if same
        else f"加上规则“{rule}”后，在“{other}”适用时没有 {form} 能满足各条规则",
        "change one of the rules, or when it applies (only_if:, unless:)",
        "请修改其中一条规则，或修改其适用条件（only_if:、unless:）",
    )
    return Diagnostic(span, "constant-condition", Severity.WARNING, text)


@error
def branch_gap(gateway: str, when_en: str, when_zh: str) -> Text:
    """`when`: values for which no case holds, 'lead.score is 40'."""
    return Text(
        f"when {when_en}, no case of '{gateway}' holds and the path stops here",
        f"当 {when_zh} 时，“{gateway}”没有任何分支成立，流程会停在这里",
        "end the cases with {if: otherwise, next: ...}",
        "请在最后加上 {if: otherwise, next: ...}",
    )


@warning
def branch_overlap(when_en: str, when_zh: str, winner: str, line: int, loser: str) -> Text:
    """Two cases hold together and neither is the wider one; `line` is that of the winner's case."""
    return Text(
        f"when {when_en}, this case holds and the one in line {line} too: '{winner}' wins there, never '{loser}'",
        f"当 {when_zh} 时，此分支与第 {line} 行的分支同时成立：总是走“{winner}”，不会走“{loser}”",
        "make the bounds meet, or put the narrower case first as a part of the wider one",
        "请让边界相接，或把较窄的分支写在前面并完全包含于较宽的分支",
    )


@warning
def dead_by_data(what_en: str, what_zh: str, why_en: str, why_zh: str) -> Text:
    """`what` can never happen although an arrow leads there; `why` names the facts and where they come from."""
    return Text(
        f"{what_en}: {why_en}",
        f"{what_zh}：{why_zh}",
        "change the condition or what comes before it, or leave this path out",
        "请修改条件或前面的步骤，或去掉这条路径",
    )


@warning
def own_interrupt(event: str, owner: str, writer: str, line: int, path: str) -> Text:
    """`writer`, in line `line`, makes true what the interrupt `event` of `owner` watches, from inside."""
    return Text(
        f"'{writer}' (line {line}) writes {path} and so fires '{event}' itself: what comes to wait behind it in '{owner}' "
        "is withdrawn at once",
        f"“{writer}”（第 {line} 行）写入 {path}，自己就触发了“{event}”：“{owner}”中其后等待的步骤会立即被撤销",
        "lead that step straight to where the interrupt leads, or watch a fact that only others bring about",
        "请让该步骤直接走到中断的目标，或改为监视只由他人造成的事实",
    )


def edits_own_interrupt(span: Span, event: str, step: str, path: str) -> Diagnostic:
    """The same code: a task's people write what its own interrupt watches."""
    text = Text(
        f"'{step}' lets people write {path}, which its own interrupt '{event}' watches: written with a press the button "
        "leads on, written on the record's page the interrupt does",
        f"“{step}”允许填写 {path}，而它自己的中断“{event}”正在监视该字段：随按钮填写走按钮的路径，在记录页填写却走中断的路径",
        f"leave {path} out of the step, or let a button lead where the interrupt leads (buttons: none ends by it alone)",
        f"请在该步骤中去掉 {path}，或用按钮走到中断的目标（buttons: none 表示只由中断结束）",
    )
    return Diagnostic(span, "own-interrupt", Severity.WARNING, text)


@error
def endless_or_impossible_loop(what_en: str, what_zh: str, hint_en: str = "", hint_zh: str = "") -> Text:
    """A loop that nothing inside can end, copies over nothing, a completion rule that cannot hold."""
    return Text(
        what_en,
        what_zh,
        hint_en or "let a step of the loop write what the condition reads",
        hint_zh or "请让循环内的步骤写入该条件读取的内容",
    )
