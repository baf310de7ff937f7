"""What a new version of a workflow means for a case that runs on another one: its fate, and the event that moves it.

    fate(old, new, case, choices) -> Fate(bearing, event, remarks)

Pure: two versions, one case, what a person chose. The worst remark decides: `safe` (nothing that it stands on differs),
`auto-mapped` (there is one answer, and the remarks say it), `needs-choice` (the mapping file must say), `cannot`. Timers
that have fired are not set again, those that differ count from when their step began, answers that were given are never
dropped without being asked for (RUNTIME R31; requirements, publish impact report).

(A little long: one judge, whose questions share the remarks that they add to.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.interpreter import availability, rounds
from engine.interpreter import events as ev
from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.copies import MORE
from engine.interpreter.events import Await
from engine.interpreter.instance import Instance, Token
from engine.interpreter.node import NodeType
from engine.interpreter.remarks import BEARINGS, Remark
from engine.interpreter.versions import Choices, Versions
from engine.language.kinds.events import Event
from engine.language.kinds.people import Deadline
from engine.language.kinds.workflow import Workflow
from engine.language.pack import Pack

CLOCKS = ("deadline", "remind")
ASKED = ("approvers", "assignee", "offer")


@dataclass(frozen=True)
class Fate:
    """`event` moves the case; only where the bearing is safe or auto-mapped."""

    bearing: str
    event: ev.CaseMigrated
    remarks: tuple[Remark, ...]

    @property
    def goes(self) -> bool:
        return self.bearing in BEARINGS[:2]


def fate(versions: Versions, case: Instance) -> Fate:
    """What becomes of a case. A copy of a for_each goes on as it began, on the version of its parent's step."""
    return _Judge(versions, case).fate()


