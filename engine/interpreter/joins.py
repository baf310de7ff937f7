"""When a join fires and what it takes: `all`, `matching`, `first` and `batch` (LANGUAGE 13.2, 13.3; WCP 3, 7, 9, 28-33, 37, 38, 41).

Each arrow into a join keeps a queue, first in first out: the queued tokens by number. Nothing is swallowed.
"""

from __future__ import annotations

from engine.interpreter import events as ev
from engine.interpreter.graph import ScopeGraph
from engine.interpreter.work import Work


def look_at_joins(work: Work) -> bool:
    """Fires every join that can fire now, in the order of scopes and nodes; whether one did. Called at rest."""
    waiting = {(t.scope, t.node) for t in work.case.tokens.values() if t.state == "queued"}
    waiting |= {(scope.no, node) for scope in work.case.scopes.values() for node in scope.rounds}
    fired = [_look(work, scope, node) for scope, node in sorted(waiting)]
    return any(fired)


def _look(work: Work, scope: int, node: str) -> bool:
    if scope not in work.case.scopes:
        return False
    join = work.workflow.node(node).join
    graph = work.workflow.scope_of(node)
    queues: dict[str, list[int]] = {}
    for token in sorted(work.case.tokens.values(), key=lambda t: t.no):
        if token.scope == scope and token.node == node and token.state == "queued":
            queues.setdefault(token.arrow, []).append(token.no)
    arrows = [arrow.id for arrow in graph.into[node]]
    assert join is not None, f"tokens are queued before '{node}', which does not join"
    match join.mode:
        case "all":
            if not arrows or any(arrow not in queues for arrow in arrows):
                return False
            return _fire(work, scope, node, [queues[arrow][0] for arrow in arrows])
        case "matching":
            if not queues or _on_its_way(work, graph, scope, node, frozenset(queues)):
                return False
            return _fire(work, scope, node, [queue[0] for queue in queues.values()])
        case "batch":
            queued = sorted(no for queue in queues.values() for no in queue)
            wanted = join.batch or 1
            return len(queued) >= wanted and _fire(work, scope, node, queued[:wanted])
        case "first":
            return _first(work, graph, scope, node, queues, arrows)
    return False


def _fire(work: Work, scope: int, node: str, taken: list[int]) -> bool:
    goes = min(taken)
    work.record(ev.JoinFired(scope, node, tuple(taken), goes))
    work.bound(scope, node)
    work.ready.append(goes)
    return True


def _first(
    work: Work, graph: ScopeGraph, scope: int, node: str, queues: dict[str, list[int]], arrows: list[str]
) -> bool:
    join = work.workflow.node(node).join
    assert join is not None
    assert join.first is not None
    round_ = work.case.scopes[scope].rounds.get(node)
    given = list(round_.given) if round_ else []
    fired = round_.fired if round_ else False
    fresh = [arrow for arrow in arrows if arrow in queues and arrow not in given]
    taken: list[int] = []
    goes: int | None = None
    for arrow in sorted(fresh, key=lambda a: queues[a][0]):
        token = queues[arrow][0]
        taken.append(token)
        given.append(arrow)
        if not fired and len(given) == join.first:
            fired, goes = True, token
            if join.rest == "cancel":
                break
    if fired and join.rest == "cancel":
        return _cancel_rest(work, graph, scope, node, taken, goes)
    closes = fired and (set(given) == set(arrows) or not _on_its_way(work, graph, scope, node, frozenset(given), goes))
    if not taken and not closes:
        return False
    work.record(ev.JoinFired(scope, node, tuple(taken), goes, () if closes else tuple(given), fired and not closes))
    if goes is not None:
        work.bound(scope, node)
        work.ready.append(goes)
    return True


def _cancel_rest(work: Work, graph: ScopeGraph, scope: int, node: str, taken: list[int], goes: int | None) -> bool:
    region = graph.region(node)
    stays = {goes}
    others = [
        t.no
        for t in work.case.tokens.values()
        if t.scope == scope and t.no not in stays and t.no not in taken
        and (t.node in region or (t.node == node and t.state == "queued"))
    ]  # fmt: skip
    work.record(ev.JoinFired(scope, node, tuple(taken), goes, ()))
    work.withdraw(others, f"{node}: the first have arrived")
    work.close_rounds(scope, region)
    if goes is not None:
        work.bound(scope, node)
        work.ready.append(goes)
    return True


def _on_its_way(
    work: Work, graph: ScopeGraph, scope: int, join: str, served: frozenset[str], goes: int | None = None
) -> bool:
    """Whether a token may still come to an arrow outside `served` (LANGUAGE 13.3).

    (a) a path leads from its place to such an arrow without passing the join, and (b) none leads to a served arrow over
    arrows that move the token: so a token that comes round a loop never makes the join wait for itself. `goes` is the
    token that the join lets through now: it stands in the join's node and may come round to another arrow.
    """
    for token in work.case.tokens.values():
        before_it = token.node == join and token.state == "queued" and token.no != goes
        if token.scope != scope or before_it:
            continue
        outside = graph.reaches(token.node, join) - served
        if outside and not graph.reaches(token.node, join, moving_only=True) & served:
            return True
    return False
