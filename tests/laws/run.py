"""`make laws`: the engine beside the reference on 10,000 random workflows x 5 schedules, SpiffWorkflow beside it on
1,000 block-structured ones, the flow proof beside its own reference on 6,000 and beside the real cases of 600, 30 scripts
with a crash at every statement on SQLite and on PostgreSQL, and 20,000 random decision tables beside asking them.

Prints what was done, the seed, the seconds and every kind of difference with its smallest example; exits 1 when there is one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.chaos.run import fresh  # noqa: E402
from tests.laws import soundness, spiff  # noqa: E402
from tests.laws.agree import Count, Difference, differences  # noqa: E402
from tests.laws.crash import Count as CrashCount  # noqa: E402
from tests.laws.crash import Databases, Files, crash_everywhere, script  # noqa: E402
from tests.laws.tables import Count as TableCount  # noqa: E402
from tests.laws.tables import differences as table_differences  # noqa: E402

TOGETHER = 40
"""Workflows in one pack."""
SHOWN = 3


def reference(seed: int, workflows: int, schedules: int) -> bool:
    begun, count, found = time.monotonic(), Count(), list[Difference]()
    for first in range(seed, seed + workflows, TOGETHER):
        found += differences(range(first, min(first + TOGETHER, seed + workflows)), schedules, count)
    print(
        f"reference: {count.workflows} workflows x {schedules} schedules, seed {seed}, {count.schedules} cases, {count.events} events, "
        f"{count.bounded} cut at a bound, {time.monotonic() - begun:.0f} s: {len(found)} workflows differ",
        flush=True,
    )
    for difference in sorted(found, key=Difference.size)[:SHOWN]:
        print(f"\n{difference}")
    return not found


def peer(seed: int, workflows: int) -> bool:
    begun = time.monotonic()
    try:
        events, found = spiff.differences(seed, workflows)
    except spiff.Absent as absent:
        print(f"SpiffWorkflow: skipped, it cannot be installed here: {absent}", flush=True)
        return True
    print(
        f"{spiff.PEER}: {workflows} block-structured workflows, seed {seed}, {events} rests compared, "
        f"{time.monotonic() - begun:.0f} s: {len(found)} differ",
        flush=True,
    )
    for difference in sorted(found, key=len)[:SHOWN]:
        print(f"\n{difference}")
    return not found


def proof(seed: int, workflows: int, small: int) -> bool:
    """The flow proof: as many of blocks as drawn at random, and fewer against all states of real cases."""
    well = True
    for what, many in ((soundness.beside_reference, workflows), (soundness.beside_runtime, small)):
        begun, count, found = time.monotonic(), soundness.Count(), list[soundness.Difference]()
        for kind in ("blocks", "drawn"):
            for first in range(seed, seed + many, soundness.TOGETHER):
                found += what(soundness.trees(kind, range(first, min(first + soundness.TOGETHER, seed + many))), count)
        mix = ", ".join(f"{many} {code}" for code, many in count.faulty.most_common())
        print(
            f"proof {what.__name__.replace('_', ' ')}: {count.workflows} workflows, seed {seed}, {count.bounded} too large, "
            f"{time.monotonic() - begun:.0f} s: {len(found)} differences ({mix})",
            flush=True,
        )
        for difference in sorted(found, key=lambda difference: len(str(difference)))[:SHOWN]:
            print(f"\n{difference}")
        well = well and not found
    return well


def crashes(kind: str, seed: int, scripts: int, one_thing: bool) -> bool:
    """`one_thing`: of each script one thing is crashed, drawn by its seed; else every one."""
    begun, count = time.monotonic(), CrashCount()
    for number in range(seed, seed + scripts):
        only = Random(number).randrange(len(script(number))) if one_thing else None
        with tempfile.TemporaryDirectory(prefix="remit-laws-") as name:
            Path(name).chmod(0o755)  # PostgreSQL's own user must be able to enter
            with fresh(kind, Path(name)) as url:
                if kind == "sqlite":
                    crash_everywhere(Files(Path(name)), number, count, only)
                else:
                    place = Databases(url)
                    crash_everywhere(place, number, count, only)
                    place.close()
        print(f"  {count} on {kind} in {time.monotonic() - begun:.0f} s", flush=True)
    print(f"crashes on {kind}, seed {seed}: {count} in {time.monotonic() - begun:.0f} s", flush=True)
    for wrong in count.wrong[:SHOWN]:
        print(f"\n{wrong}")
    return not count.wrong


def decision_tables(seed: int, tables: int) -> bool:
    begun, count = time.monotonic(), TableCount()
    found = table_differences(range(seed, seed + tables), count)
    print(
        f"decision tables: {count.tables} checked beside {count.points} points asked, seed {seed}, {count.findings} findings, "
        f"{count.facts} facts, {time.monotonic() - begun:.0f} s: {len(found)} wrong",
        flush=True,
    )
    for wrong in sorted(found, key=lambda one: len(one.text))[:SHOWN]:
        print(f"\n{wrong}")
    return not found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workflows", type=int, default=10_000)
    parser.add_argument("--schedules", type=int, default=5)
    parser.add_argument("--blocks", type=int, default=1_000)
    parser.add_argument("--scripts", type=int, default=30, help="with crashes, on each database")
    parser.add_argument("--one-thing", action="store_true", help="crash one thing of each script, not every one")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both", help="of the crashes")
    parser.add_argument("--proofs", type=int, default=3_000, help="workflows of blocks, and as many drawn")
    parser.add_argument("--small", type=int, default=300, help="the same, beside the states of real cases")
    parser.add_argument("--tables", type=int, default=20_000)
    given = parser.parse_args()
    well = not given.workflows or reference(given.seed, given.workflows, given.schedules)
    well = (not given.blocks or peer(given.seed, given.blocks)) and well
    well = (not given.proofs or proof(given.seed, given.proofs, given.small)) and well
    kinds = ["sqlite", "postgresql"] if given.database == "both" else [given.database]
    for kind in kinds if given.scripts else []:
        well = crashes(kind, given.seed, given.scripts, given.one_thing) and well
    well = (not given.tables or decision_tables(given.seed, given.tables)) and well
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
