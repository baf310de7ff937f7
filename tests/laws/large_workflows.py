"""Large workflows for the flow proof, as plain trees: blocks nested three and four levels deep, 30 to 60 steps, of all that
people draw there; sound until a word or two of them is changed."""

from __future__ import annotations

from random import Random

from tests.laws.reference import Tree
from tests.laws.soundness_workflows import Maker, scopes

LARGE = (30, 60)
"""Steps, those in subprocesses with them."""


def large(seed: int, steps: tuple[int, int] = LARGE) -> Tree:
    """A sound workflow."""
    for again in range(1000):
        tree = Large(Random(f"large {seed} {again}")).workflow(steps)
        if steps[0] <= sum(len(scope["nodes"]) for scope in scopes(tree)) <= steps[1]:
            return {"workflow": f"l{seed}", **tree}
    raise AssertionError(seed)


def spoiled(seed: int, steps: tuple[int, int] = LARGE) -> Tree:
    """The same, with a change or two that may be a fault."""
    tree = large(seed, steps)
    maker = Maker(Random(f"spoiled {seed}"))
    maker.count = 500
    for _ in range(maker.random.choice([1, 1, 2])):
        maker.spoil(tree)
    return {**tree, "workflow": f"s{seed}"}


class Large(Maker):
    """Every construct has one way in and one way out. `looping`: round what is made now a loop leads; `looked_at`: a join
    behind it looks at what is on its way, which `back` is not."""

    looping = looked_at = 0

    def workflow(self, steps: tuple[int, int]) -> Tree:
        nodes: Tree = {}
        done = self.name()
        nodes[done] = {"type": "end", "result": "good"}
        self.room = self.random.randint(steps[0], steps[1])
        first = self.chain(nodes, done, self.random.choice([3, 4] if steps[0] > 20 else [1, 2]))
        tree: Tree = {"at_once": 16, "start": {"begin": {"next": first}}, "nodes": nodes}
        if self.chance(0.3):
            off = self.name()
            nodes[off] = {"type": "end", "result": "bad"}
            tree["interrupt"] = {"off": {"signal": "stop", "next": off}}
        if self.chance(0.2):
            aside = self.name()
            nodes[aside] = self.task("end")
            tree["meanwhile"] = {"slow": {**self.beside(), "next": aside}}
        return tree

    def chain(self, nodes: Tree, to: str, depth: int) -> str:
        for _ in range(self.random.randint(1, 3) if depth else self.random.randint(1, 2)):
            to = self.construct(nodes, to, depth)
        return to

    def construct(self, nodes: Tree, to: str, depth: int) -> str:
        simple = ["task", "task", "step", "late", "return", "nudge"]
        kinds = [
            "all",
            "all",
            "all",
            "either",
            "any",
            "matching",
            "first",
            "loop",
            "choice",
            "called_off",
            "sub",
            *simple[:3],
        ]
        self.room -= 2
        kind = self.random.choice(kinds if depth and self.room > 0 else simple)
        if kind == "return" and self.looked_at:
            kind = "late"
        if (
            kind == "first" and self.looping
        ):  # those that still come would come into the next round, or all around be withdrawn
            kind = "all"
        name = self.name()
        match kind:
            case "task":
                nodes[name] = self.task(to)
                if self.chance(0.2):
                    nodes[name]["for_each"] = {"count": "3", "order": self.random.choice(["parallel", "in_order"])}
            case "step":
                nodes[name] = self.step(to)
            case "late":  # whoever is late is replaced
                other, meet = self.name(), self.name()
                nodes[other], nodes[meet] = self.task(meet), self.step(to) | {"join": "each"}
                nodes[name] = self.task(meet) | {"interrupt": {"late": {"after": "2 days", "next": other}}}
            case "return":  # an approval that may be returned, and comes back
                revise = self.name()
                nodes[name] = self.task(to, revise)
                nodes[revise] = self.task("back")
                if self.chance(0.5):
                    second = self.name()
                    nodes[second] = self.task(to, revise)
                    nodes[name]["next"]["y"] = second
            case "nudge":  # somebody is told, the task stays
                told = self.name()
                nodes[told] = {"type": "notify", "to": "starter", "template": "note", "next": "end"}
                nodes[name] = self.task(to) | {"meanwhile": {"slow": {"after": "2 days", "next": told}}}
            case "loop":
                check = self.name()
                self.looping += 1
                again = self.chain(nodes, check, depth - 1)
                self.looping -= 1
                nodes[again] = {**nodes[again], "join": "each"} if "join" not in nodes[again] else nodes[again]
                nodes[check] = self.task(to, again)
                if nodes[again]["join"] != "each":
                    before = self.name()
                    nodes[before] = self.step(again) | {"join": "each"}
                    nodes[check]["next"]["n"], again = before, before
                return again
            case "either" | "any":
                meet = self.name()
                nodes[meet] = self.step(to) | {"join": "each"}
                fork = "exclusive_gateway" if kind == "either" else "event_gateway"
                nodes[name] = self.fork(fork, [self.chain(nodes, meet, depth - 1) for _ in range(self.branches())])
            case "choice" | "all" | "matching" | "first":
                meet, many = self.name(), self.branches()
                rest = self.random.choice(["finish", "cancel"])
                looks = kind in ("choice", "matching", "first")
                join = {"first": self.random.randint(1, many - 1), "rest": rest} if kind == "first" else kind
                nodes[meet] = self.task(to) | {"join": "matching" if kind == "choice" else join}
                fork = "inclusive_gateway" if kind == "choice" else "parallel_gateway"
                self.looked_at += looks
                nodes[name] = self.fork(fork, [self.chain(nodes, meet, depth - 1) for _ in range(many)])
                self.looked_at -= looks
            case "called_off":  # one of two calls the other off
                meet, one, other = self.name(), self.name(), self.name()
                nodes[meet] = self.step(to) | {"join": "each"}
                nodes[one] = self.task(meet) | {"cancels": [other]}
                nodes[other] = self.task(meet) | {"cancels": [one]}
                nodes[name] = {"type": "parallel_gateway", "next": [one, other]}
            case "sub":
                last, held = f"{name}_end", (self.looping, self.looked_at)
                inner: Tree = {last: {"type": "end"}}
                self.looping = self.looked_at = 0
                first = self.chain(inner, last, depth - 1)
                self.looping, self.looked_at = held
                nodes[name] = {"type": "subprocess", "start": first, "nodes": inner, "next": to}
        return name

    def branches(self) -> int:
        return self.random.choice([2, 3, 3])
