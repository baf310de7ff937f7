"""The process that is killed: a whole embedded system under load on one database.

Every thing tried and every answer is appended to a journal, so that the judge knows what was promised. On a start it
sends again, with the same idempotency key, what was tried and never answered.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections.abc import Mapping
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from engine.engine import Engine, Refused
from engine.runtime.queue import embedded

PACK = Path(__file__).parent / "pack"
PEOPLE = ("ann", "bob", "cat")
AT_ONCE = 30
HOURS = 1e6
LEASE = 2_000_000
"""Microseconds after which the call of a killed process is another's: short, so that it happens under load too."""


class Journal:
    """Lines of JSON, each with one write call: a kill leaves whole lines, or one torn line at the end."""

    def __init__(self, path: Path) -> None:
        self.file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o644)

    def note(self, **what: Any) -> None:
        os.write(self.file, (json.dumps(what) + "\n").encode())


def read_journal(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    found = []
    for line in path.read_text().splitlines():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue  # torn by a kill
    return found


def deploy(database: str) -> None:
    Engine.open(database, PACK).close()


def work(database: str, folder: Path, seconds: float | None, ready: Event) -> None:
    """So many seconds of load, then everything to its end; None: load until it is killed. Sets `ready` when it is open."""
    errors = os.open(folder / "log", os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o644)
    os.dup2(errors, 2)
    embedded.LEASE = LEASE
    journal, calls = Journal(folder / "journal"), Journal(folder / "calls")

    def sink(call: str, give: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        calls.note(key=key, number=give.get("number"))
        return {"seen": key}

    engine = Engine.open(database, PACK, services={"sink": sink}, threads=True)
    past = read_journal(folder / "journal")
    answered = {line["number"] for line in past if line["what"] in ("made", "refused")}
    unanswered = [line["number"] for line in past if line["what"] == "try" and line["number"] not in answered]
    ready.set()
    parent = os.getppid()
    stop = time.monotonic() + (HOURS if seconds is None else seconds)
    lock = threading.Lock()
    again = iter(dict.fromkeys(unanswered))
    chance = random.Random(os.getpid())

    def make(number: str) -> None:
        journal.note(what="try", number=number)
        try:
            made = engine.create_record("order", {"number": number}, by="ann", key=number)
            journal.note(what="made", number=number, id=made["id"])
            engine.message("go_on", {"number": number}, message_id=f"m-{number}")
            journal.note(what="told", number=number)
        except Refused as no:
            journal.note(what="refused", number=number, code=no.code)

    def person(name: str) -> None:
        count = 0
        while time.monotonic() < stop and os.getppid() == parent:  # else the loop that kills us is gone itself
            with lock:
                number = next(again, None)
            if number is None and len(engine.tasks(limit=AT_ONCE)["items"]) < AT_ONCE:
                count += 1
                number = f"{os.getpid()}-{name}-{count}"
            if number is not None:
                make(number)
            for task in engine.tasks(person=name, limit=5)["items"]:
                if chance.random() < 0.7:
                    try:
                        engine.complete(task["id"], "done", name, key=task["id"])
                        journal.note(what="done", task=task["id"], by=name)
                    except Refused as no:
                        journal.note(what="not done", task=task["id"], code=no.code)
            time.sleep(0.002)

    threads = [threading.Thread(target=person, args=(name,), daemon=True) for name in PEOPLE]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    finish(engine, folder)
    engine.close()


def finish(engine: Engine, folder: Path) -> None:
    """Lets everything come to its end: untold messages are told, tasks answered, until no case is open."""
    journal = Journal(folder / "journal")
    past = read_journal(folder / "journal")
    told = {line["number"] for line in past if line["what"] == "told"}
    for line in past:
        if line["what"] == "made" and line["number"] not in told:
            engine.message("go_on", {"number": line["number"]}, message_id=f"m-{line['number']}")
            journal.note(what="told", number=line["number"])
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        for name in PEOPLE:
            for task in engine.tasks(person=name, limit=50)["items"]:
                try:
                    engine.complete(task["id"], "done", name, key=task["id"])
                    journal.note(what="done", task=task["id"], by=name)
                except Refused:
                    pass
        if not engine.cases(status="active", limit=1)["items"]:
            break
        time.sleep(0.05)
    time.sleep(0.2)
