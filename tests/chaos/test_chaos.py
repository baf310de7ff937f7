"""Five kills of the embedded system under load on each database; `make chaos` does thousands."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.chaos.run import one_round


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_five_kills_lose_double_and_stick_nothing(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    database = request.getfixturevalue("postgres_url") if kind == "postgresql" else f"sqlite:///{tmp_path / 'chaos.db'}"
    wrong, done = one_round(database, tmp_path, 5, random.Random(8))
    assert wrong == []
    assert done["orders"] >= 5, "the load was too small to say anything"
