"""Random workflows for the proof of flow, as plain trees and as YAML: blocks that are sound until one or two of their words are
changed, and small graphs drawn at random. Every condition is a value that the caller gives, so every case may go either way.

(A little long: one generator, a function for each construct.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tests.laws.reference import Tree, arrows, targets, waits
from tests.laws.workflows import flow

RESULTS = ("good", "bad")


def blocks(seed: int) -> Tree:
    """A workflow of blocks; two in three have a fault or two put in (which may turn out harmless)."""
    random = Random(f"blocks {seed}")
    maker = Maker(random)
    tree = maker.of_blocks()
    for _ in range(random.choice([0, 1, 1, 1, 2, 2])):
        maker.spoil(tree)
    return {"workflow": f"b{seed}", **tree}


def drawn(seed: int) -> Tree:
    """A workflow whose nodes lead anywhere."""
    maker = Maker(Random(f"drawn {seed}"))
    return {"workflow": f"d{seed}", **maker.drawn()}


def text(tree: Tree) -> str:
    """The tree as a workflow file; `called:` gives every condition its value."""
    names = sorted(set(conditions(tree["nodes"])))
    data = {name: {"type": "yes_no"} for name in names} or {"c0": {"type": "yes_no"}}
    start = {
        name: ({} if "button" in trigger else {"called": list(data)}) | trigger
        for name, trigger in tree["start"].items()
    }
    head = {"workflow": tree["workflow"], "at_once": tree["at_once"], "data": data, "start": start}
    rest = {key: value for key, value in tree.items() if key not in head}
    return "\n".join(f"{key}: {flow(value)}" for key, value in {**head, **rest}.items()) + "\n"


def conditions(nodes: Tree) -> Iterator[str]:
    for node in nodes.values():
        yield from (case["if"].removeprefix("case.") for case in node.get("cases", ()) if case["if"] != "otherwise")
        yield from conditions(node.get("nodes", {}))


class Maker:
    def __init__(self, random: Random) -> None:
        self.random, self.count, self.cases_made = random, 0, 0

    def name(self) -> str:
        self.count += 1
        return f"n{self.count:02}"

    def chance(self, of: float) -> bool:
        return self.random.random() < of

    def task(self, to: str, other: str = "") -> Tree:
        node: Tree = {"type": "user_task", "assignee": "starter", "deadline": "none", "next": to}
        if other:
            node |= {"buttons": {"y": {"title": "Y"}, "n": {"title": "N"}}, "next": {"y": to, "n": other}}
        return node

    def step(self, to: str) -> Tree:
        """Something that a token passes: at once, or when it is done."""
        if self.chance(0.7):
            return self.task(to)
        return {"type": "notify", "to": "starter", "template": "note", "next": to}

    def cases(self, to: list[str], every: bool = False) -> list[Tree]:
        """`every`: no `otherwise`, as where one of the conditions always holds."""
        made = []
        for target in to if every else to[:-1]:
            self.cases_made += 1
            made.append({"if": f"case.c{self.cases_made}", "next": target})
        return made if every else [*made, {"if": "otherwise", "next": to[-1]}]

    def fork(self, kind: str, to: list[str]) -> Tree:
        if kind == "parallel_gateway":
            return {"type": kind, "next": to}
        if kind == "event_gateway":
            events = {f"e{i}": {"signal": "red" if i else "blue", "next": target} for i, target in enumerate(to)}
            return {"type": kind, "events": events}
        return {"type": kind, "cases": self.cases(to, kind == "inclusive_gateway" and self.chance(0.5))}

    def end(self) -> Tree:
        kind = self.random.choice(["normal", "normal", "normal", "terminate"])
        node: Tree = {"type": "end"} if kind == "normal" else {"type": "end", "kind": kind}
        return {**node, "result": self.random.choice(RESULTS)} if self.chance(0.3) else node

    # ---- blocks: one way in, one way out

    def of_blocks(self) -> Tree:
        nodes: Tree = {}
        first = self.block(nodes, self.last(nodes), self.random.randint(2, 4))
        tree: Tree = {"at_once": self.random.choice([2, 3, 16]), "start": {"begin": {"next": first}}, "nodes": nodes}
        if self.chance(0.2):
            tree["interrupt"] = {"off": {"signal": "stop", "next": self.last(nodes)}}
        if self.chance(0.15):
            name = self.name()
            nodes[name] = self.task("end")
            tree["meanwhile"] = {"beside": {**self.beside(), "next": name}}
        return self.joined(tree)

    def last(self, nodes: Tree) -> str:
        if self.chance(0.5):
            return "end"
        name = self.name()
        nodes[name] = {"type": "end", "result": "good"}
        return name

    def beside(self) -> Tree:
        return {"after": "2 days"} if self.chance(0.5) else {"signal": "beside"}

    def block(self, nodes: Tree, to: str, size: int) -> str:
        kinds = ["step", "step", "wait"]
        if size > 0:
            kinds = [
                "step",
                "seq",
                "seq",
                "seq",
                "all",
                "all",
                "matching",
                "first",
                "either",
                "loop",
                "sub",
                "batch",
                "late",
            ]
        kind, name, many = self.random.choice(kinds), self.name(), self.random.choice([2, 2, 3])
        match kind:
            case "seq":
                return self.block(nodes, self.block(nodes, to, size - 1), size - 1)
            case "step":
                nodes[name] = self.step(to)
            case "wait":
                nodes[name] = {"type": "wait", "signal": "blue", "next": to}
            case "either":
                fork = self.random.choice(["exclusive_gateway", "exclusive_gateway", "event_gateway"])
                nodes[name] = self.fork(fork, self.apart([self.block(nodes, to, size - 2) for _ in range(many)]))
            case "all" | "matching" | "first":
                rest = self.random.choice(["finish", "cancel"])
                meet = self.name()
                nodes[meet] = self.step(to) | {"join": {"first": many - 1, "rest": rest} if kind == "first" else kind}
                fork = "parallel_gateway" if kind != "matching" or self.chance(0.3) else "inclusive_gateway"
                nodes[name] = self.fork(fork, [self.block(nodes, meet, size - 2) for _ in range(many)])
            case "loop":
                again = self.block(nodes, name, size - 2)
                nodes[name] = self.task(to, again)
            case "batch":
                meet, task = self.name(), self.name()
                nodes[meet] = self.step(to) | {"join": {"batch": 2}}
                nodes[task] = self.task(meet) | {"join": "each"}
                nodes[name] = {"type": "parallel_gateway", "threads": 2, "next": [task]}
            case "late":
                inner = self.block(nodes, to, 0)
                nodes[name] = self.task(to) | {"interrupt": {"late": {"after": "2 days", "next": inner}}}
            case "sub":
                inner: Tree = {}
                first = self.block(inner, self.last(inner), size - 1)
                nodes[name] = {"type": "subprocess", "start": first, "nodes": inner, "next": "end"}
                nodes[name]["next"] = exits(inner, lambda: to)
                if self.chance(0.4):
                    nodes[name]["interrupt"] = {"stop": {"signal": "stop", "next": self.block(nodes, to, 0)}}
                if self.chance(0.3):
                    aside = self.block(nodes, "end", 0)
                    nodes[name]["meanwhile"] = {"too": {**self.beside(), "next": aside}}
        return name

    @staticmethod
    def apart(targets: list[str]) -> list[str]:
        return list(dict.fromkeys(targets))

    # ---- faults

    def spoil(self, tree: Tree) -> None:
        """One change at random: an arrow led elsewhere, a fork of another kind, a join of another kind or none."""
        scope = self.random.choice(scopes(tree))
        nodes = scope["nodes"]
        what = self.random.choice(["arrow", "arrow", "fork", "join", "join", "end", "cancels", "threads"])
        names = list(nodes)
        node = nodes[self.random.choice(names)]
        if what == "arrow":
            self.random.choice(slots(scope))(self.random.choice([*names, "end"]))
        elif what == "fork":
            forks = [n for n in names if nodes[n]["type"].endswith("gateway")]
            if forks:
                name = self.random.choice(forks)
                to = self.apart([target for source, sign, target in arrows(nodes) if source == name and sign == ">"])
                kinds = ["parallel_gateway", "exclusive_gateway", "inclusive_gateway", "event_gateway"]
                join = {"join": nodes[name]["join"]} if "join" in nodes[name] else {}
                if len(to) > 1:
                    nodes[name] = self.fork(self.random.choice(kinds), to) | join
        elif what == "join":
            joins = [n for n in nodes.values() if "join" in n] or [node]
            changed = self.random.choice(joins)
            changed["join"] = self.random.choice(["each", "all", "matching", {"first": 1, "rest": "finish"}])
            if self.chance(0.4):
                del changed["join"]
        elif what == "end":
            self.random.choice(slots(scope))(self.put(nodes, self.end()))
        elif what == "cancels" and node["type"] != "end":
            node["cancels"] = self.random.sample(names, min(2, len(names)))
        elif what == "threads" and node["type"] == "parallel_gateway":
            node["threads"] = 2
        self.joined(tree)

    def put(self, nodes: Tree, node: Tree) -> str:
        name = self.name()
        nodes[name] = node
        return name

    # ---- drawn at random

    def drawn(self) -> Tree:
        nodes, first = self.some_nodes(self.random.randint(3, 8), 0)
        tree: Tree = {"at_once": self.random.choice([2, 3]), "start": {"begin": {"next": first}}, "nodes": nodes}
        if self.chance(0.15):
            tree["start"]["other"] = {"button": "Other", "next": self.random.choice(list(nodes))}
        if self.chance(0.15):
            tree["interrupt"] = {"off": {"signal": "stop", "next": self.random.choice([*nodes, "end"])}}
        if self.chance(0.1):
            tree["meanwhile"] = {"beside": {"after": "2 days", "next": self.random.choice(list(nodes))}}
        return self.joined(tree)

    def some_nodes(self, many: int, depth: int) -> tuple[Tree, str]:
        names = [self.name() for _ in range(many)]
        nodes: Tree = {}
        for place, name in enumerate(names):
            later = names[place + 1 :]

            def to(later: list[str] = later) -> str:
                if self.chance(0.2):
                    return self.random.choice(names)
                return self.random.choice([*later[:3], "end"] if self.chance(0.3) or not later else later[:3])

            kinds = (
                ["task"] * 4 + ["step", "wait", "fork", "fork"] + ["and"] * 3 * (len(later) > 1) + ["sub"] * (depth < 1)
            )
            kind = self.random.choice([*kinds, *(["end"] if place > 1 else [])])
            match kind:
                case "task":
                    nodes[name] = self.task(to(), to() if self.chance(0.4) else "")
                case "step":
                    nodes[name] = self.step(to())
                case "wait":
                    nodes[name] = {"type": "wait", "signal": "blue", "next": to()}
                case "fork":
                    fork = self.random.choice(["exclusive_gateway", "inclusive_gateway", "event_gateway"])
                    nodes[name] = self.fork(fork, self.apart([to(), to(), to()])[: self.random.randint(2, 3)])
                case "and":
                    nodes[name] = self.fork(
                        "parallel_gateway", self.random.sample(later, min(len(later), self.random.randint(2, 3)))
                    )
                case "sub":
                    inner, first = self.some_nodes(self.random.randint(2, 5), depth + 1)
                    self.joined({"nodes": inner, "start": {}})
                    nodes[name] = {"type": "subprocess", "start": first, "nodes": inner, "next": exits(inner, to)}
                case "end":
                    nodes[name] = self.end()
            if waits(nodes[name]):
                if self.chance(0.12):
                    nodes[name]["interrupt"] = {"late": {"signal": "late", "next": to()}}
                if self.chance(0.08):
                    nodes[name]["meanwhile"] = {"too": {"after": "2 days", "next": to()}}
            if kind != "end" and self.chance(0.08):
                nodes[name]["cancels"] = self.random.sample(names, min(2, len(names)))
        into: dict[str, int] = {}
        for _, _, target in arrows(nodes):
            into[target] = into.get(target, 0) + 1
        for name, count in into.items():
            if count > 1 and not self.chance(0.15):
                first_ = {"first": self.random.randrange(1, count), "rest": self.random.choice(["finish", "cancel"])}
                joins: list[Any] = ["each", "each", "all", "all", "matching", "matching", first_, {"batch": 2}]
                nodes[name]["join"] = self.random.choice(joins)
        return nodes, names[0]

    # ---- what the language wants of joins, whatever was drawn

    def joined(self, tree: Tree) -> Tree:
        if self.chance(0.85):
            for scope in scopes(tree):
                prune(scope)
        for scope in scopes(tree):
            for node in scope["nodes"].values():
                if node["type"] == "subprocess":
                    to = next(iter(targets(node)))[1]
                    node["next"] = (
                        exits(node["nodes"], lambda to=to: to)
                        if isinstance(node["next"], str)
                        else {exit_: node["next"].get(exit_, to) for exit_ in ["done", *results(node["nodes"])]}
                    )
            for name, node in scope["nodes"].items():
                many = sum(target == name for _, _, target in arrows(scope["nodes"]))
                join = node.get("join")
                if isinstance(join, dict) and "first" in join and join["first"] >= many:
                    node["join"] = {**join, "first": many - 1} if many > 1 else "each"
                elif join in ("all", "matching") and many < 2:
                    node["join"] = "each"
        return tree


def scopes(tree: Tree) -> list[Tree]:
    """The workflow and every subprocess in it."""
    inner = [scope for node in tree["nodes"].values() if "nodes" in node for scope in scopes(node)]
    return [tree, *inner]


def slots(scope: Tree) -> list[Callable[[str], None]]:
    """For every arrow of a scope, what leads it elsewhere."""
    found: list[Callable[[str], None]] = []

    def slot(holder: Any, key: Any) -> None:
        def lead(to: str) -> None:
            if not isinstance(holder, list) or to not in holder:
                holder[key] = to if to != "end" or not isinstance(holder, list) else holder[key]

        found.append(lead)

    for node in scope["nodes"].values():
        following = node.get("next")
        if isinstance(following, str):
            slot(node, "next")
        for key in (
            following if isinstance(following, dict) else range(len(following)) if isinstance(following, list) else ()
        ):
            slot(following, key)
        for part in (
            *node.get("cases", ()),
            *(e for k in ("events", "interrupt", "meanwhile") for e in node.get(k, {}).values()),
        ):
            slot(part, "next")
    return found


def prune(scope: Tree) -> None:
    """Nodes that no path leads to are left out, most of the time: each of them is a fault, and a dull one."""
    nodes = scope["nodes"]
    starts = (
        [trigger["next"] for trigger in scope["start"].values()]
        if isinstance(scope["start"], dict)
        else [scope["start"]]
    )
    starts += [event["next"] for what in ("interrupt", "meanwhile") for event in scope.get(what, {}).values()]
    seen = {start for start in starts if start in nodes}
    queue = list(seen)
    while queue:
        name = queue.pop()
        for source, _, target in arrows(nodes):
            if source == name and target not in seen:
                seen.add(target)
                queue.append(target)
    for name in set(nodes) - seen if seen else ():
        del nodes[name]
    for node in nodes.values():
        if "cancels" in node:
            node["cancels"] = [name for name in node["cancels"] if name in nodes] or [next(iter(nodes))]


def results(inner: Tree) -> list[str]:
    return sorted({node["result"] for node in inner.values() if node.get("result")})


def exits(inner: Tree, to: Callable[[], str]) -> Any:
    """An arrow for every result of a subprocess, and for `done`."""
    named = results(inner)
    return {exit_: to() for exit_ in ["done", *named]} if named else to()
