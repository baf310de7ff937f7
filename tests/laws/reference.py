"""A second, plain interpreter of LANGUAGE section 13: no database, no clock, nothing of the engine. It says what a case must do.

It reads a workflow as the plain tree that the YAML spells (workflows.py makes such trees). It knows tokens and scopes, joins, gateways,
user tasks, waits, `set` of case.n, interrupts, meanwhiles, subprocesses, `cancels`, ends of every kind but cancel, errors, escalations,
`back`, `repeat` without a clock, `mutex` within the case, `for_each` of a step that waits, whose copies end by an event each.

Where the language leaves an order open, both follow these: joins are looked at when no token can move, scopes by age, nodes by name;
then the oldest token whose lock is free goes on; then queued meanwhiles begin; then the youngest scope that holds nothing is done.
The oldest of the tokens that a join takes goes on.
Longer than 300 lines because it is one thing: whoever judges the engine by it must be able to read it in one piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Tree = dict[str, Any]
CONDITION = re.compile(r"case\.n % (\d+) == (\d+)")
ONCE = ("after",)
"""Events that fire once in a run (13.6); errors and escalations are thrown, not waited for."""
MOST_ENTRIES = 200


class Locked(Exception):
    """Another step that excludes this one is being worked on: the event is refused, nothing has happened."""


class TooLarge(Exception):
    """More than 200 entries in one event (13.1): the engine makes it an incident; here the play is over."""


@dataclass
class Scope:
    """The case's own (no runner), or the run of a subprocess."""

    no: int
    nodes: Tree
    starts: list[str]
    runner: Token | None = None
    result: str | None = None
    rounds: dict[str, Round] = field(default_factory=dict)
    queued: list[tuple[str, str, str]] = field(default_factory=list)
    """Meanwhiles that fired while their path still ran: path, came, target."""


@dataclass
class Round:
    given: list[str] = field(default_factory=list)
    fired: bool = False


@dataclass(eq=False)
class Token:
    """state: queued (on an arrow before a join), ready, held (before its lock), in."""

    no: int
    scope: Scope
    node: str
    state: str
    came: str
    arrow: str
    path: str
    spent: set[str] = field(default_factory=set)
    incident: bool = False
    lock: str = ""
    rounds: int = 0
    copies: list[int] = field(default_factory=list)
    begun: int = 0
    done: int = 0
    """Copies by position: those that are open; how many were begun, how many are done."""


def waits(node: Tree) -> bool:
    return node["type"] in ("user_task", "wait", "event_gateway", "subprocess")


def targets(node: Tree) -> Iterator[tuple[str, str]]:
    """What a node draws: sign of the arrow (> moves the token, ~ starts another) and target."""
    if isinstance(node.get("next"), str):
        yield ">", node["next"]
    elif isinstance(node.get("next"), list):
        yield from ((">", target) for target in node["next"])
    elif isinstance(node.get("next"), dict):
        yield from ((">", target) for target in node["next"].values())
    yield from ((">", case["next"]) for case in node.get("cases", ()))
    yield from ((">", event["next"]) for event in node.get("events", {}).values())
    yield from ((">", event["next"]) for event in node.get("interrupt", {}).values())
    yield from (("~", event["next"]) for event in node.get("meanwhile", {}).values())


def arrows(nodes: Tree) -> list[tuple[str, str, str]]:
    """Every arrow of one scope, once: source, sign, target."""
    found = [(name, sign, target) for name, node in nodes.items() for sign, target in targets(node) if target in nodes]
    return list(dict.fromkeys(found))


def following(node: Tree, exit: str) -> str:
    """Where an exit of a step with `next` leads."""
    return str(node["next"] if isinstance(node["next"], str) else node["next"][exit])


def joining(node: Tree) -> bool:
    return node.get("join", "each") != "each"


