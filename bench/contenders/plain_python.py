"""The floors of the rules: a lambda, one hand-written function. Only the standard library."""

from __future__ import annotations

from typing import Any

from telling import CONDITION, RULES, microseconds, rows_of_leads, tell


def expression(width: int) -> dict[str, Any]:
    condition = lambda lead: lead["employees"] >= 100 and lead["visits"] >= 3 and lead["region"] == "east"  # noqa: E731
    lead = rows_of_leads(1, width)[0]
    return {"value": microseconds(lambda: condition(lead)), "condition": CONDITION}


def scoring() -> dict[str, Any]:
    """One function with every rule written out: what a generator could reach without total, cap and grade."""
    lines = ["def score(lead):", "    fired, e, v, r = [], lead['employees'], lead['visits'], lead['region']"]
    for n, (employees, visits, region, _) in enumerate(RULES):
        lines.append(f"    if e >= {employees} and v >= {visits} and r == '{region}': fired.append({n})")
    space: dict[str, Any] = {}
    exec("\n".join([*lines, "    return fired"]), space)  # noqa: S102 - the lines above
    score, leads = space["score"], rows_of_leads(1000)
    fired = sum(len(score(lead)) for lead in leads)
    return {"value": 1e6 / microseconds(lambda: [score(lead) for lead in leads]) * len(leads), "fired": fired}


if __name__ == "__main__":
    tell(globals())
