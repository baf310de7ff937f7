"""What a workflow runs on to its end: the hash over its text and all that is pinned with it (RUNTIME R31).

Pinned: decisions, scorings with their models, matchings, templates, approval policies. A name counts as reached when it
stands anywhere as a value or a quoted text, so a template that a decision names is pinned too; too many do no harm.
Live: forms, people, calendars, connections, messages, texts, and the workflows that are called.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Literal as Constant
from engine.language.expressions.tree import walk
from engine.language.kinds.workflow import Workflow
from engine.language.pack import Pack
from engine.language.shapes import Struct
from engine.language.values import Fields, Formula, Items, Literal
from engine.language.yamltree import Mapping as TreeMapping
from engine.language.yamltree import Scalar, Sequence

PINNED = ("decision", "scoring", "model", "matching", "template")

Key = tuple[str, str]
"""(kind, name)."""


def members(workflow: Workflow, pack: Pack) -> tuple[Key, ...]:
    """The pinned definitions that a workflow reaches, in order."""
    found: set[Key] = set()
    queue: list[Any] = [workflow]
    while queue:
        words = set(texts_in(queue.pop()))
        for kind in PINNED:
            for word in words:
                definition = pack.definitions.get((kind, word))
                if definition is not None and (kind, word) not in found:
                    found.add((kind, word))
                    queue.append(definition)
    return tuple(sorted(found))


def policies(workflow: Workflow, pack: Pack) -> Mapping[str, Any]:
    """The approval policies that a workflow names."""
    known = (pack.root.approval_policies or {}) if pack.root is not None else {}
    words = set(texts_in(workflow)) if known else set()
    return {str(name): policy for name, policy in known.items() if name in words}


def text_hash(kind: str, name: str, text: str) -> str:
    """The hash of one definition alone."""
    return hashlib.sha256("\0".join((kind, name, text)).encode()).hexdigest()


def closure_hash(workflow: Workflow, pack: Pack) -> str:
    """The hash of a workflow with all that is pinned with it."""
    parts = [text_hash("workflow", workflow.name, pack.sources[workflow.path].text)]
    for kind, name in members(workflow, pack):
        parts.append(text_hash(kind, name, pack.sources[pack.definitions[kind, name].path].text))
    for name, policy in sorted(policies(workflow, pack).items()):
        parts.append(f"policy {name} {policy!r}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def texts_in(thing: Any) -> Iterator[str]:
    """Every word that stands in a definition as a key, a value or a quoted text of an expression."""
    match thing:
        case str():
            yield str(thing)
        case Struct():
            for declared in type(thing).keys().values():
                yield from texts_in(getattr(thing, declared.name))
        case Expression():
            for node in walk(thing.tree):
                if isinstance(node, Constant) and isinstance(node.value, str):
                    yield node.value
        case Formula():
            yield from texts_in(thing.expression)
        case Literal() | Scalar():
            yield str(thing.text)
        case Items() | Sequence():
            for item in thing.items:
                yield from texts_in(item)
        case Fields():
            yield from texts_in(thing.fields)
        case TreeMapping():
            for key, value in thing.entries:
                yield key.text
                yield from texts_in(value)
        case tuple() | list():
            for item in thing:
                yield from texts_in(item)
        case dict():
            for key, value in thing.items():
                yield str(key)
                yield from texts_in(value)
