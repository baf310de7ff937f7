"""Wording of the data-flow family: what is written and read on which path, by whom at once, and what may be empty."""

from __future__ import annotations

from engine.language.diagnostics import Diagnostic, Severity, Text, error, warning
from engine.language.source import Span


@warning
def read_before_write(what: str, path: str) -> Text:
    return Text(
        f"nothing has written {what} when this is read on the path {path}",
        f"经路径 {path} 读到此处时，{what} 还没有被写入",
        f"write it on that path too, give it a start_with, or ask: has({what})",
        f"请在该路径上也写入、给出 start_with，或先判断 has({what})",
    )


def step_not_run(span: Span, what: str, step: str, path: str) -> Diagnostic:
    """`steps.x.y` where step x may not have run: the same code."""
    text = Text(
        f"the step '{step}' has not run on the path {path}, so {what} is empty",
        f"路径 {path} 上步骤“{step}”没有运行，{what} 为空",
        f"ask has({what}), or give another value: first_of({what}, ...)",
        f"请先判断 has({what})，或给出其他值：first_of({what}, ...)",
    )
    return Diagnostic(span, "read-before-write", Severity.WARNING, text)


def nobody_gave(span: Span, what: str, step: str, path: str) -> Diagnostic:
    """Step x has run, and was left without a person or an opinion: the same code."""
    text = Text(
        f"the step '{step}' was left without {what} on the path {path}",
        f"路径 {path} 上步骤“{step}”离开时没有 {what}",
        f"ask has({what}), or give another value: first_of({what}, ...)",
        f"请先判断 has({what})，或给出其他值：first_of({what}, ...)",
    )
    return Diagnostic(span, "read-before-write", Severity.WARNING, text)


def never_written(span: Span, what: str) -> Diagnostic:
    """A case variable that no step, start or event of its workflow writes: the same code."""
    text = Text(
        f"nothing in this workflow writes {what}",
        f"该工作流中没有任何地方写入 {what}",
        "write it in a step, or give it a start_with",
        "请在某个步骤中写入，或给出 start_with",
    )
    return Diagnostic(span, "read-before-write", Severity.WARNING, text)


@error
def parallel_write_race(path: str, step: str, other: str, line: int) -> Text:
    return Text(
        f"'{step}' and '{other}' (line {line}) can be active at the same time and both write {path}: the last one wins",
        f"“{step}”与“{other}”（第 {line} 行）可能同时进行，且都写入 {path}：后写的覆盖先写的",
        "write different fields, let one of them write after a join: all, or give both one mutex",
        "请写入不同字段，或在 join: all 之后由一个步骤写入，或让两者共用一个 mutex",
    )


def copy_writes_case(span: Span, path: str, node: str) -> Diagnostic:
    """A copy of a for_each writes case data: the same code."""
    text = Text(
        f"every copy of '{node}' writes {path}; a copy writes records and its row of collect, never case data",
        f"“{node}”的每个副本都会写入 {path}；副本只能写记录和自己的 collect 行，不能写流程变量",
        "gather the answers with collect: and work them out in the step after it",
        "请用 collect 收集结果，并在其后的步骤中计算",
    )
    return Diagnostic(span, "parallel-write-race", Severity.ERROR, text)


def copies_write_one(span: Span, path: str, node: str) -> Diagnostic:
    """The copies of a for_each write different values into one field: the same code."""
    text = Text(
        f"the copies of '{node}' write different values into the same {path}: the last one wins",
        f"“{node}”的各个副本把不同的值写入同一个 {path}：后写的覆盖先写的",
        "write to the record of the copy's own item, or gather the answers with collect:",
        "请写入副本自己对应的记录，或用 collect 收集结果",
    )
    return Diagnostic(span, "parallel-write-race", Severity.ERROR, text)


@warning
def null_unsafe(path: str, operator: str) -> Text:
    """`operator`: `not`, which holds where the path is empty; `!=` and `not in`, which do not."""
    comes_out = ("holds", "成立") if operator == "not" else ("does not hold", "不成立")
    beside = f"not has({path}) or ..." if operator == "not" else f"not has({path}) or {path} {operator} ..."
    return Text(
        f"{path} may be empty, and '{operator}' then {comes_out[0]} although nobody said so",
        f"{path} 可能为空，此时“{operator}”会{comes_out[1]}，而这里没有说明",
        f"say what is meant: has({path}) and ..., or {beside}; or make the field required or start_with",
        f"请写明含义：has({path}) and ...，或 {beside}；或把字段设为 required 或加 start_with",
    )


