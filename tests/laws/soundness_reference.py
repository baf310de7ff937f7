"""A second, plain proof of LANGUAGE 13 and 14: every state of a scope is looked at, nothing is reduced. It says which codes hold.

`verdict(tree)` takes a workflow as the plain tree that its YAML spells (soundness_workflows.py). One scope is one game; a subprocess is
one node that may leave by what its body was seen to end with. Conditions are free. Steps that do not wait go before those that do, in
any order; joins are looked at when nothing else can move. Only `done` by its own moves counts: an interrupt of the whole case is no
way out of a deadlock, just as a subprocess's interrupt is none for its body. A meanwhile that comes again plays a game of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

from tests.laws.reference import Tree, arrows, joining, reached

MOST_STATES = 20_000
ONCE = ("after", "once")
WAITING = frozenset(["user_task", "approval", "wait", "event_gateway", "service", "external", "subprocess", "call"])


class TooLarge(Exception):
    """More than MOST_STATES states in one scope."""


class Token(NamedTuple):
    """`arrow`: the one it is queued on before a join, else it is in its node. `spent`: events that have fired in this run."""

    node: str
    arrow: str = ""
    spent: tuple[str, ...] = ()
    came: str = ""


class State(NamedTuple):
    """`rounds` of `first` joins: join, arrows that have given, whether it fired. `over`: a node beyond `at_once`, `thrown`: an error."""

    tokens: tuple[Token, ...]
    rounds: tuple[tuple[str, tuple[str, ...], bool], ...] = ()
    armed: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    over: str = ""
    thrown: str = ""


Way = tuple[State, str]
"""The state after a move, and how it was made: `move`, or `escape` by an interrupt of the whole case."""


class Game:
    """One scope: all its states, and what was seen in them."""

    def __init__(self, tree: Tree, nodes: Tree, starts: list[str], at_once: int, faults: Faults) -> None:
        self.tree, self.nodes, self.at_once, self.faults = tree, nodes, at_once, faults
        self.starts = [s for s in starts if s in nodes]
        self.into = {n: [f"{a}{sign}{t}" for a, sign, t in arrows(nodes) if t == n] for n in nodes}
        self.bodies = {n: body(node, at_once, faults) for n, node in nodes.items() if node["type"] == "subprocess"}
        self.ends: set[str] = set()
        self.entered: set[str] = set()

    def play(self, begin: Iterable[State]) -> None:
        ways: dict[State, list[Way]] = {}
        queue = list(begin)
        while queue:
            state = queue.pop()
            if state not in ways:
                ways[state] = [] if state.over or state.thrown else list(self.moves(state))
                queue += [after for after, _ in ways[state]]
                self.look(state)
            if len(ways) > MOST_STATES:
                raise TooLarge
        own = {state: [after for after, how in found if how == "move"] for state, found in ways.items()}
        good = back(own, [s for s in own if self.done(s)])
        stuck = [s for s in own if s not in good and not own[s]]
        for state in stuck:
            self.faults.add("deadlock", *(t.node for t in state.tokens), *(r[0] for r in state.rounds))
        doomed = back(own, stuck)
        for state in [s for s in own if s not in good and s not in doomed]:
            self.faults.add("livelock", *(t.node for t in state.tokens))

    def look(self, state: State) -> None:
        self.entered |= {t.node for t in state.tokens if not t.arrow}
        for node, many in Counter(t.node for t in state.tokens).items():
            if many > 1 and "join" not in self.nodes[node]:
                self.faults.add("double-token", node)
        if state.over:
            self.faults.add("over-at-once", state.over)
        if len(state.results) > 1:
            self.faults.add("double-result")
        if self.done(state) and not state.over:
            self.ends.add(f"error:{state.thrown}" if state.thrown else state.results[-1] if state.results else "done")

    def done(self, state: State) -> bool:
        """Over (13.1); or beyond what may be: that has its own finding."""
        unfired = any(given and not fired for _, given, fired in state.rounds)
        return bool(state.over or state.thrown) or not (state.tokens or unfired)

    # ---- moves

    def moves(self, state: State) -> Iterator[Way]:
        if self.done(state):
            return
        ready = [t for t in state.tokens if not t.arrow]
        automatic = [t for t in ready if self.nodes[t.node]["type"] not in WAITING]
        fired = [] if automatic else [w for n in self.nodes if joining(self.nodes[n]) for w in self.join(state, n)]
        if automatic or fired:
            yield from ((after, "move") for after in fired)
            yield from ((after, "move") for t in set(automatic) for after in self.leave(state, t))
            return
        for token in set(ready):
            yield from ((after, "move") for after in self.leave(state, token))
            yield from ((after, "move") for after in self.events(state, token))
        for name in state.armed:
            what, _, which = name.partition(":")
            event = self.tree[what][which]
            if what == "interrupt":
                yield self.place(State((), results=state.results), [event["next"]]), "escape"
            else:
                left = state._replace(armed=tuple(a for a in state.armed if a != name))
                yield self.place(left, [event["next"]], sign="~"), "move"

    def leave(self, state: State, token: Token) -> Iterator[State]:
        """One state for every exit that may be taken."""
        node = self.nodes[token.node]
        if node["type"] == "end":
            yield self.end(without(state, token), node)
            return
        if "escalation" in node:
            self.ends.add(f"escalation:{node['escalation']}")
        for targets in self.choices(token.node, node):
            targets = [token.came if target == "back" else target for target in targets]
            yield self.place(self.clear(without(state, token), node.get("cancels", ())), targets, token.node)

    def choices(self, name: str, node: Tree) -> Iterator[list[str]]:
        cases = node.get("cases", [])
        match node["type"]:
            case "parallel_gateway":
                yield node["next"] * node.get("threads", 1)
            case "exclusive_gateway":
                yield from ([case["next"]] for case in cases)
            case "inclusive_gateway":
                free = [case["next"] for case in cases if case["if"] != "otherwise"]
                yield from (list(some) for n in range(1, len(free) + 1) for some in combinations(free, n))
                yield from ([case["next"]] for case in cases if case["if"] == "otherwise")
            case "event_gateway":
                yield from ([event["next"]] for event in node["events"].values())
            case _:
                exits = node["next"] if isinstance(node["next"], dict) else {"": node["next"]}
                seen = self.bodies.get(name)
                yield from ([t] for exit, t in exits.items() if not seen or exit in seen or (not exit and plain(seen)))

    def events(self, state: State, token: Token) -> Iterator[State]:
        """What stands on the node: interrupts move the token, a meanwhile that comes once starts a second."""
        node = self.nodes[token.node]
        for what in ("interrupt", "meanwhile"):
            for name, event in node.get(what, {}).items():
                if not can_come(event, self.bodies.get(token.node, ())):
                    continue
                if what == "interrupt":
                    yield self.place(without(state, token), [event["next"]], token.node)
                elif any(kind in event for kind in ONCE) and name not in token.spent:
                    on = put(without(state, token), token._replace(spent=(*sorted((*token.spent, name)),)))
                    yield self.place(on, [event["next"]], token.node, "~")

    def place(self, state: State, targets: list[str], came: str = "", sign: str = ">") -> State:
        for target in targets:
            if target == "end":
                continue
            queued = f"{came}{sign}{target}" if came and joining(self.nodes[target]) else ""
            remembers = "back" in words(self.nodes[target])
            state = put(state, Token(target, queued, (), came if remembers else ""))
            if sum(t.node == target for t in state.tokens) > self.at_once:
                return state._replace(over=target)
        return state

    def clear(self, state: State, names: Iterable[str]) -> State:
        names = set(names)
        return state._replace(
            tokens=tuple(t for t in state.tokens if t.node not in names),
            rounds=tuple(r for r in state.rounds if r[0] not in names),
        )

    def end(self, state: State, node: Tree) -> State:
        kind = node.get("kind", "normal")
        if kind == "error":
            return self.throw(state, node["code"])
        if kind == "escalation":
            self.ends.add(f"escalation:{node['code']}")
        if kind in ("terminate", "cancel"):
            state = state._replace(tokens=(), rounds=())
        result = node.get("result")
        return state._replace(results=(*state.results, result)[:2]) if result else state

    def throw(self, state: State, code: str) -> State:
        """An interrupt of the case that is still armed catches it; else the scope is over."""
        for wanted in (code, "any"):
            for name in state.armed:
                event = self.tree.get(name.partition(":")[0], {}).get(name.partition(":")[2], {})
                if event.get("error") == wanted:
                    return self.place(State((), results=state.results), [event["next"]])
        return State((), results=state.results, thrown=code)

    # ---- joins (13.2, 13.3, 13.4)

    def join(self, state: State, name: str) -> Iterator[State]:
        join = self.nodes[name]["join"]
        queued = [t for t in state.tokens if t.node == name and t.arrow]
        by_arrow = {t.arrow: t for t in queued}
        go = Token(name)
        if join == "all":
            if queued and len(by_arrow) == len(self.into[name]):
                yield put(without(state, *by_arrow.values()), go)
        elif join == "matching":
            if queued and not self.on_its_way(state, name, set(by_arrow)):
                yield put(without(state, *by_arrow.values()), go)
        elif "batch" in join:
            for some in set(combinations(queued, join["batch"])):
                yield put(without(state, *some), go)
        else:
            yield from self.round(state, name, join, by_arrow)

    def round(self, state: State, name: str, join: Tree, by_arrow: dict[str, Token]) -> Iterator[State]:
        given, fired = next(((set(g), f) for n, g, f in state.rounds if n == name), (set(), False))
        others = tuple(r for r in state.rounds if r[0] != name)
        for arrow in sorted(set(by_arrow) - given):
            taken = without(state, by_arrow[arrow])
            now, fires = {*given, arrow}, not fired and len(given) + 1 == join["first"]
            if fires and join["rest"] == "cancel":
                emptied = self.clear(taken._replace(rounds=others), self.region(name))
                left = tuple(t for t in emptied.tokens if not (t.node == name and t.arrow))
                yield put(emptied._replace(tokens=left), Token(name))
                continue
            after = taken._replace(rounds=tuple(sorted((*others, (name, tuple(sorted(now)), fired or fires)))))
            yield put(after, Token(name)) if fires else after
        whole = given == set(self.into[name])
        if fired and not set(by_arrow) - given and (whole or not self.on_its_way(state, name, given)):
            yield state._replace(rounds=others)

    def on_its_way(self, state: State, join: str, served: set[str]) -> bool:
        for token in state.tokens:
            if not (token.node == join and token.arrow):
                outside = reached(self.nodes, token.node, join, "~>") - served
                if outside and not reached(self.nodes, token.node, join, ">") & served:
                    return True
        return False

    def region(self, join: str) -> set[str]:
        before = {name for name in self.nodes if name != join and reached(self.nodes, name, join, "~>")}

        def passed_by_all(name: str) -> bool:
            left = {n: node for n, node in self.nodes.items() if n != name}
            return not any(s == join or reached(left, s, join, "~>") for s in self.starts if s != name)

        return {name for name in before if not passed_by_all(name)}


class Faults(dict[str, set[str]]):
    """Code -> the nodes that were seen in it."""

    def add(self, code: str, *nodes: str) -> None:
        self.setdefault(code, set()).update(nodes)


def verdict(tree: Tree) -> Faults:
    """Every code that holds of the workflow, its subprocesses included. Raises TooLarge."""
    faults = Faults()
    events = [
        (f"{what}:{name}", event) for what in ("interrupt", "meanwhile") for name, event in tree.get(what, {}).items()
    ]
    firsts = [trigger["next"] for trigger in tree["start"].values()]
    armed = tuple(name for name, e in events if "interrupt" in name or any(kind in e for kind in ONCE))
    game = Game(tree, tree["nodes"], [*firsts, *(e["next"] for _, e in events)], tree.get("at_once", 16), faults)
    beside = [e["next"] for name, e in events if name not in armed]
    finish(game, [*(game.place(State((), armed=armed), [first]) for first in firsts)], beside)
    return faults


def body(node: Tree, at_once: int, faults: Faults) -> set[str]:
    """What a subprocess can end with: results, `done`, `error:code`, `escalation:code`."""
    game = Game({}, node["nodes"], [node["start"]], at_once, faults)
    finish(game, [game.place(State(()), [node["start"]])], [])
    return game.ends


def finish(game: Game, begin: list[State], beside: list[str]) -> None:
    """The main game, then that of every closed path, then what nothing has entered."""
    game.play(begin)
    again = [("", target) for target in beside]
    for name, node in game.nodes.items():
        for event in node.get("meanwhile", {}).values() if name in game.entered else ():
            if not any(kind in event for kind in ONCE) and can_come(event, game.bodies.get(name, ())):
                again.append((name, event["next"]))
    for came, target in again:
        if target != "end" and (again.count((came, target)) > 1 or not closed(game, came, target)):
            game.faults.add("open-meanwhile", target)
        else:
            game.play([game.place(State(()), [target], came, "~")])
    handlers = {node["undo"] for node in game.nodes.values() if "undo" in node}
    unseen = set(game.nodes) - game.entered - handlers
    if unseen:
        game.faults.add("unreachable-step", *unseen)


def closed(game: Game, came: str, target: str) -> bool:
    """No other path reaches its nodes, and none of them touches the rest (13.6)."""
    inside, queue = {target}, [target]
    while queue:
        at = queue.pop()
        new = {t for source, _, t in arrows(game.nodes) if source == at} - inside
        inside |= new
        queue += new
    others = [a for a in arrows(game.nodes) if a[2] in inside and a[0] not in inside and a != (came, "~", target)]
    mine = [game.nodes[name] for name in inside]
    touches = any(n.get("result") or n.get("kind") or not inside.issuperset(n.get("cancels", ())) for n in mine)
    starts = [s for s in game.starts if s in inside and (came or s != target)]
    return not (others or touches or starts or came in inside)


def can_come(event: Tree, seen: Iterable[str]) -> bool:
    """Errors and escalations come from inside; whatever else, the world may bring."""
    for kind in ("error", "escalation"):
        if kind in event:
            return any(end.startswith(f"{kind}:") and event[kind] in ("any", end.partition(":")[2]) for end in seen)
    return True


def plain(seen: set[str]) -> bool:
    return any(":" not in end for end in seen)


def words(value: Any) -> list[str]:
    """The targets of a node's `next`."""
    following = value.get("next", [])
    return (
        list(following.values())
        if isinstance(following, dict)
        else [following]
        if isinstance(following, str)
        else following
    )


def put(state: State, token: Token) -> State:
    return state._replace(tokens=tuple(sorted((*state.tokens, token))))


def without(state: State, *gone: Token) -> State:
    tokens = list(state.tokens)
    for token in gone:
        tokens.remove(token)
    return state._replace(tokens=tuple(tokens))


def back(ways: dict[State, list[State]], goal: Iterable[State]) -> set[State]:
    """All states from which one of `goal` can be reached."""
    before: dict[State, list[State]] = {}
    for state, found in ways.items():
        for after in found:
            before.setdefault(after, []).append(state)
    seen, queue = set(goal), list(goal)
    while queue:
        for state in before.get(queue.pop(), ()):
            if state not in seen:
                seen.add(state)
                queue.append(state)
    return seen
