"""One case right now, and `evolve`, the only place where it changes. A case is nothing but the fold of its events.

A little longer than other files because everything that changes a case must live here.

Theory of operation. A case is a tree of scopes; scope 0 is the case's own, each running subprocess has one. A scope holds
tokens. A token is `queued` on an arrow before a join, `ready` to enter its node, or `running` in it; a running token that
waits holds awaits, each with a number that is unique in the case. An outside event names such a number; when nothing
awaits it, the event is refused before anything is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct, field, json, structs

from engine.interpreter import events as ev
from engine.interpreter.events import Await, Plain
from engine.interpreter.lifecycle import may_follow

VERSION = 1


class Token(Struct, omit_defaults=True):
    """state: queued, ready, held or running (lifecycle.py). `came` is the node whose arrow brought it, for `back`.

    `rounds`: how many are over (repeat). `begun`: the work itself has begun, by a person or on entry. `lock`: what it
    holds (mutex). `armed`: its node's interrupts and meanwhiles are armed, or have been.
    """

    no: int
    scope: int
    node: str
    state: str = "ready"
    came: str = ""
    arrow: str = ""
    path: str = ""
    opened: int = 0
    memory: dict[str, Plain] = field(default_factory=dict)
    awaits: dict[int, Await] = field(default_factory=dict)
    message: dict[str, Plain] | None = None
    incident: int | None = None
    rounds: int = 0
    begun: bool = False
    lock: str = ""
    armed: bool = False


class Round(Struct, omit_defaults=True):
    """An open round of a `first` join: the arrows that have given, and whether it has fired."""

    given: list[str] = field(default_factory=list)
    fired: bool = False


class Scope(Struct, omit_defaults=True):
    """`token` runs the subprocess `node`; both are empty for the case's own scope."""

    no: int
    token: int = 0
    node: str = ""
    result: str | None = None
    awaits: dict[int, Await] = field(default_factory=dict)
    rounds: dict[str, Round] = field(default_factory=dict)
    queued: dict[str, list[dict[str, Plain] | None]] = field(default_factory=dict)
    undo: list[tuple[str, str, dict[str, Plain]]] = field(default_factory=list)


class Run(Struct, omit_defaults=True):
    """What `steps.x` says of the latest run of a node."""

    opened: int = 0
    done: int | None = None
    exit: str = ""
    by: str | None = None
    answer: str | None = None
    opinion: str | None = None
    changed: tuple[str, ...] = ()
    voters: tuple[str, ...] = ()


class Instance(Struct, omit_defaults=True):
    """One case. `no` is the last number given out; numbers name tokens, scopes, awaits and incidents alike."""

    id: int
    workflow: str
    v: int = VERSION
    status: str = "new"
    no: int = 0
    seq: int = 0
    last_at: int = 0
    start: str = ""
    body: str = ""
    item: dict[str, Plain] = field(default_factory=dict)
    record: tuple[str, int] | None = None
    parent: tuple[int, int] | None = None
    depth: int = 0
    detached: bool = False
    starter: str | None = None
    data: dict[str, Plain] = field(default_factory=dict)
    tokens: dict[int, Token] = field(default_factory=dict)
    scopes: dict[int, Scope] = field(default_factory=dict)
    steps: dict[str, Run] = field(default_factory=dict)
    result: str | None = None

    def awaiting(self, no: int) -> tuple[Token | None, Scope, Await] | None:
        """Who waits for number `no`: a token, or a scope as a whole (its token is None)."""
        for token in self.tokens.values():
            found = token.awaits.get(no)
            if found is not None:
                return token, self.scopes[token.scope], found
        for scope in self.scopes.values():
            found = scope.awaits.get(no)
            if found is not None:
                return None, scope, found
        return None

    def all_awaits(self) -> Iterable[Await]:
        for scope in self.scopes.values():
            yield from scope.awaits.values()
        for token in self.tokens.values():
            yield from token.awaits.values()

    def depth_of(self, scope: int) -> int:
        """How many subprocesses a scope lies in."""
        depth = 0
        while scope:
            depth, scope = depth + 1, self.tokens[self.scopes[scope].token].scope
        return depth