def empty_amount(span: Span, path: str, field: str) -> Diagnostic:
    """A formula that is empty when `path` is, written to a required field: the same code."""
    text = Text(
        f"{path} may be empty, the result then is empty too, and {field} is required: the step would be refused",
        f"{path} 可能为空，结果也会为空，而 {field} 必填：该步骤会被拒绝",
        f"give another value: first_of({path}, 0), or look at has({path}) before",
        f"请给出其他值：first_of({path}, 0)，或事先判断 has({path})",
    )
    return Diagnostic(span, "null-unsafe", Severity.WARNING, text)


@warning
def form_flow_clash(form: str, rule: str, path: str, reads: str) -> Text:
    return Text(
        f"this makes the rule '{rule}' of {form} apply, and nothing on the path {path} makes sure of {reads}",
        f"此处使 {form} 的规则“{rule}”生效，而路径 {path} 上没有任何地方保证 {reads}",
        "look at it on that path: a gateway's if:, a button's that: or needs:, or write it together with this",
        "请在该路径上检查：网关的 if:、按钮的 that: 或 needs:，或在此处一并写入",
    )


def rule_broken(span: Span, form: str, rule: str) -> Diagnostic:
    """What is written breaks a rule of the form whatever else the record holds: the same code."""
    text = Text(
        f"what is written here breaks the rule '{rule}' of {form}: the step is refused every time",
        f"此处写入的内容违反 {form} 的规则“{rule}”：该步骤每次都会被拒绝",
        "write values that the rule allows, or the fields that it asks for together with them",
        "请写入规则允许的值，或一并写入规则要求的字段",
    )
    return Diagnostic(span, "form-flow-clash", Severity.WARNING, text)


def does_not_add_up(span: Span, form: str, rule: str, path: str, sides: tuple[str, str]) -> Diagnostic:
    """A transaction writes one side of a rule, and the other stays: the same code. `sides`: values that show it."""
    text = Text(
        f"this can break the rule '{rule}' of {form} on the path {path}: {sides[0]}, and the step is refused",
        f"经路径 {path}，此处的写入可能违反 {form} 的规则“{rule}”：{sides[1]}，该步骤会被拒绝",
        "write the other side in the same step, let a person edit it (edit:, needs:), or look at the rule in a gateway before",
        "请在同一步骤中写入另一侧，让人员修改它（edit:、needs:），或事先用网关检查该规则",
    )
    return Diagnostic(span, "form-flow-clash", Severity.WARNING, text)


def left_out(span: Span, form: str, field: str) -> Diagnostic:
    """A record is made without a field that must be filled: the same code."""
    text = Text(
        f"the new {form} has no '{field}', which is required: the step is refused every time",
        f"新建的 {form} 缺少必填字段“{field}”：该步骤每次都会被拒绝",
        f"add {field}: ... under with, or give the field a start_with",
        f"请在 with 下加上 {field}: ...，或为该字段加 start_with",
    )
    return Diagnostic(span, "form-flow-clash", Severity.WARNING, text)


def required_emptied(span: Span, field: str) -> Diagnostic:
    """A required field is emptied: the same code."""
    text = Text(
        f"{field} is required and is emptied here: the step is refused every time",
        f"{field} 为必填字段，却在此被清空：该步骤每次都会被拒绝",
        "write a value, or make the field not required",
        "请写入一个值，或去掉该字段的 required",
    )
    return Diagnostic(span, "form-flow-clash", Severity.WARNING, text)


def never_shown(span: Span, form: str, field: str) -> Diagnostic:
    """People fill it in, and nobody and nothing reads it: the same code."""
    text = Text(
        f"people fill in {form}.{field}, and nobody may read it and nothing uses it",
        f"人员填写 {form}.{field}，但无人可读，也没有任何地方使用",
        "add it to an access line with read, use it, or remove it",
        "请在带 read 的权限行中加入它、使用它，或删除它",
    )
    return Diagnostic(span, "form-flow-clash", Severity.WARNING, text)


def never_collected(span: Span, form: str, field: str) -> Diagnostic:
    """It is used, and nobody and nothing can fill it in: the same code."""
    text = Text(
        f"{form}.{field} is used here, and nobody may fill it in and no step writes it",
        f"此处使用了 {form}.{field}，但无人可填写，也没有步骤写入它",
        "let an access line create or edit it, let a task edit it, or write it in a step",
        "请在权限行中允许新建或修改它、让任务可编辑它，或在步骤中写入",
    )
    return Diagnostic(span, "form-flow-clash", Severity.WARNING, text)


def computed_edited(span: Span, form: str, field: str) -> Diagnostic:
    """A task lets people write what is worked out: the same code."""
    text = Text(
        f"{form}.{field} is worked out and cannot be filled in",
        f"{form}.{field} 由计算得出，无法填写",
        "put it under read, or name a field that is stored",
        "请写在 read 下，或改为可存储的字段",
    )
    return Diagnostic(span, "form-flow-clash", Severity.WARNING, text)
