"""Bulk work from a second process on a SQLite file that a server uses (R49): small commits with pauses between them.

SQLite's busy handler is unfair: commits back to back starve the server (p99 330-530 ms); with these pauses it keeps
below 10 ms while the import still does thousands a second.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from engine.runtime.commit import Outcome
from engine.runtime.writer import Writer

COMMIT = 50
"""Commands of one commit."""

PAUSE = 0.003
"""The least pause, in seconds; a longer commit is followed by half its own time."""


def run_beside(writer: Writer, commands: Iterable[Any]) -> Iterator[Outcome]:
    """Runs the commands in order, a commit at a time; what each came to, exceptions as values."""
    source = iter(commands)
    while chunk := list(islice(source, COMMIT)):
        begun = time.perf_counter()
        yield from writer.run_batch_now(chunk)
        time.sleep(max(PAUSE, 0.5 * (time.perf_counter() - begun)))
