"""simpleeval with expressions that are parsed once."""

from __future__ import annotations

from typing import Any

from simpleeval import SimpleEval
from telling import CONDITION, RULES, microseconds, rows_of_leads, tell


def expression(width: int) -> dict[str, Any]:
    evaluator = SimpleEval()
    parsed = evaluator.parse(CONDITION)
    evaluator.names = {"lead": rows_of_leads(1, width)[0]}
    return {"value": microseconds(lambda: evaluator.eval(CONDITION, previously_parsed=parsed))}


def scoring() -> dict[str, Any]:
    evaluator = SimpleEval()
    texts = [f"employees >= {e} and visits >= {v} and region == '{r}'" for e, v, r, _ in RULES]
    parsed = [(n, text, evaluator.parse(text)) for n, text in enumerate(texts)]

    def score(lead: dict[str, Any]) -> list[int]:
        evaluator.names = lead
        return [n for n, text, tree in parsed if evaluator.eval(text, previously_parsed=tree)]

    leads = rows_of_leads(1000)
    fired = sum(len(score(lead)) for lead in leads)
    few = leads[:100]
    return {"value": 1e6 / microseconds(lambda: [score(lead) for lead in few]) * len(few), "fired": fired}


if __name__ == "__main__":
    tell(globals())
