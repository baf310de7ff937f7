"""A second, plain proof of LANGUAGE 13 and 14: every state of a scope is looked at, nothing is reduced. It says which codes hold.

`verdict(tree)` takes a workflow as the plain tree that its YAML spells (soundness_workflows.py). One scope is one game; a
subprocess is one node that may leave by what its body was seen to end with. Conditions are free. Steps that do not wait go
before those that do, in any order or, if asked, the oldest first; joins are looked at when nothing else can move: one of them,
or, if asked, each that can fire once, by name, as `advance` does. An interrupt of the whole case begins a game of its own, so
it is no way out of a deadlock, just as a subprocess's interrupt is none for its body; so does a meanwhile that comes again.
What goes round for ever is no fault where an interrupt may end it. A state with a fault is not gone into any further, but for
two tokens that meet in a step that does not wait: they meet when both are one event away from it, one after the other.

(Longer than 300 lines because it is one thing: who judges the proof by it must be able to read it as a whole.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

from tests.laws.reference import Tree, arrows, joining, reached

MOST_STATES = 3_000
MOST_LOOKED = 40_000
"""States on the way from one rest to the next, in one scope."""
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
    """`rounds` of `first` joins: join, arrows that have given, whether it fired. `fault`: code and node. `thrown`: an error."""

    tokens: tuple[Token, ...]
    rounds: tuple[tuple[str, tuple[str, ...], bool], ...] = ()
    armed: tuple[str, ...] = ()
    result: str = ""
    ends: tuple[str, ...] = ()
    fault: tuple[str, str] = ("", "")
    thrown: str = ""
    order: tuple[str, ...] = ()
    """Where the oldest goes first: the steps that do not wait in which a token stands, oldest first."""


class Game:
    """One scope: all its states, and what was seen in them."""

    def __init__(
        self, tree: Tree, nodes: Tree, starts: list[str], at_once: int, faults: Faults, stopped: bool = False
    ) -> None:
        """`stopped`: an interrupt around this scope may end whatever goes on in it."""
        self.stopped = stopped or any(not can_only_be_thrown(e) for e in tree.get("interrupt", {}).values())
        self.tree, self.nodes, self.at_once, self.faults = tree, nodes, at_once, faults
        self.starts = [s for s in starts if s in nodes]
        self.into = {n: [f"{a}{sign}{t}" for a, sign, t in arrows(nodes) if t == n] for n in nodes}
        self.bodies = {
            n: body(node, at_once, faults, self.stopped) for n, node in nodes.items() if node["type"] == "subprocess"
        }
        self.reaches: dict[tuple[str, str, str], set[str]] = {}
        self.open = {name for name in nodes if "join" not in nodes[name] and not self.rests(name)}
        """Steps that do not wait and say no join."""
        self.looked = 0
        self.cut: set[State] = set()
        self.ends: set[str] = set()
        self.entered: set[str] = set()

    def rests(self, name: str) -> bool:
        return self.nodes[name]["type"] in (*WAITING, "end")

    def play(self, begin: Iterable[State]) -> None:
        ways: dict[State, list[State]] = {}
        queue = list(begin)
        while queue:
            state = queue.pop()
            if state not in ways:
                state_ok = self.look(state)
                self.entered |= {t.node for t in state.tokens if not (t.arrow or (state_ok and self.automatic(t)))}
                ways[state] = list(self.moves(state)) if state_ok else []
                queue += ways[state]
            if len(ways) > MOST_STATES:
                raise TooLarge
        good = back(ways, [s for s in ways if self.done(s) or s in self.cut])
        stuck = [s for s in ways if s not in good and not ways[s]]
        for state in stuck:
            self.faults.add("deadlock", *(t.node for t in state.tokens), *(r[0] for r in state.rounds))
        doomed = back(ways, stuck)
        for state in [s for s in ways if s not in good and s not in doomed and not self.stopped]:
            self.faults.add("livelock", *(t.node for t in state.tokens))

    def look(self, state: State) -> bool:
        """Whether all is in order here; what is not is noted."""
        found = [state.fault] if state.fault[0] else []
        for node, many in Counter(t.node for t in state.tokens if not t.arrow).items():
            if many > 1 and "join" not in self.nodes[node] and self.nodes[node]["type"] != "end":
                found.append(("double-token", node))
        for node in set() if found or self.running(state) else self.meeting(state):
            self.faults.add("double-token", node)
        for code, node in found:
            self.faults.add(code, node)
            self.cut.add(state)
        if not found and self.done(state):
            self.ends.add(f"error:{state.thrown}" if state.thrown else state.result or "done")
        return not found

    def done(self, state: State) -> bool:
        unfired = any(given and not fired for _, given, fired in state.rounds)
        return bool(state.thrown) or not (state.tokens or unfired)

    def automatic(self, token: Token) -> bool:
        """Whether it stands in a step that does not wait: that has run when it is left, not when it is withdrawn before."""
        return not token.arrow and self.nodes[token.node]["type"] not in WAITING

    def running(self, state: State) -> bool:
        return any(self.automatic(t) for t in state.tokens)

    def meeting(self, state: State) -> set[str]:
        """Steps that do not wait, without a join, that two tokens are one event away from, one event after the other."""
        if not self.open or sum(not t.arrow for t in state.tokens) < 2:
            return set()
        found: set[str] = set()
        standing = Counter(t for t in state.tokens if not t.arrow)
        for other in standing:
            marked = other._replace(
                spent=(*other.spent, "marked")
            )  # that it is the same token, not another that came there
            tokens = list(state.tokens)
            tokens[tokens.index(other)] = marked
            at = state._replace(tokens=tuple(sorted(tokens)))
            for one in standing:
                if one == other and standing[one] < 2:
                    continue
                for passed, rest in self.one_event(at, one):
                    if passed and marked in rest.tokens and not (rest.fault[0] or self.done(rest)):
                        found |= {node for also, _ in self.one_event(rest, marked) for node in passed & also}
        return found

    def one_event(self, state: State, token: Token) -> list[tuple[set[str], State]]:
        if token.arrow:
            return []
        ways = (*self.leave(state, token), *self.events(state, token))
        return [worked for after in ways for worked in self.worked_out(after)]

    def worked_out(self, state: State) -> list[tuple[set[str], State]]:
        """Everything that one event can lead to until it rests: the open steps that were passed, and the state then."""
        if state.fault[0] or self.done(state):
            return [(set(), state)]
        found, seen, queue = [], set(), [(self.in_open(state), state)]
        while queue:
            passed, at = queue.pop()
            if (passed, at) in seen:
                continue
            seen.add((passed, at))
            self.looked += 1
            if self.looked > MOST_LOOKED:
                raise TooLarge
            fired = [] if self.running(at) else self.fired(at)
            if at.fault[0] or self.done(at) or not (self.running(at) or fired):
                found.append((set(passed), at))
                continue
            for after in fired or self.at_once_moves(at):
                queue.append((passed | self.in_open(after), after))
        return found

    def in_open(self, state: State) -> frozenset[str]:
        return frozenset(t.node for t in state.tokens if not t.arrow) & self.open

    # ---- moves

    def fired(self, state: State) -> list[State]:
        """After one join has fired; where the order is asked for, after each that can has fired once, by name."""
        joins = [name for name in sorted(self.nodes) if joining(self.nodes[name])]
        if not self.faults.oldest_first:
            return [after for name in joins for after in self.join(state, name)]
        found = [state]
        for name in joins:
            found = [after for at in found for after in (*self.join(at, name),) or (at,)]
        return [after for after in found if after != state]

    def at_once_moves(self, state: State) -> list[State]:
        automatic = {t for t in state.tokens if self.automatic(t)}
        if self.faults.oldest_first:
            automatic = {t for t in automatic if t.node == state.order[0]}
        return [after for token in automatic for after in self.leave(state, token)]

    def moves(self, state: State) -> Iterator[State]:
        if self.done(state):
            return
        first = self.at_once_moves(state) or self.fired(state)
        if first:
            yield from first
            return
        for token in {t for t in state.tokens if not t.arrow}:
            yield from self.leave(state, token)
            yield from self.events(state, token)
        for name in state.armed:
            what, _, which = name.partition(":")
            if what == "meanwhile":
                left = state._replace(armed=tuple(a for a in state.armed if a != name))
                yield self.place(left, [self.tree[what][which]["next"]], sign="~")

    def leave(self, state: State, token: Token) -> Iterator[State]:
        """One state for every exit that may be taken."""
        self.entered.add(token.node)
        node = self.nodes[token.node]
        if node["type"] == "end":
            yield self.end(self.without(state, token), token.node)
            return
        if "escalation" in node:
            self.ends.add(f"escalation:{node['escalation']}")
        for targets in self.choices(token.node, node):
            targets = [token.came if target == "back" else target for target in targets]
            yield self.place(self.clear(self.without(state, token), node.get("cancels", ())), targets, token.node)

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
                    yield self.place(self.without(state, token), [event["next"]], token.node)
                elif any(kind in event for kind in ONCE) and name not in token.spent:
                    on = self.put(self.without(state, token), token._replace(spent=(*sorted((*token.spent, name)),)))
                    yield self.place(on, [event["next"]], token.node, "~")

    def place(self, state: State, targets: list[str], came: str = "", sign: str = ">") -> State:
        for target in targets:
            if target == "end":
                continue
            queued = f"{came}{sign}{target}" if came and joining(self.nodes[target]) else ""
            remembers = "back" in words(self.nodes[target])
            state = self.put(state, Token(target, queued, (), came if remembers else ""))
            if sum((t.node, t.arrow) == (target, queued) for t in state.tokens) > self.at_once:
                return state._replace(fault=("over-at-once", target))
        return state

    def put(self, state: State, token: Token) -> State:
        ordered = self.faults.oldest_first and not token.arrow and self.nodes[token.node]["type"] not in WAITING
        order = (*state.order, token.node) if ordered else state.order
        return state._replace(tokens=tuple(sorted((*state.tokens, token))), order=order)

    def without(self, state: State, *gone: Token) -> State:
        tokens, order = list(state.tokens), list(state.order)
        for token in gone:
            tokens.remove(token)
            if not token.arrow and token.node in order:
                order.remove(token.node)
        return state._replace(tokens=tuple(tokens), order=tuple(order))

    def clear(self, state: State, names: Iterable[str]) -> State:
        names = set(names)
        return state._replace(
            tokens=tuple(t for t in state.tokens if t.node not in names),
            rounds=tuple(r for r in state.rounds if r[0] not in names),
            order=tuple(n for n in state.order if n not in names),
        )

    def end(self, state: State, name: str) -> State:
        node = self.nodes[name]
        kind, result = node.get("kind", "normal"), node.get("result")
        if result:
            state = state._replace(fault=("double-result", name)) if state.result else state._replace(result=result)
        elif kind == "normal" and "join" not in node:
            twice = {"fault": ("improper-completion", name)} if name in state.ends else {}
            state = state._replace(ends=tuple(sorted({*state.ends, name})), **twice)
        if kind == "error":
            return self.throw(state, node["code"])
        if kind == "escalation":
            self.ends.add(f"escalation:{node['code']}")
        if kind in ("terminate", "cancel"):
            state = state._replace(tokens=(), rounds=(), armed=(), order=())
        return state

    def throw(self, state: State, code: str) -> State:
        """An interrupt of the case that is still armed catches it; else the scope is over."""
        for wanted in (code, "any"):
            for name in state.armed:
                what, _, which = name.partition(":")
                if what == "interrupt" and self.tree[what][which].get("error") == wanted:
                    return self.place(State(()), [self.tree[what][which]["next"]])
        return state._replace(tokens=(), rounds=(), order=(), thrown=code)

    # ---- joins (13.2, 13.3, 13.4)

    def join(self, state: State, name: str) -> Iterator[State]:
        join = self.nodes[name]["join"]
        queued = [t for t in state.tokens if t.node == name and t.arrow]
        by_arrow = {t.arrow: t for t in queued}
        if join == "all":
            if queued and len(by_arrow) == len(self.into[name]):
                yield self.go(self.without(state, *by_arrow.values()), name)
        elif join == "matching":
            if queued and not self.on_its_way(state, name, set(by_arrow)):
                yield self.go(self.without(state, *by_arrow.values()), name)
        elif "batch" in join:
            for some in set(combinations(queued, join["batch"])):
                yield self.go(self.without(state, *some), name)
        else:
            yield from self.round(state, name, join, by_arrow)

    def go(self, state: State, name: str) -> State:
        """What a join lets through begins its node."""
        state = self.put(state, Token(name))
        standing = sum(t.node == name and not t.arrow for t in state.tokens)
        return state._replace(fault=("over-at-once", name)) if standing > self.at_once else state

    def round(self, state: State, name: str, join: Tree, by_arrow: dict[str, Token]) -> Iterator[State]:
        given, fired = next(((set(g), f) for n, g, f in state.rounds if n == name), (set(), False))
        others = tuple(r for r in state.rounds if r[0] != name)
        for arrow in sorted(set(by_arrow) - given):
            taken = self.without(state, by_arrow[arrow])
            now, fires = {*given, arrow}, not fired and len(given) + 1 == join["first"]
            if fires and join["rest"] == "cancel":
                emptied = self.clear(taken._replace(rounds=others), self.region(name))
                left = tuple(t for t in emptied.tokens if not (t.node == name and t.arrow))
                yield self.go(emptied._replace(tokens=left), name)
                continue
            after = taken._replace(rounds=tuple(sorted((*others, (name, tuple(sorted(now)), fired or fires)))))
            yield self.go(after, name) if fires else after
        whole = given == set(self.into[name])
        if fired and not set(by_arrow) - given and (whole or not self.on_its_way(state, name, given)):
            yield state._replace(rounds=others)

    def on_its_way(self, state: State, join: str, served: set[str]) -> bool:
        for token in state.tokens:
            if not (token.node == join and token.arrow):
                outside = self.reach(token.node, join, "~>") - served
                if outside and not self.reach(token.node, join, ">") & served:
                    return True
        return False

    def reach(self, place: str, join: str, signs: str) -> set[str]:
        key = (place, join, signs)
        if key not in self.reaches:
            self.reaches[key] = reached(self.nodes, *key)
        return self.reaches[key]

    def region(self, join: str) -> set[str]:
        before = {name for name in self.nodes if name != join and reached(self.nodes, name, join, "~>")}

        def passed_by_all(name: str) -> bool:
            left = {n: node for n, node in self.nodes.items() if n != name}
            return not any(s == join or reached(left, s, join, "~>") for s in self.starts if s != name)

        return {name for name in before if not passed_by_all(name)}


class Faults(dict[str, set[str]]):
    """Code -> the nodes that were seen in it. `oldest_first`: the order of steps within one event (13.1)."""

    oldest_first = False

    def add(self, code: str, *nodes: str) -> None:
        self.setdefault(code, set()).update(nodes)


def verdict(tree: Tree, oldest_first: bool = False) -> Faults:
    """Every code that holds of the workflow, its subprocesses included. Raises TooLarge."""
    faults = Faults()
    faults.oldest_first = oldest_first
    events = [
        (f"{what}:{name}", event) for what in ("interrupt", "meanwhile") for name, event in tree.get(what, {}).items()
    ]
    firsts = [trigger["next"] for trigger in tree["start"].values()]
    armed = tuple(name for name, e in events if "interrupt" in name or any(kind in e for kind in ONCE))
    game = Game(tree, tree["nodes"], [*firsts, *(e["next"] for _, e in events)], tree.get("at_once", 16), faults)
    beside = [e["next"] for name, e in events if name not in armed]
    off = [e["next"] for name, e in events if name.startswith("interrupt") and "error" not in e]
    begin = [*(game.place(State((), armed=armed), [to]) for to in firsts), *(game.place(State(()), [to]) for to in off)]
    finish(game, begin, beside)
    return faults


def body(node: Tree, at_once: int, faults: Faults, stopped: bool) -> set[str]:
    """What a subprocess can end with: results, `done`, `error:code`, `escalation:code`."""
    stopped = stopped or any(not can_only_be_thrown(e) for e in node.get("interrupt", {}).values())
    game = Game({}, node["nodes"], [node["start"]], at_once, faults, stopped)
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


def can_only_be_thrown(event: Tree) -> bool:
    return "error" in event


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
