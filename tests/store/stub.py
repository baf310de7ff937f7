"""A stub core for the store's tests: commands that open cases and move them, without the interpreter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.runtime.ports import Answer
from engine.runtime.store.errors import Refused
from engine.runtime.store.rows import CandidateRow, EffectRow, TaskRow, TimerRow
from engine.runtime.store.statements import CANDIDATES, CLEAR_TASK, DONE, EFFECTS, TASKS, TIMERS
from engine.runtime.store.transaction import Transaction


@dataclass
class Start:
    """Opens a case with a task, a timer and an effect."""

    member: str = "li_na"
    business_key: str | None = None
    cap: int | None = None
    actor: str = "api"
    key: str | None = None
    digest: bytes = b"same"
    target_case: int | None = None


@dataclass
class Complete:
    """Closes the task of a case; 409 if it is closed. `poison` says what goes wrong after the writes."""

    target_case: int
    poison: str | None = None
    actor: str = "li_na"
    key: str | None = None
    digest: bytes = b"same"
    seen: list[int] = field(default_factory=list)


def handle(transaction: Transaction, command: Any) -> Answer:
    return start(transaction, command) if isinstance(command, Start) else complete(transaction, command)


def start(transaction: Transaction, command: Start) -> Answer:
    case = transaction.open_case(
        workflow="call", definition_id=1, state='{"t":1}', business_key=command.business_key, record=("lead", 7)
    )
    case = transaction.append_step(case, case, kind="started", events='[{"started":"new_lead"}]', actor=command.member)
    batch = transaction.batch
    due = transaction.now + 300_000_000
    batch.put(
        TASKS,
        TaskRow(
            case.id, 1, "call", "first_call", 0, command.member, due, 0, "First call", "lead", 7, 1, transaction.now
        ),
    )
    batch.put(CANDIDATES, CandidateRow("role:sales", due, case.id, 1))
    batch.put(TIMERS, TimerRow(case.id, 2, 1, due, "first_call", "deadline"))
    batch.put(EFFECTS, EffectRow(case.id, case.seq, 1, "notify", "{}"))
    batch.add_load(command.member, "task", 1, transaction.now, command.cap)
    return Answer(201, {"case": str(case.id), "turn": transaction.next_turn("assign")})


def complete(transaction: Transaction, command: Complete) -> Answer:
    case = transaction.load_case(command.target_case)
    if case is None:
        raise Refused(404, "unknown-case")
    command.seen.append(case.seq)
    task = transaction.row(TASKS, case.id, 1)
    assert task is not None
    if task.state != 0:
        raise Refused(409, "task-closed", {"task": 1})
    batch = transaction.batch
    case = transaction.append_step(
        case, case._replace(state='{"t":2}'), kind="completed", events='[{"completed":1}]', actor=command.actor
    )
    batch.change(
        TASKS, task, task._replace(state=DONE, closed_at=transaction.now, outcome="done", version=task.version + 1)
    )
    batch.clear(CLEAR_TASK["task_candidates"], case.id, 1)
    batch.remove(TIMERS, (case.id, 2))
    batch.add_load(command.actor, "task", -1, transaction.now)
    if command.poison == "refuse":
        raise Refused(409, "not-yours")
    if command.poison == "raise":
        raise RuntimeError("a mistake of ours")
    if command.poison == "flush":  # something the database refuses only at the end
        batch.put(TIMERS, TimerRow(case.id, 9, 1, None, "x", "deadline"))  # type: ignore[arg-type]
    if command.poison == "late refuse":
        transaction.flush()
        raise Refused(409, "not-yours")
    if command.poison == "late raise":
        transaction.flush()
        raise RuntimeError("a mistake of ours")
    return Answer(200, {"seq": case.seq})