class Case:
    """One case of `tree`. `enabled()` says what may happen, `fire` lets it happen, `log` is what followed, `rest()` where all stands."""

    def __init__(self, tree: Tree) -> None:
        self.tree, self.n, self.count, self.entries = tree, 0, 0, 0
        self.status, self.result = "active", None
        self.log: list[tuple[Any, ...]] = []
        self.tokens: list[Token] = []
        self.armed = {(what, name) for what in ("interrupt", "meanwhile") for name in tree.get(what, {})}
        starts = [trigger["next"] for trigger in tree["start"].values()]
        starts += [event["next"] for what in ("interrupt", "meanwhile") for event in tree.get(what, {}).values()]
        self.root = Scope(0, tree["nodes"], [start for start in starts if start in tree["nodes"]])
        self.scopes = [self.root]
        self.place(self.root, next(iter(tree["start"].values()))["next"])
        self.to_rest()

    # ---- what may happen, and letting it happen

    def enabled(self) -> list[tuple[tuple[str, ...], int, str, str]]:
        """Label (names of the scopes, node, what, name), token, what, name; sorted. A token of 0 is the case itself."""
        found = []
        if self.status == "active":
            for what, name in self.armed:
                if not thrown(self.tree[what][name]):
                    found.append((("", what, name), 0, what, name))
        for token in self.tokens:
            if token.state != "in":
                continue
            node, label = token.scope.nodes[token.node], (*chain(token.scope), token.node)
            events = [(w, n) for w in ("interrupt", "meanwhile") for n, e in node.get(w, {}).items() if not thrown(e)]
            if token.incident:
                events.append(("retry", ""))
            elif "for_each" in node:
                events += [("copy", str(position)) for position in token.copies]
            elif node["type"] == "user_task":
                events += [("press", button) for button in node.get("buttons", ["done"])]
            elif node["type"] == "wait":
                events.append(("wait", ""))
            elif node["type"] == "event_gateway":
                events += [("event", name) for name in node["events"]]
            found += [((*label, w, n), token.no, w, n) for w, n in events if f"{w}:{n}" not in token.spent]
        return sorted(found)

    def fire(self, no: int, what: str, name: str) -> None:
        """One outside event: the awaited token moves, then everything runs to rest."""
        self.log, self.entries = [], 0
        if no == 0:
            self.case_event(what, name)
        else:
            token = next(token for token in self.tokens if token.no == no)
            node = token.scope.nodes[token.node]
            match what:
                case "retry":
                    token.incident, token.state, token.spent = False, "ready", set()
                case "press":
                    self.begin_work(token, node)
                    self.finish(token, name)
                case "copy":
                    self.copy_ended(token, node["for_each"], int(name))
                case "wait":
                    self.leave(token, "done", [node["next"]])
                case "event":
                    self.leave(token, name, [node["events"][name]["next"]])
                case "interrupt":
                    self.interrupt(token, node["interrupt"][name])
                case "meanwhile":
                    self.meanwhile(token, name, node["meanwhile"][name])
        self.to_rest()

    def case_event(self, what: str, name: str) -> None:
        event = self.tree[what][name]
        if what == "interrupt":
            self.interrupt(None, event)
        else:
            self.meanwhile(None, name, event)

    # ---- to rest

    def to_rest(self) -> None:
        while self.status == "active" and self.step():
            pass

    def step(self) -> bool:
        """The next thing that happens by itself; False: the case is at rest."""
        ready = [token for token in self.tokens if token.state == "ready"]
        if ready:
            self.enter(min(ready, key=lambda token: token.no))
            return True
        return self.look_at_joins() or self.wake() or self.begin_queued() or self.close_scope()

    def enter(self, token: Token) -> None:
        self.entries += 1
        if self.entries > MOST_ENTRIES:
            raise TooLarge
        node = token.scope.nodes[token.node]
        if "mutex" in node and not token.lock and (node["type"] != "user_task" or "for_each" in node):
            if not self.may_lock(token, node["mutex"]):
                token.state = "held"
                return
            token.lock = node["mutex"]
        token.state = "in"
        self.log.append(("in", *chain(token.scope), token.node))
        if token.rounds == 0 and "repeat" in node and not self.holds(node["repeat"].get("while", "otherwise")):
            self.leave(token, "done", [following(node, "done")])
            return
        if "for_each" in node:
            self.begin_copies(token, node["for_each"])
            return
        match node["type"]:
            case "set":
                self.n += 1
                self.finish(token, "done")
            case "notify":
                self.finish(token, "done")
            case "parallel_gateway":
                self.leave(token, "", node["next"] * node.get("threads", 1))
            case "exclusive_gateway":
                self.leave(token, "", [next(case["next"] for case in node["cases"] if self.holds(case["if"]))])
            case "inclusive_gateway":
                taken = [c["next"] for c in node["cases"] if c["if"] != "otherwise" and self.holds(c["if"])]
                self.leave(token, "", taken or [c["next"] for c in node["cases"] if c["if"] == "otherwise"])
            case "signal":
                self.escalate(token.scope, node["escalation"])
                if token in self.tokens:
                    self.leave(token, "done", [node["next"]])
            case "subprocess":
                inner = Scope(self.number(), node["nodes"], [node["start"]], token)
                self.scopes.append(inner)
                self.place(inner, node["start"])
            case "end":
                self.end(token, node)

    def holds(self, condition: str) -> bool:
        if condition == "otherwise":
            return True
        found = CONDITION.fullmatch(condition)
        assert found is not None
        return self.n % int(found[1]) == int(found[2])

    def number(self) -> int:
        self.count += 1
        return self.count

    # ---- arrows

    def place(self, scope: Scope, target: str, came: str = "", sign: str = ">", path: str = "") -> None:
        if target == "end":
            return
        waiting = bool(came) and joining(scope.nodes[target])
        arrow = f"{came}{sign}{target}" if waiting else ""
        self.tokens.append(Token(self.number(), scope, target, "queued" if waiting else "ready", came, arrow, path))

    def finish(self, token: Token, exit: str) -> None:
        """The step is done by one of its own exits; with `repeat` that may be the end of a round only."""
        node = token.scope.nodes[token.node]
        repeat = node.get("repeat")
        if repeat is not None:
            token.rounds += 1
            over = ("until" in repeat and self.holds(repeat["until"])) or (
                "while" in repeat and not self.holds(repeat["while"])
            )
            if not over and token.rounds < repeat["at_most"]:
                token.state = "ready"
                return
            exit = exit if over else "exhausted"
        self.leave(token, exit, [following(node, exit)])

    def leave(self, token: Token, exit: str, to: list[str]) -> None:
        self.log.append(("out", *chain(token.scope), token.node, exit))
        node = token.scope.nodes[token.node]
        self.withdraw([token])
        self.clear(token.scope, set(node.get("cancels", ())))
        for target in to:
            self.place(token.scope, token.came if target == "back" else target, token.node, path=token.path)

    # ---- copies (5.4, 13.5) and locks (13.7)

    def begin_copies(self, token: Token, each: Tree) -> None:
        token.copies, token.begun, token.done = [], 0, 0
        if each["count"] == 0:
            self.leave(token, "done", [following(token.scope.nodes[token.node], "done")])
            return
        token.begun = 1 if each.get("order") == "in_order" else each["count"]
        token.copies = list(range(1, token.begun + 1))

    def copy_ended(self, token: Token, each: Tree, position: int) -> None:
        token.copies.remove(position)
        token.done += 1
        if token.done >= min(each.get("first", each["count"]), each["count"]):
            self.leave(token, "done", [following(token.scope.nodes[token.node], "done")])
        elif token.begun < each["count"]:
            token.begun += 1
            token.copies.append(token.begun)

    def begin_work(self, token: Token, node: Tree) -> None:
        """A person's step takes its lock when somebody begins."""
        if "mutex" in node:
            if not self.may_lock(token, node["mutex"]):
                raise Locked
            token.lock = node["mutex"]

    def is_free(self, token: Token, name: str) -> bool:
        """Nobody else has it, but for the subprocesses in which this token stands."""
        around, scope = [token], token.scope
        while scope.runner is not None:
            around.append(scope.runner)
            scope = scope.runner.scope
        return not any(other.lock == name and other not in around for other in self.tokens)

    def may_lock(self, token: Token, name: str) -> bool:
        """Free, and nobody older waits for it who could have it: first come."""
        older = [t for t in self.tokens if t.state == "held" and t.no < token.no]
        return self.is_free(token, name) and not any(
            t.scope.nodes[t.node]["mutex"] == name and self.is_free(t, name) for t in older
        )

    def wake(self) -> bool:
        for token in sorted((t for t in self.tokens if t.state == "held"), key=lambda token: token.no):
            if self.may_lock(token, token.scope.nodes[token.node]["mutex"]):
                token.state = "ready"
                return True
        return False

    # ---- withdrawing

    def withdraw(self, tokens: list[Token]) -> None:
        """These tokens and what stands in the subprocesses that they run."""
        for token in tokens:
            if token in self.tokens:
                self.tokens.remove(token)
            for scope in [scope for scope in self.scopes if scope.runner is token]:
                self.withdraw([inner for inner in self.tokens if inner.scope is scope])
                self.scopes.remove(scope)

    def clear(self, scope: Scope, names: set[str]) -> None:
        """All that stands at these nodes: tokens in them and before them, and what their rounds have taken."""
        self.withdraw([token for token in self.tokens if token.scope is scope and token.node in names])
        for name in names:
            scope.rounds.pop(name, None)

    def clear_all(self, scope: Scope) -> None:
        self.clear(scope, set(scope.nodes))
        scope.queued.clear()

    # ---- interrupt, meanwhile, errors, escalations (13.6)

    def interrupt(self, token: Token | None, event: Tree) -> None:
        if token is None:
            self.armed.clear()
            self.clear_all(self.root)
            self.place(self.root, event["next"])
            return
        self.withdraw([token])
        self.place(token.scope, event["next"], token.node, path=token.path)

    def meanwhile(self, token: Token | None, name: str, event: Tree) -> None:
        scope, came = (token.scope, token.node) if token else (self.root, "")
        if any(kind in event for kind in ONCE):
            if token:
                token.spent.add(f"meanwhile:{name}")
            else:
                self.armed.discard(("meanwhile", name))
            self.place(scope, event["next"], came, "~")
            return
        path = f"{came}~{name}"
        if any(other.path == path and other.scope is scope for other in self.tokens):
            scope.queued.append((path, came, event["next"]))
        else:
            self.place(scope, event["next"], came, "~", path)

    def begin_queued(self) -> bool:
        for scope in self.scopes:
            for firing in scope.queued:
                path, came, target = firing
                if not any(token.path == path and token.scope is scope for token in self.tokens):
                    scope.queued.remove(firing)
                    self.place(scope, target, came, "~", path)
                    return True
        return False

    def catcher(self, token: Token | None, kind: str, code: str) -> tuple[Token | None, str, str] | None:
        """The nearest outwards that names the code, there before one that says any: owner, interrupt or meanwhile, name."""
        while True:
            owner = token.scope.nodes[token.node] if token else self.tree
            for wanted in (code, "any"):
                for what in ("interrupt", "meanwhile"):
                    for name, event in owner.get(what, {}).items():
                        if event.get(kind) == wanted and (token or (what, name) in self.armed):
                            return token, what, name
            if token is None:
                return None
            token = token.scope.runner

    def end(self, token: Token, node: Tree) -> None:
        scope, kind = token.scope, node.get("kind", "normal")
        self.withdraw([token])
        scope.result = node.get("result", scope.result)
        if kind == "escalation":
            self.escalate(scope, node["code"])
        elif kind == "terminate":
            self.clear_all(scope)
        elif kind == "error":
            self.clear_all(scope)
            self.throw(scope, node["code"])

    def throw(self, scope: Scope, code: str) -> None:
        caught = self.catcher(scope.runner, "error", code)
        if caught is not None:
            owner, what, name = caught
            self.interrupt(owner, (owner.scope.nodes[owner.node] if owner else self.tree)[what][name])
        elif scope.runner is not None:
            self.log.append(("incident", "unhandled-error"))
            scope.runner.incident = True
            self.scopes.remove(scope)
        else:
            self.over("failed", None)

    def escalate(self, scope: Scope, code: str) -> None:
        caught = self.catcher(scope.runner, "escalation", code)
        if caught is not None:
            owner, what, name = caught
            event = (owner.scope.nodes[owner.node] if owner else self.tree)[what][name]
            self.interrupt(owner, event) if what == "interrupt" else self.meanwhile(owner, name, event)

    # ---- joins (13.2, 13.3)

    def look_at_joins(self) -> bool:
        fired = False
        for scope in sorted(self.scopes, key=lambda scope: scope.no):
            for name in sorted(name for name in scope.nodes if joining(scope.nodes[name])):
                fired = self.look(scope, name) or fired
        return fired

    def look(self, scope: Scope, name: str) -> bool:
        join = scope.nodes[name]["join"]
        queued = [t for t in self.tokens if t.scope is scope and t.node == name and t.state == "queued"]
        oldest: dict[str, Token] = {}
        for token in queued:
            oldest.setdefault(token.arrow, token)
        into = {f"{source}{sign}{name}" for source, sign, target in arrows(scope.nodes) if target == name}
        if join == "all":
            return bool(into) and into <= set(oldest) and self.take(list(oldest.values()))
        if join == "matching":
            return bool(oldest) and not self.on_its_way(scope, name, set(oldest)) and self.take(list(oldest.values()))
        if "batch" in join:
            return len(queued) >= join["batch"] and self.take(queued[: join["batch"]])
        return self.look_at_round(scope, name, join, into, oldest)

    def take(self, taken: list[Token]) -> bool:
        goes = min(taken, key=lambda token: token.no)
        goes.state, goes.arrow = "ready", ""
        for token in taken:
            if token is not goes:
                self.tokens.remove(token)
        return True

    def look_at_round(self, scope: Scope, name: str, join: Tree, into: set[str], oldest: dict[str, Token]) -> bool:
        round_ = scope.rounds.get(name, Round())
        moved = False
        for arrow, token in sorted(oldest.items(), key=lambda item: item[1].no):
            if arrow in round_.given:
                continue
            moved = True
            round_.given.append(arrow)
            if not round_.fired and len(round_.given) == join["first"]:
                round_.fired = True
                self.take([token])
                if join["rest"] == "cancel":
                    self.clear(scope, self.region(scope, name))
                    self.withdraw(
                        [t for t in self.tokens if t.scope is scope and t.node == name and t.state == "queued"]
                    )
                    scope.rounds.pop(name, None)
                    return True
            else:
                self.tokens.remove(token)
        if round_.given:
            scope.rounds[name] = round_
        if round_.fired and (into <= set(round_.given) or not self.on_its_way(scope, name, set(round_.given))):
            del scope.rounds[name]
            moved = True
        return moved

    def on_its_way(self, scope: Scope, join: str, served: set[str]) -> bool:
        for token in self.tokens:
            if token.scope is scope and not (token.node == join and token.state == "queued"):
                outside = reached(scope.nodes, token.node, join, "~>") - served
                if outside and not reached(scope.nodes, token.node, join, ">") & served:
                    return True
        return False

    def region(self, scope: Scope, join: str) -> set[str]:
        """13.4: all from which the join can be reached, without it and without what every path from the start to it passes."""
        nodes = scope.nodes
        before = {name for name in nodes if name != join and reached(nodes, name, join, "~>")}

        def passed_by_all(name: str) -> bool:
            left = {n: node for n, node in nodes.items() if n != name}
            return not any(s == join or reached(left, s, join, "~>") for s in scope.starts if s != name)

        return {name for name in before if not passed_by_all(name)}

    # ---- the end of scopes

    def close_scope(self) -> bool:
        for scope in sorted(self.scopes, key=lambda scope: -scope.no):
            unfired = any(round_.given and not round_.fired for round_ in scope.rounds.values())
            if unfired or scope.queued or any(token.scope is scope for token in self.tokens):
                continue
            if scope.runner is None:
                self.over("completed", scope.result)
                return True
            if scope.runner.incident:
                continue
            self.scopes.remove(scope)
            node, exit = scope.runner.scope.nodes[scope.runner.node], scope.result or "done"
            self.leave(scope.runner, exit, [following(node, exit)])
            return True
        return False

    def over(self, status: str, result: str | None) -> None:
        self.status, self.result = status, result
        self.tokens, self.scopes = [], []
        self.armed.clear()
        self.log.append(("over", status, result))

    def rest(self) -> tuple[Any, ...]:
        """Where everything stands, comparable."""
        tokens = sorted((*chain(t.scope), t.node, t.state, t.arrow) for t in self.tokens)
        return self.status, self.result, self.n, tuple(tokens)


def thrown(event: Tree) -> bool:
    return "error" in event or "escalation" in event


def chain(scope: Scope) -> tuple[str, ...]:
    return (*chain(scope.runner.scope), scope.runner.node) if scope.runner else ()


def reached(nodes: Tree, place: str, join: str, signs: str) -> set[str]:
    """The arrows into `join` that paths from `place` lead to over arrows of these signs, without passing the join."""
    found, seen, queue = set(), {place}, [place]
    drawn = [arrow for arrow in arrows(nodes) if arrow[1] in signs]
    while queue:
        at = queue.pop()
        for source, sign, target in drawn:
            if source == at and target == join:
                found.add(f"{source}{sign}{target}")
            elif source == at and target not in seen:
                seen.add(target)
                queue.append(target)
    return found
