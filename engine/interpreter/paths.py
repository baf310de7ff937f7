"""Arrows taken: what happens when a run leaves by an exit, a second path begins, a path or a scope is over."""

from __future__ import annotations

from collections.abc import Mapping

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.events import Plain
from engine.interpreter.instance import Token
from engine.interpreter.node import End, Leave, NodeType
from engine.interpreter.work import Work


def leave(work: Work, token: Token, outcome: Leave) -> None:
    """The run is over: what it opened is withdrawn, what it cancels too, then one token goes on each arrow taken."""
    node = work.workflow.node(token.node)
    tokens, scopes = work.held_by([token.no])
    inner = tokens[1:]
    work.release(tokens, scopes)
    work.free(tokens)
    if inner or scopes:
        work.record(ev.Withdrawn(tuple(inner), tuple(scopes), f"{token.node} is left"))
    exits = outcome.exits or (outcome.exit,)
    if work.case.body and token.node == work.case.body and token.scope == 0:
        record_left(work, token, outcome)
        _end_case(work, outcome.exit, "completed", outcome)
        return
    targets = [target for exit_ in exits for target in targets_of(work, node, token, exit_)]
    record_left(work, token, outcome)
    if node.undo is not None and any(node.is_done(exit_) for exit_ in exits):
        work.record(ev.CompensationListed(token.scope, token.node, str(node.undo), dict(work.case.data)))
    if node.cancels:
        names = {str(name) for name in node.cancels}
        gone = [t.no for t in work.tokens_in(token.scope) if t.node in names]
        work.withdraw(gone, f"{token.node} cancels")
        work.close_rounds(token.scope, names)
    go(work, token, targets)


def record_left(work: Work, token: Token, outcome: Leave) -> None:
    because = dict(outcome.because) if outcome.because is not None else None
    work.record(
        ev.NodeLeft(
            token.no, outcome.exits[0] if outcome.exits else outcome.exit, work.at, outcome.by, outcome.answer, outcome.opinion,
            outcome.changed, because, outcome.voters,
        )
    )  # fmt: skip


def targets_of(work: Work, node: NodeType, token: Token, exit_: str) -> tuple[str, ...]:
    """Where an exit leads: nodes, `end`, or for `back` the step whose arrow brought the token."""
    drawn = node.arrows().get(exit_) or (node.extra_arrows()[exit_],)
    return tuple(token.came if target == "back" else str(target) for target in drawn)


def undrawn(work: Work, token: Token, outcome: Leave) -> str | None:
    """An exit without an arrow: a called workflow of another version may end by a result that this one does not know."""
    if work.case.body and token.node == work.case.body and token.scope == 0:
        return None
    node = work.workflow.node(token.node)
    drawn = {*node.arrows(), *node.extra_arrows()}
    return next((exit_ for exit_ in outcome.exits or (outcome.exit,) if exit_ not in drawn), None)


def go(work: Work, token: Token, targets: list[str] | tuple[str, ...], beside: bool = False) -> None:
    """One token on each arrow from where `token` stood; `end` is the end of this path."""
    sign = "~" if beside else ">"
    for target in targets:
        if target == "end":
            continue
        work.place(token.scope, target, token.node, f"{token.node}{sign}{target}", "" if beside else token.path)


def end(work: Work, token: Token, outcome: End) -> None:
    """An end node: of the path, of the scope with all that still runs (terminate, cancel, error), or a thrown code."""
    scope = token.scope
    work.free([token.no])
    match outcome.kind:
        case "normal":
            work.release([token.no], [])
            work.record(ev.TokenEnded(token.no, outcome.result))
        case "escalation":
            work.record(ev.TokenEnded(token.no, outcome.result))
            from engine.interpreter.throwing import throw_escalation

            throw_escalation(work, scope, str(outcome.code))
        case "error":
            work.withdraw_scope(scope, f"error {outcome.code}")
            from engine.interpreter.throwing import throw_error

            throw_error(work, scope, str(outcome.code))
        case _:
            work.release([token.no], [])
            work.record(ev.TokenEnded(token.no, outcome.result))
            work.withdraw_scope(scope, f"{token.node}: {outcome.kind}")


def close_scopes(work: Work) -> bool:
    """Ends the innermost scope that holds nothing any more: a subprocess leaves by its result, the case is over. Whether
    one did: what its leaving brings is carried out before the next is looked at."""
    for scope in sorted(work.case.scopes.values(), key=lambda s: -s.no):
        beside = any(a.purpose == "detached" for a in scope.awaits.values())
        taken = any(round_.given and not round_.fired for round_ in scope.rounds.values())
        if work.tokens_in(scope.no) or scope.queued or beside or taken:  # what a join has taken still counts (13.2)
            continue
        if scope.no == 0:
            _end_case(work, scope.result, "completed")
            return True
        owner = work.token(scope.token)
        outer, node, result, inside = owner.scope, owner.node, scope.result, list(scope.undo)
        work.close_awaits(scope.awaits.values())
        work.record(ev.ScopeClosed(scope.no, result))
        from engine.interpreter.dispatch import resume_with

        resume_with(work, owner, ev.ScopeClosed(scope.no, result))
        if outer in work.case.scopes:  # after the subprocess's own handler, so it undoes its inside first
            for _, handler, data in inside:
                work.record(ev.CompensationListed(outer, node, handler, data))
        return True
    return False


def _end_case(work: Work, result: str | None, status: str, outcome: Leave | None = None) -> None:
    scope = work.case.scopes.get(0)
    if scope is not None:
        work.close_awaits(scope.awaits.values())
    answer: dict[str, Plain] = {}
    if outcome is not None:
        answer = {
            k: v
            for k, v in (("answer", outcome.answer), ("by", outcome.by), ("opinion", outcome.opinion))
            if v is not None
        }
    work.record(ev.CaseEnded(result, status))
    if work.case.parent is not None:
        work.emit(fx.TellParent(result, answer=answer))


def second_path(work: Work, scope: int, target: str, came: str, path: str, message: Mapping[str, Plain] | None) -> None:
    """A meanwhile's path begins; one that may come again runs once at a time, further firings queue (13.6)."""
    if target == "end":
        return
    if path and any(t.path == path and t.scope == scope for t in work.case.tokens.values()):
        work.record(ev.PathQueued(scope, path, dict(message) if message is not None else None))
        return
    arrow = f"{came}~{target}" if came else ""
    work.place(scope, target, came, arrow, path, message)
