"""How a contender is run: `python FILE FUNCTION OPTIONS-AS-JSON` prints its answer as the last line, as JSON.

Only the standard library: it runs in the peers' environment as well as in ours.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def tell(functions: Mapping[str, Any]) -> None:
    answer = functions[sys.argv[1]](**json.loads(sys.argv[2]))
    print(json.dumps(answer), flush=True)


WARM = 30
"""Pieces of work before the clock starts: every contender has compiled and connected by then."""


def per_second(work: Callable[[int], Any], count: int, threads: int = 1, warm: int = 0) -> float:
    """How many of `count` pieces of work are done in a second by so many callers, each waiting for its answer.

    The first `warm` ones come before the clock starts.
    """
    with ThreadPoolExecutor(threads) as pool:
        run: Any = map if threads == 1 else pool.map
        list(run(work, range(warm)))
        begun = time.perf_counter()
        list(run(work, range(warm, warm + count)))
        return count / (time.perf_counter() - begun)


def microseconds(work: Callable[[], Any], seconds: float = 0.3) -> float:
    """The time of one call: the best of several rounds would flatter, so the median of rounds of about 10 ms."""
    work()
    begun = time.perf_counter()
    loops = 0
    while time.perf_counter() - begun < 0.01:
        work()
        loops += 1
    rounds = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        begun = time.perf_counter()
        for _ in range(loops):
            work()
        rounds.append((time.perf_counter() - begun) / loops * 1e6)
    return statistics.median(rounds)


def rows_of_leads(count: int, width: int = 5) -> list[dict[str, Any]]:
    """Made-up leads, always the same ones; `width` is how many fields each has."""
    chance = random.Random(7)
    found = []
    for _ in range(count):
        lead: dict[str, Any] = {
            "employees": chance.randrange(1, 3000),
            "visits": chance.randrange(12),
            "region": chance.choice(["east", "south", "north"]),
            "budget": chance.randrange(0, 200_000, 500),
            "source": chance.choice(["web", "expo", "referral", "import"]),
        }
        lead |= {f"more_{place}": place for place in range(len(lead), width)}
        found.append(lead)
    return found


CONDITION = "lead.employees >= 100 and lead.visits >= 3 and lead.region == 'east'"
"""The one expression."""

RULES = [(100 * n, n % 10, ["east", "south", "north"][n % 3], n + 1) for n in range(20)]
"""20 rules: employees at least, visits at least, region, points."""