class _Judge:
    def __init__(self, versions: Versions, case: Instance) -> None:
        self.versions, self.case = versions, case
        self.old, self.new = versions.old, versions.new
        self.remarks: list[Remark] = []
        self.closes: list[int] = []
        self.opens: list[tuple[int, str]] = []
        self.anew: list[int] = []
        self.empties: list[str] = []

    def fate(self) -> Fate:
        if self.case.body:
            self.say("copy", self.case.body)
            return Fate("safe", ev.CaseMigrated(), tuple(self.remarks))
        if self.old.definition.case != self.new.definition.case:
            self.say("record-differs", "", str(self.new.definition.case or ""))
        self._data()
        for token in sorted(self.case.tokens.values(), key=lambda t: t.no):
            self._token(token)
        self._scopes()
        bearing = max((r.bearing for r in self.remarks), key=BEARINGS.index, default="safe")
        names = {old: new for old, new in self.versions.names.items() if old != new and self.new.has(new)}
        event = ev.CaseMigrated(
            nodes=names,
            closes=tuple(self.closes),
            opens=tuple(self.opens),
            anew=tuple(self.anew),
            empties=tuple(self.empties),
        )
        return Fate(bearing, event, tuple(self.remarks))

    def say(self, what: str, node: str, to: str = "") -> None:
        remark = Remark(what, node, to)
        if remark not in self.remarks:
            self.remarks.append(remark)

    # ---- variables

    def _data(self) -> None:
        for name, value in self.case.data.items():
            if value is None or name not in self.old.data_types:
                continue
            if name in self.versions.choices.empty:
                self.empties.append(name)
                self.say("variable-emptied", name)
            elif name not in self.new.data_types:
                self.say("variable-gone", name)
            elif self.new.data_types[name] != self.old.data_types[name]:
                self.say("variable-retyped", name)

    # ---- tokens

    def _token(self, token: Token) -> None:
        chosen = self.versions.choices
        name = self.versions.new_name(token.node)
        if name is None:
            self.say("node-gone", token.node, ", ".join(self._candidates(token.node)))
            return
        old, new = self.old.node(token.node), self.new.node(name)
        if name != token.node:
            self.say("renamed", token.node, name)
        if not self.versions.same_scope(token.node, name):
            self.say("scope-differs", token.node)
            return
        self._came(token, new)
        if token.state == "queued":
            self._queued(token, name)
            return
        if token.node in chosen.anew or chosen.votes.get(token.node) == "again" or self._only_held(token, old, new):
            self.anew.append(token.no)
            self.say("begins-anew", token.node)
            return
        problem = self._cannot_go_on(token, old, new)
        if problem is not None:
            self.say(problem, token.node, new.type)
            return
        if token.state == "running":
            self._running(token, old, new)

    def _cannot_go_on(self, token: Token, old: NodeType, new: NodeType) -> str | None:
        """Why an open run can only begin anew."""
        if type(old) is not type(new):
            return "type-differs"
        if old.for_each != new.for_each:
            return "copies-differ"
        if old.repeat != new.repeat:
            return "rounds-differ"
        if token.lock and old.mutex != new.mutex:
            return "lock-differs"
        if self._counts_differently(token, old, new) and self.versions.choices.votes.get(token.node) != "keep":
            return "votes-differ"
        return None

    def _counts_differently(self, token: Token, old: NodeType, new: NodeType) -> bool:
        policies = [_policy(version, node) for version, node in ((self.old, old), (self.new, new))]
        return new.given_up(old, token.memory) or bool(token.memory.get("votes") and policies[0] != policies[1])

    def _only_held(self, token: Token, old: NodeType, new: NodeType) -> bool:
        """Its own time holds it and nothing has begun: with another time it is simply looked at again."""
        gated = any(a.purpose.startswith(availability.GATE) or a.purpose == rounds.ROUND for a in token.awaits.values())
        begun = any(a.kind == "task" for a in token.awaits.values())
        return gated and not begun and (old.available, old.repeat) != (new.available, new.repeat)

    def _running(self, token: Token, old: NodeType, new: NodeType) -> None:
        if token.memory.get("votes"):
            self.say("votes-kept", token.node)
        if any(getattr(old, key, None) != getattr(new, key, None) for key in ASKED):
            self.say("people-stay", token.node)
        if any(a.kind in ("service", "outside") for a in token.awaits.values()):
            self.say("call-in-flight", token.node)
        if any(a.kind == "child" for a in token.awaits.values()):
            self.say("child-goes-on", token.node)
        before = _events(old, token.awaits.values())
        self._events(token.no, token.node, token.awaits.values(), before, _events(new, token.awaits.values()))
        self._clocks(token, old, new)

    def _clocks(self, token: Token, old: NodeType, new: NodeType) -> None:
        was, now = _clock(old), _clock(new)
        open_ = [a for a in token.awaits.values() if a.purpose in CLOCKS]
        if was == now:
            for await_ in open_:
                self.say("timer-kept", token.node, await_.purpose)
        elif open_ or was is None:
            self.closes += [a.no for a in open_]
            if now is not None:
                self.opens.append((token.no, "deadline"))
            self.say(
                "timer-gone" if now is None else "timer-added" if was is None else "timer-moved", token.node, "deadline"
            )

    def _events(
        self, no: int, node: str, awaits: Iterable[Await], before: Mapping[str, Event], after: Mapping[str, Event]
    ) -> None:
        """What is armed by a purpose that the new version lacks is withdrawn, what differs is armed anew, what is new is
        armed; what has fired already is left alone."""
        held = {a.purpose: a for a in awaits if a.kind != "retry"}
        for purpose, event in before.items():
            await_ = held.get(purpose)
            if await_ is None:
                continue
            word = "timer" if await_.kind in ("timer", "moment") else "event"
            other = after.get(purpose)
            if other is not None and _arms(other) == _arms(event):
                self.say(f"{word}-kept", node, purpose.partition(":")[2] or purpose)
                continue
            self.closes.append(await_.no)
            if other is not None:
                self.opens.append((no, purpose))
            self.say(
                f"{word}-moved" if other is not None else f"{word}-gone", node, purpose.partition(":")[2] or purpose
            )
        for purpose in after:
            if purpose not in before:
                self.opens.append((no, purpose))
                self.say("event-added", node, purpose.partition(":")[2] or purpose)

    def _came(self, token: Token, new: NodeType) -> None:
        """`back` must still lead somewhere."""
        leads_back = any("back" in targets for targets in new.arrows().values())
        if leads_back and token.came and self.versions.new_name(token.came) is None:
            self.say("way-back-gone", token.node, token.came)

    def _queued(self, token: Token, name: str) -> None:
        sign = ">" if ">" in token.arrow else "~"
        source, _, _ = token.arrow.partition(sign)
        arrow = f"{self.versions.names.get(source, source)}{sign}{name}"
        into = {a.id for a in self.new.scope_of(name).into[name]}
        if not self.new.joins(name) or arrow not in into:
            self.say("join-differs", token.node)

    def _candidates(self, name: str) -> list[str]:
        """Nodes of the same type that the new version has more."""
        kind = self.old.node(name).type
        return [n for n, node in self.new.graph.nodes.items() if node.type == kind and not self.old.has(n)]

    # ---- the case as a whole

    def _scopes(self) -> None:
        for scope in self.case.scopes.values():
            for node, handler, _ in scope.undo:
                if self.versions.new_name(node) is None or self.versions.new_name(handler) is None:
                    self.say("undo-gone", node, handler)
            for node in scope.rounds:
                if self.versions.new_name(node) is None or not self.new.joins(self.versions.names[node]):
                    self.say("join-differs", node)
        own = self.case.scopes.get(0)
        if own is None:
            return
        before, after = (
            {
                f"{how}:{n}": t
                for how in ("interrupt", "meanwhile")
                for n, t in (getattr(w.definition, how) or {}).items()
            }
            for w in (self.old, self.new)
        )
        fired = any(a.startswith(("interrupt:",)) for a in before) and not own.awaits
        if not fired:  # a case whose interrupt has fired is disarmed for good (LANGUAGE 4)
            self._events(0, "", own.awaits.values(), before, after)


