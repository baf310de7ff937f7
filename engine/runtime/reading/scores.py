"""Why a record has its score: the rules that counted, the caps of the parts, the grade, and how far the next one is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from engine.interpreter import events as ev
from engine.language.cells import Between, Cell
from engine.language.kinds.scoring import Model, ModelPart, Scoring
from engine.rules.scored import score_record, scorer_of
from engine.rules.scoring import bands_of
from engine.runtime.reading.because import grade_title, reason, signed
from engine.runtime.reading.look import Language, Look, decoded, iso, number, pick
from engine.runtime.reading.phrases import listed
from engine.runtime.reading.titles import in_words
from engine.runtime.store.queries import cases as case_queries
from engine.runtime.store.queries import records as record_queries

BECAUSE = "~because"
"""Where a version row of a record keeps the reasons of a rescoring."""


class Recorded(NamedTuple):
    """Reasons as they were noted. `live`: worked out just now, since nothing is recorded."""

    at: int
    because: dict[str, Any]
    live: bool = False


def explain_score(look: Look, form: str, id: str | int, language: Language | None = None) -> dict[str, Any] | None:
    """{"lines": [str], "scoring","title","total","grade","grade_title","at","live","parts","rules","bands","next",
    "current"}; None when there is no such record, or no scoring is of its form.

    Recorded reasons are told as they are. Where none are recorded for the score that the record has now, they are
    worked out anew and `live` says so.

    parts: {"name","points","raw","at_most","capped"}; rules: {"part","rule","points","because"}; bands:
    {"grade","title","text","is"}; next: {"grade","title","missing"} the next grade upwards. Points are ints or decimal
    text. `current`: the record's total now is the one that is explained.
    """
    look = look.speaking(language)
    known = number(str(id))
    record = look.record(form, known) if known is not None else None
    scorings = [s for s in look.pack.kind(Scoring).values() if str(s.of) == form]
    if record is None or known is None or not scorings:
        return None
    found = _best(look, form, known, scorings[0], record)
    because, lang = found.because, look.language
    scoring = look.pack.get(Scoring, str(because["scoring"])) or scorings[0]
    total, grade = because.get("total"), because.get("grade")
    parts = _parts(scoring, because)
    rules = [{**fired, "because": reason(look, scoring.name, fired, lang)} for fired in because.get("fired", ())]
    bands = _bands(look, scoring, grade)
    upwards = _next(look, scoring, total)
    current = _is_current(scoring, record, total)
    return {
        "lines": _lines(look, form, known, scoring, found, parts, rules, upwards, current),
        "scoring": scoring.name,
        "title": look.titles.definition(Scoring, scoring.name, lang),
        "total": total,
        "grade": grade,
        "grade_title": grade_title(look, scoring, grade, lang) or None,
        "at": iso(found.at),
        "live": found.live,
        "parts": parts,
        "rules": rules,
        "bands": bands,
        "next": upwards,
        "current": current,
    }


def _best(look: Look, form: str, id: int, scoring: Scoring, record: Any) -> Recorded:
    recorded = newest(look, form, id)
    if recorded is not None:
        of = look.pack.get(Scoring, str(recorded.because["scoring"])) or scoring
        if _is_current(of, record, recorded.because.get("total")):
            return recorded
        scoring = of
    live = _live(look, scoring, record)
    return live if recorded is None or _is_current(scoring, record, live.because["total"]) else recorded


def _is_current(scoring: Scoring, record: Any, total: Any) -> bool:
    written = scoring.writes.total
    return written is None or _same(record[str(written)], total)


def newest(look: Look, form: str, id: int) -> Recorded | None:
    """The latest reasons of a score that were recorded for a record: by a step of its cases, or by a rescoring."""
    found = [*_of_cases(look, form, id), *_of_versions(look, id)]
    return max(found, key=lambda recorded: recorded.at, default=None)


def _of_cases(look: Look, form: str, id: int) -> Iterator[Recorded]:
    for row in case_queries.cases_of_record(look.reader, form, id):
        for step in look.steps(row.id):
            for event in step.events:
                because = event.because if isinstance(event, ev.NodeLeft | ev.Decided) else None
                if because is not None and "scoring" in because:
                    yield Recorded(step.at, because)


def _of_versions(look: Look, id: int) -> Iterator[Recorded]:
    after = 0
    while rows := record_queries.versions_of_record(look.reader, id, after):
        for row in rows:
            changes: Mapping[str, Any] = decoded(row.changes)
            because = changes.get(BECAUSE) or changes.get("because")
            if isinstance(because, dict) and "scoring" in because:
                yield Recorded(row.at, because)
        after = rows[-1].version


def _live(look: Look, scoring: Scoring, record: Any) -> Recorded:
    scorer = scorer_of(scoring, look.pack.kind(Model))
    if isinstance(scorer, list):
        raise ValueError(scorer[0].message())
    _, _, because = score_record(scoring, scorer, record, look.view.context)
    return Recorded(look.now, because, live=True)


def _parts(scoring: Scoring, because: dict[str, Any]) -> list[dict[str, Any]]:
    """Each part with what its rules gave before its cap."""
    found = []
    for name, points in because.get("parts", {}).items():
        raw = sum((_exact(f["points"]) for f in because.get("fired", ()) if f["part"] == name), Decimal(0))
        declared = scoring.parts.get(name)
        at_most = getattr(declared, "at_most", None)
        capped = at_most is not None and raw > at_most
        if isinstance(declared, ModelPart):
            raw = _exact(points)
        found.append({"name": name, "points": points, "raw": plain(raw), "at_most": plain(at_most), "capped": capped})
    return found


def _bands(look: Look, scoring: Scoring, grade: str | None) -> list[dict[str, Any]]:
    return [
        {
            "grade": str(name),
            "title": grade_title(look, scoring, str(name), look.language),
            "text": str(getattr(tree, "text", "")),
            "is": str(name) == grade,
        }
        for name, tree in scoring.grades.items()
    ]


def _next(look: Look, scoring: Scoring, total: Any) -> dict[str, Any] | None:
    """The nearest grade above the total, and how many points are missing."""
    bands = bands_of(scoring)
    if total is None or isinstance(bands, list):
        return None
    now = _exact(total)
    above = [(low, str(name)) for name, cell in bands.items() if (low := _low(cell)) is not None and low > now]
    if not above:
        return None
    low, name = min(above)
    return {"grade": name, "title": grade_title(look, scoring, name, look.language), "missing": plain(low - now)}


def _low(cell: Cell) -> Decimal | None:
    low = cell.low if isinstance(cell, Between) else None
    return Decimal(low) if isinstance(low, int | Decimal) else None


def _lines(
    look: Look,
    form: str,
    id: int,
    scoring: Scoring,
    found: Recorded,
    parts: list[dict[str, Any]],
    rules: list[dict[str, Any]],
    upwards: dict[str, Any] | None,
    current: bool,
) -> list[str]:
    lang, because = look.language, found.because
    label, title = look.label(form, id), look.titles.definition(Scoring, scoring.name, look.language)
    total, grade = because.get("total"), grade_title(look, scoring, because.get("grade"), lang)
    when = pick(lang, "现在算出", "worked out now") if found.live else look.local(found.at)
    in_grade = pick(lang, f"，等级“{grade}”", f", grade '{grade}'") if grade else ""
    lines = [
        pick(
            lang,
            f"“{label}”的{title}：{total} 分{in_grade}（{when}）。",
            f"{title} of '{label}': {total} points{in_grade} ({when}).",
        )
    ]
    for part in parts:
        own = [f"{signed(r['points'])} {r['because']}" for r in rules if r["part"] == part["name"]]
        name = in_words(part["name"])
        text = f"{name} {part['points']}"
        if own:
            text += pick(lang, "：", ": ") + listed(own, lang)
        if part["capped"]:
            text += pick(
                lang,
                f"（共 {part['raw']}，最多算 {part['at_most']}）",
                f" ({part['raw']} in all, at most {part['at_most']} count)",
            )
        lines.append(text)
    lines.append(pick(lang, f"总分 = {scoring.total.text}", f"total = {scoring.total.text}"))
    if upwards is not None:
        lines.append(
            pick(
                lang,
                f"距“{upwards['title']}”还差 {upwards['missing']} 分。",
                f"{upwards['missing']} points are missing to '{upwards['title']}'.",
            )
        )
    if not current:
        lines.append(pick(lang, "记录上的分数此后已被改动。", "The score on the record has been changed since."))
    return lines


def _exact(points: Any) -> Decimal:
    return Decimal(str(points if points is not None else 0))


def _same(value: Any, total: Any) -> bool:
    return (value is None) == (total is None) and (value is None or _exact(value) == _exact(total))


def plain(number: int | Decimal | None) -> int | str | None:
    """Points as JSON data: an int, or decimal text."""
    if number is None or isinstance(number, int):
        return number
    return int(number) if number == int(number) else format(number, "f")


__all__ = ["BECAUSE", "Recorded", "explain_score", "newest"]
