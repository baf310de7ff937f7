"""Prints how many mutants of how many codes were planted, and what was not found: `make laws` runs it.

python -m tests.mutants.run [--seed N] [--each N] [CODE ...]
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.mutants.beyond import BEYOND
from tests.mutants.planting import HERE, WANTED, mutants


def main() -> int:
    asked = argparse.ArgumentParser(description="Plants mutants and says what is not found.")
    asked.add_argument("codes", nargs="*", help="default: all that have rules")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--each", type=int, default=WANTED, help="mutants of a code")
    given = asked.parse_args()
    begun, planted, missed, crashed = time.perf_counter(), 0, 0, 0
    codes = given.codes or sorted([*BEYOND, *(path.stem for path in (HERE / "rules").glob("*.yaml"))])
    for code in codes:
        for mutant in BEYOND[code](given.each, given.seed) if code in BEYOND else mutants(code, given.each, given.seed):
            planted += 1
            try:
                said = mutant.wrong()
            except Exception as fault:
                crashed, said = crashed + 1, f"{mutant}: {type(fault).__name__}: {fault}"
            if said is not None:
                missed += 1
                print(said, flush=True)
    seconds = time.perf_counter() - begun
    print(
        f"{planted} mutants of {len(codes)} codes in {seconds:.0f} s: {missed} not found as they should be, {crashed} tracebacks"
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
