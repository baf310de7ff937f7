"""Prints how many mutants of how many codes were planted, and what was not found: `make laws` runs it."""

from __future__ import annotations

import sys
import time

from tests.mutants.planting import HERE, mutants, wrong


def main() -> int:
    begun, planted, missed, crashed = time.perf_counter(), 0, 0, 0
    codes = sorted(path.stem for path in (HERE / "rules").glob("*.yaml"))
    for code in sys.argv[1:] or codes:
        for mutant in mutants(code):
            planted += 1
            try:
                said = wrong(mutant)
            except Exception as fault:
                crashed, said = crashed + 1, f"{mutant}: {type(fault).__name__}: {fault}"
            if said is not None:
                missed += 1
                print(said)
    seconds = time.perf_counter() - begun
    print(
        f"{planted} mutants of {len(codes)} codes in {seconds:.0f} s: {missed} not found as they should be, {crashed} tracebacks"
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
