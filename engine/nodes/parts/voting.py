"""How the answers of several people become one: who must answer, what counts from before, and the outcome."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

from engine.interpreter.events import Plain
from engine.interpreter.node import Leave
from engine.interpreter.run import Run
from engine.language.expressions.things import Person


def decided(decide: Any, memory: Mapping[str, Plain], by: str | None) -> Leave | None:
    """The outcome, once the votes give one. `memory`: asked, votes, opinions, changed, voters of the step.

    One own button or a return decides at once; refused as soon as the number that must approve cannot be reached.
    """
    votes: Mapping[str, str] = memory["votes"]
    total, yes = len(memory["asked"]), sum(1 for vote in votes.values() if vote == "approved")
    no = sum(1 for vote in votes.values() if vote == "refused")
    answer = next((vote for vote in votes.values() if vote not in ("approved", "refused")), None)
    if answer is None:
        needed = wanted(decide, total)
        if yes >= needed and total:
            answer = "approved"
        elif no > total - needed or (decide == "any" and no):
            answer = "refused"
    if answer is None:
        return None
    opinions: Mapping[str, str] = memory["opinions"]
    last = next(reversed(list(opinions.values())), None)
    return Leave(
        answer,
        by=by,
        answer=answer,
        opinion=opinions.get(by, last) if by is not None else last,
        changed=tuple(memory["changed"]),
        because={"votes": dict(votes)},
        voters=voters(memory),
    )


def voters(memory: Mapping[str, Plain]) -> tuple[str, ...]:
    """Everybody who answered, not only the last: `different_from` binds them all."""
    return tuple(dict.fromkeys(memory.get("voters", ())))


def wanted(decide: Any, total: int) -> int:
    """How many of `total` must approve. A count may be more than there are: then the quorum is impossible."""
    if decide == "any":
        return 1
    if isinstance(decide, Mapping):
        if "count" in decide:
            return int(decide["count"])
        share = Decimal(str(decide["share"]).rstrip("%"))
        return max(1, int((share * total / 100).to_integral_value(ROUND_CEILING)))
    return max(total, 1)


def approved_before(run: Run, rule: str | None, person: Person) -> bool:
    """Whether the person's earlier approval in this case counts here too (`skip`; `skip_if_next`: of the step before)."""
    if rule not in ("skip", "skip_if_next"):
        return False
    return any(
        step.by == person.id
        and step.answer == "approved"
        and name != run.token.node
        and (rule == "skip" or name == run.token.came)
        for name, step in run.case.steps.items()
    )


def pick(run: Run, among: int) -> int:
    """A choice that nobody can foresee and everybody can check: seeded by the case and the run (RUNTIME R34)."""
    seed = hashlib.sha256(f"{run.case.id}.{run.case.seq}.{run.token.no}".encode()).digest()
    return int.from_bytes(seed[:8], "big") % among
