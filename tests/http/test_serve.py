"""The real process: `remit serve` on an empty SQLite file, the script of examples/ against it, presses at once, the stop."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from engine.engine import Engine
from tests.http.conftest import DEFINITIONS, LEAD

ROOT = Path(__file__).parents[2]
REMIT = [sys.executable, "-m", "engine.cli"]
SECONDS = 60


@dataclass
class Served:
    process: subprocess.Popen[str]
    url: str
    database: str
    token: str

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.url}/api/v1", headers={"Authorization": f"Bearer {self.token}"}, timeout=SECONDS
        )


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REMIT_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    database = f"sqlite:///{folder / 'remit.db'}"
    place = ["--database", database, "--definitions", str(DEFINITIONS)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*REMIT, "serve", "--port", "0", *place, "--json"],
            cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said, (folder / "log").read_text()
        made = subprocess.run(
            [*REMIT, "token", "create", "--person", "li_na", *place, "--json"],
            cwd=folder, env=environment(), capture_output=True, text=True, check=True, timeout=SECONDS,
        )  # fmt: skip
        yield Served(process, json.loads(said)["url"], database, json.loads(made.stdout)["token"])
    finally:
        process.kill()
        process.wait(SECONDS)


def test_the_script_of_the_examples(served: Served) -> None:
    script = ROOT / "examples" / "create_and_complete.py"
    assert len(script.read_text("utf-8").splitlines()) <= 40
    ran = subprocess.run(
        [sys.executable, str(script), "--url", served.url, "--token", served.token],
        env=environment(), capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"Created lead \d+", ran.stdout)
    assert "Completed it" in ran.stdout
    assert len(re.findall(r"^2\d\d\d-\d\d-\d\dT\S+Z  \S", ran.stdout, re.M)) > 5


def test_two_presses_at_once_count_once(served: Served) -> None:
    with served.client() as api:
        lead = api.post(
            "/records/lead", json={**LEAD, "phone": "13800300001", "company": "b7f1 ltd", "product_line": "service"}
        ).json()
        task = api.get("/tasks", params={"record": f"lead:{lead['id']}"}).json()["items"]
        assert task, "of the people of the east only li_na sells services"
        path, body = f"/tasks/{task[0]['id']}/complete", {"button": "connected", "fill": {"note": "x"}}
        with ThreadPoolExecutor(8) as pool:
            statuses = sorted(a.status_code for a in pool.map(lambda _: api.post(path, json=body), range(8)))
    assert statuses == [200] + [409] * 7


def test_a_large_body_is_a_problem_of_ours(served: Served) -> None:
    with served.client() as api:

        def pieces() -> Iterator[bytes]:
            for _ in range(30):
                yield b"x" * 50_000

        answer = api.post("/records/lead", content=pieces(), headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
        assert "Server" not in answer.headers


def test_it_stops_when_told(served: Served) -> None:
    with served.client() as api:
        assert api.get("/ready").status_code == 200
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(SECONDS) == 0
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{served.url}/api/v1/health")
    again = Engine.open(served.database)
    assert again.verify() == []
    again.close()
