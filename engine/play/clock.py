"""The clock of a scenario: it stands still until somebody moves it (RUNTIME R41)."""

from __future__ import annotations


class VirtualClock:
    """Called, it gives the moment: microseconds UTC. It never goes back."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def move_to(self, moment: int) -> None:
        self.now = max(self.now, moment)
