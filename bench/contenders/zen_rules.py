"""zen-engine (Rust): a compiled expression, and a decision table that collects every row that fits."""

from __future__ import annotations

import json
from typing import Any

import zen
from telling import CONDITION, RULES, microseconds, rows_of_leads, tell


def expression(width: int) -> dict[str, Any]:
    compiled = zen.compile_expression(CONDITION)
    data = {"lead": rows_of_leads(1, width)[0]}
    return {"value": microseconds(lambda: compiled.evaluate(data))}


def scoring() -> dict[str, Any]:
    """Its quickest way: all conditions in one compiled expression that answers a list of yes and no."""
    conditions = ", ".join(f"employees >= {e} and visits >= {v} and region == '{r}'" for e, v, r, _ in RULES)
    compiled = zen.compile_expression(f"[{conditions}]")

    def score(lead: dict[str, Any]) -> list[int]:
        return [n for n, fired in enumerate(compiled.evaluate(lead)) if fired]

    leads = rows_of_leads(1000)
    fired = sum(len(score(lead)) for lead in leads)
    return {"value": 1e6 / microseconds(lambda: [score(lead) for lead in leads]) * len(leads), "fired": fired}


def scoring_table() -> dict[str, Any]:
    """Its decision table."""
    fields = ["employees", "visits", "region"]
    rows = [
        {"_id": str(n), "i0": f">= {employees}", "i1": f">= {visits}", "i2": f"'{region}'", "o0": str(n)}
        for n, (employees, visits, region, _) in enumerate(RULES)
    ]
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": f"i{n}", "name": name, "field": name} for n, name in enumerate(fields)],
        "outputs": [{"id": "o0", "name": "rule", "field": "rule"}],
        "rules": rows,
    }
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in"},
            {"id": "table", "type": "decisionTableNode", "name": "table", "content": content},
            {"id": "out", "type": "outputNode", "name": "out"},
        ],
        "edges": [
            {"id": "a", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "b", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }
    decision = zen.ZenEngine().create_decision(json.dumps(graph))
    leads = rows_of_leads(1000)
    fired = sum(len(decision.evaluate(lead)["result"]) for lead in leads)
    return {
        "value": 1e6 / microseconds(lambda: [decision.evaluate(lead) for lead in leads]) * len(leads),
        "fired": fired,
    }


if __name__ == "__main__":
    tell(globals())
