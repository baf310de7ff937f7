"""Findings about scorings: bands, weights, rules that change nothing."""

from engine.language.diagnostics import Text, error, warning


@error
def unreachable_band(band: str, total_en: str, total_zh: str, parts: str) -> Text:
    """A grade that no total reaches; `parts`: the range of each part."""
    return Text(
        f"no record is ever graded {band}: the total goes from {total_en} ({parts})",
        f"没有记录会得到等级 {band}：总分范围是 {total_zh}（{parts}）",
        "move the band into that range, or let the parts give more",
        "请把该等级移到此范围内，或提高各部分的分值",
    )


@error
def band_gap_or_overlap(bands: tuple[str, ...], value: str) -> Text:
    """A total that no band holds (no `bands`), or that two claim."""
    if not bands:
        return Text(
            f"no grade holds a total of {value}",
            f"总分为 {value} 时没有等级",
            "let one band begin where the other ends: at least 40 below 70, at least 70",
            "请让各等级首尾相接：at least 40 below 70、at least 70",
        )
    one, other = bands
    return Text(
        f"a total of {value} is both {one} and {other}",
        f"总分为 {value} 时同时属于 {one} 和 {other}",
        "let one band end where the other begins: below 70, at least 70",
        "请让一个等级止于另一个开始之处：below 70、at least 70",
    )


@warning
def weight_error(problem_en: str, problem_zh: str, hint_en: str, hint_zh: str) -> Text:
    """Points, caps and coefficients that contradict each other."""
    return Text(problem_en, problem_zh, hint_en, hint_zh)


@warning
def silent_rule(problem_en: str, problem_zh: str, hint_en: str, hint_zh: str) -> Text:
    """A part, a rule or a term that can never change the total."""
    return Text(problem_en, problem_zh, hint_en, hint_zh)
