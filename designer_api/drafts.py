"""Drafts: definition texts that are saved and not in force, one file each in a folder, so they outlive a restart.

A draft may be broken: saving is not checking. Writing compares and replaces under one lock, and replaces the file in
one step, so a reader never sees half a text. Several server machines do not share drafts unless they share the folder.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from threading import Lock

Key = tuple[str, str]
"""(kind, name)."""
NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


def etag_of(text: str) -> str:
    """The strong entity tag of a text, without its quotes."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Drafts:
    """`folder` None: kept in memory, gone with the process (tests, a database in memory)."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._texts: dict[Key, str] = {}
        self._lock = Lock()

    @property
    def outlive_a_restart(self) -> bool:
        return self._folder is not None

    def get(self, key: Key) -> str | None:
        if self._folder is None:
            return self._texts.get(key)
        try:
            return self._file(key).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def all(self) -> dict[Key, str]:
        """Every draft, by kind and name."""
        if self._folder is None:
            return dict(sorted(self._texts.items()))
        found: dict[Key, str] = {}
        for file in sorted(self._folder.glob("*.*.yaml")):
            kind, name, _ = file.name.split(".", 2)
            text = self.get((kind, name))
            if text is not None:
                found[kind, name] = text
        return found

    def save(self, key: Key, text: str, may: Callable[[str | None], None]) -> bool:
        """Whether it is new. `may` is given the draft as it is now, inside the lock, and raises to refuse."""
        with self._lock:
            before = self.get(key)
            may(before)
            if self._folder is None:
                self._texts[key] = text
            else:
                self._folder.mkdir(parents=True, exist_ok=True)
                file = self._file(key)
                beside = file.with_suffix(".saving")
                with beside.open("w", encoding="utf-8", newline="") as out:
                    out.write(text)
                    out.flush()
                    os.fsync(out.fileno())
                beside.replace(file)
            return before is None

    def drop(self, key: Key, may: Callable[[str | None], None]) -> None:
        with self._lock:
            may(self.get(key))
            if self._folder is None:
                self._texts.pop(key, None)
            else:
                self._file(key).unlink(missing_ok=True)

    def drop_deployed(self, texts: dict[Key, str]) -> None:
        """Drops each draft that still has the text that was deployed; one that was edited meanwhile stays."""
        with self._lock:
            for key, text in texts.items():
                if self.get(key) == text:
                    if self._folder is None:
                        self._texts.pop(key, None)
                    else:
                        self._file(key).unlink(missing_ok=True)

    def _file(self, key: Key) -> Path:
        kind, name = key
        if self._folder is None or not NAME.fullmatch(kind) or not NAME.fullmatch(name):
            raise ValueError(f"no name of a draft: {key}")
        return self._folder / f"{kind}.{name}.yaml"
