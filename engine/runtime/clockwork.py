"""What a process does by the clock: sweeps due timers and schedules, drains the mailbox, cares for old rows, sets anchors.

The alarm says when to look; what is due stands in the database. The same code runs on virtual time (RUNTIME R38-R41).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.runtime import commands
from engine.runtime.packs import PackCache
from engine.runtime.ports import Answer, Work
from engine.runtime.runner import Runner
from engine.runtime.store import anchors, housekeeping
from engine.runtime.store.queries import due
from engine.runtime.store.reader import Reader
from engine.runtime.store.statements import CURSORS
from engine.runtime.store.store import Store
from engine.runtime.store.transaction import Transaction
from engine.runtime.writer import Writer

SWEEP = 200
NEVER = 2**62


class Clockwork:
    """Its writes go through the writer, as bulk work where that has threads."""

    def __init__(
        self, store: Store, writer: Writer, packs: PackCache, runner: Runner, clock: Callable[[], int]
    ) -> None:
        self.store, self.writer, self.packs, self.runner, self.clock = store, writer, packs, runner, clock

    def look(self) -> None:
        """Whatever is due and whatever waits in the mailbox, until nothing is left."""
        while self.round():
            pass

    def round(self) -> int:
        """One sweep and one drain; how much they did. Looking first costs no transaction."""
        done = 0
        with self.store.read() as reader:
            timer, mail = due.earliest_timer(reader), due.earliest_delivery(reader)
            scheduled = self._schedule(reader)
        now = self.clock()
        if (timer is not None and timer <= now) or scheduled is None or scheduled <= now:
            done += self._bulk(commands.Sweep(most=SWEEP))["fired"]
        if mail is not None and mail <= now:
            done += self._bulk(commands.Drain())["delivered"]
        return done

    def next_due(self) -> int | None:
        """When the next timer, delivery or schedule is due; None when nothing is."""
        with self.store.read() as reader:
            found = (due.earliest_timer(reader), due.earliest_delivery(reader), self._schedule(reader))
        return min((at for at in found if at is not None and at < NEVER), default=None)

    def care(self) -> None:
        """Answers and messages past their time go; a disk that was full is tried again."""
        self._work(lambda tx: housekeeping.forget_answers(tx) and None)
        self._work(lambda tx: housekeeping.expire_messages(tx) and None)
        if not self.writer.healthy:
            self.writer.probe()

    def anchor(self) -> None:
        """A witness over the histories of the last minutes, so that a deleted case is seen (R44)."""
        with self.store.read() as reader:
            prepared = anchors.prepare_anchor(reader, self.clock(), self.store.chain_key, self.store.ids.next())
        if prepared is not None:
            self._work(lambda tx: anchors.write_anchor(tx, prepared))

    def _schedule(self, reader: Reader) -> int | None:
        """When the next schedule is due; None when one has no row yet and must get one."""
        live = self.packs.live(reader)
        rows = [reader.row(CURSORS, name) for name, _, _ in self.runner.listeners(live.pack).scheduled]
        if any(row is None for row in rows):
            return None
        return min((row.position for row in rows if row is not None), default=NEVER)

    def _bulk(self, command: commands.Command) -> dict[str, int]:
        answer: Answer = self._submit(command)
        counted: dict[str, int] = answer.body
        return counted

    def _work(self, run: Callable[[Transaction], Any]) -> Any:
        return self._submit(Work(run)).body

    def _submit(self, command: Any) -> Answer:
        if self.writer.running:
            return self.writer.submit(command, "bulk").result()
        return self.writer.run_now(command)
