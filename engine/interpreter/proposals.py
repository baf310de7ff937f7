"""What to write in the mapping file for a case that does not map by itself: lines that work when they are pasted there.

A line is (key, name, value): ("nodes", "look", "study"), ("anew", "look", ""), ("votes", "look", "again").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from engine.interpreter.node import NodeType
from engine.interpreter.versions import Versions

Line = tuple[str, str, str]


def text_of(lines: Iterable[Line]) -> list[str]:
    """The lines of a mapping file: each key once."""
    found: dict[str, dict[str, str]] = {}
    for key, name, value in lines:
        found.setdefault(key, {})[name] = value
    return [f"{key}: {_value(key, said)}" for key, said in sorted(found.items(), key=lambda one: KEYS.index(one[0]))]


KEYS = ("nodes", "anew", "votes", "empty", "moved_on")


def _value(key: str, said: dict[str, str]) -> str:
    if key == "moved_on":
        return next(iter(said))
    if key in ("anew", "empty"):
        return f"[{', '.join(said)}]"
    return "{" + ", ".join(f"{name}: {value}" for name, value in said.items()) + "}"


def fresh(versions: Versions, name: str) -> list[str]:
    """The new nodes of a node's kind, in its scope."""
    new, kind = versions.new, versions.old.node(name).type
    return [
        n
        for n in new.graph.nodes
        if not versions.old.has(n) and new.node(n).type == kind and versions.same_scope(name, n)
    ]


def for_gone(versions: Versions, name: str) -> tuple[Line, ...]:
    """A node that the new version lacks: the likest new one of its kind; else, begun anew, what is new and leads on where it
    led, or the step that came after it."""
    old = versions.old.node(name)
    likest = max(fresh(versions, name), key=lambda n: _alike(old, versions.new.node(n)), default=None)
    if likest is not None:
        return (("nodes", name, likest),)
    there = [n for n in versions.new.graph.nodes if versions.same_scope(name, n)]
    led = {versions.names.get(t, t) for t in _targets(old)}
    instead = [n for n in there if not versions.old.has(n) and versions.new.node(n).waits()]
    in_its_place = next((n for n in instead if led & set(_targets(versions.new.node(n)))), None)
    if in_its_place is not None:
        return (("nodes", name, in_its_place), ("anew", name, ""))
    after = next((n for n in _after(versions, name) if n in there), None)
    after = after or next((n for n in there if versions.new.node(n).waits()), None)
    return (("nodes", name, after), ("anew", name, "")) if after is not None else ()


def for_other_scope(versions: Versions, name: str, new: str) -> tuple[Line, ...]:
    """A node that lies in another subprocess now: what holds it, on the level that both versions share, begins anew."""
    old_path = (*versions.depth(versions.old, name), name)
    new_path = (*versions.depth(versions.new, new), new)
    named = [versions.names.get(one, one) for one in old_path]
    level = 0
    while level < min(len(named), len(new_path)) - 1 and named[level] == new_path[level]:
        level += 1
    own, target = old_path[level], new_path[level]
    if not versions.same_scope(own, target):
        return ()
    return (("nodes", own, target), ("anew", own, "")) if own != target else (("anew", own, ""),)


def for_join(versions: Versions, source: str, old: str, new: str) -> tuple[Line, ...]:
    """A token before a join that its arrow no longer reaches: by the arrow of a new step, or at once where nothing joins."""
    if not versions.new.joins(new):
        return (("anew", old, ""),)
    others = [a.source for a in versions.new.scope_of(new).into[new] if not versions.old.has(a.source)]
    return (("nodes", source, others[0]),) if len(others) == 1 and versions.new_name(source) is None else ()


def _alike(old: NodeType, new: NodeType) -> float:
    """How much two nodes have in common, of 2: their names, and what is said of them."""
    names = SequenceMatcher(None, old.name, new.name).ratio()
    keys = [k for k in list(type(old).keys()) if k not in ("name", "next")]
    same = [k for k in keys if getattr(old, k, None) == getattr(new, k, None)]
    return names + len(same) / max(len(keys), 1)


def _after(versions: Versions, name: str) -> Iterator[str]:
    """The nodes behind one in the old version, the nearest first, by the names of now."""
    seen, queue = {name}, [name]
    while queue:
        for target in _targets(versions.old.node(queue.pop(0))):
            if target in seen or not versions.old.has(target):
                continue
            seen.add(target)
            queue.append(target)
            now = versions.new_name(target)
            if now is not None:
                yield now


def _targets(node: NodeType) -> list[str]:
    return [str(target) for targets in node.arrows().values() for target in targets]