def copy_of(instance: Instance) -> Instance:
    """A copy that `evolve` may change without touching the original."""
    fresh = structs.replace(instance)
    fresh.data = dict(instance.data)
    fresh.steps = dict(instance.steps)
    fresh.tokens = {
        no: structs.replace(t, awaits=dict(t.awaits), memory=dict(t.memory)) for no, t in instance.tokens.items()
    }
    fresh.scopes = {
        no: structs.replace(
            s,
            awaits=dict(s.awaits),
            rounds={n: Round(list(r.given), r.fired) for n, r in s.rounds.items()},
            queued={p: list(q) for p, q in s.queued.items()},
            undo=list(s.undo),
        )
        for no, s in instance.scopes.items()
    }
    return fresh


def evolve(case: Instance, event: ev.AnyEvent) -> Instance:
    """Applies one event to the case, in place, and returns it. Uses the event and the case only."""
    match event:
        case ev.CaseStarted():
            _status(case, "active")
            case.start, case.body, case.item = event.start, event.body, dict(event.item)
            case.record, case.parent, case.depth = event.record, event.parent, event.depth
            case.detached = event.detached
            case.starter = event.starter if event.starter is not None else event.by
            case.data = dict(event.data)
            case.scopes[0] = Scope(0)
        case ev.ScopeOpened(scope, token, node):
            _count(case, scope)
            case.scopes[scope] = Scope(scope, token, node)
        case ev.ScopeClosed(scope, _):
            del case.scopes[scope]
        case ev.TokenPlaced(token, scope, node, came, arrow, path, message):
            _count(case, token)
            case.tokens[token] = Token(
                token, scope, node, "queued" if arrow else "ready", came, arrow, path, message=message
            )
        case ev.JoinFired():
            _join(case, event)
        case ev.TokenHeld(token):
            held = case.tokens[token]
            may_follow(held.state, "held")
            held.state = "held"
        case ev.NodeEntered(token, at, again):
            held = case.tokens[token]
            may_follow(held.state, "running")
            held.state, held.opened, held.begun = "running", at, False
            held.armed = held.armed and again
            case.steps[held.node] = Run(opened=at)
        case ev.Waited(token, opened, closed, memory):
            held = case.tokens[token]
            _awaits(case, held.awaits, opened, closed)
            held.armed = held.armed or any(a.purpose.startswith(("interrupt:", "meanwhile:")) for a in opened)
            if memory is not None:
                held.memory = dict(memory)
        case ev.WorkBegun(token, lock):
            case.tokens[token].begun, case.tokens[token].lock = True, lock
        case ev.WorkSetDown(token):
            case.tokens[token].begun, case.tokens[token].lock = False, ""
        case ev.Armed(scope, opened, closed):
            _awaits(case, case.scopes[scope].awaits, opened, closed)
        case ev.Looked():
            _look(case, event)
        case ev.NodeLeft():
            _done(case, case.tokens.pop(event.token), event)
        case ev.RoundDone():
            held = case.tokens[event.token]
            held.rounds, held.incident = held.rounds + 1, None
            _done(case, held, event)
        case ev.TokenEnded(token, result):
            held = case.tokens.pop(token)
            if result is not None:
                case.scopes[held.scope].result = result
        case ev.Withdrawn(tokens, scopes, _):
            for no in tokens:
                held = case.tokens.pop(no)
                run = case.steps.get(held.node)
                if run is not None and run.done is None and held.state == "running":
                    case.steps[held.node] = structs.replace(run, exit="withdrawn", done=run.opened)
            for no in scopes:
                del case.scopes[no]
        case ev.PathQueued(scope, path, message, taken):
            queue = case.scopes[scope].queued.setdefault(path, [])
            if taken:
                queue.pop(0)
            else:
                queue.append(message)
            if not queue:
                del case.scopes[scope].queued[path]
        case ev.VariableSet(name, value):
            case.data[name] = value
        case ev.StarterSet(by):
            case.starter = by
        case ev.IncidentRaised(no, token, _, _):
            _count(case, no)
            held = case.tokens[token]
            held.incident = no
            held.awaits[no] = Await(no, "retry", "retry")
        case ev.OperatorTold(no):
            _count(case, no)
        case ev.IncidentRetried(no, _):
            for held in case.tokens.values():
                if held.incident == no:
                    held.incident = None
                    held.awaits.pop(no, None)
        case ev.CompensationListed(scope, node, handler, data):
            case.scopes[scope].undo.append((node, handler, dict(data)))
        case ev.CompensationTaken(scope, index):
            del case.scopes[scope].undo[index]
        case ev.CaseMigrated():
            if event.restores:
                become(case, json.decode(event.restores, type=Instance))
            rename(case, event.nodes)
            for name in event.empties:
                case.data.pop(name, None)
        case ev.CaseEnded(result, status):
            _status(case, status)
            case.result = result
            case.tokens.clear()
            case.scopes.clear()
        case _:
            pass
    return case


