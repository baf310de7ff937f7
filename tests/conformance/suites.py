"""Where the public suites lie (never in this repository), and what is said about one case of them."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(os.environ.get("REMIT_SUITES") or Path(__file__).parents[2].parent / "shared" / "suites")
Verdict = Literal["agreed", "deliberate", "wrong", "unsaid"]


class Unsaid(Exception):
    """Our language has no words for this: the reason."""


@dataclass(frozen=True)
class Outcome:
    """What became of one case.

    agreed: the same result. deliberate: another one, and LANGUAGE says so (`reason`). wrong: another one.
    unsaid: it cannot be written in our language; `reason` is found by rule, from the construct that stands in the way.
    """

    case: str
    verdict: Verdict
    reason: str = ""


def suite(file: str, key: str) -> list[dict[str, Any]]:
    """The entries of a suite, none where the file is absent. Numbers with a point are read as Decimal."""
    path = FOLDER / file
    if not path.exists():
        return []
    from decimal import Decimal

    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)[key]
    return found
