"""Recorded reasons as sentences: an assignment, a score, a decision's rows, a condition, votes (RUNTIME R4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.interpreter.tagged import from_tagged
from engine.language.kinds.decision import Decision
from engine.language.kinds.scoring import Scoring
from engine.runtime.reading.look import Language, Look, pick
from engine.runtime.reading.phrases import listed, quoted, shown
from engine.runtime.reading.titles import in_words
from engine.runtime.reading.why import chosen_words

MOST_REASONS = 6


def sentence(look: Look, workflow: str, node: Any, because: dict[str, Any] | None, language: Language) -> str:
    """Why a step chose as it did; empty where nothing worth a sentence was recorded."""
    match because:
        case None:
            return ""
        case {"scoring": _}:
            return score(look, because, language)
        case {"chosen": str()}:
            return chosen_words(look, because, language)
        case {"chosen": None}:
            return _nobody(because, language)
        case {"rows": rows, "asked": asked}:
            return _rows(look, node, rows, asked, language)
        case {"votes": votes}:
            return _votes(look, workflow, node, votes, language)
        case {"taken": taken}:
            return pick(language, "；", "; ").join(
                t for one in taken if (t := _condition(look, workflow, one, language))
            )
        case {"case": _}:
            return _condition(look, workflow, because, language)
        case {"found": [str() as form, int() as id]}:
            label = look.label(form, id)
            alike = because.get("alike")
            text = pick(language, f"找到“{label}”", f"found '{label}'")
            return text + (pick(language, f"（相似度 {alike}）", f" (likeness {alike})") if alike else "")
        case {"found": list(), "count": count}:
            return pick(language, f"找到 {count} 条记录", f"{count} records were found")
        case {"into": [str() as form, int() as id]}:
            return pick(language, f"并入“{look.label(form, id)}”", f"merged into '{look.label(form, id)}'")
        case {"made": dict() as made}:
            labels = listed(
                [f"{look.titles.form(form, language)} {look.label(form, id)}" for form, id in made.values()], language
            )
            return pick(language, f"新建了{labels}", f"created {labels}")
        case {"to": list() as to}:
            names = listed([_told(look, str(one), language) for one in to], language)
            return pick(language, f"通知了{names}", f"told {names}") if to else ""
        case {"error": str() as error}:
            return pick(language, f"对方回复：{error}", f"the other side said: {error}")
        case _:
            return ""


def score(look: Look, because: dict[str, Any], language: Language) -> str:
    """`评分 75，等级“热”：+15 目标行业、+20 有人推荐`."""
    scoring = look.pack.get(Scoring, because["scoring"])
    grade = grade_title(look, scoring, because.get("grade"), language)
    total = because.get("total")
    text = (
        pick(language, f"得分 {total}", f"scored {total}")
        if total is not None
        else pick(language, "没有得分", "no score")
    )
    if grade:
        text += pick(language, f"，等级“{grade}”", f", grade '{grade}'")
    fired = sorted(because.get("fired", ()), key=lambda f: -abs(Decimal(str(f["points"]))))
    reasons = [f"{signed(f['points'])} {reason(look, because['scoring'], f, language)}" for f in fired[:MOST_REASONS]]
    more = len(fired) - len(reasons)
    if more > 0:
        reasons.append(pick(language, f"另有 {more} 条", f"{more} more"))
    return text + (pick(language, "：", ": ") + listed(reasons, language) if reasons else "")


def reason(look: Look, scoring: str, fired: dict[str, Any], language: Language) -> str:
    """What a rule of a scoring is called: its `because`, else its name in words."""
    key = f"scoring/{scoring}/{fired['part']}/{fired['rule']}"
    return look.titles.of(key, fired.get("because"), str(fired["rule"]), language)


def grade_title(look: Look, scoring: Scoring | None, grade: str | None, language: Language) -> str:
    if grade is None:
        return ""
    field = str(scoring.writes.grade) if scoring is not None and scoring.writes.grade is not None else ""
    type_ = look.types.form_field(str(scoring.of), field) if scoring is not None and field else None
    return look.titles.choice(type_, grade, language)


def signed(points: Any) -> str:
    text = str(points)
    return text if text.startswith("-") else f"+{text}"


def _nobody(because: dict[str, Any], language: Language) -> str:
    counts = [
        (because.get("not_fitting", 0), "人不符合条件", "did not fit"),
        (because.get("away", 0), "人不在", "away"),
        (because.get("at_cap", 0), "人已达上限", "had as much as they may hold"),
    ]
    left = listed([f"{n} {pick(language, zh, en)}" for n, zh, en in counts if n], language)
    text = pick(
        language,
        f"{because.get('candidates', 0)} 人中无人可选",
        f"nobody of {because.get('candidates', 0)} could be chosen",
    )
    return text + (pick(language, f"（{left}）", f" ({left})") if left else "")


def _rows(look: Look, node: Any, rows: list[int], asked: dict[str, Any], language: Language) -> str:
    use = str(getattr(node, "use", ""))
    title = look.titles.definition(Decision, use, language)
    table = look.pack.get(Decision, use)
    types = look.types.decision_inputs(use)
    given = []
    for name, value in asked.items():
        field = table.inputs.get(name) if table is not None else None
        called = look.titles.of(f"decisions/{use}/{name}", field.title if field is not None else None, name, language)
        said = shown(look, typed(look, value), types.get(name), language) or pick(language, "空", "empty")
        given.append(f"{called} {said}")
    lines = listed([str(row) for row in rows], language)
    which = (
        pick(language, f"第 {lines} 行适用", f"row {lines} fits")
        if rows
        else pick(language, "没有一行适用", "no row fits")
    )
    return pick(language, f"“{title}”：{listed(given, 'zh')}，{which}", f"'{title}': {listed(given, 'en')}; {which}")


def _votes(look: Look, workflow: str, node: Any, votes: dict[str, str], language: Language) -> str:
    said = [
        f"{look.name(person, language)}{pick(language, '：', ': ')}{look.titles.button(workflow, node, vote, language)}"
        for person, vote in votes.items()
    ]
    return listed(said, language)


def _condition(look: Look, workflow: str, because: dict[str, Any], language: Language) -> str:
    text = str(because.get("case", ""))
    if text == "otherwise":
        return pick(language, "其他条件都不成立", "no other condition holds")
    read = [
        f"{path} = {shown(look, typed(look, value), _type_at(look, workflow, path), language) or pick(language, '空', 'empty')}"
        for path, value in (because.get("read") or {}).items()
    ]
    values = pick(language, f"（{listed(read, 'zh')}）", f" ({listed(read, 'en')})") if read else ""
    return pick(language, f"因为{quoted(text, 'zh')}成立", f"because {quoted(text, 'en')} holds") + values


def _type_at(look: Look, workflow: str, path: str) -> Any:
    owner, _, field = path.partition(".")
    if owner == "case":
        found = look.workflow(None, workflow)
        return found.data_types.get(field) if found is not None else None
    return look.types.form_field(owner, field) if owner in look.facts.forms else None


def typed(look: Look, value: Any) -> Any:
    """A recorded value as a value."""

    def find(kind: str, key: Any) -> Any:
        return look.person(key) if kind == "person" else look.record(*key)

    return from_tagged(value, find)


def _told(look: Look, to: str, language: Language) -> str:
    kind, _, name = to.partition(":")
    if kind == "person":
        return look.name(name, language)
    return look.label(kind, int(name)) if name.isdigit() else in_words(to)


__all__ = ["grade_title", "reason", "score", "sentence", "signed", "typed"]
