"""Engine: the one public door. What the command line, HTTP, importing and scenarios call; nothing else reaches inside.

Longer than other files because it is a list of what can be asked; each answer is made in a room of its own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from engine.checks import check
from engine.checks.live_cases import check_live, check_live_things, judged
from engine.checks.live_flow import Ways
from engine.folder import read_folder
from engine.interpreter import events as ev
from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.names import microseconds_of
from engine.interpreter.versions import Choices
from engine.language.diagnostics import Diagnostic, in_order, is_clean
from engine.language.loader import load
from engine.language.pack import Pack
from engine.language.source import Source
from engine.nodes import catalogue
from engine.refusals import NotClean, NotFound, Refused, Unavailable
from engine.runtime import case_migrations, commands, machine
from engine.runtime.reading import cases, doctor, explain, graph, inbox, timeline
from engine.runtime.reading.look import BadCursor, Look
from engine.runtime.reading.records import record_detail, record_list
from engine.runtime.store import errors as store_errors
from engine.runtime.store.queries import definitions as definition_queries
from engine.runtime.store.rows import CaseRow, TokenRow
from engine.runtime.store.statements import TOKENS
from engine.runtime.store.verify import Broken, verify

Clock = Callable[[], int]


class Engine:
    """One database and its definitions. Ids are text, moments ISO UTC, values plain JSON data.

    `threads`: writer, alarm and jobs run by themselves (serve). Without, `drain` carries out what is due now.
    """

    def __init__(self, running: machine.Machine) -> None:
        self._machine = running
        self.store = running.store

    @classmethod
    def open(
        cls,
        database: str,
        definitions: Path | None = None,
        *,
        clock: Clock | None = None,
        services: Any = None,
        live: Collection[str] | None = None,
        threads: bool = False,
        node_types: Mapping[str, type[Any]] | None = None,
        synchronous: str = "FULL",
        read_only: bool = False,
    ) -> Engine:
        """Makes or migrates the schema; deploys `definitions` when nothing is deployed yet. `read_only`: what is there is
        read and nothing else; a database that is missing, or of another version's schema, is an error."""
        types = node_types if node_types is not None else catalogue()
        engine = cls(
            machine.Machine(
                database,
                types,
                clock=clock,
                services=services,
                live=live,
                synchronous=synchronous,
                read_only=read_only,
            )
        )
        try:
            if definitions is not None and engine._machine.is_empty():
                engine.deploy_folder(definitions)
            if threads:
                engine._machine.start()
        except BaseException:
            engine.close()
            raise
        return engine

    def close(self) -> None:
        self._machine.close()

    # ---- definitions

    @property
    def pack(self) -> Pack:
        """The definitions in force."""
        return self._machine.live().pack

    @property
    def zone(self) -> dt.tzinfo:
        """The zone of every wall clock that people of this pack read."""
        root = self.pack.root
        return root.time_zone if root is not None else dt.UTC

    @property
    def node_types(self) -> Mapping[str, type[Any]]:
        return self._machine.packs.node_types

    def load(self, texts: Mapping[str, str]) -> Pack:
        """Texts by path as a pack, with everything that the loader found."""
        return load([Source(path, text) for path, text in texts.items()], self.node_types)

    def check(self, texts: Mapping[str, str]) -> list[Diagnostic]:
        """Every finding about a pack: the same for editor, command line and server (law 7)."""
        return check(self.load(texts))

    def texts(self) -> dict[str, str]:
        """The definitions in force as text, by path."""
        return {path: source.text for path, source in self.pack.sources.items()}

    def deploy(self, texts: Mapping[str, str], by: str | None = None, force: bool = False) -> dict[str, Any]:
        """Puts a whole pack in force; raises NotClean when check finds an error or a warning, and, unless `force`, when
        running cases read what its forms no longer have (RUNTIME R31)."""
        pack = self.load(texts)
        found = check(pack)
        if is_clean(found) and not force:
            found = [*found, *self._breaks(pack)]
        if not is_clean(found):
            raise NotClean(found, pack.sources)
        return self._machine.deploy(texts, by)

    def deploy_folder(self, folder: Path, by: str | None = None) -> dict[str, Any]:
        sources, problems = read_folder(folder)
        if problems:
            raise NotClean(in_order(problems), {source.path: source for source in sources})
        return self.deploy({source.path: source.text for source in sources}, by)

    # ---- versions of running cases

    def _breaks(self, pack: Pack) -> list[Diagnostic]:
        with self._refusals(), self.store.read() as reader:
            running = case_migrations.running(reader, self._machine.packs, pack)
        return [d for version, cases in running for d in check_live_things(pack, version, cases)]

    def impact(self, pack: Pack) -> tuple[dict[str, Any], list[Diagnostic]]:
        """What `pack` would mean for every running case of a workflow that it changes; and the findings."""
        with self._refusals(), self.store.read() as reader:
            standing = case_migrations.standing(reader, self._machine.packs, pack)
        found = judged(pack, standing)
        by_name: dict[str, list[Any]] = {}
        for one, fates in found:
            by_name.setdefault(one.old.name, []).extend(fates)
        told = [case_migrations.told(name, fates) for name, fates in by_name.items()]
        return {"workflows": told}, in_order(check_live(pack, found))

    def migrate(
        self, workflow: str, by: str | None = None, choices: Choices | None = None, undo: bool = False, dry_run: bool = False
    ) -> dict[str, Any]:  # fmt: skip
        """Moves every running case of a workflow to the version in force; `undo`: back to the version before."""
        with self._refusals():
            return case_migrations.migrate_all(self._machine, workflow, by, choices or Choices(), undo, dry_run, Ways())

    # ---- writes: every `by` is a person's id, or None for the system; `key` makes a repeat harmless

    def create_record(
        self, form: str, values: Mapping[str, Any], by: str | None = None, key: str | None = None
    ) -> dict[str, Any]:
        answer = self._ask(commands.NewRecord(form=form, values=dict(values)), by, key, values)
        return answer | {"cases": self._cases_of(form, answer["id"])}

    def create_records(
        self, form: str, rows: Sequence[Mapping[str, Any]], by: str | None = None, cause: str | None = None
    ) -> list[dict[str, Any] | Refused]:
        """Many at once in the bulk lane, each an event of its own: what each row came to, in order."""
        made = [commands.NewRecord(actor=by or "", form=form, values=dict(row), cause=cause) for row in rows]
        found: list[dict[str, Any] | Refused] = []
        for outcome in self._machine.run_many(made):
            if isinstance(outcome, store_errors.Refused):
                found.append(_refused(outcome))
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                found.append(outcome.body)
        return found

    def change_record(
        self,
        form: str,
        id: str,
        values: Mapping[str, Any],
        by: str | None = None,
        version: int | None = None,
        key: str | None = None,
    ) -> dict[str, Any]:
        command = commands.ChangeRecord(form=form, id=_number(id), values=dict(values), version=version)
        return self._ask(command, by, key, [form, id, values, version])

    def start(
        self, workflow: str, start: str, record: str | None = None, by: str | None = None, data: Mapping[str, Any] | None = None,
        fill: Mapping[str, Any] | None = None, key: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Opens a case. `record` is a record's id, or the value of one of its unique fields."""
        id = self._record_id(workflow, record) if record is not None else None
        command = commands.StartCase(workflow=workflow, start=start, record=id, data=data or {}, fill=fill or {})
        return self._ask(command, by, key, [workflow, start, record, data, fill])

    def message(self, name: str, payload: Mapping[str, Any], message_id: str | None = None) -> dict[str, Any]:
        return self._ask(commands.PublishMessage(name=name, payload=dict(payload), message_id=message_id), None)

    def signal(self, name: str) -> dict[str, Any]:
        return self._ask(commands.PublishSignal(name=name), None)

    def press(
        self, case: str, button: str, by: str, fill: Mapping[str, Any] | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """A button of an interrupt or a meanwhile of a case, by its name."""
        command = commands.PressButton(case=_number(case), button=button, fill=fill or {})
        return self._ask(command, by, key, [case, button, fill])

    def begin(self, task: str, by: str) -> dict[str, Any]:
        return self._task(task, lambda no: ev.TaskBegun(no, by), by)

    def give_back(self, task: str, by: str) -> dict[str, Any]:
        return self._task(task, lambda no: ev.TaskGivenBack(no, by), by)

    def transfer(self, task: str, by: str, to: str) -> dict[str, Any]:
        return self._task(task, lambda no: ev.TaskTransferred(no, by, to), by)

    def complete(
        self,
        task: str,
        button: str,
        by: str,
        fill: Mapping[str, Any] | None = None,
        seen: int | None = None,
        key: str | None = None,
    ) -> dict[str, Any]:
        """Presses a button of a task. `seen`: the version of the record that the person looked at."""
        return self._task(
            task, lambda no: ev.TaskCompleted(no, button, by, dict(fill or {}), seen), by, key, [task, button, fill]
        )

    def answer(self, effect: str, ok: bool, gives: Mapping[str, Any] | None = None, error: str = "") -> dict[str, Any]:
        """An outside worker's answer to an `external` step."""
        return self._ask(self._machine.outside_answer(effect, ok, gives or {}, error), None)

    def retry(self, incident: str, by: str) -> dict[str, Any]:
        with self._refusals():
            return self._machine.retry(_number(incident), by)

    def cancel(self, case: str, by: str | None, why: str = "") -> dict[str, Any]:
        return self._ask(commands.TellCase(case=_number(case), event=ev.CaseCancelled(by, why)), by)

    # ---- reads

    def tasks(
        self,
        person: str | None = None,
        record: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
        state: str = "open",
        language: str | None = None,
    ) -> dict[str, Any]:
        with self.look(language) as look:
            return inbox.tasks(look, person=person, record=record, cursor=cursor, limit=limit, state=state)

    def task(self, id: str, person: str | None = None, language: str | None = None) -> dict[str, Any]:
        with self.look(language) as look:
            return _there(inbox.task(look, id, person))

    def record(self, form: str, id: str) -> dict[str, Any]:
        with self.look() as look:
            return _there(record_detail(look, form, _number(id)))

    def records(self, form: str, cursor: str | None = None, limit: int = 50) -> dict[str, Any]:
        with self.look() as look:
            return record_list(look, form, cursor, limit)

    def cases(
        self, workflow: str | None = None, status: str | None = "active", record: str | None = None, cursor: str | None = None,
        limit: int = 50, language: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        with self.look(language) as look:
            return cases.cases(look, workflow=workflow, status=status, record=record, cursor=cursor, limit=limit)

    def case(self, id: str, language: str | None = None) -> dict[str, Any]:
        with self.look(language) as look:
            return _there(cases.case(look, id))

    def timeline(
        self, id: str, cursor: str | None = None, limit: int = 200, language: str | None = None
    ) -> dict[str, Any]:
        with self.look(language) as look:
            return _there(timeline.timeline(look, id, cursor, limit))

    def incidents(self, open_only: bool = True) -> dict[str, Any]:
        with self.look() as look:
            return cases.incidents(look, open_only=open_only)

    def explain_task(self, id: str, language: str = "en") -> dict[str, Any]:
        with self.look() as look:
            return _there(explain.explain_task(look, id, language))

    def explain_score(self, form: str, id: str, language: str = "en") -> dict[str, Any]:
        with self.look() as look:
            return _there(explain.explain_score(look, form, _number(id), language))

    def explain_case(self, id: str, language: str = "en") -> dict[str, Any]:
        with self.look() as look:
            return _there(explain.explain_case(look, id, language))

    def graph(self, workflow: str, language: str | None = None) -> dict[str, Any]:
        with self.look(language) as look:
            return _there(graph.graph(look, workflow))

    # ---- running and caring

    def drain(self, until: dt.datetime | None = None, most: int = 10_000) -> int:
        """Carries out deliveries, due timers and jobs until nothing is left to do; how much that was."""
        return self._machine.drain(most)

    def next_due(self) -> int | None:
        """When the next timer or schedule is due: microseconds UTC."""
        return self._machine.clockwork.next_due()

    def verify(self) -> list[Broken]:
        """Everything about the history and the counters that does not hold."""
        return verify(self.store, self._machine.open_forms())

    def doctor(self, definitions: Path | None = None) -> list[dict[str, Any]]:
        try:
            with self.look() as look:
                return doctor.doctor(look, self.store, definitions)
        except Unavailable as away:
            return doctor.unreachable(self.store, away)

    def is_ready(self) -> bool:
        """Whether writes are taken and what is due is looked at."""
        return self._machine.is_ready()

    # ---- access tokens

    def create_token(self, person: str) -> str:
        """A token of this person; only its digest is kept, so it is shown once."""
        organization = self.pack.organization
        if organization is None or person not in organization.people:
            raise NotFound(f"there is no person '{person}'", f"没有人员“{person}”")
        token = secrets.token_urlsafe(32)
        self._machine.work(
            lambda tx: tx.batch.put(TOKENS, TokenRow(tx.ids.next(), person, _digest(token), tx.now)) and None
        )
        return token

    def person_of_token(self, token: str) -> str | None:
        with self.store.read() as reader:
            row = definition_queries.token_with(reader, _digest(token))
        return row.person if row is not None else None

    def tokens(self, person: str) -> list[dict[str, Any]]:
        with self.store.read() as reader:
            rows = definition_queries.tokens_of(reader, person)
        return [{"id": str(row.id), "person": row.person, "revoked": row.revoked_at is not None} for row in rows]

    def revoke_token(self, id: str) -> bool:
        """Whether there was such a token in force."""

        def revoke(tx: Any) -> bool:
            row = tx.row(TOKENS, _number(id))
            if row is None or row.revoked_at is not None:
                return False
            tx.batch.change(TOKENS, row, row._replace(revoked_at=tx.now))
            return True

        return bool(self._machine.work(revoke))

    # ---- inside

    def _ask(
        self, command: commands.Command, by: str | None, key: str | None = None, body: Any = None
    ) -> dict[str, Any]:
        command.actor = by or ""
        if key is not None:
            command.key = key
            command.digest = hashlib.sha256(msgspec.json.encode(body, order="deterministic")).digest()
        with self._refusals():
            answer: dict[str, Any] = self._machine.run(command).body
            return answer

    def _task(
        self, task: str, event: Callable[[int], ev.Outside], by: str, key: str | None = None, body: Any = None
    ) -> dict[str, Any]:
        case, _, no = task.partition(".")
        if not (case.isdigit() and no.isdigit()):
            raise NotFound(f"there is no task '{task}'", f"没有任务“{task}”")
        return {"task": task} | self._ask(commands.TellCase(case=int(case), event=event(int(no))), by, key, body)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except store_errors.Refused as refused:
            raise _refused(refused) from refused
        except store_errors.Conflict as conflict:
            en, zh = "somebody else changed the same thing; try again", "他人正在修改同一内容，请重试"
            raise Refused("conflict", 409, en, zh) from conflict
        except store_errors.Unavailable as away:
            raise Unavailable(str(away), away.unknown) from away

    @contextmanager
    def look(self, language: str | None = None) -> Iterator[Look]:
        """A read connection with the definitions in force, for reading functions that are not asked by a method here."""
        with self._refusals(), self.store.read() as reader:
            live = self._machine.packs.live(reader)

            def workflow_of(row: CaseRow) -> CompiledWorkflow:
                return self._machine.packs.pack_for(reader, row.definition_id).compiled

            look = Look(reader, live.pack, live.types, now=self._machine.clock(), workflow_of=workflow_of)
            yield look.speaking(language) if language in ("zh", "en") else look

    def _cases_of(self, form: str, id: str) -> list[str]:
        with self.store.read() as reader:
            return [str(row.id) for row in machine.cases_of(reader, form, int(id))]

    def _record_id(self, workflow: str, record: str) -> int:
        return self._machine.record_id(workflow, record)


def _refused(refused: store_errors.Refused) -> Refused:
    detail = refused.detail
    en, zh = detail.get("en", refused.code), detail.get("zh", refused.code)
    return Refused(refused.code, refused.status, en, zh, detail.get("violations", ()))


def _there(found: dict[str, Any] | None) -> dict[str, Any]:
    if found is None:
        raise NotFound
    return found


def _number(text: str) -> int:
    if not str(text).isdigit():
        raise NotFound(f"there is nothing with the number '{text}'", f"没有编号“{text}”")
    return int(text)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


__all__ = ["BadCursor", "Engine", "NotClean", "NotFound", "Refused", "Unavailable", "microseconds_of"]
