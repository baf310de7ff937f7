"""Random workflows as plain trees, and the YAML that spells a tree: half of blocks, half of nodes drawn to each other at random.

Every cycle passes a step that waits, or a case would run for ever; what may come again has a path of its own (LANGUAGE 13.6).
Nothing else is promised: such workflows may get stuck, throw what nobody catches, or leave tokens behind, which the checker would
refuse. The laws hold for them too.
"""

from __future__ import annotations

from random import Random
from typing import Any

from tests.laws.reference import arrows, waits

Tree = dict[str, Any]
SIGNALS = ("red", "blue")
CODES = ("oops", "worse")
LOCKS = ("desk", "desk", "desk", "car")


def workflow(seed: int) -> Tree:
    """The random workflow of this seed."""
    maker = Maker(Random(seed))
    tree = maker.of_blocks() if seed % 2 else maker.drawn()
    maker.some_ways_back(tree)
    tree["workflow"] = f"w{seed}"
    return tree


class Maker:
    def __init__(self, random: Random) -> None:
        self.random, self.count = random, 0

    def name(self) -> str:
        self.count += 1
        return f"n{self.count:02}"

    def chance(self, of: float) -> bool:
        return self.random.random() < of

    # ---- the case as a whole

    def head(self, nodes: Tree, first: str, entries: list[str]) -> Tree:
        tree: Tree = {"start": {"begin": {"button": "Begin", "next": first}}, "nodes": nodes}
        if self.chance(0.3):
            tree["interrupt"] = {"all_off": {**self.event("error", "signal"), "next": self.random.choice(entries)}}
        if self.chance(0.2):
            kind = self.random.choice(["after", "signal", "escalation"])
            to = self.random.choice(entries) if kind == "after" else self.closed(nodes)
            tree["meanwhile"] = {"beside": {**self.event(kind), "next": to}}
        return tree

    def event(self, *kinds: str) -> Tree:
        kind = self.random.choice(kinds)
        value = {
            "signal": self.random.choice(SIGNALS),
            "after": "2 hours",
            "error": self.random.choice([*CODES, "any"]),
            "escalation": self.random.choice([*CODES, "any"]),
        }[kind]
        return {kind: value}

    def condition(self) -> str:
        of = self.random.randint(2, 4)
        return f"case.n % {of} == {self.random.randrange(of)}"

    def cases(self, to: list[str]) -> list[Tree]:
        return [*({"if": self.condition(), "next": target} for target in to[:-1]), {"if": "otherwise", "next": to[-1]}]

    def task(self, to: str) -> Tree:
        return {"type": "user_task", "assignee": "starter", "deadline": "none", "next": to}

    def closed(self, nodes: Tree) -> str:
        """A path of its own, with a join inside as often as not."""
        first, last = self.name(), self.name()
        nodes[last] = {"type": "set", "set": {"case.n": "= case.n + 1"}, "next": "end"}
        if self.chance(0.5):
            nodes[first] = self.task(last)
            return first
        left, right = self.name(), self.name()
        nodes[left], nodes[right] = self.task(last), self.task(last)
        nodes[first] = {"type": "parallel_gateway", "next": [left, right]}
        nodes[last]["join"] = self.random.choice(["all", "matching", {"first": 1, "rest": "cancel"}])
        return first

    # ---- drawn at random

    def drawn(self) -> Tree:
        nodes, first = self.some_nodes(0)
        return self.head(nodes, first, [name for name in nodes if not name.startswith("n0x")])

    def some_nodes(self, depth: int) -> tuple[Tree, str]:
        names = [self.name() for _ in range(self.random.randint(3, 9 - 2 * depth))]
        nodes: Tree = {}
        for place, name in enumerate(names):
            nodes[name] = self.some_node(nodes, names, place, depth)
        self.some_joins(nodes)
        return nodes, names[0]

    def some_node(self, nodes: Tree, names: list[str], place: int, depth: int) -> Tree:
        later = names[place + 1 :]
        ahead = [*later, "end"] if self.chance(0.3) or not later else later

        def forth() -> str:
            return self.random.choice(ahead)

        def anywhere() -> str:
            return self.random.choice(names) if self.chance(0.3) else forth()

        kinds = ["user_task"] * 4 + ["set"] * 2 + ["wait", "event_gateway", "exclusive_gateway", "inclusive_gateway"]
        kinds += ["parallel_gateway"] * (4 if len(later) > 1 else 0) + ["subprocess"] * (2 if depth < 2 else 0)
        kinds += ["end", "signal"] * (1 if place else 0)
        kind = self.random.choice(kinds)
        node: Tree = {"type": kind}
        match kind:
            case "user_task":
                node |= {"assignee": "starter", "deadline": "none"}
                if self.chance(0.4):
                    node["buttons"] = {"yes_": {"title": "Y"}, "no_": {"title": "N"}}
                    node["next"] = {"yes_": forth(), "no_": anywhere()}
                else:
                    node["next"] = anywhere()
                self.held_or_again(node, forth)
            case "set":
                node |= {"set": {"case.n": "= case.n + 1"}, "next": forth()}
                self.held_or_again(node, forth)
            case "wait":
                node |= {**self.event("signal", "after"), "next": anywhere()}
            case "event_gateway":
                node["events"] = {
                    "one": {**self.event("after"), "next": forth()},
                    "two": {**self.event("signal"), "next": anywhere()},
                }
            case "exclusive_gateway" | "inclusive_gateway":
                node["cases"] = self.cases([forth() for _ in range(self.random.randint(2, 3))])
            case "parallel_gateway":
                node["next"] = self.random.sample(later, min(len(later), self.random.randint(2, 3)))
                if self.chance(0.1):
                    node["threads"] = 2
            case "subprocess":
                inner, first = self.some_nodes(depth + 1)
                node |= {"start": first, "nodes": inner, "next": exits(inner, forth)}
                if self.chance(0.5):
                    node["mutex"] = self.random.choice(LOCKS)
            case "signal":
                node |= {"escalation": self.random.choice(CODES), "next": forth()}
            case "end":
                node |= self.some_end()
        if waits(node):
            if self.chance(0.25):
                thrown = kind == "subprocess" and self.chance(0.6)
                event = self.event("error", "escalation") if thrown else self.event("signal", "after")
                node["interrupt"] = {"stop": {**event, "next": forth() if thrown else anywhere()}}
            if self.chance(0.15):
                again = self.chance(0.6)
                kinds = ["signal", "escalation"] if kind == "subprocess" else ["signal"]
                event = self.event(*kinds) if again else self.event("after")
                node["meanwhile"] = {"too": {**event, "next": self.closed(nodes) if again else forth()}}
        if self.chance(0.12) and kind != "end":
            node["cancels"] = self.random.sample(names, min(len(names), self.random.randint(1, 3)))
        return node

    def held_or_again(self, node: Tree, to: Any) -> None:
        """A lock, rounds or copies, for some steps."""
        kind = self.random.choice(["", "", "", "mutex", "mutex", "repeat", "copies"])
        if kind == "mutex":
            node["mutex"] = self.random.choice(LOCKS)
        elif kind == "repeat" and isinstance(node["next"], str):
            test = self.random.choice(["until", "while"])
            node["repeat"] = {test: self.condition(), "at_most": self.random.randint(1, 3)}
            node["next"] = {"done": node["next"], "exhausted": to()}
        elif kind == "copies" and node["type"] == "user_task" and isinstance(node["next"], str):
            node["for_each"] = {"count": self.random.randrange(4)}
            if self.chance(0.4):
                node["for_each"] |= {"first": self.random.randint(1, 2), "rest": "cancel"}
            if self.chance(0.3):
                node["for_each"]["order"] = "in_order"
            if self.chance(0.2):
                node["mutex"] = self.random.choice(LOCKS)

    def some_ways_back(self, tree: Tree) -> None:
        """Some buttons lead `back`: in steps that only arrows of their own scope lead to, from steps without a join."""
        starts = [
            event["next"] for what in ("start", "interrupt", "meanwhile") for event in tree.get(what, {}).values()
        ]
        scopes = [(tree["nodes"], set(starts))]
        while scopes:
            nodes, first = scopes.pop()
            scopes += [(node["nodes"], {node["start"]}) for node in nodes.values() if node["type"] == "subprocess"]
            drawn = arrows(nodes)
            for name, node in nodes.items():
                came = [(source, sign) for source, sign, target in drawn if target == name]
                plain = all(sign == ">" and nodes[source].get("join", "each") == "each" for source, sign in came)
                if "no_" in node.get("buttons", {}) and came and plain and name not in first and self.chance(0.4):
                    node["next"]["no_"] = "back"

    def some_end(self) -> Tree:
        kind = self.random.choice(["normal", "normal", "terminate", "error", "escalation"])
        if kind == "normal":
            return {"result": self.random.choice(["good", "bad"])}
        if kind == "terminate":
            return {"kind": kind, "result": self.random.choice(["good", "bad"])}
        return {"kind": kind, "code": self.random.choice(CODES)}

    def some_joins(self, nodes: Tree) -> None:
        into: dict[str, int] = {}
        for _, _, target in arrows(nodes):
            into[target] = into.get(target, 0) + 1
        for name, node in nodes.items():
            many = into.get(name, 0)
            if "join" in node or (many < 2 and not (many and self.chance(0.05))) or self.chance(0.2):
                continue
            joins: list[Any] = ["each", {"batch": self.random.randint(2, 3)}]
            if many > 1:
                firsts = [{"first": self.random.randrange(1, many), "rest": rest} for rest in ("finish", "cancel")]
                joins += ["all", "all", "matching", "matching", *firsts]
            node["join"] = self.random.choice(joins)

    # ---- of blocks: one way in, one way out, every token comes through

    def of_blocks(self) -> Tree:
        nodes: Tree = {}
        over = self.name()
        nodes[over] = {"type": "end", "result": "good"}
        first = self.block(nodes, over, 4)
        return self.head(nodes, first, list(nodes)[:1])

    def block(self, nodes: Tree, to: str, size: int) -> str:
        """A block that leads to `to`; the name of its first node."""
        kinds = ["task", "step", "wait", "event"]
        if size > 0:
            kinds = ["task", "seq", "seq", "all", "all", "matching", "first", "either", "loop", "sub", "batch"]
        kind, name = self.random.choice(kinds), self.name()
        many = self.random.randint(2, 3)
        match kind:
            case "seq":
                return self.block(nodes, self.block(nodes, to, size - 1), size - 1)
            case "task":
                nodes[name] = self.task(to)
                self.held_or_again(nodes[name], lambda: to)
            case "step":
                nodes[name] = {"type": "set", "set": {"case.n": "= case.n + 1"}, "next": to}
                self.held_or_again(nodes[name], lambda: to)
            case "wait":
                nodes[name] = {"type": "wait", **self.event("signal", "after"), "next": to}
            case "event":
                other = self.block(nodes, to, 0)
                one = {**self.event("after"), "next": to}
                nodes[name] = {"type": "event_gateway", "events": {"one": one, "two": {"signal": "red", "next": other}}}
            case "all" | "first" | "matching":
                rest = self.random.choice(["finish", "cancel"])
                join = {"first": self.random.randrange(1, many), "rest": rest} if kind == "first" else kind
                meet = self.name()
                nodes[meet] = {"type": "set", "set": {"case.n": "= case.n + 1"}, "join": join, "next": to}
                starts = [self.block(nodes, self.block(nodes, meet, 0), size - 2) for _ in range(many)]
                if kind == "matching":
                    nodes[name] = {"type": "inclusive_gateway", "cases": self.cases(starts)}
                else:
                    nodes[name] = {"type": "parallel_gateway", "next": starts}
            case "either":
                starts = [self.block(nodes, to, size - 2) for _ in range(many)]
                nodes[name] = {"type": "exclusive_gateway", "cases": self.cases(starts)}
            case "loop":
                nodes[name] = {}
                again = self.block(nodes, name, size - 2)
                buttons = {"again": {"title": "A"}, "go": {"title": "G"}}
                nodes[name] = {**self.task(""), "buttons": buttons, "next": {"again": again, "go": to}}
            case "batch":
                meet, task = self.name(), self.name()
                nodes[meet] = {"type": "set", "set": {"case.n": "= case.n + 1"}, "join": {"batch": 2}, "next": to}
                nodes[task] = self.task(meet)
                nodes[name] = {"type": "parallel_gateway", "threads": 2, "next": [task]}
            case "sub":
                inner: Tree = {}
                first = self.block(inner, "end", size - 1)
                nodes[name] = {"type": "subprocess", "start": first, "nodes": inner, "next": to}
                if self.chance(0.5):
                    nodes[name]["mutex"] = self.random.choice(LOCKS)
                if self.chance(0.5):
                    late = self.block(nodes, to, 0)
                    nodes[name]["interrupt"] = {"stop": {**self.event("signal", "after"), "next": late}}
                if self.chance(0.3):
                    nodes[name]["meanwhile"] = {"too": {"signal": "blue", "next": self.closed(nodes)}}
        return name


def exits(inner: Tree, to: Any) -> Any:
    """An arrow for every result of a subprocess, and for `done`."""
    results = {node["result"] for node in inner.values() if node.get("result")}
    return {exit: to() for exit in ["done", *sorted(results)]} if results else to()


def yaml(tree: Tree) -> str:
    """The tree as a workflow file."""
    head = [f"workflow: {tree['workflow']}", "at_once: 200", "data: {n: {type: number, start_with: 0}}"]
    return "\n".join([*head, *(f"{key}: {flow(value)}" for key, value in tree.items() if key != "workflow")]) + "\n"


def flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(inner) for inner in value) + "]"
    return str(value)
