"""Whether a case that moves to a new version can still come to its end from where it stands: the flow proof, begun there.

A new version may be sound from its start and yet leave an old case before a join for ever: a third branch that it waits for was
never begun. What the old version would do to the case from there is not held against the new one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.checks.flow.explore import Search
from engine.checks.flow.game import Came, Cut, Draft, Game, Place, State
from engine.checks.flow.net import Way
from engine.checks.flow.scopes import Proof, Prover
from engine.checks.pack_view import View
from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.events import CaseMigrated
from engine.interpreter.fates import Fate
from engine.interpreter.instance import Instance, Scope, Token, copy_of, evolve
from engine.interpreter.remarks import BEARINGS, Remark
from engine.interpreter.versions import Versions

MOST = 3_000
"""States that are looked at for one case; beyond that nothing is known, and that is said."""
STUCK = frozenset({"deadlock", "livelock"})


@dataclass
class _Known:
    """One scope of a version: its proof, its game, and what came of the states that cases stood in."""

    proof: Proof
    game: Game
    stuck: dict[State, frozenset[str] | None] = field(default_factory=dict)


class Ways:
    """Judges fates further. Keeps what it proved: many cases stand alike."""

    def __init__(self) -> None:
        self._versions: dict[int, tuple[CompiledWorkflow, dict[str, _Known]]] = {}

    def __call__(self, versions: Versions, case: Instance, found: Fate) -> Fate:
        """The fate, which is `cannot` where the case could come to stand for ever at a step of the new version."""
        if not found.goes or case.body:
            return found
        after = _after(case, found.event)
        remarks: list[Remark] = []
        for no, scope in after.scopes.items():
            now = self._stuck(versions.new, after, scope)
            if now is None:
                remarks.append(Remark("flow-not-decided", scope.node, str(MOST)))
            elif now:
                before = self._stuck(versions.old, case, case.scopes[no]) or frozenset()
                old = {versions.names.get(node, node) for node in before}
                remarks += [Remark("stands-for-ever", node) for node in sorted(now - old)]
        bearing = max((found.bearing, *(r.bearing for r in remarks)), key=BEARINGS.index)
        return Fate(bearing, found.event, (*found.remarks, *remarks))

    def _stuck(self, version: CompiledWorkflow, case: Instance, scope: Scope) -> frozenset[str] | None:
        """The steps at which a scope can come to stand for ever; None where the search met its bound."""
        known = self._scopes(version).get(scope.node)
        if known is None or known.proof.codes & STUCK:
            return frozenset()
        state = _state(known, case, scope)
        if state not in known.stuck:
            search = Search(known.game, (), MOST)
            search.begin(state)
            result = search.finish()
            units = known.proof.net.units
            nodes = frozenset(units[fault.units[0]].name for fault in result.faults if fault.code in STUCK)
            known.stuck[state] = nodes if nodes or result.decided else None
        return known.stuck[state]

    def _scopes(self, version: CompiledWorkflow) -> dict[str, _Known]:
        """Scope -> what is known of it, of one version."""
        if id(version) not in self._versions:
            view = View(version.pack)
            proofs = Prover(view, view.states).of(version.name)
            self._versions[id(version)] = version, {p.scope: _Known(p, Game(p.net)) for p in proofs}
        return self._versions[id(version)][1]


def _after(case: Instance, event: CaseMigrated) -> Instance:
    """The case as the event leaves it, before what begins anew has run."""
    after = evolve(copy_of(case), event)
    for no in event.anew:
        token = after.tokens[no]
        token.state, token.arrow, token.awaits = "ready", "", {}
    gone = set(event.anew)
    for scope in sorted(after.scopes):  # what stands inside goes with it, all the way in
        if after.scopes[scope].token in gone:
            gone |= {t.no for t in after.tokens.values() if t.scope == scope}
    after.scopes = {no: s for no, s in after.scopes.items() if s.token not in gone}
    after.tokens = {no: t for no, t in after.tokens.items() if t.scope in after.scopes}
    return after


def _state(known: _Known, case: Instance, scope: Scope) -> State:
    """How a scope of a case stands, in the game of its version, worked out to rest."""
    net, game = known.proof.net, known.game
    draft = Draft(game, State(()))
    for token in sorted(case.tokens.values(), key=lambda t: t.no):
        if token.scope != scope.no or token.node not in net.number:
            continue
        unit = net.units[net.number[token.node]]
        came: Came = (net.number[token.came],) if unit.back and token.came in net.number else ()
        if token.state == "queued":
            source, sign, _ = token.arrow.partition(">" if ">" in token.arrow else "~")
            arrow = net.arrow_no.get((net.number.get(source, -1), unit.no, sign == ">"), -1)
            if arrow >= 0:
                draft.marking.append(game.place(Place(unit.no, arrow, came)))
        elif unit.rests:
            draft.marking.append(game.place(Place(unit.no, -1, came, _fired(unit.beside, token))))
        else:
            draft.ready.append((unit.no, came))
    for node, round_ in scope.rounds.items():
        given = {a.partition(">")[0] for a in round_.given}
        unit = net.units[net.number[node]]
        bits = sum(1 << a for a in unit.arrows if net.units[net.sources[a]].name in given)
        draft.rounds[unit.no] = (bits, round_.fired)
    if not scope.no:
        draft.armed = 1 | sum(
            1 << bit
            for bit, way in enumerate(net.once, 1)
            if any(_stands_for(way, a.purpose) for a in scope.awaits.values())
        )
    try:
        draft.to_rest()
    except Cut:
        return State((), over="cut")
    return draft.done()


def _fired(beside: tuple[Way, ...], token: Token) -> int:
    """The bits of the meanwhiles that this run no longer waits for."""
    purposes = [a.purpose for a in token.awaits.values()]
    return sum(
        1 << bit for bit, way in enumerate(beside) if purposes and not any(_stands_for(way, p) for p in purposes)
    )


def _stands_for(way: Way, purpose: str) -> bool:
    return purpose in (way.label, f"meanwhile:{way.label}")
