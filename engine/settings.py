"""What the environment says: the variables REMIT_*, each with its default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict

ELSEWHERE = frozenset({"REMIT_ALLOW_PRIVATE_HOSTS"})
"""Variables that are read where they are needed, not here."""

FOR_TESTS = frozenset({"REMIT_SUITES", "REMIT_TEST_POSTGRES"})
"""Variables that only this project's own tests read."""


class Settings(BaseSettings):
    """Read anew each time it is made; an option of the command line goes before it."""

    model_config = SettingsConfigDict(env_prefix="REMIT_", extra="ignore")

    database: str = "sqlite:///remit.db"
    definitions: Path = Path("definitions")
    language: Literal["zh", "en"] | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    log: Path | None = None
    """Where faults are written down; without it a file of its own in the system's folder for temporary files."""


def unknown_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """REMIT_ variables that nothing reads: probably misspelt. Secrets of connections have names of their own."""
    known = {f"REMIT_{name.upper()}" for name in Settings.model_fields} | ELSEWHERE | FOR_TESTS
    return sorted(name for name in environment if name.startswith("REMIT_") and name not in known)


def language_of(environment: Mapping[str, str] = os.environ) -> Literal["zh", "en"]:
    """REMIT_LANGUAGE, else what the terminal's locale says, else English."""
    for name in ("REMIT_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "zh" if environment[name].lower().startswith("zh") else "en"
    return "en"
