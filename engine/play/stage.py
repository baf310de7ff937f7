"""One test's world: a machine on a database in memory at virtual time, and what can be read of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.instance import Instance
from engine.interpreter.names import microseconds_of, moment_of
from engine.language.durations import Duration
from engine.play.clock import VirtualClock
from engine.runtime import codec, commands, machine
from engine.runtime.reading.inbox import subjects_of
from engine.runtime.reading.look import Look, decode_case
from engine.runtime.services import Canned
from engine.runtime.store.queries import effects as effect_queries
from engine.runtime.store.queries import inbox, overview
from engine.runtime.store.queries import records as record_queries
from engine.runtime.store.rows import CaseRow, IncidentRow, TaskRow

MOST = 5_000
"""Cases, tasks and records that one test may have made."""
MOST_ROUNDS = 100_000
LAST = 2**63 - 1


class Notice(NamedTuple):
    """One notice that went out: its template (empty for a reminder), and whom and where it reached."""

    template: str
    receiver: str
    address: str


class Stage:
    """`texts`: the definitions by path. `answers`: what outside systems answer (`services:`)."""

    def __init__(
        self,
        texts: Mapping[str, str],
        node_types: Mapping[str, type[Any]],
        at: int,
        live: Collection[str] | None,
        answers: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.clock = VirtualClock(at)
        self.canned = Canned(answers)
        self.machine = machine.Machine(
            "sqlite://", node_types, clock=self.clock, services=self.canned, live=live, synchronous="NORMAL"
        )
        self.machine.deploy(texts, None)

    def close(self) -> None:
        self.machine.close()

    # ---- time

    @property
    def now(self) -> dt.datetime:
        return moment_of(self.clock.now)

    def quiet(self) -> None:
        """Everything that is due now is carried out."""
        self.machine.drain(MOST_ROUNDS)

    def advance_to(self, target: int) -> None:
        """As the real clock would: what is due first happens first, each at its own moment."""
        self.quiet()
        for _ in range(MOST_ROUNDS):
            due = self.machine.clockwork.next_due()
            if due is None or due > target:
                break
            self.clock.move_to(due)
            self.quiet()
        self.clock.move_to(target)
        self.quiet()

    def advance(self, duration: Duration) -> None:
        with self.look() as look:
            target = look.view.calendar(None).add(self.now, duration)
        self.advance_to(microseconds_of(target))

    # ---- doing

    def ask(self, command: commands.Command, by: str | None) -> Any:
        """One command, then everything that follows from it now. Raises the store's Refused."""
        command.actor = by or ""
        body = self.machine.run(command).body
        self.quiet()
        return body

    def tell(self, case: int, event: ev.Outside, by: str | None, effect: str | None = None) -> Any:
        return self.ask(commands.TellCase(case=case, event=event, effect=effect), by)

    def retry(self, incident: int, by: str) -> None:
        self.machine.retry(incident, by)
        self.quiet()

    # ---- reading

    @contextmanager
    def look(self) -> Iterator[Look]:
        with self.machine.store.read() as reader:
            live = self.machine.packs.live(reader)
            yield Look(reader, live.pack, live.types, now=self.clock.now)

    def open_tasks(self) -> list[TaskRow]:
        """The oldest first."""
        with self.machine.store.read() as reader:
            return overview.open_tasks(reader, (0, 0), MOST)

    def candidates(self, task: TaskRow) -> list[str]:
        """The persons an open task is offered to, in the order of the organization; whole roles are written out."""
        with self.look() as look:
            subjects = {row.subject for row in inbox.candidates(look.reader, task.case_id, task.no)}
            organization = look.pack.organization
            people = organization.people if organization is not None else {}
            return [str(person) for person in people if subjects.intersection(subjects_of(look, str(person)))]

    def cases(self) -> list[CaseRow]:
        """Every case, copies and called ones too, the newest first."""
        with self.machine.store.read() as reader:
            return overview.all_cases(reader, LAST, MOST)

    @staticmethod
    def instance(row: CaseRow) -> Instance:
        return decode_case(row)

    def histories(self) -> Iterator[tuple[str, list[ev.AnyEvent]]]:
        """Each case's workflow and events."""
        with self.look() as look:
            for row in self.cases():
                yield row.workflow, [event for step in look.steps(row.id) for event in step.events]

    def newest(self, form: str) -> int | None:
        """The id of the newest record of a form."""
        with self.machine.store.read() as reader:
            rows = record_queries.newest_of_form(reader, form, limit=1)
        return rows[0].id if rows else None

    def forms(self) -> dict[str, int]:
        """Form -> its newest record, for the forms that have one."""
        with self.look() as look:
            names = list(look.facts.forms)
        return {form: id for form in names if (id := self.newest(form)) is not None}

    def incidents(self) -> list[IncidentRow]:
        with self.machine.store.read() as reader:
            return overview.open_incidents(reader, (0, 0), MOST)

    def outside_work(self, node: str) -> tuple[int, int, str] | None:
        """The oldest unanswered request of an `external` node: case, number, effect."""
        with self.machine.store.read() as reader:
            for row in reversed(self.cases()):
                case = decode_case(row)
                for effect in effect_queries.effects_of_case(reader, row.id):
                    if effect.kind != "AskOutside" or effect.answered_at is not None:
                        continue
                    asked: Any = codec.decode_effect(effect.payload)
                    found = case.awaiting(asked.no)
                    if found is not None and found[0] is not None and found[0].node == node:
                        return row.id, asked.no, f"{row.id}.{effect.seq}.{effect.n}"
        return None

    def sent(self) -> list[Notice]:
        """Every notice that reached somebody."""
        found: list[Notice] = []
        with self.machine.store.read() as reader:
            for row in reversed(self.cases()):
                for effect in effect_queries.effects_of_case(reader, row.id):
                    if effect.kind != "Notify" or effect.state == effect_queries.WAITING:
                        continue
                    told = msgspec.json.decode(effect.payload).get("sent") or {}
                    notify: Any = codec.decode_effect(effect.payload)
                    assert isinstance(notify, fx.Notify)
                    if told.get("via") is not None:
                        receiver = notify.to.removeprefix("person:")
                        found.append(Notice(str(notify.template), receiver, str(told.get("to") or "")))
        return found
