"""Checks every case of a database from its log alone: token replay through the definition's graph. Nothing of the engine is used.

`check(database)` reads the rows with the database's own driver and gives what does not fit, in words, and how much did
(`Histories` goes on from where it was):
- the chain: every seq from 1 without a gap, every hash recomputed from the rows, the head of the case;
- the play: a step answers something open, a token is placed because an arrow of the definition was taken and entered because it was placed,
  a join takes what is queued before it, nothing is taken, left or closed twice, every arrow taken brings its token;
- the end: what is left over is the state that the case's row tells.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml

Tree = dict[str, Any]
ANSWERS = {
    "TaskBegun": {"task"}, "TaskGivenBack": {"task"}, "TaskCompleted": {"task"}, "TaskTransferred": {"task"},
    "ButtonPressed": {"button"}, "TimerFired": {"timer", "moment"}, "MessageArrived": {"message"}, "SignalReceived": {"signal"},
    "RecordHappened": {"record"}, "ServiceAnswered": {"service", "outside"}, "ChildEnded": {"child"}, "IncidentRetried": {"retry"},
}  # fmt: skip
"""The kind of await that each outside event names."""
UNNAMED = {"CaseStarted", "RecordsTouched", "StepFailed", "EscalationRaised", "CaseCancelled"}
STATUS = {"active": 0, "completed": 1, "cancelled": 2, "failed": 3}


@dataclass
class Verdict:
    """`fits` of `moves` moves of tokens follow from what was before: fitness is their ratio, and must be 1.0."""

    cases: int = 0
    steps: int = 0
    moves: int = 0
    fits: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def fitness(self) -> float:
        return self.fits / self.moves if self.moves else 1.0


class Misfit(Exception):
    """An event that does not follow from those before it."""


def check(database: str) -> Verdict:
    """All of it, from the first step of every case."""
    return Histories(database).check()


@dataclass
class Known:
    """How far a case was judged: its steps up to `seq` are played."""

    replay: Replay
    seq: int
    head: bytes
    told: tuple[Any, ...]
    redacted: bool = False
    """The text of a step is gone, so the case cannot be played; its hashes stand."""


class Histories:
    """The cases of a database and how far each was judged. A second `check` judges what came since, and that nothing went back."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.known: dict[int, Known] = {}
        self.trees: dict[int, Tree] = {}

    def check(self) -> Verdict:
        """`moves`, `fits` and `steps` count what was played now."""
        verdict = Verdict()
        with closing(connect(self.database)) as connection:
            self.cursor = connection.cursor()
            for id, text in self._rows("SELECT id, text FROM definitions WHERE kind = 'workflow'"):
                if id not in self.trees:
                    self.trees[id] = tree(json.loads(text)["text"])
            cases = {
                row[0]: row[1:] for row in self._rows("SELECT id, definition_id, seq, head, status, state FROM cases")
            }
            verdict.wrong += [f"case {id} was there and is gone" for id in self.known if id not in cases]
            if not self.known:
                owners = self._rows("SELECT DISTINCT case_id FROM steps")
                verdict.wrong += [f"case {id} has steps and is not there" for (id,) in owners if id not in cases]
            for id in sorted(cases):
                self._case(id, cases[id], verdict)
        return verdict

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        self.cursor.execute(query)
        return list(self.cursor.fetchall())

    def _case(self, id: int, told: tuple[Any, ...], verdict: Verdict) -> None:
        verdict.cases += 1
        definition, seq, head, status, state = told
        known = self.known.get(id)
        if known is None:
            known = self.known[id] = Known(Replay(self.trees[definition]), 0, bytes(32), ())
        elif known.told == told:
            return
        columns = "seq, at, kind, actor, cause, events, hash, redacted"
        log = self._rows(f"SELECT {columns} FROM steps WHERE case_id = {id} AND seq > {known.seq} ORDER BY seq")  # noqa: S608
        broken = list(chain(id, known, log, seq, bytes(head)))
        verdict.wrong += [f"case {id}: {wrong}" for wrong in broken]
        replay = known.replay
        known.seq, known.head, known.told = seq, bytes(head), told
        known.redacted = known.redacted or any(row[7] is not None for row in log)
        if known.redacted:
            return
        moves, fits = replay.moves, replay.fits
        for row in log:
            verdict.steps += 1
            try:
                replay.step(row[2], json.loads(row[5]))
            except (Misfit, KeyError, ValueError, TypeError, AttributeError) as misfit:
                verdict.wrong.append(f"case {id}, step {row[0]}: {type(misfit).__name__}: {misfit}")
                replay.moves += 1
                break
        else:
            verdict.wrong += [f"case {id}: {wrong}" for wrong in replay.differences(json.loads(state), status)]
        verdict.moves, verdict.fits = verdict.moves + replay.moves - moves, verdict.fits + replay.fits - fits


