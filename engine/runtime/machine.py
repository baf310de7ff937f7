"""The parts of one process put together: store, packs, runner, writer, queue, performer, alarm. It starts and stops them.

With threads (`start`) everything runs by itself. Without, `drain` carries out here what is due: scenarios and the command
line use the same code on their own clock (RUNTIME R41).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Thread
from typing import Any

from engine.interpreter import events as ev
from engine.interpreter.names import moment_of
from engine.language.expressions.functions.text import phone_region
from engine.language.kinds.form import Form
from engine.language.kinds.workflow import Workflow
from engine.runtime import codec, commands
from engine.runtime.alarm import Alarm
from engine.runtime.beside import run_beside
from engine.runtime.clockwork import Clockwork
from engine.runtime.keys import key_text
from engine.runtime.open_forms import open_forms
from engine.runtime.owner import Owner
from engine.runtime.packs import LoadedPack, PackCache
from engine.runtime.performer import LATE, Performer
from engine.runtime.ports import Answer, Committed, Work
from engine.runtime.queue.embedded import EmbeddedQueue
from engine.runtime.reading.look import number
from engine.runtime.runner import Runner
from engine.runtime.store.errors import Conflict, Refused
from engine.runtime.store.queries import cases as case_queries
from engine.runtime.store.queries import due
from engine.runtime.store.queries import records as record_queries
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import CaseRow
from engine.runtime.store.statements import CASES, EFFECTS, INCIDENTS
from engine.runtime.store.store import Store, wall_clock
from engine.runtime.store.transaction import Transaction
from engine.runtime.view import SqlView
from engine.runtime.writer import Writer

ANCHOR_SECONDS = 300.0
CARE_SECONDS = 60.0
SWEEP = 200
MOST_WAITING = 10_000
_log = logging.getLogger(__name__)


class Machine:
    """`services`: callables by name, or a Services port of one's own. `live`: the workflows that are awake."""

    def __init__(
        self,
        database: str,
        node_types: Mapping[str, type[Any]],
        *,
        clock: Callable[[], int] | None = None,
        services: Any = None,
        live: Collection[str] | None = None,
        synchronous: str = "FULL",
        read_only: bool = False,
    ) -> None:
        self.clock = clock or wall_clock
        self.store = Store.open(database, clock=self.clock, synchronous=synchronous, read_only=read_only)
        self.packs = PackCache(node_types)
        self.runner = Runner(self.packs, live)
        self.writer = Writer(self.store, self.runner.handle, self.clock)
        self.queue = EmbeddedQueue(self.writer)
        self.performer = Performer(
            self.store, self.packs.pack_for, self._answer, self._told, services=services, clock=self.clock
        )
        self.clockwork = Clockwork(self.store, self.writer, self.packs, self.runner, self.clock)
        self.alarm = Alarm(self.clockwork.look, self.clock)
        self.owns_clock = False
        self.writer.after_commit.append(self._committed)

    # ---- life

    def start(self) -> None:
        """Writer threads, then the clock and the jobs, if no other process has them for this database (R50)."""
        self.writer.start()
        self.owns_clock = bool(self.queue.start(self._perform))
        if any("phone_region(" in source.text for source in self.live().pack.sources.values()):
            Thread(target=warm_up, name="warm-up", daemon=True).start()
        if self.owns_clock:
            self.alarm.every(CARE_SECONDS, self.clockwork.care)
            self.alarm.every(ANCHOR_SECONDS, self.clockwork.anchor)
            self.alarm.start()

    def close(self) -> None:
        """No new look; what waits is written; jobs get their time; then the connections go (R53)."""
        self.alarm.stop()
        if self.writer.running:
            self.queue.stop(20.0)
            self.writer.stop()
        self.store.close()

    def is_ready(self) -> bool:
        """Whether writes are taken, and what is due is looked at if that is this process's to do."""
        ringing = not self.owns_clock or self.alarm.is_running
        return self.writer.healthy and self.writer.waiting() < MOST_WAITING and ringing

    # ---- commands

    def run(self, command: commands.Command) -> Answer:
        """Carries out a command and waits for its commit."""
        return self.writer.run_now(command)

    def run_many(self, made: Sequence[commands.Command]) -> list[Any]:
        """Commands in the bulk lane, in order; what each came to, exceptions as values."""
        if self.writer.running:
            futures = [self.writer.submit(command, "bulk") for command in made]
            return [future.exception() or future.result() for future in futures]
        if self.store.file is None or self._nobody_serves():
            return self.writer.run_batch_now(list(made))
        return list(run_beside(self.writer, made))

    def _nobody_serves(self) -> bool:
        """Whether no server runs on this SQLite file: then bulk work need not make room for it (R49)."""
        owner = Owner(self.store)
        free = owner.take()
        owner.release()
        return free

    def work(self, run: Callable[[Transaction], Any]) -> Any:
        return self.writer.run_now(Work(run)).body

    def deploy(self, texts: Mapping[str, str], by: str | None) -> dict[str, Any]:
        """In force at once, in this process; elsewhere within a second."""

        deployment = self.work(lambda tx: self.packs.deploy(tx, texts, by))
        self.packs.look_again()
        for form in deployment.rekey:
            self._rekey(form, deployment.loaded, by)
        changed = ["/".join(key) for key in (*deployment.added, *deployment.changed)]
        return {
            "deployment": str(deployment.id),
            "changed": sorted(changed),
            "removed": ["/".join(key) for key in deployment.removed],
            "unchanged": len(deployment.loaded.pack.definitions) - len(changed),
        }

    def _rekey(self, form: str, loaded: LoadedPack, by: str | None) -> None:
        """Writes the look-up keys of a form's records anew after a deployment that keys other fields, in pages (R9)."""
        after: int | None = 0
        while after is not None:

            def page(tx: Transaction, start: int = after) -> int | None:
                view = SqlView(tx, loaded.pack, loaded.types, moment_of(tx.now), ids=tx.ids, actor=by)
                last, _ = view.rekey(form, start)
                return last

            after = self.work(page)

    def retry(self, incident: int, by: str) -> dict[str, Any]:
        """An incident of a case's step is retried; one of a delivery is handed out again."""
        with self.store.read() as reader:
            row = reader.row(INCIDENTS, incident)
        if row is None:
            raise Refused(
                404, "not-found", {"en": f"there is no incident {incident}", "zh": f"没有编号为 {incident} 的异常"}
            )
        if row.closed_at is not None:
            raise Refused(409, "late", {"en": "this incident is closed", "zh": "该异常已处理"})
        if row.case_id is not None and row.token is not None and row.event is None:
            event = ev.IncidentRetried(row.token, by)
            answer: dict[str, Any] = self.run(commands.TellCase(actor=by, case=row.case_id, event=event)).body
            return answer
        self.work(lambda tx: self._close(tx, incident, by))
        return {"incident": str(incident), "closed": True}

    def _close(self, tx: Transaction, incident: int, by: str) -> None:
        """Closes an incident without a waiting step; a parked delivery with its text is handed out again."""
        row = tx.row(INCIDENTS, incident)
        if row is None or row.closed_at is not None:
            raise Conflict("the incident is closed")
        tx.batch.change(INCIDENTS, row, row._replace(closed_at=tx.now, closed_by=by))
        for parked in due.parked_deliveries(tx):
            if parked.event == row.event:
                from engine.runtime.store.statements import DELIVERIES

                tx.batch.change(DELIVERIES, parked, parked._replace(attempts=0, not_before=tx.now))

    def outside_answer(self, effect: str, ok: bool, gives: Mapping[str, Any], error: str) -> commands.TellCase:
        parts = effect.split(".")
        with self.store.read() as reader:
            row = (
                reader.row(EFFECTS, *(int(p) for p in parts))
                if len(parts) == 3 and all(map(str.isdigit, parts))
                else None
            )
        if row is None or row.kind != "AskOutside":
            raise Refused(404, "not-found", {"en": "there is no such work", "zh": "没有该外部任务"})
        asked: Any = codec.decode_effect(row.payload)
        event = ev.ServiceAnswered(asked.no, ok, dict(gives), error)
        return commands.TellCase(case=row.case_id, event=event, effect=effect)

    def record_id(self, workflow: str, record: str) -> int:
        """The record that a person names: by its id, or by a unique field's value."""
        with self.store.read() as reader:
            live = self.packs.live(reader)
            definition = live.pack.get(Workflow, workflow)
            form = live.pack.get(Form, str(definition.case)) if definition is not None and definition.case else None
            id = number(record)
            if form is None:
                return id or 0
            if id is not None and (row := record_queries.records_by_id(reader, [id]).get(id)) and row.form == form.name:
                return id
            for name, field in form.fields.items():
                key = key_text(record, field) if field.unique else None
                holder = record_queries.unique_holder(reader, form.name, str(name), key) if key is not None else None
                if holder is not None:
                    return holder
        en, zh = f"there is no {form.name} '{record}'", f"没有“{record}”对应的 {form.name}"
        raise Refused(404, "not-found", {"en": en, "zh": zh})

    # ---- effects

    def _perform(self, effect: str) -> None:
        """What the queue calls. A call whose step was given up before it was made is not made any more."""
        with self.store.read() as reader:
            row = reader.row(EFFECTS, *(int(part) for part in effect.split(".")))
            case = reader.row(CASES, row.case_id) if row is not None else None
        if row is not None and case is not None and row.kind == "CallService" and row.state == 0:
            asked: Any = codec.decode_effect(row.payload)
            if codec.decode_case(case.state).awaiting(asked.no) is None:
                self._told(effect, {"late": True})
                return
        self.performer(effect)

    def _answer(self, case: int, event: ev.ServiceAnswered, effect: str) -> None:
        """The answer of a call. One that breaks a rule of a form leaves an incident on the step that asked."""
        try:
            self.run(commands.TellCase(case=case, event=event, effect=effect))
        except Refused as refused:
            if refused.code == LATE:
                raise
            failed = ev.StepFailed(event.no, refused.code, str(refused.detail.get("en", refused.code)))
            self.run(commands.TellCase(case=case, event=failed, effect=effect))

    def _told(self, effect: str, result: Mapping[str, Any]) -> None:
        self.run(commands.NoteSent(effect=effect, result=result))

    # ---- the clock

    def _committed(self, committed: Committed) -> None:
        if not self.owns_clock:
            return
        self.alarm.arm(committed.earliest_due)
        if committed.deliveries:
            self.alarm.arm(self.clock())

    def drain(self, most: int) -> int:
        """Deliveries, due timers and jobs, here and now, until nothing is left to do; how much that was.

        Nothing where another process owns the clock and the jobs of this database: it does them (R50).
        """
        if not self.owns_clock and self.store.file is not None and not self._nobody_serves():
            return 0
        done = 0
        while done < most:
            moved = self.clockwork.round()
            if not self.writer.running:
                moved += self.queue.run_waiting(self._perform)
            if not moved:
                break
            done += moved
        return done

    # ---- reading

    def live(self) -> LoadedPack:
        with self.store.read() as reader:
            return self.packs.live(reader)

    def is_empty(self) -> bool:
        from engine.runtime.store.queries.definitions import latest_deployment

        with self.store.read() as reader:
            return latest_deployment(reader) == 0

    def open_forms(self) -> dict[str, Any]:
        """For each form, whether a stored record is open: what the counters count."""
        live = self.live()
        return open_forms(self.store, live.pack, live.types, self.clock)


def warm_up() -> None:
    """Loads what the first caller would wait for: the regions of phone numbers take seconds."""
    phone_region({}, "+8613800138000")


def cases_of(reader: Reader, form: str, id: int) -> list[CaseRow]:
    return case_queries.cases_of_record(reader, form, id)


__all__ = ["CASES", "Machine", "cases_of"]
