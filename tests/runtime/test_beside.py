"""An import beside a server: all of it done, the server is let in between the commits (R49)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from engine.runtime.beside import COMMIT, run_beside
from engine.runtime.ports import Answer
from engine.runtime.store.store import Store
from engine.runtime.writer import Writer
from tests.store.stub import Start, handle
from tests.store.tables_as_data import contents


def test_server_is_served_between_the_commits(tmp_path: Path, open_store: Callable[..., Store]) -> None:
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    server, bulk = Writer(open_store(url), handle), Writer(open_store(url), handle)
    commits: list[int] = []
    bulk.after_commit.append(lambda committed: commits.append(len(committed.cases)))
    outcomes = run_beside(bulk, (Start() for _ in range(3 * COMMIT + 1)))
    waits = []
    done = 0
    for outcome in outcomes:
        assert isinstance(outcome, Answer)
        done += 1
        if done % COMMIT == 0:
            begun = time.perf_counter()
            server.run_now(Start())
            waits.append(time.perf_counter() - begun)
    assert done == 3 * COMMIT + 1
    assert commits == [COMMIT, COMMIT, COMMIT, 1]
    assert len(waits) == 3
    assert max(waits) < 1.0
    assert len(contents(server.store)["cases"]) == done + 3