@cache
def tree(text: str) -> Tree:
    return yaml.load(text, yaml.BaseLoader)  # type: ignore[no-any-return]


def connect(database: str) -> Any:
    if database.startswith("sqlite:///"):
        import sqlite3

        return sqlite3.connect(database.removeprefix("sqlite:///"))
    import psycopg

    return psycopg.connect(database)


def chain(case: int, known: Known, log: list[tuple[Any, ...]], seq: int, head: bytes) -> Iterator[str]:
    """sha256 over the hash before and the row's parts, each with its length in front (RUNTIME R44)."""
    before = known.head
    for want, (no, at, kind, actor, cause, events, hash_, redacted) in enumerate(log, known.seq + 1):
        if no != want:
            yield f"step {want} is missing, {no} follows"
            return
        digest = hashlib.sha256(events.encode()).digest() if redacted is None else bytes(redacted)
        texts = ["-" if text is None else "+" + text for text in (actor, cause)]
        parts = [before, *(str(part).encode() for part in (case, no, at, kind, *texts)), digest]
        before = hashlib.sha256(b"".join(str(len(part)).encode() + b":" + part for part in parts)).digest()
        if before != bytes(hash_):
            yield f"step {no} is not what was recorded"
            return
    if before != head or seq != known.seq + len(log):
        yield f"the case is at {seq} with another head, its history ends at {known.seq + len(log)}"


@dataclass
class Token:
    node: str
    scope: int
    came: str
    arrow: str
    state: str
    awaits: dict[int, Tree] = field(default_factory=dict)


