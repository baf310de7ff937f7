"""Who listens to what, from the active definitions: starts by record, message, signal and schedule; scorings' `again`;
by which fields each message finds its receivers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from engine.language.kinds.events import Event, Trigger
from engine.language.kinds.node import Node
from engine.language.kinds.scoring import BehaviourPart, Model, ModelPart, RulesPart, Scoring
from engine.language.kinds.workflow import Workflow
from engine.language.pack import Pack
from engine.language.shapes.base import Struct


@dataclass(frozen=True)
class Start:
    workflow: Workflow
    name: str
    trigger: Trigger


@dataclass
class Listeners:
    """Built once for an active pack. `live`: the workflows that are awake; None: all."""

    by_form: dict[str, list[Start]] = field(default_factory=dict)
    by_message: dict[str, list[Start]] = field(default_factory=dict)
    by_signal: dict[str, list[Start]] = field(default_factory=dict)
    scheduled: list[tuple[str, Start | Scoring, Event]] = field(default_factory=list)
    match_fields: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    scorings: dict[str, list[tuple[Scoring, Event]]] = field(default_factory=dict)
    scoring_reads: dict[str, frozenset[str]] = field(default_factory=dict)


def listeners_of(pack: Pack, live: Collection[str] | None = None) -> Listeners:
    found = Listeners()
    for workflow in pack.kind(Workflow).values():
        for event in _events(workflow):
            if event.message is not None and event.match:
                fields = tuple(sorted(str(name) for name in event.match))
                known = found.match_fields.setdefault(str(event.message), [])
                if fields not in known:
                    known.append(fields)
        if live is not None and workflow.name not in live:
            continue
        for name, trigger in workflow.start.items():
            _add_start(found, Start(workflow, str(name), trigger))
    for scoring in pack.kind(Scoring).values():
        found.scoring_reads[scoring.name] = _reads(scoring, pack)
        for number, event in enumerate(scoring.again or ()):
            if event.every is not None:
                found.scheduled.append((f"schedule/scoring/{scoring.name}/{number}", scoring, event))
            else:
                form = event.changed or event.created or event.deleted
                if form is not None:
                    found.scorings.setdefault(str(form), []).append((scoring, event))
    return found


def _add_start(found: Listeners, start: Start) -> None:
    trigger = start.trigger
    match trigger.kind:
        case "created" | "changed" as kind:
            found.by_form.setdefault(str(getattr(trigger, kind)), []).append(start)
        case "becomes":
            found.by_form.setdefault(str(start.workflow.case), []).append(start)
        case "message":
            found.by_message.setdefault(str(trigger.message), []).append(start)
        case "signal":
            found.by_signal.setdefault(str(trigger.signal), []).append(start)
        case "every":
            found.scheduled.append((f"schedule/{start.workflow.name}/{start.name}", start, trigger))
        case _:
            pass  # pressed, called, or at a moment


def _events(workflow: Workflow) -> Iterator[Event]:
    """Every event of a workflow, wherever it stands."""
    for events in (workflow.start, workflow.interrupt, workflow.meanwhile):
        yield from (events or {}).values()
    for _, node in workflow.all_nodes():
        yield from _events_of_node(node)


def _events_of_node(node: Node) -> Iterator[Event]:
    for events in (node.interrupt, node.meanwhile, getattr(node, "events", None)):
        if isinstance(events, dict):
            yield from events.values()
    if isinstance(node, Event):
        yield node
    if node.for_each is not None and node.for_each.more_on is not None:
        yield node.for_each.more_on


def _reads(scoring: Scoring, pack: Pack) -> frozenset[str]:
    """The fields of its form that a scoring reads: a change of others cannot change the score."""
    expressions = [scoring.total]
    fields: set[str] = set()
    for part in scoring.parts.values():
        match part:
            case RulesPart():
                expressions += [rule.if_ for rule in part.rules.values()]
            case BehaviourPart():
                expressions.append(part.events)
            case ModelPart():
                model = pack.get(Model, part.model)
                fields |= {str(term.field) for term in model.terms} if model is not None else set()
    for expression in expressions:
        fields |= {path[1] for path in expression.reads if path[0] == scoring.of and len(path) > 1}
    return frozenset(fields)


__all__ = ["Listeners", "Start", "Struct", "listeners_of"]
