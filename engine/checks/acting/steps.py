"""The steps of people as rules see them: whom they are for, what their policy says, and who may end up doing them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any

from engine.checks.acting.candidates import Came, Who, outcomes, starters
from engine.checks.acting.musts import forbid
from engine.checks.acting.worlds import reached, sources_of
from engine.checks.pack_view import View
from engine.interpreter.node import NodeType
from engine.language.kinds.node import Node
from engine.language.kinds.people import Deadline, Nobody, Policy
from engine.language.kinds.workflow import Workflow
from engine.language.source import Span
from engine.language.walk import declares

_MOST_PAIRS = 4_000


@dataclass(frozen=True)
class PersonStep:
    """`key` is where its people stand: assignee, offer or approvers. `policy` is None for what is no approval."""

    workflow: Workflow
    node: Node
    key: str
    policy: Policy | None

    @property
    def name(self) -> str:
        return str(self.node.name)

    @property
    def who(self) -> Any:
        return getattr(self.node, self.key)

    @property
    def place(self) -> Span:
        return self.node.place(self.key)

    @property
    def nobody(self) -> Nobody | None:
        return self.policy.nobody if self.policy is not None else getattr(self.node, "nobody", None)

    @property
    def different_from(self) -> tuple[str, ...]:
        return tuple(str(name) for name in getattr(self.node, "different_from", None) or ())

    @property
    def same_as(self) -> tuple[str, ...]:
        return tuple(str(name) for name in getattr(self.node, "same_as", None) or ())

    @property
    def deadline(self) -> Deadline | None:
        found = getattr(self.node, "deadline", None)
        return found if isinstance(found, Deadline) else None

    @property
    def guards_starter(self) -> bool:
        """Whether the engine keeps whoever started the case from deciding here, also as substitute and when passed on."""
        return self.policy is not None and self.policy.starter_is_approver not in (None, "allow")


def person_steps(view: View, workflow: Workflow) -> Iterator[PersonStep]:
    """Every step of people in a workflow whose people can be read."""
    for _, node in workflow.all_nodes():
        if isinstance(node, NodeType) and node.by_people():
            for key in ("assignee", "offer", "approvers"):
                if declares(node, key) and getattr(node, key, None) is not None:
                    yield PersonStep(workflow, node, key, policy_of(view, node))
                    break


def policy_of(view: View, node: Node) -> Policy | None:
    """The pack's policy with what the node says differently; None for a step that is no approval, or names no policy."""
    if not declares(node, "policy"):
        return None
    root = view.pack.root
    named = (root.approval_policies or {}).get(str(getattr(node, "policy", ""))) if root is not None else None
    if named is None:
        return None
    names = [f.name for f in fields(Policy) if "shape" in f.metadata]
    own = {name: getattr(node, name, None) for name in names}
    return Policy(
        span=named.span,
        places=named.places,
        **{name: own[name] if own[name] is not None else getattr(named, name) for name in names},
    )


def people_of(view: View, step: PersonStep) -> Who:
    """Who comes out of the step's own key."""
    key = ("people_of", step.workflow.name, step.name)
    if key not in view.remembered:
        view.remembered[key] = outcomes(view, step.who, step.workflow)
    found: Who = view.remembered[key]
    return found


def doers(view: View, step: PersonStep, came: Came | None = None) -> Mapping[str, tuple[str, str]] | None:
    """Who may end up doing the step, each with how (en, zh): assigned, standing in, passed on; None: not known.

    `came`: only while this holds; else in any case.
    """
    key = ("doers", step.workflow.name, step.name, came)
    if key not in view.remembered:
        view.remembered[key] = _doers(view, step, came)
    found: Mapping[str, tuple[str, str]] | None = view.remembered[key]
    return found