class Replay:
    """One case played from its events."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.nodes: Tree = {}
        self._collect(tree["nodes"])
        self.tokens: dict[int, Token] = {}
        self.scopes: dict[int, tuple[int, dict[int, Tree]]] = {}
        self.status, self.given, self.seq = "new", set[int](), 0
        self.must: list[tuple[int, str, str]] = []
        self.may: list[tuple[int, str, str]] = []
        """Arrows taken whose token has not come yet: scope, source, target. Those that must, those of which some may."""
        self.moves, self.fits = 0, 0
        self.queued: dict[tuple[int, str], int] = {}

    def _collect(self, nodes: Tree) -> None:
        for name, node in nodes.items():
            self.nodes[name] = node
            self._collect(node.get("nodes") or {})

    # ---- one step

    def step(self, kind: str, events: list[Tree]) -> None:
        outside, self.must, self.may, self.seq = events[0], [], [], self.seq + 1
        need(outside["e"] == kind, f"the step is called {kind}, it holds {outside['e']}")
        need((kind == "CaseStarted") == (self.seq == 1), f"{kind} as step {self.seq}")
        need(self.seq == 1 or self.status == "active", f"{kind} after the end")
        if kind in ANSWERS:
            await_ = self.awaits().get(outside["no"])
            need(await_ is not None, f"{kind} answers {outside['no']}, which is not open")
            need(await_["kind"] in ANSWERS[kind], f"{kind} answers a {await_['kind']}")
            self.answered(outside, await_)
        else:
            need(kind in UNNAMED, f"{kind} is no outside event")
        for event in events:
            if event["e"] in ("TokenPlaced", "NodeEntered", "NodeLeft", "JoinFired", "TokenEnded"):
                self.moves += 1
            method = getattr(self, f"_{event['e']}", None)
            if method is not None:
                method(event)
            if event["e"] in ("TokenPlaced", "NodeEntered", "NodeLeft", "JoinFired", "TokenEnded"):
                self.fits += 1
        need(not self.must, f"taken and not gone: {self.must}")
        ready = [no for no, token in self.tokens.items() if token.state == "ready"]
        need(not ready, f"never entered: {ready}")

    def awaits(self) -> dict[int, Tree]:
        found = {no: a for token in self.tokens.values() for no, a in token.awaits.items()}
        for _, awaits in self.scopes.values():
            found |= awaits
        return found

    def answered(self, outside: Tree, await_: Tree) -> None:
        """A one-time await is taken by its answer: nothing answers it again."""
        if outside["e"] in ("TaskCompleted", "ServiceAnswered", "ChildEnded") or await_["purpose"].startswith("event:"):
            await_["taken"] = await_.get("taken", 0) + 1
        again = await_["kind"] in ("service", "task")  # tried again, returned: opened under its number once more
        need(await_.get("taken", 0) <= 1 or again, f"{outside['e']} answers {await_['no']} twice")

    def _CaseStarted(self, event: Tree) -> None:
        self.status, self.scopes[0] = "active", (0, {})
        first = event.get("body") or self.tree["start"][event["start"]]["next"]
        if first != "end":
            self.must.append((0, "", first))

    def number(self, no: int) -> None:
        need(no not in self.given, f"number {no} is given twice")
        self.given.add(no)

    def _ScopeOpened(self, event: Tree) -> None:
        self.number(event["scope"])
        token = self.tokens[event["token"]]
        need(token.state == "running" and token.node == event["node"], f"a scope opened by {token}")
        self.scopes[event["scope"]] = (event["token"], {})
        self.must.append((event["scope"], "", self.nodes[token.node]["start"]))

    def _ScopeClosed(self, event: Tree) -> None:
        left = [no for no, token in self.tokens.items() if token.scope == event["scope"]]
        need(not left, f"scope {event['scope']} closed with {left}")
        del self.scopes[event["scope"]]

    def _TokenPlaced(self, event: Tree) -> None:
        self.number(event["token"])
        need(event["scope"] in self.scopes, f"token {event['token']} in no scope")
        credit = (event["scope"], event.get("came", ""), event["node"])
        for credits in (self.must, self.may):
            if credit in credits:
                credits.remove(credit)
                break
        else:
            raise Misfit(f"no arrow was taken for {credit}")
        arrow = event.get("arrow", "")
        state = "queued" if arrow else "ready"
        joins = self.nodes[event["node"]].get("join", "each") != "each" and event.get("came")
        need(bool(arrow) == bool(joins), f"token {event['token']} is {state} before {event['node']}")
        need(
            not arrow or arrow in (f"{credit[1]}>{credit[2]}", f"{credit[1]}~{credit[2]}"),
            f"arrow {arrow} for {credit}",
        )
        self.tokens[event["token"]] = Token(event["node"], event["scope"], event.get("came", ""), arrow, state)

    def _JoinFired(self, event: Tree) -> None:
        taken = [self.tokens[no] for no in event["taken"]]
        for token in taken:
            need(token.state == "queued" and token.node == event["node"], f"{event['node']} takes {token}")
        join = self.nodes[event["node"]]["join"]
        if join == "all" or "first" in join or join == "matching":
            need(len({token.arrow for token in taken}) == len(taken), f"{event['node']} takes two of one arrow")
        if "batch" in join and event.get("goes") is not None:
            need(len(taken) == int(join["batch"]), f"{event['node']} takes {len(taken)}")
        need(event.get("goes") is None or event["goes"] in event["taken"], f"{event['goes']} was not taken")
        need(event.get("goes") is not None or "first" in join, f"{event['node']} takes and lets nothing through")
        for no in event["taken"]:
            if no == event.get("goes"):
                self.tokens[no].state = "ready"
            else:
                del self.tokens[no]

    def _TokenHeld(self, event: Tree) -> None:
        self.tokens[event["token"]].state = "held"

    def _NodeEntered(self, event: Tree) -> None:
        token = self.tokens[event["token"]]
        again = token.state in ("held", "retried") or (token.state == "running" and event.get("again"))
        need(token.state == "ready" or again, f"{token.node} entered while {token.state}")
        token.state = "running"

    def _Waited(self, event: Tree) -> None:
        token = self.tokens[event["token"]]
        self._opened(token.awaits, event)
        if not token.awaits and token.state == "running":
            token.state = "retried"  # an incident's repair takes all; the node is entered anew

    def _Armed(self, event: Tree) -> None:
        self._opened(self.scopes[event["scope"]][1], event)

    def _opened(self, awaits: dict[int, Tree], event: Tree) -> None:
        for no in event.get("closed", ()):
            need(no in awaits, f"{no} is closed and was not open")
            del awaits[no]
        for await_ in event.get("opened", ()):
            if await_["kind"] != "scope":
                self.number(await_["no"])
            awaits[await_["no"]] = await_

    def _IncidentRaised(self, event: Tree) -> None:
        self.number(event["no"])
        token = self.tokens[event["token"]]
        token.awaits[event["no"]] = {"no": event["no"], "kind": "retry", "purpose": "retry"}
        if token.state == "ready":
            token.state = "running"

    def _IncidentRetried(self, event: Tree) -> None:
        for token in self.tokens.values():
            if token.awaits.pop(event["no"], None) is not None and not token.awaits:
                token.state = "retried"

    def _EventFired(self, event: Tree) -> None:
        """An armed event: its arrow is taken. One thrown inside has no number: whoever names it may have caught it."""
        name = event["name"]
        owners = [(0, "", self.tree), *((t.scope, t.node, self.nodes[t.node]) for t in self.tokens.values())]
        for token in self.tokens.values():
            if event["no"] in token.awaits:
                owners = [(token.scope, token.node, self.nodes[token.node])]
        if event["no"] in self.scopes[0][1]:
            owners = [(0, "", self.tree)]
        for scope, came, owner in owners:
            for what in ("interrupt", "meanwhile"):
                if name in (owner.get(what) or {}):
                    target = owner[what][name]["next"]
                    back = [(t.scope, t.came, t.came) for t in self.tokens.values() if t.node == came]
                    self.may += back if target == "back" else [(scope, came, target)]

    def _PathQueued(self, event: Tree) -> None:
        """A meanwhile that waits for its path: its token comes later, once."""
        key = (event["scope"], event["path"])
        came, _, name = event["path"].partition("~")
        owner = self.nodes[came] if came else self.tree
        credit = (event["scope"], came, owner["meanwhile"][name]["next"])
        if event.get("taken"):
            need(self.queued.get(key, 0) > 0, f"{key} is not queued")
            self.queued[key] -= 1
            self.may.append(credit)
        else:
            self.queued[key] = self.queued.get(key, 0) + 1

    def _NodeLeft(self, event: Tree) -> None:
        token = self.tokens.pop(event["token"])
        need(token.state in ("running", "held"), f"{token.node} left while {token.state}")
        must, may = self.arrows(self.nodes[token.node], event["exit"], token)
        for credits, targets in ((self.must, must), (self.may, may)):
            credits += [(token.scope, token.node, target) for target in targets if target != "end"]

    def arrows(self, node: Tree, exit: str, token: Token) -> tuple[list[str], list[str]]:
        """Where an exit leads: all of the first, some of the second."""
        next_ = node.get("next")
        kind = node["type"]
        if kind == "parallel_gateway":
            return list(next_) * int(node.get("threads", 1)), []
        if kind == "inclusive_gateway":
            return [], [case["next"] for case in node["cases"]]
        if kind == "exclusive_gateway":
            return [node["cases"][int(exit.removeprefix("case_")) - 1]["next"]], []
        if kind == "event_gateway":
            return [node["events"][exit]["next"]], []
        if isinstance(next_, dict) and exit in next_:
            found = next_[exit]
        elif isinstance(next_, str) and exit == "done":
            found = next_
        elif token.scope == 0 and not next_:
            return [], []
        else:  # a deadline, nobody, a button's own arrow
            return [], [token.came if target == "back" else target for target in nexts(node)]
        return [token.came if found == "back" else found], []

    def _RoundDone(self, event: Tree) -> None:
        need(self.tokens[event["token"]].state == "running", "a round of what does not run is over")

    def _TokenEnded(self, event: Tree) -> None:
        token = self.tokens.pop(event["token"])
        need(token.state == "running" and self.nodes[token.node]["type"] == "end", f"{token.node} ended a path")

    def _Withdrawn(self, event: Tree) -> None:
        for no in event["tokens"]:
            del self.tokens[no]
        for no in event.get("scopes", ()):
            del self.scopes[no]

    def _CaseEnded(self, event: Tree) -> None:
        status = event.get("status", "completed")
        need(status != "completed" or not self.tokens, f"completed with {sorted(self.tokens)}")
        if status == "completed":
            self.must = []
        self.status, self.tokens, self.scopes = status, {}, {}

    # ---- the end

    def differences(self, state: Tree, status: int) -> Iterator[str]:
        told = {int(no): (token["node"], token.get("state", "ready")) for no, token in state.get("tokens", {}).items()}
        mine = {no: (token.node, token.state) for no, token in self.tokens.items()}
        if told != mine:
            yield f"its row tells tokens {told}, its history {mine}"
        if state["status"] != self.status or STATUS[self.status] != status:
            yield f"its row tells {state['status']}, its history {self.status}"
        open_ = {int(no) for t in state.get("tokens", {}).values() for no in t.get("awaits", {})}
        open_ |= {int(no) for s in state.get("scopes", {}).values() for no in s.get("awaits", {})}
        if open_ != set(self.awaits()):
            yield f"its row waits for {sorted(open_)}, its history for {sorted(self.awaits())}"


def nexts(node: Tree) -> Iterator[str]:
    """Every target that is written anywhere in a node, but for those of its inner steps."""
    for key, value in node.items():
        if key == "next" and isinstance(value, str):
            yield value
        elif key == "next" and isinstance(value, dict):
            yield from value.values()
        elif key not in ("nodes", "meanwhile") and isinstance(value, dict):
            yield from nexts(value)
        elif key in ("cases", "buttons") and isinstance(value, list):
            for one in value:
                yield from nexts(one)


def need(holds: Any, otherwise: str) -> None:
    if not holds:
        raise Misfit(otherwise)
