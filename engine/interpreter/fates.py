"""What a new version of a workflow means for a case that runs on another one: its fate, and the event that moves it.

    fate(Versions(old, new, choices), case) -> Fate(bearing, event, remarks)

Pure: two versions, one case, what a person chose. The worst remark decides: `safe` (nothing that it stands on differs),
`auto-mapped` (there is one answer, and the remarks say it), `needs-choice` (the mapping file must say, and the remark says
what), `cannot`. Timers that have fired are not set again, those that differ count from when their step began, answers that
were given are never dropped without being asked for (RUNTIME R31; requirements, publish impact report).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.interpreter import availability, proposals
from engine.interpreter import events as ev
from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.instance import Instance, Token
from engine.interpreter.node import NodeType
from engine.interpreter.proposals import Line
from engine.interpreter.rearming import Rearming
from engine.interpreter.remarks import BEARINGS, Remark
from engine.interpreter.versions import Versions
from engine.language.kinds.workflow import Workflow
from engine.language.pack import Pack


@dataclass(frozen=True)
class Fate:
    """`event` moves the case; only where the bearing is safe or auto-mapped."""

    bearing: str
    event: ev.CaseMigrated
    remarks: tuple[Remark, ...]

    @property
    def goes(self) -> bool:
        return self.bearing in BEARINGS[:2]


Called = Mapping[int, Workflow]
"""Of one case: the number of an await -> the version of the called workflow whose case answers it."""


def fate(versions: Versions, case: Instance, called: Called | None = None) -> Fate:
    """What becomes of a case. A copy of a for_each goes on as it began, on the version of its parent's step."""
    return _Judge(versions, case, called or {}).fate()


