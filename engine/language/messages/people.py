"""Findings about people: roles, teams and persons that nobody declared, and who may, must or cannot act."""

from collections.abc import Iterable

from engine.language.diagnostics import Diagnostic, Severity, Text, did_you_mean, error, note, only_near
from engine.language.source import Span

_KINDS = {"role": "角色", "team": "团队", "person": "人员"}


@error
def unknown_person(kind: str, name: str, known: Iterable[str]) -> Text:
    """`kind`: role, team or person."""
    known = list(known)
    hint_en, hint_zh = did_you_mean(name, known)
    return Text(
        f"the organization has no {kind} '{name}'",
        f"组织中没有名为“{name}”的{_KINDS.get(kind, kind)}",
        hint_en,
        hint_zh,
        only_near(name, known),
    )


@error
def nobody_can_act(who: str, who_zh: str, why_en: str, why_zh: str) -> Text:
    """An assignment that can come out empty, where nothing says what happens then, or nobody holds that either."""
    return Text(
        f"{who} can be without anybody who may act: {why_en}",
        f"{who_zh}可能无人可办：{why_zh}",
        "say who does it then: nobody: {transfer_to: {role: ...}} or nobody: {incident: yes}; or complete the organization file",
        "请写明届时由谁办理：nobody: {transfer_to: {role: ...}} 或 nobody: {incident: yes}；或在组织文件中补充人员",
    )


@error
def self_approval(step: str, why: tuple[str, str], path: str, write: tuple[str, str]) -> Text:
    """Somebody can approve what they themselves asked for. `path`: the steps that lead there."""
    return Text(
        f"'{step}' can be approved by who asked for it: {why[0]}" + (f"; path: {path}" if path else ""),
        f"“{step}”可能由申请人自己审批：{why[1]}" + (f"；路径：{path}" if path else ""),
        *write,
    )


@error
def duty_conflict(step: str, why: tuple[str, str], write: tuple[str, str]) -> Text:
    """different_from and same_as that leave nobody on some path, the persons named."""
    return Text(f"no valid person is left for '{step}': {why[0]}", f"“{step}”没有可用的人员：{why[1]}", *write)


@error
def impossible_quorum(what: tuple[str, str], why: tuple[str, str], write: tuple[str, str]) -> Text:
    """More approvals than approvers, or substitutes who stand in for each other."""
    return Text(f"{what[0]}: {why[0]}", f"{what[1]}：{why[1]}", *write)


@note
def answers_by_itself(step: str, when: tuple[str, str], button: str, partner: str = "") -> Text:
    """`press` answers without a person. An error where the step is one half of a four-eyes pair: `partner` is the other."""
    if partner:
        return Text(
            f"'{step}' and '{partner}' are two pairs of eyes, and {when[0]} '{step}' answers '{button}' without any",
            f"“{step}”与“{partner}”须由不同的人把关，而{when[1]}“{step}”会在无人看过的情况下自动回答“{button}”",
            "let a person decide: transfer_to, next or keep_open: yes",
            "请让人来决定：transfer_to、next 或 keep_open: yes",
        )
    return Text(f"'{step}' answers '{button}' by itself {when[0]}", f"“{step}”{when[1]}会自动回答“{button}”")


def above_authority(span: Span, step: str, when: tuple[str, str], how: tuple[str, str], path: str) -> Diagnostic:
    """An amount that is more than anybody's authority covers, and is approved all the same: the same code.

    `when`: ` when order.amount is 50_001`; `how`: who or what agrees to it then; `path`: the steps.
    """
    text = Text(
        f"'{step}' can be approved above everybody's authority{when[0]}: {how[0]}"
        + (f"; path: {path}" if path else ""),
        f"“{step}”可能在无人有此权限时通过：{when[1]}{how[1]}" + (f"；路径：{path}" if path else ""),
        "let those agree who are there for such amounts: nobody: {transfer_to: {role: ...}}, or an approval of theirs; "
        "or write nobody: {incident: yes}",
        "请让专门负责此类金额的人同意：nobody: {transfer_to: {role: ...}}，或由他们审批；或写 nobody: {incident: yes}",
    )
    return Diagnostic(span, "nobody-can-act", Severity.ERROR, text)