def become(case: Instance, before: Instance) -> None:
    """The case is as it was; what it is called, and how far its numbers, steps and clock have come, stays."""
    for name in Instance.__struct_fields__:
        if name not in ("id", "workflow", "v", "no", "seq", "last_at"):
            setattr(case, name, getattr(before, name))


def rename(case: Instance, nodes: Mapping[str, str]) -> None:
    """Everything that a case says by a node's name, said by its new name: tokens, arrows, rounds, paths, what was done."""
    if not nodes:
        return

    def name(old: str) -> str:
        return nodes.get(old, old)

    def pair(text: str) -> str:
        """An arrow, or a path whose second part is an event's name."""
        for sign in (">", "~"):
            source, found, target = text.partition(sign)
            if found:
                return name(source) + sign + name(target)
        return text

    def path(text: str) -> str:
        source, found, event = text.partition("~")
        return name(source) + found + event

    for token in case.tokens.values():
        token.node, token.came = name(token.node), name(token.came)
        token.arrow, token.path = pair(token.arrow), path(token.path)
    for scope in case.scopes.values():
        scope.node = name(scope.node)
        scope.rounds = {name(n): Round([pair(a) for a in r.given], r.fired) for n, r in scope.rounds.items()}
        scope.queued = {path(p): queue for p, queue in scope.queued.items()}
        scope.undo = [(name(node), name(handler), data) for node, handler, data in scope.undo]
    case.steps = {name(node): run for node, run in case.steps.items()}


def _count(case: Instance, no: int) -> None:
    case.no = max(case.no, no)


def _status(case: Instance, status: str) -> None:
    may_follow(case.status, status)
    case.status = status


def _awaits(case: Instance, held: dict[int, Await], opened: Iterable[Await], closed: Iterable[int]) -> None:
    for no in closed:
        held.pop(no, None)
    for await_ in opened:
        _count(case, await_.no)
        held[await_.no] = await_


def _done(case: Instance, token: Token, event: ev.NodeLeft | ev.RoundDone) -> None:
    left = case.steps.get(token.node) or Run(opened=token.opened)
    case.steps[token.node] = structs.replace(
        left,
        done=event.at,
        exit=event.exit,
        by=event.by,
        answer=event.answer,
        opinion=event.opinion,
        changed=event.changed,
        voters=event.voters,
    )


def _join(case: Instance, event: ev.JoinFired) -> None:
    scope = case.scopes[event.scope]
    for no in event.taken:
        if no == event.goes:
            case.tokens[no].state = "ready"
        else:
            del case.tokens[no]
    if event.given is not None:
        if event.given:
            scope.rounds[event.node] = Round(list(event.given), event.fired)
        else:
            scope.rounds.pop(event.node, None)


def _look(case: Instance, event: ev.Looked) -> None:
    found = case.awaiting(event.no)
    if found is None:
        raise LookupError(f"nothing in case {case.id} awaits {event.no}")
    token, scope, await_ = found
    held = token.awaits if token is not None else scope.awaits
    held[event.no] = structs.replace(await_, seen=event.seen, keys=event.keys, due=event.due, count=event.count)