class _Judge:
    def __init__(self, versions: Versions, case: Instance, called: Called) -> None:
        self.versions, self.case, self.called = versions, case, called
        self.old, self.new = versions.old, versions.new
        self.remarks: list[Remark] = []
        self.rearming = Rearming(versions, case, self.say)
        self.anew: list[int] = []
        self.takes_up: list[int] = []
        self.empties: list[str] = []
        self.fills: list[str] = []
        self.closed: set[int] = set()
        """Tokens whose step does not go on: what stands inside them goes with it."""

    def fate(self) -> Fate:
        if self.case.body:
            again = self.case.body in self.versions.choices.anew
            self.say("copy-withdrawn" if again else "copy", self.case.body)
            return Fate("safe", ev.CaseMigrated(), tuple(self.remarks))
        if self.old.definition.case != self.new.definition.case:
            self.say("record-differs", "", str(self.new.definition.case or ""))
        self._data()
        for token in sorted(self.case.tokens.values(), key=lambda t: t.no):
            if self.case.scopes[token.scope].token in self.closed:
                self.closed.add(token.no)
            else:
                self._token(token)
        self._scopes()
        bearing = max((r.bearing for r in self.remarks), key=BEARINGS.index, default="safe")
        names = {old: new for old, new in self.versions.names.items() if old != new and self.new.has(new)}
        event = ev.CaseMigrated(
            nodes=names,
            closes=tuple(self.rearming.closes),
            opens=tuple(self.rearming.opens),
            anew=tuple(self.anew),
            takes_up=tuple(self.takes_up),
            empties=tuple(self.empties),
            fills=tuple(self.fills),
        )
        return Fate(bearing, event, tuple(self.remarks))

    def say(self, what: str, node: str, to: str = "", fix: tuple[Line, ...] = ()) -> None:
        remark = Remark(what, node, to, fix)
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
            elif not self.versions.still_fits(name, value):
                self.say("variable-retyped", name, fix=(("empty", name, ""),))
        for name, declared in (self.new.definition.data or {}).items():
            if declared.start_with is not None and name not in self.old.data_types and name not in self.case.data:
                self.fills.append(str(name))
                self.say("variable-added", str(name))

    # ---- tokens

    def _token(self, token: Token) -> None:
        name = self.versions.new_name(token.node)
        if name is None:
            self.closed.add(token.no)
            fresh = proposals.fresh(self.versions, token.node)
            word = "node-gone-several" if len(fresh) > 1 else "node-gone"
            to = ", ".join(fresh) if len(fresh) > 1 else ""
            self.say(word, token.node, to, proposals.for_gone(self.versions, token.node))
            return
        old, new = self.old.node(token.node), self.new.node(name)
        again = token.node in self.versions.choices.anew
        if name != token.node and not again:
            self.say("renamed", token.node, name)
        if not self.versions.same_scope(token.node, name):
            self.closed.add(token.no)
            self.say("scope-differs", token.node, fix=proposals.for_other_scope(self.versions, token.node, name))
            return
        self._came(token, new)
        if token.state == "queued":
            self._queued(token, name)
            return
        if self._begins_anew(token, old, new):
            return
        problem = self._cannot_go_on(token, old, new)
        if problem is not None:
            self.closed.add(token.no)
            self.say(problem, token.node, new.type, self._fix(problem, token.node))
            return
        if token.state == "running":
            self._running(token, old, new)

    def _fix(self, problem: str, node: str) -> tuple[Line, ...]:
        return (("votes", node, "again"),) if problem.startswith("votes") else (("anew", node, ""),)

    def _begins_anew(self, token: Token, old: NodeType, new: NodeType) -> bool:
        """Because a person says so, or because nobody has begun or answered what differs."""
        chosen = self.versions.choices
        name = self.versions.new_name(token.node)
        if token.node in chosen.anew and name != token.node:
            self.say("begins-anew-at", token.node, str(name))
        elif token.node in chosen.anew or (chosen.votes.get(token.node) == "again" and token.memory.get("votes")):
            self.say("begins-anew", token.node)
        elif type(old) is type(new) and self._only_held(token, old, new):
            self.say("held-anew", token.node)
        elif type(old) is type(new) and self._asked(token, old, new) == "anew":
            self.say("asked-anew", token.node)
        else:
            return False
        self.anew.append(token.no)
        self.closed.add(token.no)
        return True

    def _asked(self, token: Token, old: NodeType, new: NodeType) -> str:
        """See NodeType.asked_otherwise; copies of a step are cases of their own, which ask by themselves."""
        if token.state != "running" or old.for_each is not None or new.for_each is not None:
            return ""
        return new.asked_otherwise(old, token.memory, self.new.pack.root, self.old.pack.root)

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
        if self._asked(token, old, new) == "answers":
            if self.versions.choices.votes.get(token.node) != "keep":
                return "votes-differ"
            if not new.can_take_up(token.memory, self.new.pack.root):
                return "votes-too-few"
        return None

    def _only_held(self, token: Token, old: NodeType, new: NodeType) -> bool:
        """Its lock or its own time holds it and nothing has begun: with another one it is simply looked at again."""
        if token.state == "held":
            return old.mutex != new.mutex
        gated = any(a.purpose.startswith(availability.GATE) for a in token.awaits.values())
        begun = token.rounds or any(a.kind == "task" for a in token.awaits.values())
        return gated and not begun and old.available != new.available

    def _running(self, token: Token, old: NodeType, new: NodeType) -> None:
        asked = self._asked(token, old, new)
        if asked == "answers":
            self.takes_up.append(token.no)
            self.say("votes-counted", token.node)
        elif token.memory.get("votes"):
            self.say("votes-kept", token.node)
        if asked == "people":
            self.say("people-stay", token.node)
        if any(a.kind in ("service", "outside") for a in token.awaits.values()):
            self.say("call-in-flight", token.node)
        if any(a.kind == "child" for a in token.awaits.values()):
            self.say("child-goes-on", token.node)
            self._results(token, new)
        self.rearming.of_token(token, old, new)

    def _results(self, token: Token, new: NodeType) -> None:
        """A called case that goes on as it began may end by a result that the new version draws no arrow for."""
        called = [self.called[a.no] for a in token.awaits.values() if a.no in self.called]
        drawn = {*new.arrows(), *new.extra_arrows()}
        if new.for_each is not None or "done" in drawn:
            return
        results = (getattr(node, "result", None) for workflow in called for _, node in workflow.all_nodes())
        unknown = sorted({str(result) for result in results if result is not None} - drawn)
        if unknown:
            self.say("result-unknown", token.node, ", ".join(unknown), (("anew", token.node, ""),))

    def _came(self, token: Token, new: NodeType) -> None:
        """`back` must still lead somewhere."""
        leads_back = any("back" in targets for targets in new.arrows().values())
        if leads_back and token.came and self.versions.new_name(token.came) is None:
            fix = [line for line in proposals.for_gone(self.versions, token.came) if line[0] == "nodes"]
            self.say("way-back-gone", token.node, token.came, tuple(fix))

    def _queued(self, token: Token, name: str) -> None:
        sign = ">" if ">" in token.arrow else "~"
        source, _, _ = token.arrow.partition(sign)
        arrow = f"{self.versions.names.get(source, source)}{sign}{name}"
        into = {a.id for a in self.new.scope_of(name).into[name]}
        if not self.new.joins(name) and token.node in self.versions.choices.anew:
            self.anew.append(token.no)
            self.say("waits-no-longer", token.node)
        elif not self.new.joins(name) or arrow not in into:
            self.say("join-differs", token.node, source, proposals.for_join(self.versions, source, token.node, name))

    # ---- the case as a whole

    def _scopes(self) -> None:
        for scope in self.case.scopes.values():
            if scope.token in self.closed:
                continue
            for node, handler, _ in scope.undo:
                gone = [n for n in (node, handler) if self.versions.new_name(n) is None]
                fix = tuple(("nodes", n, new[0]) for n in gone if (new := proposals.fresh(self.versions, n)))
                if gone:
                    self.say("undo-gone", node, handler, fix if len(fix) == len(gone) else ())
            for node in scope.rounds:
                name = self.versions.new_name(node)
                was, now = self.old.node(node).join, self.new.node(name).join if name is not None else None
                if was is None or now is None or was.mode != now.mode:
                    self.say("round-differs", node)
        self.rearming.of_case()


@dataclass(frozen=True)
class Standing:
    """The cases that run on one version of a workflow: that version with its pinned definitions, each case, and by the id of a
    case what it has called."""

    old: CompiledWorkflow
    cases: Sequence[Instance]
    called: Mapping[int, Called] = field(default_factory=dict)


Further = Callable[[Versions, Instance, Fate], Fate]
"""What else is known of a fate: the flow proof's word (checks/live_flow.py)."""


def fates(pack: Pack, standing: Standing, further: Further) -> list[tuple[Instance, Fate]]:
    """What becomes of each case when `pack` is in force; where it no longer has the workflow they stay as they are."""
    workflow = pack.get(Workflow, standing.old.name)
    if workflow is None:
        stays = Fate("cannot", ev.CaseMigrated(), (Remark("workflow-gone", standing.old.name),))
        return [(case, stays) for case in standing.cases]
    versions = Versions(standing.old, CompiledWorkflow(workflow, pack))
    return [
        (case, further(versions, case, fate(versions, case, standing.called.get(case.id, {}))))
        for case in standing.cases
    ]
