"""The peers and their own virtual environment: what is installed beside us, in which version, and what could not be."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / ".venv"
WANTED = {
    "SpiffWorkflow": "SpiffWorkflow==3.2.*",
    "dbos": "dbos>=3,<4",
    "zen-engine": "zen-engine>=2,<3",
    "simpleeval": "simpleeval>=1.0,<2",
    "APScheduler": "APScheduler>=3.11,<4",
}
"""Distribution -> what pip is asked for. APScheduler's job store needs SQLAlchemy, which comes with dbos or alone."""
ALSO = {"APScheduler": ["SQLAlchemy>=2"], "dbos": ["psycopg[binary]>=3.2"]}
SECONDS = 180


@dataclass(frozen=True)
class Peers:
    """`python` is None where no environment could be made; `missing` says why, by distribution."""

    python: Path | None
    versions: dict[str, str]
    missing: dict[str, str]


def no_peers(reason: str) -> Peers:
    return Peers(None, {}, dict.fromkeys(WANTED, reason))


def installed() -> Peers:
    """Makes the environment if need be and installs what is not there yet, each by itself."""
    python = FOLDER / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        try:
            venv.create(FOLDER, with_pip=True)
        except (OSError, subprocess.CalledProcessError) as fault:
            return no_peers(f"no virtual environment: {fault}")
    missing: dict[str, str] = {}
    there = _versions(python)
    for name, wanted in WANTED.items():
        if name not in there:
            why = _install(python, [wanted, *ALSO.get(name, ())])
            if why:
                missing[name] = why
    return Peers(python, _versions(python), missing)


def _install(python: Path, wanted: list[str]) -> str:
    """Empty, or the last line that pip says."""
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--quiet", *wanted]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"pip took longer than {SECONDS} s"
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["pip failed"])[-1]


def _versions(python: Path) -> dict[str, str]:
    code = (
        "import json, importlib.metadata as m\nfound = {}\n"
        f"for name in {list(WANTED)!r}:\n"
        "    try: found[name] = m.version(name)\n"
        "    except m.PackageNotFoundError: pass\n"
        "print(json.dumps(found))"
    )
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found
