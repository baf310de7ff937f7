"""`make demo` runs to its end, in both languages' words, from any folder and with no remit variable of the shell in its way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_demo_tells_its_story(tmp_path: Path) -> None:
    environment = {**os.environ, "REMIT_DATABASE": "nonsense://"}
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo.py"), "--language", "zh"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for said in (
        "新建 54 条线索，重复 4 条，未导入 2 条",
        "案例结束：signed",
        "director",
        "该期状态 paid",
        "0 处不符；0 个故障",
    ):
        assert said in done.stdout, done.stdout
    assert list(tmp_path.iterdir()) == []