def _doers(view: View, step: PersonStep, came: Came | None) -> Mapping[str, tuple[str, str]] | None:
    all_came = people_of(view, step) if came is None else [came]
    if all_came is None:
        return None
    found: dict[str, tuple[str, str]] = {p: ("", "") for one in all_came for p in one.people}
    if step.policy is None or step.policy.person_away == "substitute":
        for person in tuple(found):
            for other in view.staff.substitutes(person):
                found.setdefault(other, (f", standing in for {person}", f"（代 {person}）"))
    if step.policy is not None and step.policy.starter_is_approver == "ask_manager":
        for starter in starters(view, step.workflow) or ():
            person_ = view.staff.person(starter)
            manager = person_["manager"] if person_ is not None and starter in found else None
            if manager is not None:
                found.setdefault(manager.id, (f", as manager of {starter}", f"（作为 {starter} 的上级）"))
    nobody = step.nobody
    if nobody is not None and nobody.transfer_to is not None and any(not one.people for one in all_came):
        for one in outcomes(view, nobody.transfer_to, step.workflow) or ():
            for person in one.people:
                found.setdefault(person, (", when nobody else comes out", "（无其他人可办时）"))
    _passed_on(view, step, found)
    return found


def _passed_on(view: View, step: PersonStep, found: dict[str, tuple[str, str]]) -> None:
    deadline = step.deadline
    if deadline is None or deadline.transfer_to is None:
        return
    while True:
        passed = outcomes(view, deadline.transfer_to, step.workflow, tuple(found)) or ()
        new = [p for one in passed for p in one.people if p not in found]
        if not new:
            return
        for person in new:
            found[person] = (", when the deadline passes it on", "（期限转交时）")


def following(
    view: View, workflow: Workflow, first: str, stops: frozenset[str] = frozenset()
) -> Mapping[str, tuple[str, ...]]:
    """Every step that a path leads to from `first`, with a shortest one; out of a subprocess, too.

    `stops`: no path goes on behind these.
    """
    nodes = view.graphs[workflow.name].nodes
    scope = view.graphs[workflow.name].node_scope
    found: dict[str, tuple[str, ...]] = {}
    waiting: list[tuple[str, tuple[str, ...]]] = [(first, (first,))]
    entered: set[str] = set()
    while waiting:
        name, way = waiting.pop(0)
        node = nodes.get(name)
        if node is None or name in entered or (name in stops and name != first):
            continue
        entered.add(name)
        if node.inner() and name != first:
            targets = [str(getattr(node, "start", ""))]  # it is left by the ends inside
        else:
            targets = [t for many in node.arrows().values() for t in many]
        targets += [*node.extra_arrows().values()]
        targets += [e.next for e in (*(node.interrupt or {}).values(), *(node.meanwhile or {}).values())]
        outer = nodes.get(scope.get(name, ""))
        if outer is not None and (node.TYPE == "end" or "end" in targets):
            exits = outer.arrows()
            targets += exits.get(str(getattr(node, "result", None) or "done"), ()) or exits.get("done", ())
        for target in map(str, targets):
            if target in nodes and target not in found:
                found[target] = (*way, target)
                waiting.append((target, (*way, target)))
    return found


def possible(view: View, workflow: Workflow, name: str, came: Came) -> bool:
    """Whether a step may be reached while that holds: the gateways on the way, and the form's rules, may rule it out."""
    values = {path: frozenset([value]) for path, value in came.when if path != "assignee"}
    if not values:
        return True
    for path, value in came.when:
        values |= {source: frozenset([value]) for source in sources_of(workflow, path) if source not in values}
    if forbid(view, workflow, name, came.when):
        return False
    worlds = [world for world, _ in reached(view, workflow, values).get(name, ())]
    return any(all(value in world.get(path, [value]) for path, value in came.when) for world in worlds)


def together(first: Who, second: Who) -> Iterator[tuple[Came, Came]]:
    """The pairs that may hold at once; in a large organization the first of them only."""
    return islice(_together(first or (), second or ()), _MOST_PAIRS)


def _together(first: Sequence[Came], second: Sequence[Came]) -> Iterator[tuple[Came, Came]]:
    """Everything that may come out of one expression has the same paths, so equal values are looked up."""
    paths = {path for path, _ in first[0].when} if first else set()
    shared = [path for path, _ in second[0].when if path in paths] if second else []
    by_value: dict[tuple[Any, ...], list[Came]] = {}
    for other in second:
        known = dict(other.when)
        by_value.setdefault(tuple(known[path] for path in shared), []).append(other)
    for one in first:
        known = dict(one.when)
        yield from ((one, other) for other in by_value.get(tuple(known[path] for path in shared), ()))


def agree(one: Came, other: Came) -> bool:
    """Whether two may hold at once: they say nothing different of the same path."""
    known = dict(other.when)
    return all(path not in known or known[path] == value for path, value in one.when)
