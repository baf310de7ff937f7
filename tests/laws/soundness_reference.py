"""Plain exhaustive exploration of a workflow, judged by LANGUAGE 14: what the flow proof is measured by, without engine.checks.

Every scope is explored alone with the plain interpreter of LANGUAGE 13 (`reference.Case`); a subprocess in it is one step
with the exits that its own exploration came to, at once or after a rest; one that comes to none may leave by any. A state is
where a case stands, between two steps of one event too; from each, all that may follow: each answer of each condition, at
rest each event. (A meanwhile that may come again comes when its path is over: sooner it would queue.)

Readings. *deadlock*: something waits before a join and will for ever, whatever happens but an interrupt of the whole case
(14 (2)). *livelock*: something goes on for ever and no end can be reached, nor can an interrupt around it come (14 (1)).
*double-token* (14 (5)): two tokens in a step, no `end`, without a written join. A step that does not wait holds a token for
no time (13.1); two reach it *at once* if the second comes while it would hold the first, took it any time at all: so in each
event that reaches it, it keeps what comes, and one more thing may happen that could have happened before. What withdraws
the first, or comes only because the first went on, is no second; nor is what the first withdraws when it goes on, in its
event. *improper-completion*: an `end` with neither join nor result is reached twice. *double-result*: two ends with a
result are. An interrupt of the case, and a closed path at each firing, begin that count anew. Too many tokens in one
place are a fault behind which nothing is looked at.

(Not 100 lines: the game needs copies, keys and answers beside `Case`; each reading is a few lines of `Explored`.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from typing import Any

from tests.laws.reference import ONCE, Case, Round, Token, Tree, following, joining, targets, waits

MOST_STATES = 6000
"""In one scope; a workflow with more is too large, and is not judged."""
Move = tuple[int, str, str]
"""Token (0: the case), what happens to it, and which of those."""
Key = tuple[Any, ...]


class TooLarge(Exception):
    """More states than are looked at."""


class Impossible(Exception):
    """No case of a gateway holds, which is another finding; or the subprocess has no such way through."""


class Play(Case):
    """One scope, step by step. `slow`: the node that is looked at, and keeps what comes if it is to; `met`: how often it was
    reached, at most 2; `ended`: the ends that were reached, by path."""

    def __init__(self, tree: Tree, slow: str = "", keeps: bool = True) -> None:
        self.slow, self.keeps, self.met, self.ended = slow, keeps, 0, frozenset[tuple[str, str]]()
        self.faults, self.ran = set[str](), set[str]()
        self.answers, self.asked = tuple[bool, ...](), 0
        super().__init__(tree)

    def copied(self, answers: tuple[bool, ...] = ()) -> Play:
        other = copy(self)
        other.answers, other.asked, other.entries, other.log = answers, 0, 0, []
        other.root = copy(self.root)
        other.root.rounds = {name: Round(list(r.given), r.fired) for name, r in self.root.rounds.items()}
        other.scopes = [other.root] if self.scopes else []
        other.tokens, other.armed = [copy(token) for token in self.tokens], set(self.armed)
        for token in other.tokens:
            token.scope, token.spent = other.root, set(token.spent)
        return other

    def to_rest(self) -> None:
        """Nothing moves by itself here: `follows` does every step."""

    def holds(self, condition: str) -> bool:
        self.asked += condition != "otherwise"
        return condition == "otherwise" or self.answers[self.asked - 1 : self.asked] == (True,)

    def enter(self, token: Token) -> None:
        node = token.scope.nodes[token.node]
        self.ran.add(token.node)
        if token.node == self.slow:
            self.met = min(2, self.met + 1)
            if self.keeps:
                token.state = "in"
                return
        through = next((exit for exit in node.get("at once", ()) if self.holds(exit)), None)
        if through is not None:
            self.leave(token, through, [following(node, through)])
        elif node.get("rests", True):
            super().enter(token)
        else:
            raise Impossible

    def leave(self, token: Token, exit: str, to: list[str]) -> None:
        if not to:
            raise Impossible
        super().leave(token, exit, to)

    def end(self, token: Token, node: Tree) -> None:
        mark = ("", "result") if "result" in node else (token.path, token.node)
        if mark in self.ended and ("result" in node or "join" not in node):
            self.faults.add("double-result" if "result" in node else "improper-completion")
        self.ended |= {mark}
        super().end(token, node)

    def interrupt(self, token: Token | None, event: Tree) -> None:
        self.ended = self.ended if token else frozenset()
        super().interrupt(token, event)

    def meanwhile(self, token: Token | None, name: str, event: Tree) -> None:
        path = f"{token.node if token else ''}~{name}"
        self.ended = frozenset(mark for mark in self.ended if mark[0] != path)
        super().meanwhile(token, name, event)

    def moves(self) -> list[Move]:
        paths = {token.path for token in self.tokens}
        found = [(label[-3], no, what, name) for label, no, what, name in self.enabled()]
        return [(no, what, name) for at, no, what, name in found if what != "meanwhile" or f"{at}~{name}" not in paths]

    def key(self) -> tuple[Any, ...]:
        """All that matters of it; the numbers of tokens are an order, and only where the older one goes first."""
        inside = sorted((t.node, t.path, *sorted(t.spent)) for t in self.tokens if t.state == "in")
        others = [
            (t.node, t.state, t.arrow, t.path) for t in sorted(self.tokens, key=lambda t: t.no) if t.state != "in"
        ]
        rounds = sorted((name, tuple(sorted(r.given)), r.fired) for name, r in self.root.rounds.items())
        parts = (inside, others, rounds, sorted(self.armed), sorted(self.ended))
        return self.status, self.root.result, *(tuple(part) for part in parts)

    def steps(self) -> tuple[bool, list[Play]]:
        """Whether it is at rest; if not, what comes of the next step, by every answer."""
        found, left, rests = list[Play](), [()] if self.status == "active" else [], self.status == "active"
        while left:
            after = self.copied(left.pop())
            try:
                if after.step():
                    found.append(after)
            except Impossible:
                rests = False
            left += [(*after.answers, *[False] * i, True) for i in range(after.asked - len(after.answers))]
        return rests and not found, found

    def moved(self, move: Move, slow: str = "", keeps: bool = True) -> Play:
        after = self.copied()
        if slow:
            after.slow, after.keeps, after.met, after.faults, after.ran = slow, keeps, 0, set(), set()
        after.fire(*move)
        return after

    def run(self) -> Iterator[Play]:
        """Itself and all that it comes to without an event."""
        seen, queue, old = set(), [self], {t.no for t in self.tokens}
        while queue:
            play = queue.pop()
            key = play.key(), play.met, frozenset(t.no for t in play.tokens if t.no in old)
            if key not in seen and max(play.crowd()) <= play.tree["at_once"]:
                seen.add(key)
                queue += play.steps()[1]
                yield play

    def held_up(self, name: str) -> bool:
        """Something waits before this join, or in a round of it, and nothing comes out of it now."""
        round_ = self.root.rounds.get(name, Round())
        at = [token.state for token in self.tokens if token.node == name]
        return ("queued" in at or (bool(round_.given) and not round_.fired)) and "ready" not in at

    def crowd(self) -> list[int]:
        """How many tokens each node and each arrow before a join holds."""
        return [0, *Counter((t.node, t.arrow) for t in self.tokens).values()]

    def many(self, name: str) -> int:
        return sum(t.node == name and t.state != "queued" for t in self.tokens)


class Explored:
    """All states of one scope, and its faults. `endless`: it may go on for ever, but for an interrupt around it."""

    def __init__(self, tree: Tree) -> None:
        self.faults, self.inner = set[str](), dict[str, Explored]()
        nodes = {name: self.alone(name, node, tree["at_once"]) for name, node in tree["nodes"].items()}
        self.nodes, self.at_once = nodes, tree["at_once"]
        self.single = {name for name, node in nodes.items() if "join" not in node and node["type"] != "end"}
        """Two tokens at once may not come to these."""
        self.plays: dict[Key, Play] = {}
        self.steps: dict[Key, list[Key]] = {}
        self.moves: dict[Key, dict[Move, Key]] = {}
        self.cut, self.ran = set[Key](), set[str]()
        trees = [{**tree, "nodes": nodes, "start": {name: to, **tree["start"]}} for name, to in tree["start"].items()]
        self.begun = [self.explore(Play(each)) for each in trees]
        self.judge()
        quick = {n for n in self.single if not waits(nodes[n]) or nodes[n].get("at once")}
        if self.meets(quick) or any(
            twice(Play(each, n).run(), n) and any(play.met > 1 for play in rested(Play(each, n, keeps=False)))
            for each in trees
            for n in quick
        ):
            self.faults.add("double-token")
        if any(comes_again_into_the_rest(tree, *event) for event in meanwhiles(tree)):
            self.faults.add("open-meanwhile")

    def alone(self, name: str, node: Tree, at_once: int) -> Tree:
        """A subprocess as one step with the exits that it came to; any other step as it is."""
        if "nodes" not in node:
            return node
        tree = {"at_once": at_once, "start": {"in": {"next": node["start"]}}, "nodes": node["nodes"]}
        inner = self.inner[name] = Explored(tree)
        self.faults |= inner.faults
        ends = {key: play.result or "done" for key, play in inner.plays.items() if play.status != "active"}
        first = spread(inner.begun, inner.steps)
        later = spread([to for moves in inner.moves.values() for to in moves.values()], inner.follows())
        exits = sorted({ends[key] for key in later & set(ends)})
        return {key: value for key, value in node.items() if key != "nodes"} | {
            "type": "user_task",
            "at once": sorted({ends[key] for key in first & set(ends)}),
            "rests": not ends or any(key not in ends and not inner.steps[key] for key in first),
            "buttons": exits if exits and not inner.cut else next_of(node),
        }

    def explore(self, begun: Play) -> Key:
        queue = [begun]
        while queue:
            play = queue.pop()
            key = play.key()
            if key in self.plays:
                continue
            self.plays[key], self.steps[key], self.moves[key] = play, [], {}
            if len(self.plays) > MOST_STATES:
                raise TooLarge
            over, twice = max(play.crowd()) > self.at_once, any(play.many(name) > 1 for name in self.single)
            if over or twice:
                self.faults |= {code for code, so in (("over-at-once", over), ("double-token", twice)) if so}
                self.cut.add(key)
                continue
            rests, after = play.steps()
            moved = {move: play.moved(move) for move in play.moves()} if rests else {}
            self.steps[key], self.moves[key] = (
                [each.key() for each in after],
                {m: each.key() for m, each in moved.items()},
            )
            queue += [*after, *moved.values()]
        self.faults, self.ran = self.faults | begun.faults, self.ran | begun.ran
        return begun.key()

    def follows(self, free: bool = True) -> dict[Key, list[Key]]:
        """The states after each; not `free`: without an interrupt of the whole case."""
        may = {
            k: [to for m, to in moves.items() if free or m[:2] != (0, "interrupt")] for k, moves in self.moves.items()
        }
        return {key: steps + may[key] for key, steps in self.steps.items()}

    def judge(self) -> None:
        done = {key for key, play in self.plays.items() if play.status != "active"} | self.cut
        stuck = set[Key]()
        for name in [name for name, node in self.nodes.items() if joining(node)]:
            goes = {key for key, play in self.plays.items() if key in done or not play.held_up(name)}
            stuck |= set(self.plays) - spread(goes, back(self.follows(free=False)))
        every = back(self.follows())
        rest = {key for key, play in self.plays.items() if play.status == "active" and not self.steps[key]} - self.cut
        endless = set(self.plays) - spread(done, every) - spread({key for key in rest if not self.moves[key]}, every)
        inner = [n for n, scope in self.inner.items() if scope.endless and "interrupt" not in self.nodes[n]]
        unstopped = [play for play in self.plays.values() if not any(what == "interrupt" for what, _ in play.armed)]
        self.endless = bool(endless) or any(n not in self.ran or any(p.many(n) for p in unstopped) for n in inner)
        self.faults |= {"deadlock"} if stuck else set()
        self.faults |= {"livelock"} if endless - spread(rest, every) else set()
        self.faults |= {"unreachable-step"} if set(self.nodes) - self.ran else set()

    def meets(self, quick: set[str]) -> bool:
        """Whether a second token could come to one of these, which do not wait, while it held the first."""
        for key, moves in self.moves.items():
            for move, to in moves.items():
                inside = {
                    t.node for each in spread([to], self.steps) for t in self.plays[each].tokens if t.state != "queued"
                }
                for name in sorted(inside & quick):
                    went = [play for play in rested(self.plays[key].moved(move, name, keeps=False)) if play.met]
                    stays = {left for play in went for left in play.moves()}
                    for play in self.plays[key].moved(move, name).run():
                        second = set(moves) & set(play.moves()) & stays if play.steps()[0] else set()
                        if any(twice(play.moved(m, name).run(), name) for m in second) or (
                            twice([play], name) and any(other.met > 1 for other in went)
                        ):
                            return True
        return False


def twice(plays: Iterable[Play], name: str) -> bool:
    return any(play.many(name) > 1 for play in plays)


def rested(play: Play) -> Iterator[Play]:
    """Where the event comes to."""
    return (after for after in play.run() if not after.steps()[1])


def spread(begin: Iterable[Any], after: Mapping[Any, Iterable[Any]]) -> set[Any]:
    """These, and all that comes after them."""
    seen = set(begin)
    queue = list(seen)
    while queue:
        new = set(after.get(queue.pop(), ())) - seen
        seen |= new
        queue += new
    return seen


def back(after: Mapping[Key, Iterable[Key]]) -> Mapping[Key, list[Key]]:
    before: dict[Key, list[Key]] = {}
    for key, follows in after.items():
        for to in follows:
            before.setdefault(to, []).append(key)
    return before


def next_of(node: Tree) -> list[str]:
    return list(node["next"]) if isinstance(node["next"], dict) else ["done"]


def meanwhiles(tree: Tree) -> Iterator[tuple[str, str, Tree]]:
    """Those that may come again: at which node ('': the case), name, event."""
    for holder, owner in [("", tree), *tree["nodes"].items()]:
        for name, event in owner.get("meanwhile", {}).items():
            if not any(kind in event for kind in ONCE):
                yield holder, name, event


def comes_again_into_the_rest(tree: Tree, holder: str, name: str, event: Tree) -> bool:
    """13.6: its path is not closed."""
    owner = tree["nodes"][holder] if holder else tree
    without = {**owner, "meanwhile": {other: e for other, e in owner["meanwhile"].items() if other != name}}
    rest = {**tree, "nodes": {**tree["nodes"], holder: without}} if holder else without
    starts = [to["next"] for key in ("start", "interrupt", "meanwhile") for to in rest.get(key, {}).values()]
    path = spread([event["next"]], led(tree))
    nodes = [tree["nodes"][at] for at in path if at in tree["nodes"]]
    touches = any({*node.get("cancels", ())} - path or "result" in node or node.get("kind") for node in nodes)
    return touches or bool((path & spread(starts, led(rest))) - {"end"})


def led(tree: Tree) -> dict[str, list[str]]:
    return {name: [to for _, to in targets(node)] for name, node in tree["nodes"].items()}


def verdict(tree: Tree) -> set[str]:
    """The faults of the workflow and of every subprocess in it."""
    explored = Explored(tree)
    return explored.faults | ({"livelock"} if explored.endless else set())
