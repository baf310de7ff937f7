"""The harness measures, compares and says plainly what it could not run. One small row, no peers, no network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_row_becomes_a_table(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    command = [
        sys.executable,
        ROOT / "bench" / "run.py",
        "--quick",
        "--no-peers",
        "--rows",
        "expression",
        "--page",
        page,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    text = page.read_text("utf-8")
    rows = {cells[1].strip(): cells for line in text.splitlines() if len(cells := line.split("|")) == 7}
    assert 0 < float(rows["remit"][2]) < 1000
    assert float(rows["a plain lambda"][4].removesuffix(" x ")) > 0
    assert rows["zen-engine"][2].strip() == "-"
    assert "not asked for" in rows["zen-engine"][5]
    assert "under 1 us:" in text