def _events(node: NodeType, awaits: Iterable[Await]) -> dict[str, Event]:
    """Purpose -> event: those of its interrupts and meanwhiles, and those that the type itself waits for."""
    found: dict[str, Event] = {}
    for how in ("interrupt", "meanwhile"):
        for name, trigger in (getattr(node, how) or {}).items():
            if trigger.kind not in ("error", "escalation"):
                found[f"{how}:{name}"] = trigger
    if node.for_each is not None:
        if node.for_each.more_on is not None:
            found[MORE] = node.for_each.more_on
        return found
    for name, trigger in (getattr(node, "events", None) or {}).items():
        found[f"event:{name}"] = trigger
    if "own" not in found and any(a.purpose == "own" for a in awaits):
        own = node.event_for("own")
        if own is not None:
            found["own"] = own
    return found


def _arms(event: Event) -> tuple[Any, ...]:
    """What must be opened to hear an event; its `if`, `needs` and arrow are read when it fires."""
    kind = str(event.kind)
    return (kind, getattr(event, kind), event.match, event.of, event.times, bool(event.fields))


def _policy(version: CompiledWorkflow, node: NodeType) -> Any:
    """The policy of the pack that a node names, as that version has it pinned."""
    root = version.pack.root
    return (root.approval_policies or {}).get(getattr(node, "policy", "")) if root is not None else None


def _clock(node: NodeType) -> tuple[Any, ...] | None:
    """What a node's own timers are worked out from."""
    deadline = getattr(node, "deadline", None)
    return (deadline.within, deadline.by, deadline.remind) if isinstance(deadline, Deadline) else None


@dataclass(frozen=True)
class Standing:
    """The cases that run on one version of a workflow: that version with its pinned definitions, and each case."""

    old: CompiledWorkflow
    cases: Sequence[Instance]


def fates(pack: Pack, standing: Standing, choices: Choices | None = None) -> list[tuple[Instance, Fate]]:
    """What becomes of each case when `pack` is in force; empty when it no longer has the workflow."""
    workflow = pack.get(Workflow, standing.old.name)
    if workflow is None:
        return []
    versions = Versions(standing.old, CompiledWorkflow(workflow, pack), choices)
    return [(case, fate(versions, case)) for case in standing.cases]
