"""Five kills of the embedded system under load; `make chaos` does thousands."""

from __future__ import annotations

import random
from pathlib import Path

from tests.chaos.run import one_round


def test_five_kills_lose_double_and_stick_nothing(tmp_path: Path) -> None:
    wrong, done = one_round(f"sqlite:///{tmp_path / 'chaos.db'}", tmp_path, 5, random.Random(5))
    assert wrong == []
    assert done["orders"] >= 5, "the load was too small to say anything"
