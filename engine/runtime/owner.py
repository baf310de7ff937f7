"""Who runs the clock and the jobs of a SQLite file (R50): the process that holds the OS lock on `<db>.owner`.

Other processes (the CLI beside a server) only write rows. The lock goes with the process, however it dies.
"""

from __future__ import annotations

from filelock import FileLock, Timeout

from engine.runtime.store.store import Store


class Owner:
    """The right to run alarm, drainer and job pool. In memory and on PostgreSQL everyone has it."""

    def __init__(self, store: Store) -> None:
        file = store.file
        self._lock = FileLock(f"{file}.owner", thread_local=False) if file else None

    def take(self) -> bool:
        """Takes it if it is free; True if this process has it."""
        if self._lock is None or self._lock.is_locked:
            return True
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        return True

    def release(self) -> None:
        if self._lock is not None:
            self._lock.release()
